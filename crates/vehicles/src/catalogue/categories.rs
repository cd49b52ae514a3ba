//! A set of vehicle categories.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};
use veer_contract::domain::VehicleCategory;

/// Some of the categories A to E.
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Categories(u8);

/// A text is no set of categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("categories are letters of A, B, C, D, E, each once and without blanks, as in BC")]
pub struct NoCategories;

// === impl Categories ===

impl Categories {
    /// Every category.
    pub const ALL: [VehicleCategory; 5] =
        [VehicleCategory::A, VehicleCategory::B, VehicleCategory::C, VehicleCategory::D, VehicleCategory::E];
    /// How many different sets there are.
    pub const SETS: usize = 1 << Self::ALL.len();

    /// None.
    pub const fn none() -> Self {
        Self(0)
    }

    /// Just this one.
    pub const fn only(category: VehicleCategory) -> Self {
        Self(1 << category as u8)
    }

    /// These and that one.
    #[must_use]
    pub const fn with(self, category: VehicleCategory) -> Self {
        Self(self.0 | Self::only(category).0)
    }

    /// What is in one of the two.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether `category` is one of them.
    pub const fn has(self, category: VehicleCategory) -> bool {
        self.0 & Self::only(category).0 != 0
    }

    /// Whether there is a category in both.
    pub const fn meets(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// A number below [`SETS`](Self::SETS), another one for every set.
    pub const fn index(self) -> usize {
        self.0 as usize
    }

    /// They, from A to E.
    pub fn iter(self) -> impl Iterator<Item = VehicleCategory> {
        Self::ALL.into_iter().filter(move |category| self.has(*category))
    }
}

impl FromIterator<VehicleCategory> for Categories {
    fn from_iter<T: IntoIterator<Item = VehicleCategory>>(categories: T) -> Self {
        categories.into_iter().fold(Self::none(), Self::with)
    }
}

impl fmt::Display for Categories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|category| write!(f, "{}", category.letter()))
    }
}

impl fmt::Debug for Categories {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{{{self}}}")
    }
}

impl FromStr for Categories {
    type Err = NoCategories;

    fn from_str(text: &str) -> Result<Self, NoCategories> {
        text.chars().try_fold(Self::none(), |found, letter| {
            let category = Self::ALL.into_iter().find(|category| category.letter() == letter);
            category.filter(|category| !found.has(*category)).map(|it| found.with(it)).ok_or(NoCategories)
        })
    }
}

impl TryFrom<String> for Categories {
    type Error = NoCategories;

    fn try_from(text: String) -> Result<Self, NoCategories> {
        text.parse()
    }
}

impl From<Categories> for String {
    fn from(categories: Categories) -> String {
        categories.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_are_written_by_their_letters() {
        let set: Categories = "DB".parse().unwrap();
        assert_eq!(set.to_string(), "BD");
        assert!(set.has(VehicleCategory::B) && !set.has(VehicleCategory::A));
        assert_eq!(set, [VehicleCategory::D, VehicleCategory::B].into_iter().collect());
        assert!("".parse::<Categories>().unwrap().is_empty());
        for wrong in ["BB", "b", "B C", "F", "В"] {
            assert_eq!(wrong.parse::<Categories>(), Err(NoCategories), "{wrong}");
        }
        let every: Categories = Categories::ALL.into_iter().collect();
        assert_eq!(every.index(), Categories::SETS - 1);
    }
}

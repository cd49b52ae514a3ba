//! The id of an entry.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Serialize};

/// The id of a brand, a model or a modification. All three share one row of numbers, so an id says what it
/// names wherever it turns up. It never changes and is never given again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct EntryId(pub u32);

/// A text is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an id is a whole number from 1 to {}, without leading zeros", u32::MAX)]
pub struct NoId;

// === impl EntryId ===

impl EntryId {
    /// The catalogue that is shipped stays below; entries that an operator makes begin here.
    pub const FIRST_OWN: EntryId = EntryId(10_000_000);

    /// No entry: what a name stands for that means nothing here. It cannot be written.
    pub const NOTHING: EntryId = EntryId(0);

    /// Stands for the brand at that place of a list of names. No entry ever gets such an id.
    pub(crate) fn standing_for(place: usize) -> Self {
        Self(u32::MAX - u32::try_from(place).unwrap_or(u32::MAX / 2).min(u32::MAX / 2))
    }

    /// Whether the entry came with a shipped catalogue.
    pub fn is_shipped(self) -> bool {
        self < Self::FIRST_OWN
    }
}

impl fmt::Display for EntryId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl FromStr for EntryId {
    type Err = NoId;

    fn from_str(text: &str) -> Result<Self, NoId> {
        let number = text.parse::<u32>().ok().filter(|number| *number > 0).ok_or(NoId)?;
        // `+7` and `007` would be second names of 7.
        if number.to_string() == text { Ok(Self(number)) } else { Err(NoId) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_has_one_writing() {
        assert_eq!("100001".parse(), Ok(EntryId(100_001)));
        for wrong in ["", "0", "007", "+7", " 7", "7 ", "-1", "4294967296", "a"] {
            assert_eq!(wrong.parse::<EntryId>(), Err(NoId), "{wrong:?}");
        }
    }
}

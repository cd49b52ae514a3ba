//! What is wrong with a request, field by field.

use std::{borrow::Cow, fmt};

use serde::Serialize;
use utoipa::ToSchema;

/// How many wrong fields one answer lists. A body of nothing but mistakes must not make an answer larger
/// than itself; whoever has that many repairs a generator, not single fields.
const MOST_LISTED: usize = 200;

/// One wrong field. Neither part quotes what was sent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Violation {
    /// Path of the field, as in `drivers_info.drivers[0].license.date`.
    pub property: String,
    /// What the field must be.
    #[schema(value_type = String)]
    pub message: Cow<'static, str>,
}

/// Every wrong field of one request, in reading order.
#[derive(Debug, Default)]
pub struct Violations {
    listed: Vec<Violation>,
    count: usize,
}

/// Where a field is. Chained on the stack while reading, and put into words only where something is wrong.
#[derive(Clone, Copy)]
pub(super) enum Path<'a> {
    /// The body itself.
    Root,
    /// A field of an object.
    Field(&'a Path<'a>, &'a str),
    /// An item of a list.
    Item(&'a Path<'a>, usize),
}

// === impl Violation ===

impl Violation {
    /// The field at `property` is wrong.
    pub fn new(property: impl Into<String>, message: impl Into<Cow<'static, str>>) -> Self {
        Self { property: property.into(), message: message.into() }
    }
}

// === impl Violations ===

impl Violations {
    /// Takes one more.
    pub(super) fn add(&mut self, path: Path<'_>, message: impl Into<Cow<'static, str>>) {
        self.count += 1;
        if self.listed.len() < MOST_LISTED {
            self.listed.push(Violation::new(path.to_string(), message));
        }
    }

    /// Takes one more, whose path is in words already.
    pub fn note(&mut self, wrong: Violation) {
        self.count += 1;
        if self.listed.len() < MOST_LISTED {
            self.listed.push(wrong);
        }
    }

    /// How many fields are wrong, the unlisted ones included.
    pub fn count(&self) -> usize {
        self.count
    }

    /// The listed ones.
    pub fn into_listed(self) -> Vec<Violation> {
        self.listed
    }
}

impl FromIterator<Violation> for Violations {
    fn from_iter<I: IntoIterator<Item = Violation>>(wrong: I) -> Self {
        let mut violations = Self::default();
        wrong.into_iter().for_each(|wrong| violations.note(wrong));
        violations
    }
}

// === impl Path ===

impl fmt::Display for Path<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Path::Root => Ok(()),
            Path::Field(Path::Root, name) => f.write_str(name),
            Path::Field(parent, name) => write!(f, "{parent}.{name}"),
            Path::Item(parent, index) => write!(f, "{parent}[{index}]"),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_reads_as_the_partner_writes_it() {
        let drivers_info = Path::Field(&Path::Root, "drivers_info");
        let drivers = Path::Field(&drivers_info, "drivers");
        let first = Path::Item(&drivers, 0);
        let licence = Path::Field(&first, "license");
        assert_eq!(Path::Field(&licence, "date").to_string(), "drivers_info.drivers[0].license.date");
    }

    #[test]
    fn the_list_is_capped_and_the_count_is_not() {
        let mut violations = Violations::default();
        for index in 0..MOST_LISTED + 7 {
            violations.add(Path::Item(&Path::Root, index), "is wrong");
        }
        assert_eq!(violations.count(), MOST_LISTED + 7);
        assert_eq!(violations.into_listed().len(), MOST_LISTED);
    }
}

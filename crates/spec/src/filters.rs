//! The closed set of filters and tests.
//!
//! A filter comes in only where two insurers need it. Each stands in one table with what it takes and gives,
//! so that a wrong use is found at load; what it does is in the modules below.

mod apply;
mod dates;
mod money;
mod people;
mod texts;

pub(crate) use apply::{apply, holds};
pub(crate) use dates::is_form;

use crate::shape::Shape;

/// One filter.
#[derive(Debug)]
pub(crate) struct Filter {
    /// Its name.
    pub(crate) name: &'static str,
    /// What stands before it.
    pub(crate) takes: Takes,
    /// What stands in its brackets.
    pub(crate) arguments: &'static [Argument],
    /// How many of them may be left out.
    pub(crate) optional: usize,
    /// What comes out.
    pub(crate) gives: Gives,
}

/// What a filter is applied to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Takes {
    /// A text, number or truth.
    Scalar,
    /// Anything.
    Anything,
    /// A list.
    List,
    /// An amount in kopecks.
    Kopecks,
    /// A person of the request.
    Person,
    /// An address of the request.
    Address,
    /// A setting.
    Setting,
}

/// What stands in a filter's brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Argument {
    /// Any expression.
    Anything,
    /// A text, written out.
    Text,
    /// The name of one of the spec's enums.
    Enum,
    /// The form of a date.
    Form,
    /// The form of a date with all its parts.
    WholeForm,
    /// A whole number, written out.
    Number,
    /// One of the three words for phones.
    PhoneForm,
}

/// What comes out of a filter.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Gives {
    /// A text.
    Text,
    /// A text, or nothing.
    MaybeText,
    /// A number.
    Number,
    /// Kopecks.
    Kopecks,
    /// A truth.
    Truth,
    /// The same as came in.
    Same,
    /// What came in or stands in the brackets, so there is always something.
    Default,
    /// An item of the list that came in.
    Item,
    /// A list of what came in.
    List,
}

/// Ways to write a phone number.
pub(crate) const PHONE_FORMS: [&str; 3] = ["plus", "national", "digits"];
/// The tests, `x is …`.
pub(crate) const TESTS: [&str; 3] = ["there", "registry_outage", "registry_refusal"];
/// The functions.
pub(crate) const FUNCTIONS: [&str; 1] = ["basic"];

const fn filter(name: &'static str, takes: Takes, arguments: &'static [Argument], gives: Gives) -> Filter {
    Filter { name, takes, arguments, optional: 0, gives }
}

const fn with_optional(filter: Filter, optional: usize) -> Filter {
    Filter { optional, ..filter }
}

/// Every filter, by name.
pub(crate) static FILTERS: [Filter; 28] = [
    filter("as_path", Takes::Setting, &[], Gives::Text),
    filter("as_roubles", Takes::Kopecks, &[], Gives::Text),
    filter("coefficient", Takes::Scalar, &[], Gives::Number),
    filter("cut", Takes::Scalar, &[Argument::Number], Gives::Text),
    filter("cyrillic", Takes::Scalar, &[], Gives::Text),
    filter("date", Takes::Scalar, &[Argument::Form], Gives::Text),
    filter("date_from", Takes::Scalar, &[Argument::WholeForm], Gives::Text),
    filter("default", Takes::Anything, &[Argument::Anything], Gives::Default),
    filter("digits", Takes::Scalar, &[], Gives::Text),
    filter("first", Takes::Anything, &[], Gives::Item),
    filter("join", Takes::List, &[Argument::Text], Gives::Text),
    with_optional(
        filter(
            "kladr",
            Takes::Address,
            &[Argument::Number, Argument::Number, Argument::Number, Argument::Number],
            Gives::MaybeText,
        ),
        3,
    ),
    filter("kopecks", Takes::Scalar, &[], Gives::Kopecks),
    filter("length", Takes::Anything, &[], Gives::Number),
    filter("list", Takes::Anything, &[], Gives::List),
    filter("lower", Takes::Scalar, &[], Gives::Text),
    with_optional(filter("map", Takes::Scalar, &[Argument::Enum, Argument::Anything], Gives::Text), 1),
    filter("number", Takes::Scalar, &[], Gives::Number),
    filter("phone", Takes::Scalar, &[Argument::PhoneForm], Gives::Text),
    filter("plain_id", Takes::Scalar, &[], Gives::Text),
    filter("roubles", Takes::Scalar, &[], Gives::Kopecks),
    filter("sex", Takes::Person, &[Argument::Anything, Argument::Anything], Gives::MaybeText),
    filter("sum", Takes::List, &[Argument::Text], Gives::Kopecks),
    filter("text", Takes::Scalar, &[], Gives::Text),
    filter("trim", Takes::Scalar, &[], Gives::Text),
    filter("truth", Takes::Scalar, &[], Gives::Truth),
    filter("upper", Takes::Scalar, &[], Gives::Text),
    filter("where", Takes::List, &[Argument::Text, Argument::Anything], Gives::Same),
];

/// The filter of that name.
pub(crate) fn find(name: &str) -> Option<&'static Filter> {
    FILTERS.iter().find(|filter| filter.name == name)
}

// === impl Gives ===

impl Gives {
    /// The shape that comes out where `before` came in and `inside` stood in the brackets.
    pub(crate) fn shape(self, before: &Shape, inside: &[Shape]) -> Shape {
        match self {
            Self::Text => Shape::Text,
            Self::MaybeText => Shape::Text.maybe(),
            Self::Number => Shape::Number,
            Self::Kopecks => Shape::Kopecks,
            Self::Truth => Shape::Truth,
            Self::Same => before.clone(),
            Self::Default => default(before, inside.first()),
            Self::Item => match before.sure() {
                Shape::List(item) => item.as_ref().clone().maybe(),
                _ => before.clone(),
            },
            Self::List => match before.sure() {
                Shape::List(_) => before.sure().clone(),
                other => Shape::list(other.clone()),
            },
        }
    }
}

/// `none` as a default keeps what it was: it is written as `null`, and is no text.
fn default(before: &Shape, inside: Option<&Shape>) -> Shape {
    match (before.sure(), inside) {
        (_, Some(Shape::Null)) => before.clone(),
        (Shape::Any, _) => Shape::Any,
        (Shape::Text, Some(Shape::Text)) => Shape::Text,
        (before, Some(inside)) if before.is_number() && inside.is_number() => before.clone(),
        (before, Some(inside)) if !inside.may_be_absent() => before.clone(),
        _ => before.clone().maybe(),
    }
}

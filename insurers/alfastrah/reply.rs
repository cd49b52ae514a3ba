//! What the service answers. Nothing but the shape is demanded here; `quote.rs` says what must be there.

use serde::Deserialize;
use veer_contract::domain::Person;

use crate::number::Number;

/// A calculation, or the error body that the service gives with any status.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) osago_uuid: Option<String>,
    pub(super) calculation_details: Option<Details>,
    pub(super) coefficients: Option<Vec<NamedValue>>,
    pub(super) drivers: Option<Vec<DriverRow>>,
    info: Option<String>,
    sub_errors: Option<Vec<SubError>>,
}

/// The calculation's heart.
#[derive(Deserialize)]
pub(super) struct Details {
    pub(super) insurance_premium: Option<Number>,
    pub(super) kbm_value: Option<Number>,
    pub(super) success: Option<bool>,
    pub(super) need_underwriter_coordination: Option<bool>,
    pub(super) popup_message: Option<String>,
}

/// One coefficient, by its Russian name.
#[derive(Deserialize)]
pub(super) struct NamedValue {
    pub(super) name: Option<String>,
    pub(super) value: Option<Number>,
}

/// One driver with the КБМ that the registry gave.
#[derive(Deserialize)]
pub(super) struct DriverRow {
    last_name: Option<String>,
    first_name: Option<String>,
    birth_date: Option<String>,
    pub(super) kbm: Option<Number>,
}

/// One mistake of an error body.
#[derive(Deserialize)]
struct SubError {
    message: Option<String>,
}

// === impl Answer ===

impl Answer {
    /// Whether this is an error body.
    pub(super) fn is_error(&self) -> bool {
        self.calculation_details.is_none() && (self.info.is_some() || self.sub_errors.is_some())
    }

    /// The mistakes that an error body names.
    pub(super) fn messages(&self) -> Vec<&str> {
        let named = self.sub_errors.iter().flatten().filter_map(|error| error.message.as_deref());
        named.map(str::trim).filter(|message| !message.is_empty()).collect()
    }
}

// === impl DriverRow ===

impl DriverRow {
    /// Whether this is `person`; the service writes names in upper case.
    pub(super) fn is(&self, person: &Person) -> bool {
        let same = |ours: &str, theirs: &Option<String>| {
            theirs.as_deref().map(str::to_uppercase) == Some(ours.to_uppercase())
        };
        same(person.name.last.as_str(), &self.last_name)
            && same(person.name.first.as_str(), &self.first_name)
            && same(&person.birth_date.reveal().to_string(), &self.birth_date)
    }
}

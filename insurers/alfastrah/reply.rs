//! What the service answers to a calculation. Nothing but the shape is demanded here; `quote.rs` says what must be there.

use serde::Deserialize;
use veer_contract::domain::Person;

use crate::number::Number;

/// A calculation.
#[derive(Deserialize)]
pub(super) struct Answer {
    pub(super) osago_uuid: Option<String>,
    pub(super) calculation_details: Option<Details>,
    pub(super) coefficients: Option<Vec<NamedValue>>,
    pub(super) drivers: Option<Vec<DriverRow>>,
}

/// The calculation's heart.
#[derive(Deserialize)]
pub(super) struct Details {
    pub(super) insurance_premium: Option<Number>,
    pub(super) kbm_value: Option<Number>,
    pub(super) success: Option<bool>,
    pub(super) need_underwriter_coordination: Option<bool>,
    pub(super) popup_message: Option<String>,
    pub(super) reinsurance_pool: Option<bool>,
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

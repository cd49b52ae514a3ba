//! A form under construction: a tree of fields with bracketed names, as PHP reads them.

use veer_contract::domain::{Person, PersonName, Personal, Purpose};

use crate::written::cyrillic;

/// The fields in order.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

// === impl Fields ===

impl Fields {
    /// Adds a field.
    pub(super) fn add(&mut self, name: impl Into<String>, value: impl Into<String>) {
        self.0.push((name.into(), value.into()));
    }

    /// Adds a field where there is something to write.
    pub(super) fn add_if_there(&mut self, name: impl Into<String>, value: Option<&Personal<String>>) {
        if let Some(value) = value {
            self.add(name, value.as_str());
        }
    }

    /// Adds name and birthday.
    pub(super) fn person(&mut self, prefix: &str, person: &Person) {
        let PersonName { last, first, middle } = &person.name;
        self.add(format!("{prefix}[lastname]"), last.as_str());
        self.add(format!("{prefix}[name]"), first.as_str());
        self.add_if_there(format!("{prefix}[middlename]"), middle.as_ref());
        self.add(format!("{prefix}[birthday]"), person.birth_date.reveal().to_string());
    }

    /// Adds the passport, or else the licence, which the service takes as an identity document too; false
    /// where there is neither.
    pub(super) fn identity(&mut self, prefix: &str, person: &Person) -> bool {
        let prefix = format!("{prefix}[document]");
        if let Some(passport) = &person.passport {
            self.add(format!("{prefix}[typeofdocument]"), "RussianPassport");
            self.add(format!("{prefix}[series]"), passport.series.as_str());
            self.add(format!("{prefix}[number]"), passport.number.as_str());
            self.add_if_there(format!("{prefix}[issued]"), passport.issuer.as_ref());
            self.add(format!("{prefix}[dateIssue]"), passport.issued_on.reveal().to_string());
            return true;
        }
        let Some(licence) = &person.licence else { return false };
        self.add(format!("{prefix}[typeofdocument]"), "DriverLicense");
        self.add(format!("{prefix}[series]"), cyrillic(licence.series.as_str()));
        self.add(format!("{prefix}[number]"), licence.number.as_str());
        self.add(format!("{prefix}[dateIssue]"), licence.date.reveal().to_string());
        true
    }

    /// The pairs.
    pub(super) fn into_pairs(self) -> Vec<(String, String)> {
        self.0
    }
}

/// The service's word for a purpose.
pub(super) fn purpose(purpose: Purpose) -> &'static str {
    match purpose {
        Purpose::Personal => "Личная",
        Purpose::Taxi => "Такси",
    }
}

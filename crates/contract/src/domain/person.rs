//! People: policyholder, owner, drivers.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use super::{Address, AddressKind, Licence, Passport, Personal, PreviousLicence};

/// A person's name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PersonName {
    /// Фамилия.
    pub last: Personal<String>,
    /// Имя.
    pub first: Personal<String>,
    /// Отчество.
    pub middle: Option<Personal<String>>,
}

/// A person in any of the three roles. What a role needs, each insurer decides.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Person {
    /// Name.
    pub name: PersonName,
    /// Birth date.
    pub birth_date: Personal<Date>,
    /// Russian driving licence.
    pub licence: Option<Licence>,
    /// Foreign driving licence.
    pub foreign_licence: Option<Licence>,
    /// Licence under an earlier name.
    pub previous_licence: Option<PreviousLicence>,
    /// Passport.
    pub passport: Option<Passport>,
    /// Addresses, of either kind.
    pub addresses: Vec<Address>,
    /// Phone and e-mail.
    pub contact: Option<Contact>,
}

/// How to reach a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Contact {
    /// Digits only, with the country code: `79161234567`.
    pub phone: Personal<String>,
    /// As given; the domain may be internationalised.
    pub email: Personal<String>,
}

// === impl PersonName ===

impl PersonName {
    /// `Иванов Иван Иванович`.
    pub fn full(&self) -> String {
        let parts = [Some(&self.last), Some(&self.first), self.middle.as_ref()];
        parts.into_iter().flatten().map(Personal::as_str).collect::<Vec<_>>().join(" ")
    }
}

// === impl Person ===

impl Person {
    /// The address of registration; the first one where none is marked so.
    pub fn registration(&self) -> Option<&Address> {
        self.addresses
            .iter()
            .find(|address| address.kind == AddressKind::Registration)
            .or_else(|| self.addresses.first())
    }

    /// The Russian licence, else the foreign one.
    pub fn any_licence(&self) -> Option<&Licence> {
        self.licence.as_ref().or(self.foreign_licence.as_ref())
    }
}

impl Contact {
    /// A Russian phone without its country code, as several insurers want it; any other as it is.
    pub fn phone_national(&self) -> &str {
        let phone = self.phone.as_str();
        phone.strip_prefix('7').filter(|national| national.len() == 10).unwrap_or(phone)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_russian_phone_loses_its_country_code() {
        let national = |phone: &str| {
            let contact = Contact { phone: phone.into(), email: "a@example.org".into() };
            contact.phone_national().to_owned()
        };
        assert_eq!(national("79161234567"), "9161234567");
        assert_eq!(national("375291234567"), "375291234567");
    }
}

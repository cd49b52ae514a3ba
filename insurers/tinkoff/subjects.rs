//! The people, each once: roles refer to them by number.
//!
//! The numbers follow from the request, so a recalculation gives the same ones, and beside them the ids that the
//! insurer gave at the first quote.

use jiff::civil::Date;
use veer_contract::domain::{Contact, Licence, OfferRef, Passport, Person};

use super::address;
use crate::{
    required::text,
    written::{self, Sex},
    xml::Writer,
};

/// Everybody of one request.
#[derive(Default)]
pub(super) struct Subjects<'a>(Vec<Subject<'a>>);

/// A person, with what the entries of all roles say together.
struct Subject<'a> {
    person: &'a Person,
    at_home: Option<&'a Person>,
    passport: Option<&'a Passport>,
    contact: Option<&'a Contact>,
    drives_with: Option<Driving<'a>>,
}

/// A driver's licence.
struct Driving<'a> {
    kind: &'static str,
    series: String,
    licence: &'a Licence,
}

/// In an offer's reference, the insurer's id of the person of that number.
pub(super) fn id_of(number: usize) -> String {
    format!("subject_{number}")
}

// === impl Subjects ===

impl<'a> Subjects<'a> {
    /// The number of `person`, who is added where not there yet.
    pub(super) fn number(&mut self, person: &'a Person) -> usize {
        let place = self.place(person);
        place + 1
    }

    /// The number of a driver, and the licence that counts: the Russian one, else the foreign one.
    pub(super) fn driver(&mut self, person: &'a Person) -> Option<(usize, &'a Licence)> {
        let russian = person.licence.as_ref().map(|licence| ("driver_license_russian_B", licence));
        let foreign =
            person.foreign_licence.as_ref().map(|licence| ("driver_license_international", licence));
        let (kind, licence) = russian.or(foreign)?;
        let place = self.place(person);
        let series = written::licence_series(person, licence);
        self.0.get_mut(place)?.drives_with = Some(Driving { kind, series, licence });
        Some((place + 1, licence))
    }

    fn place(&mut self, person: &'a Person) -> usize {
        let same = |known: &Subject<'_>| {
            known.person.name == person.name && known.person.birth_date == person.birth_date
        };
        let place = self.0.iter().position(same).unwrap_or_else(|| {
            self.0.push(Subject { person, at_home: None, passport: None, contact: None, drives_with: None });
            self.0.len() - 1
        });
        if let Some(known) = self.0.get_mut(place) {
            known.at_home = known.at_home.or(Some(person).filter(|person| !person.addresses.is_empty()));
            known.passport = known.passport.or(person.passport.as_ref());
            known.contact = known.contact.or(person.contact.as_ref());
        }
        place
    }

    /// Writes everybody; `reference` has the insurer's ids, where it gave any.
    pub(super) fn write(&self, xml: &mut Writer, reference: Option<&OfferRef>) {
        for (number, subject) in (1..).zip(&self.0) {
            xml.element("subjectInfo", |xml| {
                xml.leaf("subjectNumber", &usize::to_string(&number));
                let id = reference.map_or("", |reference| reference.get(&id_of(number)));
                if !id.is_empty() {
                    xml.leaf("ID", id);
                }
                xml.element("subjectDetails", |xml| subject.write(xml));
            });
        }
    }
}

// === impl Subject ===

impl Subject<'_> {
    fn write(&self, xml: &mut Writer) {
        let name = &self.person.name;
        xml.leaf("lastName", name.last.as_str());
        xml.leaf("firstName", name.first.as_str());
        if let Some(middle) = &name.middle {
            xml.leaf("middleName", middle.as_str());
        }
        xml.leaf("birthdate", &self.person.birth_date.reveal().to_string());
        if let Some(sex) = written::sex(name) {
            xml.leaf("gender", if sex == Sex::Male { "male" } else { "female" });
        }
        xml.leaf("citizenship", "RU");
        if let Some(contact) = self.contact {
            reach(xml, contact);
        }
        if let Some(person) = self.at_home {
            address::both(xml, person);
        }
        if let Some(passport) = self.passport {
            let number = passport.number.as_str();
            let issuer = text(passport.issuer.as_ref());
            let series: String = passport.series.as_str().chars().filter(|c| !c.is_whitespace()).collect();
            document(xml, "passport_russian", &series, number, issuer, *passport.issued_on.reveal());
        }
        if let Some(Driving { kind, series, licence }) = &self.drives_with {
            document(xml, kind, series, licence.number.as_str(), "", *licence.date.reveal());
        }
    }
}

fn reach(xml: &mut Writer, contact: &Contact) {
    xml.leaf("email", contact.email.as_str());
    xml.element("phone", |xml| {
        xml.leaf("isPrimary", "true");
        xml.leaf("typePhone", "mobile");
        xml.leaf("numberPhone", contact.phone.as_str());
    });
}

fn document(xml: &mut Writer, kind: &str, series: &str, number: &str, issuer: &str, day: Date) {
    xml.element("document", |xml| {
        xml.leaf("documentType", kind);
        xml.leaf("series", series);
        xml.leaf("number", number);
        if !issuer.is_empty() {
            xml.leaf("issuedBy", issuer);
        }
        xml.leaf("dateIssue", &day.to_string());
    });
}

#[cfg(test)]
mod tests {
    use veer_kit::requests;

    use super::*;

    #[test]
    fn entries_of_one_person_are_read_together() {
        let whole = requests::standard().owner;
        let driver = Person { passport: None, addresses: Vec::new(), contact: None, ..whole.clone() };
        let insurer = Person { licence: None, ..whole };
        let mut subjects = Subjects::default();
        assert_eq!(subjects.driver(&driver).map(|(number, _)| number), Some(1));
        assert_eq!(subjects.number(&insurer), 1);
        let mut xml = Writer::default();
        subjects.write(&mut xml, Some(&OfferRef::of("subject_1", "77")));
        let written = xml.finish();
        assert_eq!(written.matches("<subjectInfo>").count(), 1);
        for part in
            ["<ID>77<", "passport_russian", "driver_license_russian_B", "<addressType>home<", "<email>"]
        {
            assert!(written.contains(part), "{part}");
        }
    }

    #[test]
    fn a_foreign_licence_counts_where_there_is_no_russian_one() {
        let known = requests::standard().owner;
        let latin = known.licence.clone().map(|licence| Licence { series: "AB".into(), ..licence });
        let foreign = Person { foreign_licence: latin, licence: None, ..known.clone() };
        let none = Person { licence: None, ..known.clone() };
        for (person, kind) in [
            (&known, Some("driver_license_russian_B")),
            (&foreign, Some("driver_license_international")),
            (&none, None),
        ] {
            let mut subjects = Subjects::default();
            let is_driver = subjects.driver(person).is_some();
            let mut xml = Writer::default();
            subjects.write(&mut xml, None);
            assert_eq!(is_driver, kind.is_some());
            let written = xml.finish();
            assert!(written.contains(kind.unwrap_or_default()));
            // Its letters are those of its country: no Russian look-alikes.
            assert_eq!(written.contains("<series>AB</series>"), kind == Some("driver_license_international"));
        }
    }
}

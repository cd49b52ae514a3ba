//! People in the policy tree, with their papers, addresses and contacts.

use jiff::civil::Date;
use veer_contract::{
    Context,
    domain::{Address, Contact, Licence, Passport, Person, VehicleDocument},
};

use crate::{
    required::text,
    written::{self, Sex, cyrillic},
    xml::Writer,
};

/// A document of a person or a vehicle.
pub(super) struct Paper<'a> {
    kind: &'a str,
    series: String,
    number: &'a str,
    issued: Date,
}

/// The parts of a person that every role has.
pub(super) fn write(xml: &mut Writer, role: &str, person: &Person, paper: Paper<'_>) {
    xml.element("model:objectType", |xml| xml.leaf("model:code", role));
    paper.write(xml);
    xml.element("model:contractorType", |xml| xml.leaf("model:contractorTypeCode", "INDIVIDUAL"));
    xml.leaf("model:firstName", person.name.first.as_str());
    xml.leaf("model:surname", person.name.last.as_str());
    if let Some(middle) = &person.name.middle {
        xml.leaf("model:secondName", middle.as_str());
    }
    xml.leaf("model:birthDate", &person.birth_date.reveal().to_string());
    if let Some(sex) = written::sex(&person.name) {
        xml.leaf("model:gender", if sex == Sex::Male { "1" } else { "2" });
    }
    xml.leaf("model:fullName", &person.name.full());
}

/// Where a person is registered.
pub(super) fn addresses(xml: &mut Writer, address: &Address, cx: &Context<'_>) {
    xml.element("model:addresses", |xml| {
        country(xml, cx);
        xml.element("model:addressType", |xml| {
            xml.leaf("model:addressTypeCode", cx.settings.get("address_type"))
        });
        xml.leaf("model:region", address.region_name.as_str());
        for (name, part) in [
            ("district", &address.district_name),
            ("city", &address.city_name),
            ("locality", &address.settlement_name),
            ("street", &address.street_name),
            ("house", &address.house),
            ("building", if address.building.is_some() { &address.building } else { &address.block }),
            ("flat", &address.apartment),
        ] {
            xml.leaf(&format!("model:{name}"), text(part.as_ref()));
        }
        xml.leaf("model:addressStr", address.text.as_str());
        // That of the street; a house's would not be found where streets are looked up.
        xml.leaf("model:fias", text(address.street_fias.as_ref().or(address.fias.as_ref())));
    });
}

/// How a person is reached.
pub(super) fn contacts(xml: &mut Writer, contact: &Contact, person: &Person) {
    for (kind, value) in [("EMAIL", contact.email.as_str()), ("PHONE", contact.phone.as_str())] {
        xml.element("model:contacts", |xml| {
            xml.element("model:contactType", |xml| xml.leaf("model:contactTypeCode", kind));
            xml.leaf("model:contact", value);
            xml.leaf("model:contactPerson", &person.name.full());
        });
    }
}

/// Russia: the partner API carries no other country.
pub(super) fn country(xml: &mut Writer, cx: &Context<'_>) {
    xml.element("model:country", |xml| xml.leaf("model:countryCode", cx.settings.get("country_code")));
}

// === impl Paper ===

impl<'a> Paper<'a> {
    /// A Russian passport.
    pub(super) fn passport(passport: &'a Passport) -> Self {
        let series = passport.series.as_str().chars().filter(|c| !c.is_whitespace()).collect();
        let issued = *passport.issued_on.reveal();
        Self { kind: "PASSPORT_RF", series, number: passport.number.as_str(), issued }
    }

    /// A driving licence, Russian or foreign: both have one code.
    pub(super) fn licence(driver: &Person, licence: &'a Licence) -> Self {
        let series = written::licence_series(driver, licence);
        let issued = *licence.date.reveal();
        Self { kind: "DRIVER_LICENSE", series, number: licence.number.as_str(), issued }
    }

    /// A vehicle's document of that code.
    pub(super) fn of_vehicle(kind: &'a str, document: &'a VehicleDocument) -> Self {
        let series = cyrillic(document.series.as_str());
        Self { kind, series, number: document.number.as_str(), issued: *document.date.reveal() }
    }

    /// Writes it.
    pub(super) fn write(&self, xml: &mut Writer) {
        xml.element("model:docs", |xml| {
            xml.element("model:objectDocType", |xml| xml.leaf("model:objectDocTypeCode", self.kind));
            xml.leaf("model:series", &self.series);
            xml.leaf("model:number", self.number);
            xml.leaf("model:dateIssue", &self.issued.to_string());
        });
    }
}

//! How the service is called: a SOAP 1.1 envelope around a method, and the `Agreement` tree.

use std::collections::BTreeMap;

use jiff::civil::Date;
use veer_contract::{
    Auth, Call, Context, Decline, Effect, Lane, Method,
    domain::{
        Address, Contact, Licence, Passport, Person, Purpose, QuoteRequest, VehicleCategory, VehicleDocument,
        VehicleDocumentKind,
    },
    slot,
};

use crate::{
    required::{self, Role, text},
    soap,
    written::{self, Sex, cyrillic},
    xml::Writer,
};

/// SOAP faults come with it.
const FAULT_STATUS: u16 = 500;

/// A call of one method; `inside` writes its arguments.
pub(super) fn method(
    name: &str,
    lane: Lane,
    effect: Effect,
    auth: Auth,
    cx: &Context<'_>,
    inside: impl FnOnce(&mut Writer),
) -> Call {
    let namespace = cx.settings.get("namespace");
    let declared = if namespace.is_empty() { String::new() } else { Writer::attribute("xmlns", namespace) };
    let body = soap::body(|xml| xml.element(&format!("{name}{declared}"), inside));
    Call::new(name, lane, effect, Method::Post, "SalesService.svc")
        .with_header("SOAPAction", format!("\"{}{name}\"", cx.settings.get("soap_action_prefix")))
        .with_body(body)
        .with_auth(auth)
        .accepting(&[FAULT_STATUS])
}

/// A call of one method in a session: every method but `Login`.
pub(super) fn in_session(
    name: &str,
    lane: Lane,
    effect: Effect,
    cx: &Context<'_>,
    inside: impl FnOnce(&mut Writer),
) -> Call {
    method(name, lane, effect, Auth::Session, cx, |xml| {
        xml.leaf("SessionToken", &slot::session());
        inside(xml);
    })
}

/// Where the payment link and the policy are mailed to.
pub(super) fn email(request: &QuoteRequest) -> Result<&str, Decline> {
    Ok(required::mailed_to(request)?.email.as_str().trim())
}

/// What an agreement is written from; nothing that the insurer needs is missing.
pub(super) struct Agreement<'a> {
    request: &'a QuoteRequest,
    cx: &'a Context<'a>,
    subjects: Subjects<'a>,
    owner_address: &'a Address,
    model: &'a str,
    vin: &'a str,
    document: &'a VehicleDocument,
    drivers: Vec<(usize, &'a Licence)>,
}

/// The people, each once: roles refer to them by key.
#[derive(Default)]
struct Subjects<'a> {
    by_key: BTreeMap<usize, &'a Person>,
}

// === impl Subjects ===

impl<'a> Subjects<'a> {
    /// The key of `person`, who is added where not there yet.
    fn key(&mut self, person: &'a Person) -> usize {
        let same = |known: &Person| known.name == person.name && known.birth_date == person.birth_date;
        if let Some((key, known)) = self.by_key.iter_mut().find(|(_, known)| same(known)) {
            // Of two entries for one person, the one with a passport says more.
            if known.passport.is_none() && person.passport.is_some() {
                *known = person;
            }
            return *key;
        }
        let key = self.by_key.len() + 1;
        self.by_key.insert(key, person);
        key
    }

    fn write(&self, xml: &mut Writer) {
        for (key, person) in &self.by_key {
            xml.element(&format!("Subject SbjKey=\"{key}\""), |xml| subject(xml, person));
        }
    }
}

// === impl Agreement ===

impl<'a> Agreement<'a> {
    /// Checks that the insurer has what it needs.
    pub(super) fn of(request: &'a QuoteRequest, cx: &'a Context<'a>) -> Result<Self, Decline> {
        let model = required::model_code(cx)?;
        // How the service names body and chassis numbers is not public.
        let vin = text(request.vehicle.vin.as_ref());
        if vin.trim().is_empty() {
            return Err(Decline::needs_field("vehicle.vin"));
        }
        let document = required::vehicle_document(request)?;
        Role::Policyholder.needs(request.policyholder.passport.as_ref(), "passport")?;
        Role::Policyholder.needs_registration(&request.policyholder)?;
        Role::Owner.needs(request.owner.passport.as_ref(), "passport")?;
        let owner_address = Role::Owner.needs_registration(&request.owner)?;
        let mut subjects = Subjects::default();
        subjects.key(&request.policyholder);
        subjects.key(&request.owner);
        let mut drivers = Vec::new();
        for (place, driver) in request.drivers.named().iter().enumerate() {
            // The service has no code for foreign licences.
            let licence = Role::Driver(place).needs(driver.licence.as_ref(), "license")?;
            drivers.push((subjects.key(driver), licence));
        }
        Ok(Self { request, cx, subjects, owner_address, model, vin, document, drivers })
    }

    /// Writes the tree.
    pub(super) fn write(mut self, xml: &mut Writer) {
        let policyholder = self.subjects.key(&self.request.policyholder).to_string();
        let owner = self.subjects.key(&self.request.owner).to_string();
        xml.element("Agreement", |xml| {
            xml.element("General", |xml| self.general(xml));
            xml.element("Insurer", |xml| {
                xml.leaf("SbjRef", &policyholder);
                if let Some(contact) = &self.request.policyholder.contact {
                    reach(xml, contact);
                }
            });
            xml.element("Owner", |xml| xml.leaf("SbjRef", &owner));
            xml.element("SubjectList", |xml| self.subjects.write(xml));
            xml.element("Vehicle", |xml| self.vehicle(xml));
            xml.element("Condition", |xml| xml.element("Liability", |xml| self.liability(xml)));
            if !self.drivers.is_empty() {
                xml.element("DriverList", |xml| {
                    for (key, licence) in &self.drivers {
                        xml.element("Driver", |xml| driver(xml, *key, licence));
                    }
                });
            }
        });
    }

    fn general(&self, xml: &mut Writer) {
        xml.leaf("Product", self.cx.settings.get("product"));
        xml.leaf("CitySales", &self.owner_address.city_kladr_cut(11));
        xml.leaf("DateBeg", &format!("{}T00:00:00", self.request.policy_start));
        xml.leaf("DateEnd", &self.request.policy_end().to_string());
        xml.leaf("Individual", "N");
        // 3: without a diagnostic card, of which the partner API knows nothing.
        xml.leaf("DISetting", "3");
    }

    fn vehicle(&self, xml: &mut Writer) {
        let vehicle = &self.request.vehicle;
        xml.leaf("Model", self.model);
        xml.leaf("VIN", self.vin);
        if let Some(plate) = &vehicle.plate {
            xml.leaf("RegNum", &cyrillic(plate.as_str()));
        }
        xml.leaf("Category", category(vehicle.category()));
        xml.leaf("Constructed", &format!("{:04}-01-01", vehicle.year));
        xml.leaf("EnginePowerHP", &vehicle.engine_power.as_json_number().to_string());
        xml.element("Document", |xml| {
            let kind = match self.document.kind {
                VehicleDocumentKind::Sts => "34709116",
                VehicleDocumentKind::Pts => "34709216",
                VehicleDocumentKind::Epts => self.cx.settings.get("document_epts"),
            };
            let series = cyrillic(self.document.series.as_str());
            document(xml, kind, &series, self.document.number.as_str(), *self.document.date.reveal());
        });
    }

    fn liability(&self, xml: &mut Writer) {
        xml.leaf("RiskCtg", if self.request.drivers.is_unlimited() { "28966316" } else { "28966116" });
        xml.leaf("UsageType", "1381850903");
        xml.element("UsageTarget", |xml| {
            let target = match self.request.purpose {
                Purpose::Personal => "Personal",
                Purpose::Taxi => "Taxi",
            };
            xml.leaf(target, "Y");
        });
        xml.leaf("UseWithTrailer", "N");
        xml.element("PeriodList", |xml| {
            xml.element("Period", |xml| {
                xml.leaf("DateBeg", &self.request.policy_start.to_string());
                xml.leaf("DateEnd", &self.request.policy_end().to_string());
            });
        });
    }
}

fn subject(xml: &mut Writer, person: &Person) {
    xml.leaf("SbjType", "Ф");
    xml.leaf("SbjResident", "Y");
    xml.leaf("FullName", &person.name.full());
    if let Some(sex) = written::sex(&person.name) {
        xml.leaf("Gender", if sex == Sex::Male { "М" } else { "Ж" });
    }
    xml.leaf("BirthDate", &person.birth_date.reveal().to_string());
    xml.leaf("CountryCode", "643");
    if let Some(address) = person.registration() {
        xml.element("Address", |xml| write_address(xml, address));
    }
    if let Some(passport) = &person.passport {
        xml.element("IdentityDocument", |xml| identity(xml, passport));
    }
}

fn write_address(xml: &mut Writer, address: &Address) {
    xml.leaf("CountryCode", "643");
    xml.leaf("CityCode", &address.city_kladr_cut(11));
    xml.leaf("StreetName", text(address.street_name.as_ref()));
    xml.leaf("StreetCode", &address.street_kladr_cut(15));
    xml.leaf("House", text(address.house.as_ref()));
    xml.leaf("Flat", text(address.apartment.as_ref()));
}

fn identity(xml: &mut Writer, passport: &Passport) {
    xml.leaf("DocType", "30363316");
    xml.leaf("Serial", &spaced(passport.series.as_str()));
    xml.leaf("Number", passport.number.as_str());
    xml.leaf("DocIssuedBy", text(passport.issuer.as_ref()));
    xml.leaf("DocDate", &passport.issued_on.reveal().to_string());
}

fn reach(xml: &mut Writer, contact: &Contact) {
    xml.leaf("MobilePhone", contact.phone_national());
    xml.leaf("Email", contact.email.as_str());
}

fn driver(xml: &mut Writer, key: usize, licence: &Licence) {
    let date = *licence.date.reveal();
    xml.leaf("SbjRef", &key.to_string());
    // The partner API has one date for issue and for the start of experience.
    xml.leaf("DrvDateBeg", &date.to_string());
    xml.element("DriverLicense", |xml| {
        document(xml, "765912000", &cyrillic(licence.series.as_str()), licence.number.as_str(), date);
    });
}

fn document(xml: &mut Writer, kind: &str, series: &str, number: &str, date: Date) {
    xml.leaf("DocType", kind);
    xml.leaf("Serial", series);
    xml.leaf("Number", number);
    xml.leaf("DocDate", &date.to_string());
}

/// The number of a category.
pub(super) fn category(category: VehicleCategory) -> &'static str {
    match category {
        VehicleCategory::A => "8247",
        VehicleCategory::C => "8245",
        VehicleCategory::D => "8246",
        // The manifest's scope lets no E through.
        VehicleCategory::B | VehicleCategory::E => "8244",
    }
}

/// A passport's series as the service writes it: `45 00`.
fn spaced(series: &str) -> String {
    let digits: Vec<char> = series.chars().filter(|c| !c.is_whitespace()).collect();
    match digits.split_at_checked(2) {
        Some((region, year)) if !year.is_empty() => {
            format!("{} {}", region.iter().collect::<String>(), year.iter().collect::<String>())
        }
        _ => series.to_owned(),
    }
}

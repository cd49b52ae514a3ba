//! The policy tree, which `CalculatePolicy` and `SavePolicy` carry alike.

use jiff::civil::Date;
use veer_contract::{
    Context, Decline,
    domain::{
        Address, Contact, Licence, Passport, Person, Purpose, QuoteRequest, VehicleDocument,
        VehicleDocumentKind,
    },
};

use super::person::{self, Paper};
use crate::{
    required::{self, Role, text},
    written::cyrillic,
    xml::Writer,
};

/// What a policy is written from; nothing that the insurer needs is missing.
pub(super) struct Policy<'a> {
    request: &'a QuoteRequest,
    cx: &'a Context<'a>,
    document: &'a VehicleDocument,
    policyholder: (&'a Passport, &'a Address, &'a Contact),
    owner: (&'a Passport, &'a Address),
    drivers: Vec<(&'a Person, &'a Licence)>,
}

// === impl Policy ===

impl<'a> Policy<'a> {
    /// Checks that the insurer has what it needs.
    pub(super) fn of(request: &'a QuoteRequest, cx: &'a Context<'a>) -> Result<Self, Decline> {
        required::vehicle_identity(request)?;
        let document = required::vehicle_document(request)?;
        let (holder, owner) = (&request.policyholder, &request.owner);
        let policyholder = (
            Role::Policyholder.needs(holder.passport.as_ref(), "passport")?,
            Role::Policyholder.needs_registration(holder)?,
            Role::Policyholder.needs(holder.contact.as_ref(), "contact")?,
        );
        let owner =
            (Role::Owner.needs(owner.passport.as_ref(), "passport")?, Role::Owner.needs_registration(owner)?);
        let driver = |(place, driver): (usize, &'a Person)| {
            Ok((driver, Role::Driver(place).needs(driver.any_licence(), "license")?))
        };
        let drivers: Result<Vec<_>, Decline> =
            request.drivers.named().iter().enumerate().map(driver).collect();
        Ok(Self { request, cx, document, policyholder, owner, drivers: drivers? })
    }

    /// Writes the tree.
    pub(super) fn write(&self, xml: &mut Writer) {
        let (start, end, today) = (self.request.policy_start, self.request.policy_end(), self.cx.today);
        xml.element("policy:policy", |xml| {
            product(xml);
            xml.leaf("model:dateCreate", &first_moment(today));
            xml.leaf("model:dateStart", &first_moment(start));
            xml.leaf("model:dateEnd", &last_moment(end));
            xml.leaf("model:dateIssue", &today.to_string());
            xml.leaf("model:dateCalc", &first_moment(today));
            xml.element("model:policyObjects", |xml| {
                xml.element("model:object xsi:type=\"model:VehicleXT\"", |xml| self.vehicle(xml));
                xml.element("model:objectType", |xml| xml.leaf("model:code", "VEHICLE"));
                product(xml);
                xml.leaf("model:orderNo", "1");
                xml.leaf("model:period1BeginDate", &start.to_string());
                xml.leaf("model:period1EndDate", &end.to_string());
            });
            if !self.drivers.is_empty() {
                xml.element("model:policyObjects", |xml| {
                    for (driver, licence) in &self.drivers {
                        xml.element("model:object xsi:type=\"model:IndividualsXT\"", |xml| {
                            person::write(xml, "DRIVER", driver, Paper::licence(driver, licence));
                            // The partner API has one date for issue and for the start of experience.
                            xml.leaf("model:driveExperience", &licence.date.reveal().to_string());
                        });
                    }
                });
            }
            xml.element("model:participant", |xml| self.participant(xml));
        });
    }

    fn vehicle(&self, xml: &mut Writer) {
        let vehicle = &self.request.vehicle;
        xml.element("model:objectType", |xml| xml.leaf("model:code", "VEHICLE"));
        let kind = match self.document.kind {
            VehicleDocumentKind::Sts => "VEHICLE_REGISTRATION_CERTIFICATE",
            VehicleDocumentKind::Pts => "VEHICLE_PASSPORT",
            VehicleDocumentKind::Epts => self.cx.settings.get("document_epts"),
        };
        Paper::of_vehicle(kind, self.document).write(xml);
        xml.element("model:model", |xml| self.model(xml));
        xml.leaf("model:vin", text(vehicle.vin.as_ref()));
        xml.leaf("model:bodyNumber", text(vehicle.body_number.as_ref()));
        xml.leaf("model:chassisNumber", text(vehicle.chassis_number.as_ref()));
        xml.leaf("model:licensePlate", &cyrillic(text(vehicle.plate.as_ref())));
        let purpose = match self.request.purpose {
            Purpose::Personal => "PERSONAL",
            Purpose::Taxi => "TAXI",
        };
        xml.element("model:purpose", |xml| xml.leaf("model:vehiclePurposeCode", purpose));
        self.country(xml);
        xml.element("model:owner", |xml| {
            let (passport, address) = self.owner;
            person::write(xml, "CONTRACTOR", &self.request.owner, Paper::passport(passport));
            person::addresses(xml, address, self.cx);
            if let Some(contact) = &self.request.owner.contact {
                person::contacts(xml, contact, &self.request.owner);
            }
        });
        xml.element("model:ownershipType", |xml| xml.leaf("model:ownershipTypeCode", "INDIVIDUAL-OWNER"));
        for no in ["trailer", "transit", "lease"] {
            xml.leaf(&format!("model:{no}"), "false");
        }
        xml.leaf("model:cost", "0.00");
        xml.leaf("model:power", &vehicle.engine_power.as_json_number().to_string());
        // The partner API carries neither masses nor seats nor mileage.
        for unknown in ["maxWeight", "unladenWeight", "passengers"] {
            xml.leaf(&format!("model:{unknown}"), "0");
        }
        xml.leaf("model:usedSince", &format!("{:04}-01-01", vehicle.year));
        xml.leaf("model:mileage", "0");
        xml.leaf("model:yearIssue", &vehicle.year.to_string());
    }

    /// By the insurer's codes where both are known, else by names.
    fn model(&self, xml: &mut Writer) {
        let vehicle = self.cx.vehicle;
        let codes = vehicle.brand_code.as_deref().zip(vehicle.code.as_deref());
        xml.element("model:mark", |xml| match codes {
            Some((mark, _)) => xml.leaf("model:vehicleMarkCode", mark),
            None => xml.leaf("model:name", &vehicle.brand),
        });
        let category = self.request.vehicle.category().letter().to_string();
        xml.element("model:type", |xml| xml.leaf("model:vehicleTypeCode", &category));
        match codes {
            Some((_, model)) => xml.leaf("model:vehicleModelCode", model),
            None => xml.leaf("model:name", &vehicle.model),
        }
    }

    fn participant(&self, xml: &mut Writer) {
        let (passport, address, contact) = self.policyholder;
        let person = &self.request.policyholder;
        xml.element("model:contractor xsi:type=\"model:IndividualsXT\"", |xml| {
            person::write(xml, "CONTRACTOR", person, Paper::passport(passport));
            person::addresses(xml, address, self.cx);
            person::contacts(xml, contact, person);
        });
        xml.element("model:participantType", |xml| xml.leaf("model:participantTypeCode", "INSURANT"));
    }

    fn country(&self, xml: &mut Writer) {
        person::country(xml, self.cx);
    }
}

fn product(xml: &mut Writer) {
    xml.element("model:product", |xml| xml.leaf("model:productCode", "OSAGO"));
}

/// Moscow's midnight.
fn first_moment(day: Date) -> String {
    format!("{day}T00:00:00+03:00")
}

fn last_moment(day: Date) -> String {
    format!("{day}T23:59:59+03:00")
}

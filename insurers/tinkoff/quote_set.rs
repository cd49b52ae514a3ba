//! The body of `calcPartnerFQuote`: the people, the vehicle and the terms of one quote set.

use veer_contract::{
    Call, Context, Decline, Effect, Lane,
    domain::{Licence, OfferRef, QuoteRequest},
};

use super::{
    address, request,
    subjects::Subjects,
    vehicle::{Insured, truth},
};
use crate::{
    required::{self, Role},
    xml::Writer,
};

/// In an offer's reference, the number of the set.
pub(super) const SET_NUMBER: &str = "set_number";
/// In an offer's reference, the number of the quote in it.
pub(super) const QUOTE_NUMBER: &str = "quote_number";

/// What a set is calculated from; nothing that the insurer needs is missing.
pub(super) struct QuoteSet<'a> {
    request: &'a QuoteRequest,
    cx: &'a Context<'a>,
    subjects: Subjects<'a>,
    policyholder: usize,
    owner: usize,
    drivers: Vec<(usize, &'a Licence)>,
    vehicle: Insured<'a>,
}

// === impl QuoteSet ===

impl<'a> QuoteSet<'a> {
    /// Checks that the insurer has what it needs.
    pub(super) fn of(request: &'a QuoteRequest, cx: &'a Context<'a>) -> Result<Self, Decline> {
        let model = required::model_code(cx)?;
        required::vehicle_identity(request)?;
        let document = required::vehicle_document(request)?;
        Role::Policyholder.needs(request.policyholder.passport.as_ref(), "passport")?;
        Role::Policyholder.needs_registration(&request.policyholder)?;
        Role::Owner.needs(request.owner.passport.as_ref(), "passport")?;
        let region = address::region(Role::Owner.needs_registration(&request.owner)?)
            .ok_or_else(|| Role::Owner.lacks("addresses"))?;
        let mut subjects = Subjects::default();
        let policyholder = subjects.number(&request.policyholder);
        let owner = subjects.number(&request.owner);
        let mut drivers = Vec::new();
        for (place, driver) in request.drivers.named().iter().enumerate() {
            let licensed = subjects.driver(driver);
            drivers.push(licensed.ok_or_else(|| Role::Driver(place).lacks("license"))?);
        }
        let vehicle = Insured { request, cx, model, document, region };
        Ok(Self { request, cx, subjects, policyholder, owner, drivers, vehicle })
    }

    /// The call that makes a new set.
    pub(super) fn calculate(&self) -> Call {
        self.call(Effect::Creates, None)
    }

    /// The call that calculates the set of `reference` again: under its number the insurer knows it, so it may be
    /// repeated.
    pub(super) fn recalculate(&self, set_number: &str, reference: &OfferRef) -> Call {
        self.call(Effect::Keyed(set_number.to_owned()), Some(reference))
    }

    fn call(&self, effect: Effect, reference: Option<&OfferRef>) -> Call {
        request::method("calcPartnerFQuote", Lane::Create, effect, self.cx, |xml| {
            if let Some(reference) = reference {
                xml.leaf("setNumber", reference.get(SET_NUMBER));
            }
            self.subjects.write(xml, reference);
            self.vehicle.write(xml);
            xml.element("OSAGOFQ", |xml| self.terms(xml, reference));
        })
    }

    fn terms(&self, xml: &mut Writer, reference: Option<&OfferRef>) {
        if let Some(reference) = reference {
            xml.leaf("quoteNumber", reference.get(QUOTE_NUMBER));
        }
        // A policy's days are Moscow's.
        xml.leaf("effectiveDate", &format!("{}T00:00:00+03:00", self.request.policy_start));
        xml.leaf("expirationDate", &format!("{}T23:59:59+03:00", self.request.policy_end()));
        xml.leaf("isEOSAGO", "true");
        xml.element("insurant", |xml| subject(xml, self.policyholder));
        xml.element("carOwner", |xml| subject(xml, self.owner));
        xml.element("driversList", |xml| {
            xml.leaf("isMultidrive", truth(self.request.drivers.is_unlimited()));
            if !self.drivers.is_empty() {
                xml.element("namedList", |xml| {
                    for (number, licence) in &self.drivers {
                        xml.element("driver", |xml| {
                            subject(xml, *number);
                            // The partner API has one date for issue and for the start of experience.
                            xml.leaf("drivingLicenseIssueDateOriginal", &licence.date.reveal().to_string());
                        });
                    }
                });
            }
        });
    }
}

fn subject(xml: &mut Writer, number: usize) {
    xml.leaf("subjectNumber", &number.to_string());
}

//! The application, `create/`: once as a trial (segmentation), once in earnest, and how far it is.

use std::time::Duration;

use veer_contract::{
    Body, Call, Decline, Effect, Fault, Lane, Method, Reply,
    create_then_poll::{Polled, Refusal},
    domain::{OfferRef, Person, QuoteRequest, SelectedOption, VehicleDocumentKind},
    slot,
};

use super::{
    form::{Fields, purpose},
    quote::CALCULATION_ID,
    reply::Answer,
};
use crate::{
    codes, plain_id,
    required::{self, Role},
    written::cyrillic,
};

/// Under this name an offer's reference holds the application.
pub(super) const POLICY_ID: &str = "policy_id";
/// How long to leave the service alone between questions about an application.
pub(super) const PAUSE: Duration = Duration::from_secs(2);
/// РСА's number of the СТС.
const STS: &str = "31";

/// What an application is sent for.
pub(super) enum Attempt<'a> {
    /// Underwriting only: `CheckSegment=1`.
    Trial,
    /// The application itself, with what the user selected of the cross-sales: `CheckSegment=0`.
    Earnest(&'a [SelectedOption]),
}

/// Applies.
pub(super) fn create(
    request: &QuoteRequest,
    offer: &OfferRef,
    attempt: Attempt<'_>,
) -> Result<Call, Refusal> {
    let calculation = plain_id::check(offer.get(CALCULATION_ID), "the offer's calculation_id")?;
    let fields = form(request, calculation, attempt)?;
    Ok(Call::new("create", Lane::Create, Effect::Creates, Method::Post, "create/")
        .with_body(Body::Form(fields)))
}

/// The application's id in the reply to [`create`].
pub(super) fn created(reply: &Reply) -> Result<String, Refusal> {
    let answer = Answer::of_application(reply)?;
    // It becomes a part of a path.
    let id = answer.data().get("policyid").trimmed();
    Ok(plain_id::check(&id, "data.policyId")?.to_owned())
}

/// Asks how far the application is.
pub(super) fn ask_status(policy_id: &str) -> Call {
    about(policy_id, "status", Lane::Poll, "status")
}

/// A call that asks about an application.
pub(super) fn about(policy_id: &str, tag: &str, lane: Lane, what: &str) -> Call {
    Call::new(tag, lane, Effect::Read, Method::Get, format!("policy/{policy_id}/{what}/"))
        .with_query("key", slot::secret("key"))
}

/// The application that an offer's reference names, fit for a path.
pub(super) fn policy_id(offer: &OfferRef) -> Result<&str, Fault> {
    plain_id::check(offer.get(POLICY_ID), "the offer's policy_id")
}

/// Whether the application is through; a no of the insurer or the registry ends it.
pub(super) fn status(reply: &Reply) -> Result<Polled<()>, Refusal> {
    let answer = Answer::of_application(reply)?;
    answer.passed_registry()?;
    let data = answer.data();
    let (status, inner) = (data.get("status").trimmed(), data.get("return").get("status").trimmed());
    match (status.to_lowercase().as_str(), inner.to_lowercase().as_str()) {
        ("ok", _) => Ok(Polled::Ready(())),
        (_, "wait") | ("wait", _) => Ok(Polled::Pending),
        ("", "") => Err(Fault::not_understood("the application's status has no Status").into()),
        _ => Err(answer.refusal()),
    }
}

fn form(
    request: &QuoteRequest,
    calculation: &str,
    attempt: Attempt<'_>,
) -> Result<Vec<(String, String)>, Decline> {
    let policyholder = &request.policyholder;
    let contact = Role::Policyholder.needs(policyholder.contact.as_ref(), "contact")?;
    let mut fields = Fields::default();
    fields.add("key", slot::secret("key"));
    let (trial, selected) = match attempt {
        Attempt::Trial => ("1", &[][..]),
        Attempt::Earnest(selected) => ("0", selected),
    };
    fields.add("CheckSegment", trial);
    fields.add("calculationId", calculation);
    fields.add("purpose", purpose(request.purpose));
    fields.add("cabinet[email]", contact.email.as_str());
    fields.add("isInsurerJuridical", "0");
    car(&mut fields, request)?;
    person(&mut fields, Role::Policyholder, policyholder)?;
    person(&mut fields, Role::Owner, &request.owner)?;
    for (place, option) in selected.iter().enumerate() {
        fields.add(format!("upsales[{place}][id]"), option.cross_sale_id.as_str());
        fields.add(format!("upsales[{place}][option_id]"), option.option_id.to_string());
    }
    Ok(fields.into_pairs())
}

fn car(fields: &mut Fields, request: &QuoteRequest) -> Result<(), Decline> {
    let vehicle = &request.vehicle;
    let document = required::vehicle_document(request)?;
    fields.add("car[year]", vehicle.year.to_string());
    fields.add("car[MarkAndModelString]", format!("{} {}", vehicle.brand.name, vehicle.model.name));
    let prefix = match document.kind {
        VehicleDocumentKind::Sts => "car[sts]",
        // No block is known for an electronic passport.
        VehicleDocumentKind::Pts | VehicleDocumentKind::Epts => "car[pts]",
    };
    if document.kind == VehicleDocumentKind::Sts {
        fields.add("car[sts][docType]", STS);
    }
    fields.add(format!("{prefix}[serie]"), cyrillic(document.series.as_str()));
    fields.add(format!("{prefix}[number]"), document.number.as_str());
    fields.add(format!("{prefix}[dateIssue]"), document.date.reveal().to_string());
    Ok(())
}

fn person(fields: &mut Fields, role: Role, person: &Person) -> Result<(), Decline> {
    let prefix = match role {
        Role::Policyholder => "insurer",
        Role::Owner | Role::Driver(_) => "owner",
    };
    if let Some(contact) = &person.contact {
        fields.add(format!("{prefix}[email]"), contact.email.as_str());
        fields.add(format!("{prefix}[phone]"), contact.phone_national());
    }
    fields.person(prefix, person);
    if !fields.identity(prefix, person) {
        return Err(role.lacks("passport"));
    }
    let subdivision = person.passport.as_ref().and_then(|passport| passport.subdivision.as_ref());
    fields.add_if_there(format!("{prefix}[document][codeDivision]"), subdivision);
    address(fields, role, prefix, person)
}

fn address(fields: &mut Fields, role: Role, prefix: &str, person: &Person) -> Result<(), Decline> {
    let address = role.needs_registration(person)?;
    let kladr = codes::kladr_of_length(address, &[13, 17, 19]);
    let kladr = kladr.ok_or_else(|| role.lacks("addresses[0].addresses_kladr_code"))?;
    let registration = format!("{prefix}[addressJuridical]");
    fields.add(format!("{registration}[country]"), "Россия");
    for (name, value) in [
        ("region", Some(&address.region_name)),
        ("area", address.district_name.as_ref()),
        ("city", address.city_name.as_ref()),
        ("settlement", address.settlement_name.as_ref()),
        ("street", address.street_name.as_ref()),
        ("home", address.house.as_ref()),
        ("flat", address.apartment.as_ref()),
    ] {
        fields.add_if_there(format!("{registration}[{name}]"), value);
    }
    fields.add(format!("{registration}[kladr]"), kladr);
    fields.add(format!("{prefix}[addressFact][same]"), "1");
    Ok(())
}

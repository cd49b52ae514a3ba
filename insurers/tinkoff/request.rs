//! How the service is called: a SOAP 1.1 envelope around a method, who asks inside of it.

use veer_contract::{Call, Context, Effect, Fault, FaultKind, Lane, Method, domain::OfferRef, slot};

use crate::{soap, xml::Writer};

/// SOAP faults come with it.
const FAULT_STATUS: u16 = 500;

/// A call of one method; `inside` writes what it is about.
pub(super) fn method(
    name: &str,
    lane: Lane,
    effect: Effect,
    cx: &Context<'_>,
    inside: impl FnOnce(&mut Writer),
) -> Call {
    let namespace = cx.settings.get("namespace");
    let declared = if namespace.is_empty() { String::new() } else { Writer::attribute("xmlns", namespace) };
    let body = soap::body(|xml| {
        xml.element(&format!("{name}{declared}"), |xml| {
            xml.element("Header", |xml| {
                xml.leaf("user", cx.settings.get("user"));
                xml.leaf("password", &slot::secret("password"));
            });
            xml.leaf("producerCode", cx.settings.get("producer_code"));
            inside(xml);
        });
    });
    Call::new(name, lane, effect, Method::Post, path("service_path", cx))
        .with_header("SOAPAction", format!("\"{}{name}\"", cx.settings.get("soap_action_prefix")))
        .with_body(body)
        .accepting(&[FAULT_STATUS])
}

/// The path that stands in a setting.
pub(super) fn path<'a>(setting: &str, cx: &Context<'a>) -> &'a str {
    cx.settings.get(setting).trim().trim_start_matches('/')
}

/// What the insurer calls the offer under `name`; operations after the quote cannot do without.
pub(super) fn known<'a>(reference: &'a OfferRef, name: &str) -> Result<&'a str, Fault> {
    Some(reference.get(name)).filter(|value| !value.is_empty()).ok_or_else(|| {
        let detail = format!("the offer's reference has no {name}: the operation before gives it");
        Fault::new(FaultKind::NotUnderstood, detail)
    })
}

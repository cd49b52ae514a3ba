//! What a step gives: offers, links, files and the rest, from its expressions.

mod found;
mod offer;
mod policy;

use minijinja::Value;
use veer_contract::{
    Fault, Reply,
    create_then_poll::Refusal,
    domain::{
        Document, FoundVehicle, InsurerVehicle, Kopecks, Offer, OfferRef, PaymentLink, PaymentState, Policy,
    },
    operation::Session,
};

use crate::{
    model::{Expr, ResultSpec},
    payment_page,
    scene::Given,
    value::{Absent, Why, text},
};

/// A result of any operation.
pub(crate) enum Out {
    Offer(Box<Offer>),
    Session(Session),
    Link(PaymentLink),
    Payment(PaymentState),
    Document(Document),
    Policy(Policy),
    Cancelled,
    Vehicles(Vec<InsurerVehicle>),
    Found(Box<FoundVehicle>),
}

/// All that a result is made of.
#[derive(Clone, Copy)]
pub(crate) struct Source<'s> {
    pub(crate) scene: &'s Value,
    pub(crate) given: Given<'s>,
    pub(crate) reply: Option<&'s Reply>,
    /// The company whose step it is.
    pub(crate) company: Option<&'s str>,
    /// It is a part of the operation's result: a list may be empty.
    pub(crate) in_parts: bool,
    /// The companies that the manifest names.
    pub(crate) companies: &'s dyn Fn(&str) -> bool,
}

/// Makes a step's result.
pub(crate) fn make(spec: &ResultSpec, from: Source<'_>) -> Result<Out, Refusal> {
    Ok(match spec {
        ResultSpec::Offer(spec) => Out::Offer(Box::new(offer::make(spec, from)?)),
        ResultSpec::Session { token, seconds } => {
            let token = needed(token, from.scene)?;
            let seconds = optional(seconds.as_ref(), from.scene)?;
            let seconds = seconds.and_then(|seconds| seconds.trim().parse().ok());
            Out::Session(Session { token, seconds })
        }
        ResultSpec::Link { url, amount, reference, correlation } => {
            let page = needed(url, from.scene)?;
            let page = payment_page::check(&page)?;
            let amount = amount.as_ref().map(|amount| kopecks_or_nothing(amount, from.scene)).transpose()?;
            Out::Link(PaymentLink {
                url: page,
                amount: amount.flatten(),
                reference: references(reference, from.scene)?,
                correlation: optional(correlation.as_ref(), from.scene)?,
            })
        }
        ResultSpec::Payment(expr) => Out::Payment(match needed(expr, from.scene)?.as_str() {
            "paid" => PaymentState::Paid,
            "pending" => PaymentState::Pending,
            "cancelled" => PaymentState::Cancelled,
            _ => return Err(unfit(expr, "it is none of `paid`, `pending`, `cancelled`")),
        }),
        ResultSpec::Document(spec) => Out::Document(policy::document(spec, from)?),
        ResultSpec::Policy { number, document } => {
            Out::Policy(policy::make(number, document.as_ref(), from)?)
        }
        ResultSpec::Cancelled => Out::Cancelled,
        ResultSpec::Vehicles(spec) => Out::Vehicles(found::rows(spec, from)?),
        ResultSpec::Found(spec) => Out::Found(Box::new(found::make(spec, from)?)),
    })
}

/// A text that must be there.
fn needed(expr: &Expr, scene: &Value) -> Result<String, Refusal> {
    let value = expr.value(scene).and_then(|value| text(&value)).map_err(|why| why.refusal(&expr.place))?;
    match value.trim().is_empty() {
        true => Err(unfit(expr, "it is an empty text")),
        false => Ok(value.trim().to_owned()),
    }
}

/// A text that may be missing: absent, empty, or made of something absent.
fn optional(expr: Option<&Expr>, scene: &Value) -> Result<Option<String>, Refusal> {
    let Some(expr) = expr else { return Ok(None) };
    match expr.value(scene).and_then(|value| text(&value)) {
        Ok(text) if text.trim().is_empty() => Ok(None),
        Ok(text) => Ok(Some(text.trim().to_owned())),
        Err(Why::Absent | Why::NeedsField(_)) => Ok(None),
        Err(why) => Err(why.refusal(&expr.place)),
    }
}

/// A truth, where one is there.
fn truth(expr: Option<&Expr>, scene: &Value) -> Result<Option<bool>, Refusal> {
    let Some(expr) = expr else { return Ok(None) };
    match expr.value(scene) {
        Ok(value) if Absent::is(&value) => Ok(None),
        Ok(value) => Ok(Some(value.is_true())),
        Err(Why::Absent | Why::NeedsField(_)) => Ok(None),
        Err(why) => Err(why.refusal(&expr.place)),
    }
}

/// An amount that must be there.
fn kopecks(expr: &Expr, scene: &Value) -> Result<Kopecks, Refusal> {
    let value = expr.value(scene).map_err(|why| why.refusal(&expr.place))?;
    if let Some(why) = Absent::why(&value) {
        return Err(why.refusal(&expr.place));
    }
    match value.as_i64().filter(|kopecks| *kopecks >= 0) {
        Some(kopecks) => Ok(Kopecks::new(kopecks)),
        None => Err(unfit(expr, "it is no amount in kopecks")),
    }
}

/// An amount that may be missing.
fn kopecks_or_nothing(expr: &Expr, scene: &Value) -> Result<Option<Kopecks>, Refusal> {
    match expr.value(scene) {
        Err(Why::Absent | Why::NeedsField(_)) => Ok(None),
        Ok(value) if Absent::is(&value) => Ok(None),
        _ => kopecks(expr, scene).map(Some),
    }
}

/// What an insurer calls its offer.
fn references(specs: &[(String, Expr)], scene: &Value) -> Result<OfferRef, Refusal> {
    let mut reference = OfferRef::default();
    for (name, expr) in specs {
        reference.0.insert(name.clone(), needed(expr, scene)?);
    }
    Ok(reference)
}

fn unfit(expr: &Expr, what: &str) -> Refusal {
    Fault::not_understood(format!("{}: {what}", expr.place)).into()
}

//! The application in earnest and its payment link. Between the two the insurer may hold the application
//! for hours; nothing ends that but its own word.
//!
//! An offer that is confirmed again, because its payment was given up, has its application already: only
//! the link is asked for, unless the user selected something else since.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use veer_contract::{
    Call, Context, Event, Fault, Flow, Lane, Polled, Step,
    create_then_poll::Refusal,
    domain::{OfferRef, PaymentLink, SelectedOption},
    operation::{Confirm, Confirmation, OfferInput},
};

use super::{
    application::{self, Attempt, PAUSE, POLICY_ID},
    info::{self, Info},
    reply::Answer,
};
use crate::payment_page;

/// Applies, and asks for the payment link.
pub(super) struct Payment;

/// How far it is, with the application's id. Woken, the flow asks; with a reply, it reads.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Confirming {
    /// The application is under way.
    Applying,
    /// Whether it is through is asked for.
    Checking(String),
    /// Whether the insurer agrees is asked for.
    Holding(String),
    /// The link is asked for.
    Linking(String),
}

type Turn = Result<Step<Confirming, PaymentLink>, Refusal>;

/// Under this name an offer's reference holds what its application was made with.
const SELECTED: &str = "selected";
/// How long to leave the service alone while it holds an application.
const HOLD: Duration = Duration::from_secs(5);

// === impl Payment ===

impl Flow<Confirm> for Payment {
    type State = Confirming;

    fn start(&self, input: &Confirmation, _cx: &Context<'_>) -> Step<Confirming, PaymentLink> {
        apply(input).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &Confirmation,
        state: Confirming,
        event: Event<'_>,
        _cx: &Context<'_>,
    ) -> Step<Confirming, PaymentLink> {
        let turn = match state {
            Confirming::Applying => applied(event),
            Confirming::Checking(policy_id) => checked(policy_id, event),
            Confirming::Holding(policy_id) => held(input, policy_id, event),
            Confirming::Linking(policy_id) => linked(input, policy_id, event),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn apply(input: &Confirmation) -> Turn {
    let OfferInput { request, offer } = &input.offer;
    if !offer.get(POLICY_ID).is_empty() && offer.get(SELECTED) == selection(input) {
        let policy_id = application::policy_id(offer)?;
        return Ok(Step::call(info::ask(policy_id, Lane::Poll), Confirming::Holding(policy_id.to_owned())));
    }
    let call = application::create(request, offer, Attempt::Earnest(&input.selected))?;
    Ok(Step::call(call, Confirming::Applying))
}

/// What the user selected, as a reference keeps it.
fn selection(input: &Confirmation) -> String {
    let mut options: Vec<_> = input
        .selected
        .iter()
        .map(|SelectedOption { cross_sale_id, option_id }| format!("{cross_sale_id}={option_id}"))
        .collect();
    options.sort();
    options.join(",")
}

fn applied(event: Event<'_>) -> Turn {
    let policy_id = application::created(event.reply("create")?)?;
    Ok(Step::wait(PAUSE, Confirming::Checking(policy_id)))
}

fn checked(policy_id: String, event: Event<'_>) -> Turn {
    if let Event::Woke = event {
        return Ok(Step::call(application::ask_status(&policy_id), Confirming::Checking(policy_id)));
    }
    Ok(match application::status(event.reply("status")?)? {
        Polled::Pending => Step::wait(PAUSE, Confirming::Checking(policy_id)),
        Polled::Ready(()) => Step::call(info::ask(&policy_id, Lane::Poll), Confirming::Holding(policy_id)),
    })
}

fn held(input: &Confirmation, policy_id: String, event: Event<'_>) -> Turn {
    if let Event::Woke = event {
        return Ok(Step::call(info::ask(&policy_id, Lane::Poll), Confirming::Holding(policy_id)));
    }
    Ok(match Info::of(event.reply("info")?)?.is_agreed()? {
        false => Step::wait(HOLD, Confirming::Holding(policy_id)),
        true => Step::call(link(input, &policy_id), Confirming::Linking(policy_id)),
    })
}

fn link(input: &Confirmation, policy_id: &str) -> Call {
    let call = application::about(policy_id, "acquiring", Lane::Payment, "acquiring/renins");
    match &input.return_urls {
        Some(urls) => call
            .with_query("success_url", urls.success.as_str())
            .with_query("fail_url", urls.failure.as_str()),
        None => call,
    }
}

fn linked(input: &Confirmation, policy_id: String, event: Event<'_>) -> Turn {
    let answer = Answer::of_application(event.reply("acquiring")?)?;
    let data = answer.data();
    let amount = data.get("amount").number().map(|amount| amount.roubles()).transpose();
    let reference = [(POLICY_ID, policy_id.clone()), (SELECTED, selection(input))];
    Ok(Step::done(PaymentLink {
        url: payment_page::check(&data.get("url").trimmed())?,
        amount: amount.map_err(|error| Fault::not_understood(format!("data.amount: {error}")))?,
        reference: OfferRef(reference.map(|(name, value)| (name.to_owned(), value)).into()),
        correlation: Some(policy_id),
    }))
}

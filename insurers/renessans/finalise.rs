//! The final price: a trial application (segmentation, the insurer's underwriting), then a calculation
//! anew, whose id is the one to apply with.
//!
//! Neither of the two can be found again where its reply is lost: no address lists them.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, CreateThenPoll, Event, Flow, Polled, Step,
    create_then_poll::Refusal,
    domain::{Offer, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    application::{self, Attempt, PAUSE},
    quote::Calculation,
};

/// Asks for the final price.
pub(super) struct FinalPrice;

/// How far it is. Woken, the flow asks; with a reply, it reads.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pricing {
    /// The trial is under way.
    Trying,
    /// The trial has this id and is asked for.
    Tried(String),
    /// The calculation is under way.
    Calculating,
    /// The calculation has this id and is asked for.
    Calculated(String),
}

type Turn = Result<Step<Pricing, Offer>, Refusal>;

// === impl FinalPrice ===

impl Flow<Finalise> for FinalPrice {
    type State = Pricing;

    fn start(&self, input: &OfferInput, _cx: &Context<'_>) -> Step<Pricing, Offer> {
        let call = application::create(&input.request, &input.offer, Attempt::Trial);
        call.map_or_else(Step::from, |call| Step::call(call, Pricing::Trying))
    }

    fn resume(
        &self,
        input: &OfferInput,
        state: Pricing,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Pricing, Offer> {
        let turn = match state {
            Pricing::Trying => tried(event),
            Pricing::Tried(trial) => passed(input, trial, event, cx),
            Pricing::Calculating => calculated(input, event),
            Pricing::Calculated(calculation) => priced(input, calculation, event),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn tried(event: Event<'_>) -> Turn {
    let trial = application::created(event.reply("create")?)?;
    Ok(Step::wait(PAUSE, Pricing::Tried(trial)))
}

fn passed(input: &OfferInput, trial: String, event: Event<'_>, cx: &Context<'_>) -> Turn {
    if let Event::Woke = event {
        return Ok(Step::call(application::ask_status(&trial), Pricing::Tried(trial)));
    }
    Ok(match application::status(event.reply("status")?)? {
        Polled::Pending => Step::wait(PAUSE, Pricing::Tried(trial)),
        Polled::Ready(()) => Step::call(Calculation.create(&input.request, cx)?, Pricing::Calculating),
    })
}

fn calculated(input: &OfferInput, event: Event<'_>) -> Turn {
    let calculation = Calculation.created(&input.request, event.reply("calculate")?)?;
    Ok(Step::wait(PAUSE, Pricing::Calculated(calculation)))
}

fn priced(input: &OfferInput, calculation: String, event: Event<'_>) -> Turn {
    if let Event::Woke = event {
        return Ok(Step::call(
            Calculation.poll(&input.request, &calculation),
            Pricing::Calculated(calculation),
        ));
    }
    Ok(match Calculation.polled(&input.request, &calculation, event.reply("poll")?)? {
        Polled::Pending => Step::wait(PAUSE, Pricing::Calculated(calculation)),
        Polled::Ready(offer) => {
            Step::done(Offer { premium: Premium::Final(offer.premium.amount()), ..offer })
        }
    })
}

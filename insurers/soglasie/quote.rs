//! The price: first the registry's КБМ of the drivers, then the calculation with it.
//!
//! Where anybody may drive there is nobody to ask the registry about: the calculation comes at once, with the
//! КБМ that the tariff has for it (setting `unlimited_kbm`).

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Flow, Step,
    create_then_poll::Refusal,
    domain::{Coefficient, Coefficients, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{
    calculation::Contract,
    kbm::{self, Bonus},
    reply,
};

/// Asks for a price.
pub(super) struct Calculation;

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Pricing {
    /// The registry is asked.
    Rating,
    /// The price is asked for, with this КБМ or without one.
    Calculating(Option<Bonus>),
}

type Turn = Result<Step<Pricing, Offer>, Refusal>;

// === impl Calculation ===

impl Flow<Quote> for Calculation {
    type State = Pricing;

    fn start(&self, input: &QuoteRequest, cx: &Context<'_>) -> Step<Pricing, Offer> {
        begin(input, cx).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &QuoteRequest,
        state: Pricing,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Pricing, Offer> {
        let turn = match state {
            Pricing::Rating => rated(input, event, cx),
            Pricing::Calculating(bonus) => priced(bonus, event, cx),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn begin(input: &QuoteRequest, cx: &Context<'_>) -> Turn {
    // What the calculation lacks is better known before the registry is asked.
    let contract = Contract::of(input, cx)?;
    Ok(if input.drivers.is_unlimited() {
        Step::call(contract.call(None), Pricing::Calculating(None))
    } else {
        Step::call(kbm::ask(input, cx)?, Pricing::Rating)
    })
}

fn rated(input: &QuoteRequest, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let bonus = kbm::read(input, event.reply("kbm")?)?;
    let call = Contract::of(input, cx)?.call(Some(&bonus));
    Ok(Step::call(call, Pricing::Calculating(Some(bonus))))
}

fn priced(bonus: Option<Bonus>, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let priced = reply::read(event.reply("calcProduct")?)?;
    // The insurer makes nothing that a later call could name: the application is written anew.
    let mut offer = Offer::priced("osago", OfferRef::default(), Premium::Preliminary(priced.premium));
    offer.message = Some(priced.warnings).filter(|warnings| !warnings.is_empty());
    let unlimited = || Coefficient::parse(cx.settings.get("unlimited_kbm")).ok();
    offer.coefficients = only(bonus.as_ref().map_or_else(unlimited, |bonus| Some(bonus.value)));
    offer.driver_coefficients =
        bonus.map(|bonus| bonus.by_driver).unwrap_or_default().into_iter().map(only).collect();
    Ok(Step::done(offer))
}

/// A calculation tells nothing but its sum: КБМ is known from the registry.
fn only(bonus_malus: Option<Coefficient>) -> Coefficients {
    Coefficients { bonus_malus, ..Coefficients::default() }
}

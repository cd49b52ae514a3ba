//! From an accepted offer to a payment link: `issueQuoteSetPartner` makes the policy of the set,
//! `getPaymentReferencePartner` the page where it is paid.
//!
//! *Not before the user agrees.* The public wire does not say whether an issued set may be left unpaid, so nothing
//! is issued for a final price alone.
//!
//! *Never twice.* The set is looked at before it is issued, where the insurer has a method for it: an offer that is
//! confirmed again, after a link that failed, has its policy already and gets a link only. Where the reply to
//! `issueQuoteSetPartner` is lost, the set is asked about and not issued again.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Effect, Event, Fault, Flow, Lane, Step,
    create_then_poll::Refusal,
    domain::{OfferRef, PaymentLink},
    operation::{Confirm, Confirmation},
};

use super::{
    quote_set::{QUOTE_NUMBER, SET_NUMBER},
    reply::Answer,
    request,
    status::{self, PAUSE, Standing, State},
};
use crate::payment_page;

/// Takes an offer.
pub(super) struct Purchase;

/// In an offer's reference, the number under which its policy was issued.
pub(super) const ISSUED_NUMBER: &str = "issued_number";

/// How far the purchase is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purchasing {
    /// The set is asked about; `asked` where its policy was asked for already.
    Looking { asked: bool },
    /// `issueQuoteSetPartner` is under way.
    Issuing,
    /// What became of a lost `issueQuoteSetPartner` is asked later.
    Waiting,
    /// The link of the policy of that number is asked for.
    Linking(String),
}

type Turn = Result<Step<Purchasing, PaymentLink>, Refusal>;

// === impl Purchase ===

impl Flow<Confirm> for Purchase {
    type State = Purchasing;

    fn start(&self, input: &Confirmation, cx: &Context<'_>) -> Step<Purchasing, PaymentLink> {
        begin(input, cx).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &Confirmation,
        state: Purchasing,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Purchasing, PaymentLink> {
        let turn = match state {
            Purchasing::Looking { asked } => looked(input, asked, event, cx),
            Purchasing::Issuing => issued(input, event, cx),
            Purchasing::Waiting => look(input, true, cx),
            Purchasing::Linking(number) => linked(number, event),
        };
        turn.unwrap_or_else(Step::from)
    }

    fn recover(
        &self,
        input: &Confirmation,
        state: Purchasing,
        cx: &Context<'_>,
    ) -> Option<Step<Purchasing, PaymentLink>> {
        let Purchasing::Issuing = state else { return None };
        // Without a method to ask there is no telling.
        status::ask(input.offer.offer.get(SET_NUMBER), Lane::Poll, cx)?;
        Some(Step::wait(PAUSE, Purchasing::Waiting))
    }
}

fn begin(input: &Confirmation, cx: &Context<'_>) -> Turn {
    let number = input.offer.offer.get(ISSUED_NUMBER);
    if number.is_empty() { look(input, false, cx) } else { link(input, number.to_owned(), cx) }
}

fn look(input: &Confirmation, asked: bool, cx: &Context<'_>) -> Turn {
    let set_number = request::known(&input.offer.offer, SET_NUMBER)?;
    match status::ask(set_number, Lane::Poll, cx) {
        Some(call) => Ok(Step::call(call, Purchasing::Looking { asked })),
        None => issue(input, cx),
    }
}

fn looked(input: &Confirmation, asked: bool, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let standing = Standing::of(event.only()?)?;
    match standing.state {
        // After a payment that was given up, the insurer gives a new link.
        State::Issued | State::Paid | State::Cancelled => link(input, number(input, standing.number)?, cx),
        State::Quoted if asked => Ok(Step::wait(PAUSE, Purchasing::Waiting)),
        State::Quoted => issue(input, cx),
        State::Unknown => Err(Fault::not_understood("the set stands in a state that is not known").into()),
    }
}

fn issue(input: &Confirmation, cx: &Context<'_>) -> Turn {
    let set_number = request::known(&input.offer.offer, SET_NUMBER)?;
    let call = request::method("issueQuoteSetPartner", Lane::Create, Effect::Creates, cx, |xml| {
        xml.leaf("setNumber", set_number);
    });
    Ok(Step::call(call, Purchasing::Issuing))
}

fn issued(input: &Confirmation, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let answer = Answer::granted(event.only()?, "Страховщик отказал в оформлении полиса")?;
    let told = answer.element("additionalPolicyInfo").and_then(|info| info.find_text("quoteNumber"));
    link(input, number(input, told.map(str::to_owned))?, cx)
}

/// The number that the insurer told, else the one that it gave with the price.
fn number(input: &Confirmation, told: Option<String>) -> Result<String, Fault> {
    told.map_or_else(|| request::known(&input.offer.offer, QUOTE_NUMBER).map(str::to_owned), Ok)
}

fn link(input: &Confirmation, number: String, cx: &Context<'_>) -> Turn {
    let set_number = request::known(&input.offer.offer, SET_NUMBER)?;
    // A set is paid once, however often its page is asked for.
    let effect = Effect::Keyed(set_number.to_owned());
    let call = request::method("getPaymentReferencePartner", Lane::Payment, effect, cx, |xml| {
        xml.leaf("setNumber", set_number);
    });
    Ok(Step::call(call, Purchasing::Linking(number)))
}

fn linked(number: String, event: Event<'_>) -> Turn {
    let answer = Answer::granted(event.only()?, "Страховщик не дал ссылку на оплату")?;
    Ok(Step::done(PaymentLink {
        url: payment_page::check(answer.needs("paymentURL")?)?,
        amount: None,
        reference: OfferRef::of(ISSUED_NUMBER, number.as_str()),
        correlation: Some(number),
    }))
}

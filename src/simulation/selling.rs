//! What else a simulated insurer can be asked for: a session, the final price, a payment link, whether it is paid, the
//! policy. One call each.

use serde::de::DeserializeOwned;
use serde_json::{Value, json};
use veer_contract::{
    Call, Context, Decline, Effect, Event, Fault, Flow, Lane, Operation, Step,
    domain::{Kopecks, Offer, OfferRef, PaymentLink, PaymentState, Personal, Policy, Premium},
    operation::{Confirm, Confirmation, Finalise, Login, OfferInput, PaymentStatus, Policies, Session},
};

use super::style::Style;

/// Asks for one of these.
pub(super) struct Selling(pub(super) Style);

/// One call and its reply.
trait Question: Operation {
    const TAG: &'static str;
    const LANE: Lane;
    const EFFECT: Effect;

    fn body(input: &Self::Input) -> Value;

    /// None: the insurer declines.
    fn answer(input: &Self::Input, reply: &Value) -> Option<Self::Output>;
}

impl<O> Flow<O> for Selling
where
    O: Question,
    O::Output: DeserializeOwned,
{
    type State = ();

    fn start(&self, input: &O::Input, _: &Context<'_>) -> Step<(), O::Output> {
        Step::call(self.call::<O>(input), ())
    }

    fn resume(&self, input: &O::Input, (): (), event: Event<'_>, _: &Context<'_>) -> Step<(), O::Output> {
        match event.reply(O::TAG).and_then(|reply| reply.json::<Value>()) {
            Err(fault) => Step::fail(fault),
            Ok(reply) if reply["state"] == "declined" => Step::decline(Decline::declined("Нет")),
            Ok(reply) => match O::answer(input, &reply) {
                Some(result) => Step::done(result),
                None => Step::fail(Fault::not_understood("it says what nobody understands")),
            },
        }
    }
}

impl Selling {
    fn call<O: Question>(&self, input: &O::Input) -> Call {
        self.0.call(O::TAG, O::LANE, O::EFFECT, &O::body(input))
    }
}

fn about(input: &OfferInput) -> Value {
    json!({ "risk": input.offer.get("risk"), "id": input.offer.get("id"), "payment": input.offer.get("payment") })
}

impl Question for Login {
    const TAG: &'static str = "login";
    const LANE: Lane = Lane::Session;
    const EFFECT: Effect = Effect::Read;

    fn body((): &()) -> Value {
        json!({})
    }

    fn answer((): &(), reply: &Value) -> Option<Session> {
        Some(Session { token: reply["token"].as_str()?.to_owned(), seconds: reply["seconds"].as_u64() })
    }
}

impl Question for Finalise {
    const TAG: &'static str = "finalise";
    const LANE: Lane = Lane::Create;
    const EFFECT: Effect = Effect::Creates;

    fn body(input: &OfferInput) -> Value {
        about(input)
    }

    fn answer(input: &OfferInput, reply: &Value) -> Option<Offer> {
        let price = Premium::Final(Kopecks::from_roubles(reply["price"].as_i64()?));
        Some(Offer::priced("0", input.offer.clone(), price))
    }
}

impl Question for Confirm {
    const TAG: &'static str = "link";
    const LANE: Lane = Lane::Payment;
    const EFFECT: Effect = Effect::Creates;

    fn body(input: &Confirmation) -> Value {
        about(&input.offer)
    }

    fn answer(input: &Confirmation, reply: &Value) -> Option<PaymentLink> {
        let payment = reply["payment"].as_str()?.to_owned();
        let mut reference: OfferRef = input.offer.offer.clone();
        reference.0.insert("payment".to_owned(), payment.clone());
        let url = format!("https://pay.example/{payment}");
        Some(PaymentLink { url, amount: None, reference, correlation: None })
    }
}

impl Question for PaymentStatus {
    const TAG: &'static str = "paid";
    const LANE: Lane = Lane::Poll;
    const EFFECT: Effect = Effect::Read;

    fn body(input: &OfferInput) -> Value {
        about(input)
    }

    fn answer(_: &OfferInput, reply: &Value) -> Option<PaymentState> {
        match reply["state"].as_str()? {
            "paid" => Some(PaymentState::Paid),
            "cancelled" => Some(PaymentState::Cancelled),
            "pending" => Some(PaymentState::Pending),
            _ => None,
        }
    }
}

impl Question for Policies {
    const TAG: &'static str = "policy";
    const LANE: Lane = Lane::Document;
    const EFFECT: Effect = Effect::Read;

    fn body(input: &OfferInput) -> Value {
        about(input)
    }

    fn answer(_: &OfferInput, reply: &Value) -> Option<Policy> {
        let number = reply["number"].as_str()?.to_owned();
        Some(Policy { series: "ХХХ".into(), number: Personal::new(number), document: None })
    }
}

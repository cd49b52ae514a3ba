//! How a simulated insurer is asked for its price: at once, or by an application that is then looked at.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use veer_contract::{
    Context, Decline, Effect, Event, Fault, FaultKind, Flow, Lane, Step,
    domain::{Kopecks, Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::style::{Applies, Style};

/// Asks for a price.
pub(super) struct Quoting(pub(super) Style);

#[derive(Serialize, Deserialize)]
pub(super) enum State {
    /// The price is asked for.
    Asking,
    /// The application leaves.
    Applying(String),
    /// It is there; it is looked at in a while.
    Waiting(Value),
    /// It is looked at.
    Looking(Value),
}

type Said = Step<State, Offer>;

/// The number of a risk, which stands where the plate does.
pub(super) fn risk(request: &QuoteRequest) -> &str {
    request.vehicle.plate.as_ref().map_or("", |plate| plate.as_str())
}

impl Flow<Quote> for Quoting {
    type State = State;

    fn start(&self, input: &QuoteRequest, cx: &Context<'_>) -> Said {
        let risk = risk(input);
        let conversation = (cx.new_id)();
        let effect = match self.0.applies {
            Applies::Reads => {
                let price = self.0.call("price", Lane::Create, Effect::Read, &json!({ "risk": risk }));
                let mut calls = vec![price];
                if self.0.twins {
                    calls.push(self.0.call("extra", Lane::Document, Effect::Read, &json!({})).optional());
                }
                return Step::calls(calls, State::Asking);
            }
            Applies::Keyed => Effect::Keyed(conversation.clone()),
            Applies::Creates => Effect::Creates,
        };
        let body = json!({ "risk": risk, "conversation": conversation });
        Step::call(self.0.call("apply", Lane::Create, effect, &body), State::Applying(conversation))
    }

    fn resume(&self, input: &QuoteRequest, state: State, event: Event<'_>, _: &Context<'_>) -> Said {
        match state {
            State::Asking | State::Applying(_) | State::Looking(_) => {
                let tag = match state {
                    State::Asking => "price",
                    State::Applying(_) => "apply",
                    _ => "look",
                };
                let reply = event.reply(tag).and_then(|reply| reply.json::<Value>());
                match (reply, state) {
                    (Err(fault), _) => Step::fail(fault),
                    (Ok(reply), State::Applying(_)) => match reply["id"].as_str() {
                        Some(id) => wait(json!({ "id": id })),
                        None => said(input, &reply, Value::Null),
                    },
                    (Ok(reply), State::Looking(find)) => said(input, &reply, find),
                    (Ok(reply), _) => said(input, &reply, Value::Null),
                }
            }
            State::Waiting(find) => {
                Step::call(self.0.call("look", Lane::Poll, Effect::Read, &find), State::Looking(find))
            }
        }
    }

    fn recover(&self, _: &QuoteRequest, state: State, _: &Context<'_>) -> Option<Said> {
        let State::Applying(conversation) = state else { return None };
        self.0.recovers.then(|| wait(json!({ "conversation": conversation })))
    }
}

fn wait(find: Value) -> Said {
    Step::wait(Duration::from_millis(700), State::Waiting(find))
}

/// What an insurer says about a price.
fn said(input: &QuoteRequest, reply: &Value, find: Value) -> Said {
    let offer = |price: &Value, at: usize| {
        let premium = Premium::Preliminary(Kopecks::from_roubles(price.as_i64().unwrap_or(0)));
        let mut reference = OfferRef::of("risk", risk(input));
        reference.0.insert("id".to_owned(), format!("{}-{at}", reply["id"].as_str().unwrap_or("")));
        Offer::priced(&at.to_string(), reference, premium)
    };
    let prices = reply["prices"].as_array().into_iter().flatten().enumerate();
    let offers = prices.map(|(at, price)| offer(price, at));
    match reply["state"].as_str() {
        Some("pending") => offers.fold(wait(find), Step::emitting),
        Some("ready") => {
            offers.fold(Step { emit: Vec::new(), next: veer_contract::Next::Done }, Step::emitting)
        }
        Some("declined") => Step::decline(Decline::declined("Нет")),
        Some("registry") => Step::fail(Fault::new(FaultKind::RegistryDown, "the registry is down")),
        Some("panic") => std::panic::resume_unwind(Box::new("invented")),
        _ => Step::fail(Fault::not_understood("it says what nobody understands")),
    }
}

//! Whether it is paid: by the payment's operation, where it has one and its result is still kept (about an hour
//! after the payment); else by the policy itself.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Effect, Event, Fault, Flow, Lane, Method, Reply, Step,
    create_then_poll::Refusal,
    domain::PaymentState,
    operation::{OfferInput, PaymentStatus},
};

use super::{
    confirm::OPERATION,
    operation::Handle,
    platform::{self, BAD_REQUEST, NOT_FOUND},
    reply::Answer,
};

/// Asks how the payment stands.
pub(super) struct Paid;

/// What is asked for.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Asking {
    /// The payment's operation.
    Operation,
    /// The policy.
    Policy,
}

/// The policy's state once it is paid for.
const PAID: &str = "PAID";
/// How states begin that end a payment. Not public.
const ENDED: [&str; 5] = ["CANCEL", "DECLIN", "REJECT", "ANNUL", "TERMINAT"];

type Turn = Result<Step<Asking, PaymentState>, Refusal>;

// === impl Paid ===

impl Flow<PaymentStatus> for Paid {
    type State = Asking;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Asking, PaymentState> {
        let turn = match input.offer.get(OPERATION) {
            "" => ask_policy(input, cx),
            operation => ask_operation(operation),
        };
        turn.unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &OfferInput,
        state: Asking,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Asking, PaymentState> {
        let turn = match state {
            Asking::Operation => event.reply("operation").map_err(Refusal::from).and_then(|reply| {
                match reply.status {
                    // The platform keeps its result no longer.
                    BAD_REQUEST | NOT_FOUND => ask_policy(input, cx),
                    _ => Ok(Step::done(state_in(reply)?)),
                }
            }),
            Asking::Policy => event
                .reply("policy")
                .map_err(Refusal::from)
                .and_then(|reply| Ok(Step::done(state_in(reply)?))),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn ask_operation(written: &str) -> Turn {
    let call = Handle::of(written)?.ask(Lane::Payment).accepting(&[BAD_REQUEST, NOT_FOUND]);
    Ok(Step::call(call, Asking::Operation))
}

fn ask_policy(input: &OfferInput, cx: &Context<'_>) -> Turn {
    let number = platform::policy_number(&input.offer)?;
    let path = cx.settings.get("policy_path").trim().trim_start_matches('/');
    if path.is_empty() {
        let detail = "the payment has no operation to ask for, and the setting `policy_path` is empty";
        return Err(Fault::not_understood(detail).into());
    }
    let path = path.replace("{policy_number}", number);
    let call = platform::call("policy", Lane::Payment, Effect::Read, Method::Get, path);
    Ok(Step::call(call, Asking::Policy))
}

/// Only the one word means paid. An operation that is under way, or that gives nothing but its page again, is a
/// payment that is open.
fn state_in(reply: &Reply) -> Result<PaymentState, Refusal> {
    if reply.status == 202 {
        return Ok(PaymentState::Pending);
    }
    let answer = Answer::read(reply)?;
    let root = answer.root();
    let word = root.get("status").get("code").trimmed().to_uppercase();
    let open = ["paymenturl", "paymentlink", "href"].iter().any(|name| root.get(name).is_there());
    match word.as_str() {
        "" if open => Ok(PaymentState::Pending),
        "" => Err(Fault::not_understood("the reply has no status.code").into()),
        PAID => Ok(PaymentState::Paid),
        word if ENDED.iter().any(|ended| word.starts_with(ended)) => Ok(PaymentState::Cancelled),
        _ => Ok(PaymentState::Pending),
    }
}

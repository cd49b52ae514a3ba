//! The application: it has the registry and the insurer check everything and gives the final price.
//!
//! *Given up.* An application whose check fails is given up at the insurer before the no is told, and so is one
//! that is not through when the time is nearly over, and one whose standing cannot be read: left alone, it would go
//! on and could be paid. Whether that succeeds changes nothing.
//!
//! *Lost.* No address lists applications. Where the reply to the upload is lost, so is the application: nobody can
//! ask what became of it, and no second one is sent.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Decline, Event, Fault, FaultKind, Flow, Lane, Step,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    application, errors, request,
    request::POLICY_ID,
    status::{self, Standing, State},
};
use crate::{loose::Loose, plain_id};

/// Applies, and asks until the application is through.
pub(super) struct Application;

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Applying {
    /// The application is under way.
    Sent,
    /// It has this number and is asked for.
    Asking(String),
    /// It has this number and was not through yet.
    Waiting(String),
    /// It is being given up, and that is the end.
    GivingUp(End),
}

/// Why an application is given up.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum End {
    /// The insurer or the registry says no.
    Decline(Decline),
    /// It broke, or took too long.
    Fault(Fault),
}

/// Between two questions, as the insurer's clients do it.
const PAUSE: Duration = Duration::from_secs(3);
/// With less left than this there is no time for another question and for giving up after it.
const TOO_LATE: Duration = Duration::from_secs(6);

type Turn = Result<Step<Applying, Offer>, Refusal>;

// === impl Application ===

impl Flow<Finalise> for Application {
    type State = Applying;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Applying, Offer> {
        let call = application::call(&input.request, cx).map_err(Refusal::from);
        call.map_or_else(Step::from, |call| Step::call(call, Applying::Sent))
    }

    fn resume(
        &self,
        input: &OfferInput,
        state: Applying,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Applying, Offer> {
        let turn = match state {
            Applying::Sent => applied(event),
            Applying::Waiting(policy_id) => {
                Ok(Step::call(status::ask(&policy_id, Lane::Poll), Applying::Asking(policy_id)))
            }
            Applying::Asking(policy_id) => asked(input, policy_id, event, cx),
            Applying::GivingUp(end) => Err(end.into()),
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn applied(event: Event<'_>) -> Turn {
    let value = errors::granted(event.reply("eosago")?, "policyid")?;
    // It becomes a part of a path.
    let policy_id = Loose::of(&value).get("policyid").trimmed();
    let policy_id = plain_id::check(&policy_id, "the application's policyId")?.to_owned();
    Ok(Step::wait(PAUSE, Applying::Waiting(policy_id)))
}

fn asked(input: &OfferInput, policy_id: String, event: Event<'_>, cx: &Context<'_>) -> Turn {
    let standing = match Standing::of(event.reply("status")?) {
        Ok(standing) => standing,
        Err(fault) => return Ok(give_up(&policy_id, fault.into())),
    };
    if standing.is_error() || matches!(standing.state, State::GivenUp | State::Elsewhere) {
        // There is nothing left to give up.
        return Err(standing.refusal());
    }
    match standing.state {
        State::Passed | State::Paid | State::Signed if standing.is_complete() => {
            offer(input, &policy_id, &standing).map(Step::done)
        }
        State::NotInRegistry | State::NotSigned | State::Declined if standing.is_complete() => {
            Ok(give_up(&policy_id, standing.refusal()))
        }
        _ if cx.remaining < TOO_LATE => Ok(give_up(&policy_id, too_late())),
        _ => Ok(Step::wait(PAUSE, Applying::Waiting(policy_id))),
    }
}

fn offer(input: &OfferInput, policy_id: &str, standing: &Standing) -> Result<Offer, Refusal> {
    let premium = Premium::Final(standing.premium()?);
    let mut offer = Offer::priced("osago", OfferRef::of(POLICY_ID, policy_id), premium);
    offer.coefficients = standing.coefficients();
    offer.driver_coefficients = standing.by_driver(input.request.drivers.named());
    Ok(offer)
}

fn give_up(policy_id: &str, why: Refusal) -> Step<Applying, Offer> {
    Step::call(request::suspend(policy_id).optional(), Applying::GivingUp(why.into()))
}

fn too_late() -> Refusal {
    let detail = "the application was not through in time and is given up";
    Fault::new(FaultKind::InsurerError, detail).into()
}

// === impl End ===

impl From<Refusal> for End {
    fn from(refusal: Refusal) -> Self {
        match refusal {
            Refusal::Decline(decline) => Self::Decline(decline),
            Refusal::Fault(fault) => Self::Fault(fault),
        }
    }
}

impl From<End> for Refusal {
    fn from(end: End) -> Self {
        match end {
            End::Decline(decline) => decline.into(),
            End::Fault(fault) => fault.into(),
        }
    }
}

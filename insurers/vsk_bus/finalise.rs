//! `SavePolicy`: the application, with the final price.
//!
//! The session is the quote's. Where the insurer says that it is over, nothing was saved: a new one is opened and
//! the policy is saved in that one, once.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Fault, FaultKind, Flow, Reply, Step,
    create_then_poll::Refusal,
    domain::{Offer, Premium},
    operation::{Finalise, OfferInput},
};

use super::{
    bus::{Heard, Message, Sent},
    login::{self, Session},
    reply::Answer,
    request::Policy,
    sms,
};

/// Asks for the final price.
pub(super) struct Application;

/// In an offer's reference, the final price in kopecks.
pub(super) const AMOUNT: &str = "amount";

/// How far the application is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Applying {
    /// `Login` is on its way or its reply is awaited: there was no session, or it was over.
    LoggingIn(Sent),
    /// `SavePolicy` is, in this session, which was opened for it just now or not.
    Saving { sent: Sent, session: Session, fresh: bool },
}

type Turn = Result<Step<Applying, Offer>, Refusal>;

// === impl Application ===

impl Flow<Finalise> for Application {
    type State = Applying;

    fn start(&self, input: &OfferInput, cx: &Context<'_>) -> Step<Applying, Offer> {
        begin(input, cx).unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &OfferInput,
        state: Applying,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Applying, Offer> {
        let turn = match state {
            Applying::LoggingIn(sent) => match sent.heard(event, cx) {
                Ok(Heard::Acknowledged(sent)) => Ok(sent.wait(Applying::LoggingIn(sent.clone()))),
                Ok(Heard::Answered(reply)) => {
                    Session::of(reply).and_then(|session| save(input, session, true, cx))
                }
                Err(fault) => Err(fault.into()),
            },
            Applying::Saving { sent, session, fresh } => match sent.heard(event, cx) {
                Ok(Heard::Acknowledged(sent)) => {
                    Ok(sent.wait(Applying::Saving { sent: sent.clone(), session, fresh }))
                }
                Ok(Heard::Answered(reply)) => saved(input, session, fresh, reply, cx),
                Err(fault) => Err(fault.into()),
            },
        };
        turn.unwrap_or_else(Step::from)
    }

    fn recover(
        &self,
        _input: &OfferInput,
        state: Applying,
        cx: &Context<'_>,
    ) -> Option<Step<Applying, Offer>> {
        let (Applying::LoggingIn(sent) | Applying::Saving { sent, .. }) = &state;
        sent.clone().wait_unacknowledged(state, cx)
    }
}

fn begin(input: &OfferInput, cx: &Context<'_>) -> Turn {
    sms::check(cx)?;
    match Session::known(&input.offer) {
        Some(session) => save(input, session, false, cx),
        None => log_in(input, cx),
    }
}

fn log_in(input: &OfferInput, cx: &Context<'_>) -> Turn {
    let (call, sent) = login::open(&input.request, cx)?;
    Ok(Step::call(call, Applying::LoggingIn(sent)))
}

fn save(input: &OfferInput, session: Session, fresh: bool, cx: &Context<'_>) -> Turn {
    let policy = Policy::of(&input.request, cx)?;
    let (call, sent) = Message::SavePolicy.send(cx, |xml| {
        session.write(xml);
        policy.write(xml);
    });
    Ok(Step::call(call, Applying::Saving { sent, session, fresh }))
}

fn saved(input: &OfferInput, session: Session, fresh: bool, reply: &Reply, cx: &Context<'_>) -> Turn {
    let answer = Answer::read(reply)?;
    if answer.is_session_over() {
        if fresh {
            let detail = "a session that was opened just now is over";
            return Err(Fault::new(FaultKind::InsurerError, detail).into());
        }
        return log_in(input, cx);
    }
    let answer = answer.or_refusal("Страховщик отказал в оформлении")?;
    let premium = answer.kopecks("amount")?;
    let mut reference = input.offer.clone();
    session.note(&mut reference);
    reference.0.insert(AMOUNT.into(), premium.get().to_string());
    Ok(Step::done(Offer::priced("osago", reference, Premium::Final(premium))))
}

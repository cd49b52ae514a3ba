//! `Login`, then `CalculatePolicy`: a price. Nothing is kept but the session, so it may be asked again.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Flow, Reply, Step,
    create_then_poll::Refusal,
    domain::{Offer, OfferRef, Premium, QuoteRequest},
    operation::Quote,
};

use super::{
    bus::{Heard, Message, Sent},
    login::{self, Session},
    reply::Answer,
    request::Policy,
    sms,
};

/// Asks for a price.
pub(super) struct Calculation;

/// How far it is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Calculating {
    /// `Login` is on its way or its reply is awaited.
    LoggingIn(Sent),
    /// `CalculatePolicy` is, in this session.
    Pricing { sent: Sent, session: Session },
}

type Turn = Result<Step<Calculating, Offer>, Refusal>;

// === impl Calculation ===

impl Flow<Quote> for Calculation {
    type State = Calculating;

    fn start(&self, input: &QuoteRequest, cx: &Context<'_>) -> Step<Calculating, Offer> {
        // What is missing is better known before there is a session.
        let begun = Policy::of(input, cx).map_err(Refusal::from).and_then(|_| login::open(input, cx));
        let begun = begun.map(|(call, sent)| Step::call(call, Calculating::LoggingIn(sent)));
        begun.unwrap_or_else(Step::from)
    }

    fn resume(
        &self,
        input: &QuoteRequest,
        state: Calculating,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Step<Calculating, Offer> {
        let turn = match state {
            Calculating::LoggingIn(sent) => match sent.heard(event, cx) {
                Ok(Heard::Acknowledged(sent)) => Ok(sent.wait(Calculating::LoggingIn(sent.clone()))),
                Ok(Heard::Answered(reply)) => logged_in(input, reply, cx),
                Err(fault) => Err(fault.into()),
            },
            Calculating::Pricing { sent, session } => match sent.heard(event, cx) {
                Ok(Heard::Acknowledged(sent)) => {
                    Ok(sent.wait(Calculating::Pricing { sent: sent.clone(), session }))
                }
                Ok(Heard::Answered(reply)) => priced(session, reply, cx),
                Err(fault) => Err(fault.into()),
            },
        };
        turn.unwrap_or_else(Step::from)
    }
}

fn logged_in(input: &QuoteRequest, reply: &Reply, cx: &Context<'_>) -> Turn {
    let session = Session::of(reply)?;
    let policy = Policy::of(input, cx)?;
    let (call, sent) = Message::CalculatePolicy.send(cx, |xml| policy.write(xml));
    Ok(Step::call(call, Calculating::Pricing { sent, session }))
}

fn priced(session: Session, reply: &Reply, cx: &Context<'_>) -> Turn {
    let answer = Answer::granted(reply, "Страховщик отказал в расчёте")?;
    let premium = Premium::Preliminary(answer.kopecks("amount")?);
    let mut reference = OfferRef::default();
    session.note(&mut reference);
    let mut offer = Offer::priced("osago", reference, premium);
    offer.message = sms::warning(cx);
    Ok(Step::done(offer))
}

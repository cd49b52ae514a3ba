//! From an accepted offer to a payment link: `SignPolicy` makes the policy, `BuyPolicy` the page where it is paid.
//!
//! *Never twice.* A policy that an earlier link made is not signed again: its number stands in the reference. Where
//! an acknowledgement is lost, the reply is waited for all the same.

use serde::{Deserialize, Serialize};
use veer_contract::{
    Context, Event, Fault, FaultKind, Flow, Reply, Step,
    create_then_poll::Refusal,
    domain::{Kopecks, OfferRef, PaymentLink},
    operation::{Confirm, Confirmation},
};

use super::{
    bus::{Heard, Message, Sent},
    finalise::AMOUNT,
    login::Session,
    reply::{self, Answer},
    sms,
};
use crate::{payment_page, policy_number::PolicyNumber};

/// Takes an offer.
pub(super) struct Purchase;

/// In an offer's reference, the signed policy's number.
pub(super) const POLICY_NUMBER: &str = "policy_number";
/// In an offer's reference, what the insurer calls the bill.
const ORDER_ID: &str = "order_id";
/// In an offer's reference, what the notice of the payment will be found by.
pub(super) const PAID_AS: &str = "paid_as";

/// How far the purchase is.
#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Purchasing {
    /// `SignPolicy` is on its way or its reply is awaited.
    Signing(Sent),
    /// `BuyPolicy` is, for the policy of this number.
    Buying { sent: Sent, number: String },
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
            Purchasing::Signing(sent) => match sent.heard(event, cx) {
                Ok(Heard::Acknowledged(sent)) => Ok(sent.wait(Purchasing::Signing(sent.clone()))),
                Ok(Heard::Answered(reply)) => signed(input, reply, cx),
                Err(fault) => Err(fault.into()),
            },
            Purchasing::Buying { sent, number } => match sent.heard(event, cx) {
                Ok(Heard::Acknowledged(sent)) => {
                    Ok(sent.wait(Purchasing::Buying { sent: sent.clone(), number }))
                }
                Ok(Heard::Answered(reply)) => billed(input, &sent, number, reply),
                Err(fault) => Err(fault.into()),
            },
        };
        turn.unwrap_or_else(Step::from)
    }

    fn recover(
        &self,
        _input: &Confirmation,
        state: Purchasing,
        cx: &Context<'_>,
    ) -> Option<Step<Purchasing, PaymentLink>> {
        let (Purchasing::Signing(sent) | Purchasing::Buying { sent, .. }) = &state;
        sent.clone().wait_unacknowledged(state, cx)
    }
}

fn begin(input: &Confirmation, cx: &Context<'_>) -> Turn {
    sms::check(cx)?;
    match input.offer.offer.get(POLICY_NUMBER) {
        "" => sign(input, cx),
        number => buy(input, number.to_owned(), cx),
    }
}

fn sign(input: &Confirmation, cx: &Context<'_>) -> Turn {
    let session = session(input)?;
    let (call, sent) = Message::SignPolicy.send(cx, |xml| {
        session.write(xml);
        // This account's clients get no code.
        xml.leaf("policy:code", "");
    });
    Ok(Step::call(call, Purchasing::Signing(sent)))
}

fn signed(input: &Confirmation, reply: &Reply, cx: &Context<'_>) -> Turn {
    let answer = in_time(reply)?.or_refusal("Страховщик не оформил полис")?;
    let number = answer.needs("policyNumber")?;
    // One that cannot be the client's policy is better known before it is paid.
    PolicyNumber::joined(number)?;
    buy(input, number.to_owned(), cx)
}

fn buy(input: &Confirmation, number: String, cx: &Context<'_>) -> Turn {
    let (session, amount) = (session(input)?, amount(input)?);
    let (call, sent) = Message::BuyPolicy.send(cx, |xml| {
        session.write(xml);
        xml.leaf("policy:policyNumber", &number);
        if let Some(urls) = &input.return_urls {
            xml.leaf("policy:returnUrl", &urls.success);
            xml.leaf("policy:failUrl", &urls.failure);
        }
        xml.leaf("policy:amount", &amount.get().to_string());
    });
    Ok(Step::call(call, Purchasing::Buying { sent, number }))
}

fn billed(input: &Confirmation, sent: &Sent, number: String, reply: &Reply) -> Turn {
    let answer = in_time(reply)?.or_refusal("Страховщик не дал ссылку на оплату")?;
    let paid_as = sent.payment();
    let reference = [
        (POLICY_NUMBER, number),
        (ORDER_ID, answer.needs("orderId")?.to_owned()),
        (PAID_AS, paid_as.clone()),
    ];
    Ok(Step::done(PaymentLink {
        url: payment_page::check(answer.needs("formUrl")?)?,
        amount: Some(amount(input)?),
        reference: OfferRef(reference.map(|(name, value)| (name.to_owned(), value)).into()),
        correlation: Some(paid_as),
    }))
}

/// The reply, where the session that the policy was saved in is not over: a policy cannot be signed or paid in
/// another one.
fn in_time(reply: &Reply) -> Result<Answer, Refusal> {
    let answer = Answer::read(reply)?;
    if answer.is_session_over() {
        let detail = "the session that the policy was saved in is over";
        return Err(Fault::new(FaultKind::InsurerError, detail).into());
    }
    Ok(answer)
}

fn session(input: &Confirmation) -> Result<Session, Fault> {
    Session::known(&input.offer.offer).ok_or_else(|| lacks("a session"))
}

fn amount(input: &Confirmation) -> Result<Kopecks, Fault> {
    reply::kopecks(input.offer.offer.get(AMOUNT)).ok_or_else(|| lacks("an amount"))
}

fn lacks(what: &str) -> Fault {
    let detail = format!("the offer's reference has not {what}: the operation before gives it");
    Fault::new(FaultKind::NotUnderstood, detail)
}

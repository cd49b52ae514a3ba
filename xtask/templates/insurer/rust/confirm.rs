//! The payment link.

use serde_json::json;
use veer_contract::{
    AskOnce, Body, Call, Context, Effect, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::{OfferRef, PaymentLink},
    operation::{Confirm, Confirmation},
};

use super::{answer, quote::CALCULATION};
use crate::{loose::Loose, payment_page, plain_id, required::Role};

/// Under this name an offer's reference holds the payment.
pub(super) const PAYMENT: &str = "payment";

/// Asks for the link.
pub(super) struct Payment;

// === impl Payment ===

impl AskOnce<Confirm> for Payment {
    fn ask(&self, input: &Confirmation, _cx: &Context<'_>) -> Result<Call, Refusal> {
        let calculation = plain_id::check(input.offer.offer.get(CALCULATION), "the offer's calculation")?;
        let contact =
            Role::Policyholder.needs(input.offer.request.policyholder.contact.as_ref(), "contact")?;
        let body = json!({"email": contact.email.as_str(), "phone": contact.phone.as_str()});
        let path = format!("calculations/{calculation}/payment");
        let call = Call::new("payment", Lane::Payment, Effect::Creates, Method::Post, path);
        Ok(answer::keyed(call.with_body(Body::Json(body.to_string()))))
    }

    fn answered(
        &self,
        _input: &Confirmation,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentLink, Refusal> {
        let value = answer::read(reply)?;
        let answer = Loose::of(&value);
        let payment = answer.get("payment").trimmed();
        Ok(PaymentLink {
            url: payment_page::check(&answer.get("url").trimmed())?,
            amount: None,
            reference: OfferRef::of(PAYMENT, plain_id::check(&payment, "payment")?),
            correlation: None,
        })
    }
}

//! The payment link, with the cross-sales that the user selected.

use serde_json::{Value, json};
use veer_contract::{
    AskOnce, Auth, Body, Call, Context, Effect, Fault, Lane, Method, Reply,
    create_then_poll::Refusal,
    domain::{OfferRef, PaymentLink, SelectedOption},
    operation::{Confirm, Confirmation},
};

use super::{
    errors::{self, WITH_ERROR_BODY},
    status,
};
use crate::{loose::Loose, payment_page, plain_id, required::Role};

/// Under this name an offer's reference holds the payment.
pub(super) const ORDER_ID: &str = "order_id";

/// Asks for the link.
pub(super) struct Payment;

// === impl Payment ===

impl AskOnce<Confirm> for Payment {
    fn ask(&self, input: &Confirmation, _cx: &Context<'_>) -> Result<Call, Refusal> {
        let path = format!("wapi/osago/payment/{}", status::uuid(&input.offer.offer)?);
        let policyholder = &input.offer.request.policyholder;
        let contact = Role::Policyholder.needs(policyholder.contact.as_ref(), "contact")?;
        let mut body = json!({"email": contact.email.as_str()});
        if !input.selected.is_empty() {
            body["upsales"] = input.selected.iter().map(upsale).collect();
        }
        Ok(Call::new("payment", Lane::Payment, Effect::Creates, Method::Post, path)
            .with_body(Body::Json(body.to_string()))
            .with_auth(Auth::Digest)
            .accepting(&WITH_ERROR_BODY))
    }

    fn answered(
        &self,
        _input: &Confirmation,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<PaymentLink, Refusal> {
        let value = errors::read(reply, "payment_link", String::new)?;
        let answer = Loose::of(&value);
        let order = answer.get(ORDER_ID).trimmed();
        let order = plain_id::check(&order, ORDER_ID)?;
        let amount = answer.get("amount").number().map(|amount| amount.roubles()).transpose();
        Ok(PaymentLink {
            url: payment_page::check(&answer.get("payment_link").trimmed())?,
            amount: amount.map_err(|error| Fault::not_understood(format!("amount: {error}")))?,
            reference: OfferRef::of(ORDER_ID, order),
            correlation: Some(order.to_owned()),
        })
    }
}

fn upsale(selected: &SelectedOption) -> Value {
    json!({"id": selected.cross_sale_id, "option_id": selected.option_id})
}

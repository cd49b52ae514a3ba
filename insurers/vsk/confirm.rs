//! The payment page: by `paymentLink`, or by the first instalment, as the setting `payment` says.
//!
//! Where the reply is lost it cannot be asked after: no address lists pages.

use serde_json::{Map, Value, json};
use veer_contract::{
    Body, Call, Context, Fault, Lane, Method,
    create_then_poll::Refusal,
    domain::{Kopecks, OfferRef, PaymentLink},
    operation::{Confirm, Confirmation},
};

use super::{
    operation::{Handle, Operate},
    platform::{self, DRAFT_ID, PREMIUM},
    reply::Answer,
};
use crate::payment_page;

/// Under this name an offer's reference holds the payment's operation.
pub(super) const OPERATION: &str = "operation";

/// Asks for the page.
pub(super) struct Payment;

// === impl Payment ===

impl Operate<Confirm> for Payment {
    fn ask(&self, input: &Confirmation, cx: &Context<'_>) -> Result<Call, Refusal> {
        let offer = &input.offer.offer;
        let number = platform::policy_number(offer)?;
        let amount = premium(offer)?.as_json_number();
        let (tag, method, what, body) = match cx.settings.get("payment").trim() {
            "link" => {
                let body = json!({"draftId": offer.get(DRAFT_ID), "premium": amount});
                ("paymentLink", Method::Post, "paymentLink", body)
            }
            "installments" => (
                "installments",
                Method::Put,
                "installments/1",
                json!({"amount": amount, "paymentType": "CARD"}),
            ),
            _ => {
                let detail = "the setting `payment` is neither `link` nor `installments`";
                return Err(Fault::not_understood(detail).into());
            }
        };
        let path = platform::of_product(&format!("policies/{number}/{what}"), cx);
        let call = platform::making(tag, Lane::Payment, method, path);
        Ok(platform::patient(call.with_body(Body::Json(with_return(body, input).to_string())), cx))
    }

    fn answered(
        &self,
        input: &Confirmation,
        answer: &Answer,
        operation: Option<&Handle>,
    ) -> Result<PaymentLink, Refusal> {
        let offer = &input.offer.offer;
        let draft_id = answer.root().get("draftid").trimmed();
        if !draft_id.is_empty() && draft_id != offer.get(DRAFT_ID) {
            return Err(Fault::not_understood("the payment's draftId is not the application's").into());
        }
        let page = ["paymenturl", "paymentlink"].map(|name| answer.root().get(name).trimmed());
        let page = page.into_iter().find(|page| !page.is_empty()).unwrap_or_default();
        let premium = answer.root().get("premium");
        Ok(PaymentLink {
            url: payment_page::check(&page)?,
            amount: premium.is_there().then(|| answer.premium()).transpose()?,
            // Empty where it has none: that of an earlier payment would tell of another page.
            reference: OfferRef::of(OPERATION, operation.map(Handle::written).unwrap_or_default()),
            correlation: None,
        })
    }
}

fn premium(offer: &OfferRef) -> Result<Kopecks, Fault> {
    let known = Kopecks::parse_roubles(offer.get(PREMIUM));
    known.map_err(|error| Fault::not_understood(format!("the offer's premium: {error}")))
}

fn with_return(body: Value, input: &Confirmation) -> Value {
    let mut body: Map<String, Value> = body.as_object().cloned().unwrap_or_default();
    if let Some(urls) = &input.return_urls {
        body.insert("successUrl".into(), urls.success.as_str().into());
        body.insert("failUrl".into(), urls.failure.as_str().into());
    }
    body.into()
}

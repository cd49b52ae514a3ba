//! `getPolicyStatusPartner`: how a set stands. No such method is public.

use actix_web::HttpResponse;

use super::{Insurer, answer, quote_of, unknown};
use crate::{
    Outcome,
    exchange::{Exchange, Operation},
    sale::{Payment, SERIES},
    wires::ingosstrakh::soap::Request,
};

pub(super) const STATUS: Operation = Operation::asks("getPolicyStatusPartner");

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let book = &this.company.book;
    let set = request.text("setNumber");
    let quoted = this.quotes.get(&set.to_owned());
    let exchange = Exchange::take(&this.company, &STATUS, quoted.map(|quoted| quoted.risk));
    if quoted.is_none() {
        return unknown(exchange, request).await;
    }
    let application = book.application(set).filter(|application| application.asked_for);
    let payment = application.as_ref().map(|application| book.payment(application, exchange.knobs()));
    let (outcome, word) = match payment {
        None => (Outcome::Answered, "QUOTED"),
        Some(Payment::Nothing | Payment::Held) => (Outcome::Pending, "ISSUED"),
        Some(Payment::Paid) => (Outcome::Answered, "PAID"),
        Some(Payment::Cancelled) => (Outcome::Declined, "CANCELLED"),
    };
    let policy = application
        .filter(|application| book.is_issued(application, exchange.knobs()))
        .map(|application| {
            let number = application.policy;
            format!("<policySeries>{SERIES}</policySeries><policyNumber>{number}</policyNumber>")
        })
        .unwrap_or_default();
    let data = format!(
        "<policyStatus>{word}</policyStatus><additionalPolicyInfo><quoteNumber>{}</quoteNumber>\
         </additionalPolicyInfo>{policy}",
        quote_of(set)
    );
    exchange.answer(outcome, answer::success(request, &data)).await
}

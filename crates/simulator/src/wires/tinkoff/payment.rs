//! `getPaymentReferencePartner`: the page where a set is paid. Asked again it is the same page, until its payment is
//! given up.

use actix_web::HttpResponse;
use veer_contract::domain::Kopecks;

use super::{Insurer, answer, unknown};
use crate::{
    Outcome,
    company::Refusal,
    exchange::{Exchange, Operation},
    sale::{Application, Order},
    wires::ingosstrakh::soap::Request,
};

pub(super) const REFERENCE: Operation = Operation::asks("getPaymentReferencePartner");

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let set = request.text("setNumber");
    let application = this.company.book.application(set);
    let exchange = Exchange::take(&this.company, &REFERENCE, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(application) = application else { return unknown(exchange, request).await };
    let (outcome, reply) = match page(this, &exchange, set, &application) {
        Ok(page) => {
            (Outcome::Answered, answer::success(request, &format!("<paymentURL>{page}</paymentURL>")))
        }
        Err(Refusal(reason)) => (Outcome::Rejected, answer::refusal(request, reason)),
    };
    exchange.answer(outcome, reply).await
}

fn page(
    this: &Insurer,
    exchange: &Exchange<'_>,
    set: &str,
    application: &Application,
) -> Result<String, Refusal> {
    let company = &this.company;
    if !application.asked_for || !application.may_be_paid() {
        return Err(Refusal("Полис не оформлен"));
    }
    if exchange.link_fails() {
        return Err(Refusal("Сервис оплаты временно не отвечает"));
    }
    let open = company.book.order_of(application).filter(|(_, order)| order.is_open());
    let key = match open {
        Some((key, _)) => key,
        None => {
            // The wire has no cross-sales.
            let order = Order::new(set, application, Kopecks::ZERO, None);
            let from = 600_000_000 + exchange.draws().below("order", 100_000_000);
            let key = company.book.bill(order, from, |number| number.to_string());
            key.ok_or(Refusal("Полис уже оплачен"))?
        }
    };
    Ok(company.payment_page(&key))
}

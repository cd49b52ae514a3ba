//! `PUT online/api/eosago/{policyId}/suspend`: an application is given up. What is paid is not.

use actix_web::{HttpRequest, HttpResponse, web::Path};
use serde_json::json;

use super::{This, failure, unknown};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    sale::Payment,
};

pub(super) const SUSPEND: Operation = Operation::asks("suspend");

pub(super) async fn handle(request: HttpRequest, id: Path<String>, this: This) -> HttpResponse {
    if let Err(refused) = this.admit(&request) {
        return refused.answer();
    }
    let application = this.company.book.application(&id);
    let exchange = Exchange::take(&this.company, &SUSPEND, application.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(application) = application else { return unknown(exchange).await };
    let payment = this.company.book.payment(&application, exchange.knobs());
    if matches!(payment, Payment::Held | Payment::Paid) {
        let reply = failure(409, "Нельзя прекратить оформление", "Договор оплачен");
        return exchange.answer(Outcome::Rejected, reply).await;
    }
    this.file(&id, |filed| filed.suspended = true);
    let number: u64 = id.parse().unwrap_or_default();
    exchange.answer(Outcome::Answered, Reply::json(200, &json!({"policyId": number}))).await
}

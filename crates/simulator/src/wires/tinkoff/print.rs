//! `getPolicyPrintPartner`: the draft's and the policy's file. No such method is public.

use actix_web::HttpResponse;
use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Insurer, answer, unknown};
use crate::{
    Outcome,
    exchange::{Exchange, Operation},
    sale::{Paper, print},
    wires::ingosstrakh::soap::Request,
};

pub(super) const PRINT: Operation = Operation::asks("getPolicyPrintPartner");

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let company = &this.company;
    let application = company.book.application(request.text("setNumber"));
    let exchange = Exchange::take(company, &PRINT, application.as_ref().map(|it| it.risk));
    let Some(application) = application else { return unknown(exchange, request).await };
    let (paper, there) = match request.text("documentType") {
        "draft" => (Paper::Draft, application.is_approved()),
        "policy" => (Paper::Policy, company.book.is_issued(&application, exchange.knobs())),
        _ => {
            let problems = ["Неверное значение поля documentType".to_owned()];
            return exchange.answer(Outcome::Rejected, answer::mistakes(request, &problems)).await;
        }
    };
    if !there {
        let reply = answer::refusal(request, "Документ ещё не сформирован");
        return exchange.answer(Outcome::Pending, reply).await;
    }
    let content = BASE64_STANDARD.encode(print(company, &application, paper));
    let reply = answer::success(request, &format!("<printForm>{content}</printForm>"));
    exchange.answer(Outcome::Answered, reply).await
}

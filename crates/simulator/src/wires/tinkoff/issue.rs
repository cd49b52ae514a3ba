//! `issueQuoteSetPartner`: the policy of a set. A set that was not calculated again is checked here.

use actix_web::HttpResponse;

use super::{Insurer, answer, quote_of, unknown};
use crate::{
    Outcome,
    exchange::{Exchange, Operation, Reply},
    sale::Application,
    wires::ingosstrakh::soap::Request,
};

pub(super) const ISSUE: Operation = Operation::makes("issueQuoteSetPartner").waited_for();

pub(super) async fn answer(this: &Insurer, request: &Request) -> HttpResponse {
    let company = &this.company;
    let set = request.text("setNumber");
    let quoted = this.quotes.get(&set.to_owned());
    let exchange = Exchange::take(company, &ISSUE, quoted.map(|quoted| quoted.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(quoted) = quoted else { return unknown(exchange, request).await };
    company.book.apply(set, Application::new(company, &exchange, quoted).ready_at_once());
    let issued = company.book.with(set, |application| {
        let refusal = application.verdict.refusal();
        let before = application.asked_for;
        application.asked_for |= refusal.is_none();
        (refusal, before)
    });
    let (outcome, reply): (Outcome, Reply) = match issued {
        Some((_, (Some(reason), _))) => (Outcome::Declined, answer::refusal(request, reason)),
        Some((_, (None, true))) => {
            (Outcome::Rejected, answer::refusal(request, "По набору котировок уже оформлен полис"))
        }
        _ => {
            let number = quote_of(set);
            let data =
                format!("<additionalPolicyInfo><quoteNumber>{number}</quoteNumber></additionalPolicyInfo>");
            (Outcome::Answered, answer::success(request, &data))
        }
    };
    exchange.answer(outcome, reply).await
}

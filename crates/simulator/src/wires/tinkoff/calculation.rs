//! `calcPartnerFQuote`: a new set with its price; and, where it carries the numbers of a set, that set again, checked
//! as an application is and with the price at which it is sold.

use actix_web::HttpResponse;

use super::{Insurer, answer, quote_of, quote_set, subject, unknown};
use crate::{
    Outcome,
    company::{Price, Refusal},
    exchange::{Exchange, Operation, Reply},
    sale::{Application, Quoted, Verdict},
    wires::ingosstrakh::soap::Request,
};

pub(super) const FIRST: Operation =
    Operation { name: "calcPartnerFQuote", creates: true, faults: true, waits: true, sale: false };
/// It makes nothing: the set is there.
pub(super) const AGAIN: Operation = Operation::asks("calcPartnerFQuote/again").waited_for();

pub(super) async fn first(this: &Insurer, request: &Request) -> HttpResponse {
    let company = &this.company;
    let risk = match quote_set::read(&request.body, company.dictionary(), None) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(company, &FIRST, None);
            return exchange.answer(Outcome::Rejected, answer::mistakes(request, &problems)).await;
        }
    };
    let id = risk.id(&company.world);
    let exchange = Exchange::take(company, &FIRST, Some(id));
    let set = (300_000_000 + exchange.draws().below("set", 100_000_000)).to_string();
    let (outcome, reply) = match company.price(&risk, id, exchange.attempt) {
        Ok(price) => {
            if !exchange.is_refused() {
                this.quotes.put(set.clone(), Quoted { risk: id, start: risk.start, price });
            }
            (Outcome::Priced, priced(request, &set, price))
        }
        Err(Refusal(reason)) => (Outcome::Declined, declined(request, &exchange, &set, reason)),
    };
    exchange.answer(outcome, reply).await
}

pub(super) async fn again(this: &Insurer, request: &Request) -> HttpResponse {
    let company = &this.company;
    let set = request.body.text_at("setNumber").unwrap_or_default();
    let risk = match quote_set::read(&request.body, company.dictionary(), Some(&set)) {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(company, &AGAIN, None);
            return exchange.answer(Outcome::Rejected, answer::mistakes(request, &problems)).await;
        }
    };
    let id = risk.id(&company.world);
    let exchange = Exchange::take(company, &AGAIN, Some(id));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(before) = this.quotes.get(&set) else { return unknown(exchange, request).await };
    let price = if before.risk == id { Ok(before.price) } else { company.price(&risk, id, 0) };
    let price = match price {
        Ok(price) => company.final_price(price, id, exchange.attempt),
        Err(Refusal(reason)) => {
            let reply = declined(request, &exchange, &set, reason);
            return exchange.answer(Outcome::Declined, reply).await;
        }
    };
    let quoted = Quoted { risk: id, start: risk.start, price };
    let application = Application::new(company, &exchange, quoted).ready_at_once();
    let verdict = application.verdict;
    if !company.book.apply_anew(&set, application) {
        let reply = answer::refusal(request, "По набору котировок уже оформлен полис");
        return exchange.answer(Outcome::Rejected, reply).await;
    }
    let (outcome, reply) = match verdict {
        Verdict::Approved => (Outcome::Priced, priced(request, &set, price)),
        Verdict::Declined(Refusal(reason)) => (Outcome::Declined, declined(request, &exchange, &set, reason)),
        Verdict::NotInRegistry(Refusal(reason)) => (Outcome::Declined, answer::refusal(request, reason)),
    };
    exchange.answer(outcome, reply).await
}

fn priced(request: &Request, set: &str, price: Price) -> Reply {
    let factor = |(name, value): (&str, rust_decimal::Decimal)| {
        let name = match name {
            "ТБ" => "TB",
            "КТ" => "KT",
            "КБМ" => "KBM",
            "КВС" => "KVS",
            "КО" => "KO",
            "КС" => "KS",
            "КМ" => "KM",
            _ => "KPR",
        };
        format!("<{name}>{}</{name}>", value.normalize())
    };
    let factors: String = price.factors.named().into_iter().map(factor).collect();
    let data = format!(
        "<setNumber>{set}</setNumber>{}<OSAGOFQ><quoteNumber>{}</quoteNumber><totalPremium>{}</totalPremium>\
         <isTerminalG>false</isTerminalG><OSAGORatingFactors>{factors}</OSAGORatingFactors></OSAGOFQ>",
        subject::ids(&request.body, set),
        quote_of(set),
        price.premium,
    );
    answer::success(request, &data)
}

/// A no comes in two forms: words without a set, or a set with the terminal mark and no word.
fn declined(request: &Request, exchange: &Exchange<'_>, set: &str, reason: &str) -> Reply {
    if exchange.draws().happens("words", 0.5) {
        return answer::refusal(request, reason);
    }
    let data = format!(
        "<setNumber>{set}</setNumber>{}<OSAGOFQ><quoteNumber>{}</quoteNumber><isTerminalG>true</isTerminalG></OSAGOFQ>",
        subject::ids(&request.body, set),
        quote_of(set),
    );
    answer::success(request, &data)
}

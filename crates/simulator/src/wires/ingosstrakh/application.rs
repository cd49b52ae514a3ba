//! `CreateAgreement`, `GetAgreement` and `MakeEOsago`: the application, looking at it, and the policy's
//! number.
//!
//! An agreement goes by two names: `AgrID` (`CL12345678`) and `ISN` (the same digits behind a 5). Every
//! `CreateAgreement` makes a new one. `MakeEOsago` puts it into a queue; when the queue takes long the
//! answer says so in words, and the number is found by looking.

use actix_web::HttpResponse;

use super::{
    Insurer, REFUSED, agreement,
    soap::{Node, Request},
};
use crate::{
    Outcome,
    company::Refusal,
    dictionary::Dictionary,
    exchange::{Exchange, Operation, Reply},
    risk::Risk,
    sale::{Application, Payment, Quoted, SERIES, Verdict},
};

pub(super) const CREATE_AGREEMENT: Operation = Operation::makes("CreateAgreement").waited_for();
pub(super) const GET_AGREEMENT: Operation = Operation::asks("GetAgreement");
pub(super) const MAKE_E_OSAGO: Operation = Operation::makes("MakeEOsago");

/// The one good `CheckResult`.
const ALLOWED: &str = "Разрешено к страхованию";
/// Known by its text alone.
const IN_THE_QUEUE: &str = "Превышен период ожидания обработки очереди.";

pub(super) async fn create(this: &Insurer, request: &Request) -> HttpResponse {
    let read = request
        .body
        .find("Agreement")
        .ok_or_else(|| vec!["Не заполнено обязательное поле Agreement".into()])
        .and_then(|tree| read(tree, this.company.dictionary()));
    let risk = match read {
        Ok(risk) => risk,
        Err(problems) => {
            let exchange = Exchange::take(&this.company, &CREATE_AGREEMENT, None);
            return exchange.answer(Outcome::Rejected, request.refusal(REFUSED, &problems.join("; "))).await;
        }
    };
    let id = risk.id(&this.company.world);
    let exchange = Exchange::take(&this.company, &CREATE_AGREEMENT, Some(id));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let price = match this.company.price(&risk, id, 0) {
        Ok(price) => this.company.final_price(price, id, exchange.attempt),
        Err(Refusal(reason)) => {
            let data = format!(
                "<AgrID/><PremiumSum>0</PremiumSum><CheckResult>{reason}</CheckResult><WarningList/>"
            );
            return exchange.answer(Outcome::Declined, request.success(&data)).await;
        }
    };
    let quoted = Quoted { risk: id, start: risk.start, price };
    let application = Application::new(&this.company, &exchange, quoted).checked_at_once();
    let (outcome, result) = match application.verdict.refusal() {
        None => (Outcome::Priced, ALLOWED),
        Some(reason) => (Outcome::Declined, reason),
    };
    let from = exchange.draws().below("agreement", 100_000_000);
    let key =
        this.company.book.apply_under(from, |number| format!("CL{:08}", number % 100_000_000), application);
    let data = format!(
        "<AgrID>{key}</AgrID><PremiumSum>{}</PremiumSum><CheckResult>{result}</CheckResult><WarningList/>",
        price.premium
    );
    exchange.answer(outcome, request.success(&data)).await
}

/// An agreement that is applied for says how its holder is reached.
fn read(tree: &Node, dictionary: Dictionary) -> Result<Risk, Vec<String>> {
    let risk = agreement::read(tree, dictionary);
    let missing: Vec<String> = ["Insurer.MobilePhone", "Insurer.Email"]
        .into_iter()
        .filter(|path| tree.text_at(path).is_none_or(|text| text.is_empty()))
        .map(|path| format!("Не заполнено обязательное поле {path}"))
        .collect();
    match risk {
        Ok(risk) if missing.is_empty() => Ok(risk),
        Ok(_) => Err(missing),
        Err(problems) => Err([problems, missing].concat()),
    }
}

pub(super) async fn get(this: &Insurer, request: &Request) -> HttpResponse {
    let id = request.text("PolicyNumber");
    let asked = this.company.book.with(id, |application| application.asked_for && application.hold.ask());
    let exchange = Exchange::take(&this.company, &GET_AGREEMENT, asked.as_ref().map(|(it, _)| it.risk));
    let Some((application, numbered)) = asked else { return unknown(exchange, request).await };
    let book = &this.company.book;
    let state = match book.payment(&application, exchange.knobs()) {
        Payment::Cancelled | Payment::Nothing | Payment::Held => "ЗАЯВЛЕНИЕ",
        Payment::Paid if book.is_issued(&application, exchange.knobs()) => "ВЫПУЩЕН",
        Payment::Paid => "ЗАЯВЛЕНИЕ",
    };
    let (serial, number, flag) =
        if numbered { (SERIES, application.policy.as_str(), "Y") } else { ("", "", "N") };
    let outcome = if numbered || !application.asked_for { Outcome::Answered } else { Outcome::Pending };
    let data = format!(
        "<Agreement State=\"{state}\"><General><ISN>{}</ISN><ID>{id}</ID><Policy><Serial>{serial}</Serial>\
         <No>{number}</No></Policy><IsEOsago>{flag}</IsEOsago></General></Agreement>",
        isn(id)
    );
    exchange.answer(outcome, request.success(&data)).await
}

pub(super) async fn make(this: &Insurer, request: &Request) -> HttpResponse {
    let id = request.text("AgrISN").strip_prefix('5').map(|digits| format!("CL{digits}")).unwrap_or_default();
    let book = &this.company.book;
    let found = book.application(&id);
    let exchange = Exchange::take(&this.company, &MAKE_E_OSAGO, found.as_ref().map(|it| it.risk));
    if exchange.is_refused() {
        return exchange.refuse().await;
    }
    let Some(found) = found else { return unknown(exchange, request).await };
    if found.verdict != Verdict::Approved {
        let reply = request.refusal(REFUSED, "Договор не разрешён к страхованию");
        return exchange.answer(Outcome::Rejected, reply).await;
    }
    let made = book.with(&id, |application| {
        application.asked_for = true;
        application.hold.ask()
    });
    let (outcome, reply) = match made {
        Some((application, true)) => (Outcome::Answered, bso(request, &application)),
        _ => (Outcome::Pending, request.refusal(REFUSED, IN_THE_QUEUE)),
    };
    exchange.answer(outcome, reply).await
}

fn bso(request: &Request, application: &Application) -> Reply {
    let number = &application.policy;
    request.success(&format!("<Bso><Serial>{SERIES}</Serial><Number>{number}</Number></Bso>"))
}

fn isn(id: &str) -> String {
    format!("5{}", id.trim_start_matches("CL"))
}

/// The answer about an agreement that there is not.
pub(super) async fn unknown(exchange: Exchange<'_>, request: &Request) -> HttpResponse {
    exchange.answer(Outcome::Rejected, request.refusal(REFUSED, "Договор не найден")).await
}

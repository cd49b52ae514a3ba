//! vsk_bus: XML with a client certificate, answered by calls of the insurer's own.
//!
//! A message is acknowledged with nothing but `X-VSK-CorrelationId`. What it asks for is done at once; the reply goes,
//! after its latency, to the address in `ReplyTo`. Faults that spoil an answer spoil the reply, not the
//! acknowledgement.

mod buy;
mod message;
mod policy;
mod processes;
mod reply;
mod sale;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    web::{self, Bytes, Data, ServiceConfig},
};

use super::Speaks;
use crate::{
    Outcome,
    company::{Company, Credentials, Refusal},
    exchange::{Exchange, Operation, Reply, respond},
    spoil,
};
use message::{Kind, Message};
use processes::Processes;
use reply::Said;

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    processes: Processes,
}

const LOGIN: Operation = Operation { name: "Login", creates: false, faults: false, waits: false, sale: false };
const CALCULATE: Operation =
    Operation { name: "CalculatePolicy", creates: false, faults: true, waits: false, sale: false };
const SAVE: Operation = Operation::makes("SavePolicy");
const SIGN: Operation = Operation::makes("SignPolicy");
const BUY: Operation = Operation::makes("BuyPolicy");

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("ВСК", "VSK");
    const OPERATIONS: &'static [&'static Operation] = &[&CALCULATE, &SAVE, &SIGN, &BUY];
    const MUTUAL_TLS: bool = true;

    fn new(company: Arc<Company>) -> Self {
        Self { processes: Processes::new(company.own.with("process")), company }
    }

    fn configure(config: &mut ServiceConfig) {
        config
            .route("/cxf/rest/partners/api/v2/osago/{folder}/{name}", web::post().to(handle))
            .default_service(web::to(async || respond(spoil::page(404, "Not Found"))));
    }

    fn technical_error() -> Reply {
        // The acknowledgement; the reply tells it.
        acknowledgement()
    }

    fn registry_down(_: &str) -> Reply {
        // The acknowledgement; the reply tells it.
        acknowledgement()
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![("callback_token", credentials.callback.clone())]
    }
}

fn acknowledgement() -> Reply {
    Reply::xml(200, String::new())
}

async fn handle(
    request: HttpRequest,
    path: web::Path<(String, String)>,
    body: Bytes,
    this: Data<Insurer>,
) -> HttpResponse {
    let (folder, name) = path.into_inner();
    let Some(kind) = Kind::of(&folder, &name) else { return respond(spoil::page(404, "Not Found")) };
    match Message::read(kind, &request, &body) {
        Ok(message) => this.take(message).await,
        Err((status, reason)) => respond(spoil::page(status, reason)),
    }
}

impl Insurer {
    async fn take(&self, message: Message) -> HttpResponse {
        let (exchange, outcome, said) = match message.kind {
            Kind::Login => self.log_in(&message),
            Kind::Calculate => self.calculate(&message),
            Kind::Save => self.save(&message),
            Kind::Sign => self.sign(&message),
            Kind::Buy => self.buy(&message),
        };
        self.answer(exchange, outcome, &message, said).await
    }

    fn log_in(&self, message: &Message) -> (Exchange<'_>, Outcome, Said) {
        let exchange = Exchange::take(&self.company, &LOGIN, None);
        let phone = message.text("partnerClientId");
        let digits = phone.trim_start_matches('+');
        if digits.len() < 10 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return (exchange, Outcome::Rejected, Said::wrong(&["partnerClientId".to_owned()]));
        }
        let (session, bp) = self.processes.begin(phone);
        let said = Said::well(&[("sessionId", &session), ("bpId", &bp)]);
        (exchange, Outcome::Answered, said)
    }

    fn calculate(&self, message: &Message) -> (Exchange<'_>, Outcome, Said) {
        let risk = match policy::read(message, self.company.dictionary()) {
            Ok(risk) => risk,
            Err(said) => {
                return (Exchange::take(&self.company, &CALCULATE, None), Outcome::Rejected, said);
            }
        };
        let id = risk.id(&self.company.world);
        let exchange = Exchange::take(&self.company, &CALCULATE, Some(id));
        let (outcome, said) = match self.company.price(&risk, id, exchange.attempt) {
            Ok(price) => (Outcome::Priced, Said::amount(price.premium)),
            Err(Refusal(reason)) => (Outcome::Declined, Said::no(reason)),
        };
        (exchange, outcome, said)
    }
}

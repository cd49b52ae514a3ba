//! One call on its way through an insurer: received, decided, written down, delayed, answered, spoilt.

use std::time::Duration;

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
    web::Bytes,
};
use futures::stream;

use crate::{
    Fault, Knobs, Outcome,
    company::{Company, UnderWay},
    draws::Draws,
    knobs::LONGEST,
    risk::RiskId,
    spoil, wires,
};

/// What a wire's operation is to the simulation.
pub(crate) struct Operation {
    /// Its name in the journal.
    pub(crate) name: &'static str,
    /// Whether it makes something at the insurer.
    pub(crate) creates: bool,
    /// Whether the fault knobs hit it.
    pub(crate) faults: bool,
    /// Whether the latency knob delays its answer.
    pub(crate) waits: bool,
}

/// An answer before anything happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) format: Format,
    pub(crate) body: String,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Xml,
    Html,
}

/// A call whose credentials are good and which is being answered.
pub(crate) struct Exchange<'a> {
    company: &'a Company,
    operation: &'static Operation,
    risk: Option<RiskId>,
    /// How many times this operation came for this risk before.
    pub(crate) attempt: u64,
    draws: Draws,
    knobs: std::sync::Arc<Knobs>,
    under_way: UnderWay,
}

// === impl Exchange ===

impl<'a> Exchange<'a> {
    /// Takes a call; it counts as under way from here on.
    pub(crate) fn take(company: &'a Company, operation: &'static Operation, risk: Option<RiskId>) -> Self {
        let id = risk.unwrap_or(RiskId(0));
        let attempt = company.attempt(operation.name, id);
        let draws = company.about(id).with(operation.name).with_number(attempt);
        let knobs = company.knobs();
        Self { company, operation, risk, attempt, draws, knobs, under_way: company.busy.enter() }
    }

    /// The latency that the knobs give this call, for operations that let the caller wait otherwise.
    pub(crate) fn latency(&self) -> Duration {
        self.knobs.latency.draw(&self.draws)
    }

    /// Draws of this very call.
    pub(crate) fn draws(&self) -> &Draws {
        &self.draws
    }

    /// The knobs as they stood when the call came.
    pub(crate) fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    /// Writes the call down and answers it as the knobs want.
    pub(crate) async fn answer(self, outcome: Outcome, reply: Reply) -> HttpResponse {
        let fault = if self.operation.faults { self.knobs.faults.draw(&self.draws) } else { None };
        let outcome = fault.map_or(outcome, Outcome::Faulted);
        let (company, operation) = (self.company, self.operation);
        company.journal.write(&company.code, operation.name, operation.creates, self.risk, outcome);
        if fault == Some(Fault::TooMany) {
            let mut response = HttpResponse::TooManyRequests();
            let seconds = self.knobs.retry_after.as_millis().div_ceil(1000);
            response.insert_header((header::RETRY_AFTER, seconds.to_string()));
            return finish(response, spoil::page(429, "Too Many Requests"));
        }
        if operation.waits {
            pause(self.latency()).await;
        }
        match fault {
            None | Some(Fault::TooMany) => respond(reply),
            Some(Fault::Error) => respond(error(company, &self.draws)),
            Some(Fault::RegistryDown) => respond(wires::registry_down(company.wire)),
            Some(Fault::Malformed) => respond(spoil::malformed(reply)),
            Some(Fault::Nulls) => respond(spoil::nulls(reply)),
            Some(Fault::Hang) => {
                pause(LONGEST).await;
                HttpResponse::GatewayTimeout().finish()
            }
            Some(Fault::Truncated) => truncated(reply, self.under_way),
            Some(Fault::Drip) => dripping(reply, &self.knobs, self.under_way),
        }
    }
}

/// Answers outside of the knobs: refused credentials, unknown paths.
pub(crate) fn respond(reply: Reply) -> HttpResponse {
    finish(HttpResponseBuilder::new(status(&reply)), reply)
}

fn finish(mut response: HttpResponseBuilder, reply: Reply) -> HttpResponse {
    response.insert_header((header::CONTENT_TYPE, reply.format.content_type())).body(reply.body)
}

fn status(reply: &Reply) -> StatusCode {
    StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
}

fn error(company: &Company, draws: &Draws) -> Reply {
    match draws.below("error", 4) {
        0 => wires::technical_error(company.wire),
        1 => spoil::page(502, "Bad Gateway"),
        2 => spoil::page(503, "Service Temporarily Unavailable"),
        _ => spoil::page(504, "Gateway Time-out"),
    }
}

/// The head promises the whole answer; the connection is cut behind two thirds of it.
fn truncated(reply: Reply, under_way: UnderWay) -> HttpResponse {
    let whole = Bytes::from(reply.body.clone());
    let sent = whole.slice(..whole.len() * 2 / 3);
    let parts = [Ok(sent), Err(std::io::Error::from(std::io::ErrorKind::ConnectionReset))];
    let body = stream::unfold((parts.into_iter(), under_way), async |(mut parts, guard)| {
        let part = parts.next()?;
        if part.is_err() {
            // Lets the first part reach the wire before the connection goes.
            pause(Duration::from_millis(5)).await;
        }
        Some((part, (parts, guard)))
    });
    let mut response = HttpResponseBuilder::new(status(&reply));
    response.insert_header((header::CONTENT_TYPE, reply.format.content_type()));
    response.no_chunking(whole.len() as u64).streaming(Box::pin(body))
}

fn dripping(reply: Reply, knobs: &Knobs, under_way: UnderWay) -> HttpResponse {
    let whole = Bytes::from(reply.body.clone());
    let (length, drip) = (whole.len() as u64, knobs.drip);
    let body = stream::unfold((whole, drip, under_way), async |(mut left, drip, guard)| {
        if left.is_empty() {
            return None;
        }
        pause(drip.pause).await;
        let part = left.split_to(drip.bytes.min(left.len()));
        Some((Ok::<_, std::io::Error>(part), (left, drip, guard)))
    });
    let mut response = HttpResponseBuilder::new(status(&reply));
    response.insert_header((header::CONTENT_TYPE, reply.format.content_type()));
    response.no_chunking(length).streaming(Box::pin(body))
}

async fn pause(time: Duration) {
    if !time.is_zero() {
        tokio::time::sleep(time.min(LONGEST)).await;
    }
}

// === impl Reply, Format ===

impl Reply {
    pub(crate) fn json(status: u16, value: &serde_json::Value) -> Self {
        Self { status, format: Format::Json, body: value.to_string() }
    }

    pub(crate) fn xml(status: u16, body: String) -> Self {
        Self { status, format: Format::Xml, body }
    }
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json; charset=utf-8",
            Format::Xml => "text/xml; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
        }
    }
}

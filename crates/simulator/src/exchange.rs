//! One call on its way through an insurer: received, decided, written down, delayed, answered, spoilt.

use std::{sync::Arc, time::Duration};

use actix_web::{
    HttpResponse, HttpResponseBuilder,
    http::{StatusCode, header},
    web::Bytes,
};
use futures::stream;

use crate::{
    Fault, Knobs, Outcome, busy::UnderWay, company::Company, draws::Draws, knobs::LONGEST, risk::RiskId,
    spoil,
};

/// What a wire's operation is to the simulation.
pub(crate) struct Operation {
    /// Its name in the journal.
    pub(crate) name: &'static str,
    /// Whether it makes something at the insurer.
    pub(crate) creates: bool,
    /// Whether the fault knobs of all operations hit it; those of its own always do.
    pub(crate) faults: bool,
    /// Whether its latency knob delays its answer.
    pub(crate) waits: bool,
    /// Whether it comes after the quote, with knobs of its own.
    pub(crate) sale: bool,
}

/// An answer before anything happened to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) format: Format,
    pub(crate) body: Vec<u8>,
}

/// How an answer is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Json,
    Xml,
    Html,
    Pdf,
}

/// A call whose credentials are good and which is being answered.
pub(crate) struct Exchange<'a> {
    company: &'a Company,
    operation: &'static Operation,
    risk: Option<RiskId>,
    /// How many times this operation came for this risk before.
    pub(crate) attempt: u64,
    draws: Draws,
    knobs: Arc<Knobs>,
    fault: Option<Fault>,
    /// The caller is not kept waiting for longer.
    patience: Duration,
    under_way: UnderWay,
}

// === impl Operation ===

impl Operation {
    /// A call after the quote that asks for something.
    pub(crate) const fn asks(name: &'static str) -> Self {
        Self { name, creates: false, faults: true, waits: false, sale: true }
    }

    /// A call for a dictionary.
    pub(crate) const fn lists(name: &'static str) -> Self {
        Self { name, creates: false, faults: false, waits: false, sale: false }
    }

    /// A call after the quote that makes something at the insurer.
    pub(crate) const fn makes(name: &'static str) -> Self {
        Self { creates: true, ..Self::asks(name) }
    }

    /// The same, answered only when it is done.
    pub(crate) const fn waited_for(self) -> Self {
        Self { waits: true, ..self }
    }
}

// === impl Exchange ===

impl<'a> Exchange<'a> {
    /// Takes a call; it counts as under way from here on.
    pub(crate) fn take(company: &'a Company, operation: &'static Operation, risk: Option<RiskId>) -> Self {
        let id = risk.unwrap_or(RiskId(0));
        let attempt = company.attempt(operation.name, id);
        let draws = company.about(id).with(operation.name).with_number(attempt);
        let knobs = company.knobs();
        let fault = knobs.faults_for(operation).draw(&draws);
        let under_way = company.busy.enter();
        Self { company, operation, risk, attempt, draws, knobs, fault, patience: LONGEST, under_way }
    }

    /// The same, answered after that time at the latest, whatever its latency.
    pub(crate) fn answered_within(self, patience: Duration) -> Self {
        Self { patience, ..self }
    }

    /// Whether the knobs keep this call from being carried out: what it asks for must not be done.
    pub(crate) fn is_refused(&self) -> bool {
        self.fault.is_some_and(Fault::is_refusal)
    }

    /// Answers a call that is not carried out.
    pub(crate) async fn refuse(self) -> HttpResponse {
        self.answer(Outcome::Rejected, spoil::page(500, "Internal Server Error")).await
    }

    /// The latency that the knobs give this call, for operations that let the caller wait otherwise.
    pub(crate) fn latency(&self) -> Duration {
        let latency = if self.operation.sale { self.knobs.application_latency } else { self.knobs.latency };
        latency.draw(&self.draws)
    }

    /// What goes wrong with this call, for wires whose answer is more than the reply.
    pub(crate) fn fault(&self) -> Option<Fault> {
        self.fault
    }

    /// Draws of this very call.
    pub(crate) fn draws(&self) -> &Draws {
        &self.draws
    }

    /// Whether this asking for a payment link fails.
    pub(crate) fn link_fails(&self) -> bool {
        self.draws.happens("link fails", self.knobs.link_fails)
    }

    /// The knobs as they stood when the call came.
    pub(crate) fn knobs(&self) -> &Knobs {
        &self.knobs
    }

    /// Writes the call down and answers it as the knobs want.
    pub(crate) async fn answer(self, outcome: Outcome, reply: Reply) -> HttpResponse {
        let fault = self.fault;
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
            pause(self.latency().min(self.patience)).await;
        }
        match fault {
            None | Some(Fault::TooMany) => respond(reply),
            Some(Fault::Error) => respond(error(company, &self.draws)),
            Some(Fault::RegistryDown) => respond(company.wire.registry_down(operation.name)),
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

/// Whether the broken call that draws so is answered by the insurer itself, and not by a proxy before it.
pub(crate) fn is_own_error(draws: &Draws) -> bool {
    draws.below("error", 4) == 0
}

fn error(company: &Company, draws: &Draws) -> Reply {
    match draws.below("error", 4) {
        0 => company.wire.technical_error(),
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
        Self { status, format: Format::Json, body: value.to_string().into_bytes() }
    }

    /// A status and nothing else.
    pub(crate) fn empty(status: u16) -> Self {
        Self { status, format: Format::Json, body: Vec::new() }
    }

    pub(crate) fn xml(status: u16, body: String) -> Self {
        Self { status, format: Format::Xml, body: body.into_bytes() }
    }

    pub(crate) fn html(status: u16, body: String) -> Self {
        Self { status, format: Format::Html, body: body.into_bytes() }
    }

    pub(crate) fn pdf(body: Vec<u8>) -> Self {
        Self { status: 200, format: Format::Pdf, body }
    }

    /// The body as text; a file is none.
    pub(crate) fn text(&self) -> &str {
        std::str::from_utf8(&self.body).unwrap_or_default()
    }
}

impl Format {
    fn content_type(self) -> &'static str {
        match self {
            Format::Json => "application/json; charset=utf-8",
            Format::Xml => "text/xml; charset=utf-8",
            Format::Html => "text/html; charset=utf-8",
            Format::Pdf => "application/pdf",
        }
    }
}

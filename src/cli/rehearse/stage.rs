//! What every chapter plays on.

use std::{path::PathBuf, time::Duration};

use clap::ValueEnum;
use tokio::time::Instant;

use super::{
    ask::Ask,
    client::Client,
    exchange::{Call, Exchange},
    fault::Verdict,
    report::{Report, Row},
    request::Request,
};

/// The gateway, the report, and what was asked for on the command line.
pub(super) struct Stage {
    /// The way to the gateway.
    pub client: Client,
    /// What was found.
    pub report: Report,
    /// The calculation to ask for.
    pub request: Request,
    /// Who pays.
    pub pay: Option<Pay>,
    /// How long the partner waits.
    pub limits: Limits,
    /// Where the policy is to be kept.
    pub save_policy: Option<PathBuf>,
    chapter: &'static str,
}

/// Who pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(super) enum Pay {
    /// The rehearsal, on a page that says of itself that it is simulated.
    Simulated,
    /// A person, in a browser.
    Person,
    /// Nobody; what comes after the payment is not played.
    Skip,
}

/// How long the partner asks for the same.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// For a calculation, until it is finished.
    pub calculation: Duration,
    /// For a final price.
    pub price: Duration,
    /// For the payment link, and for the payment.
    pub payment: Duration,
    /// For a draft or a policy.
    pub document: Duration,
    /// For everything else to follow a policy.
    pub lag: Duration,
}

/// Asking the same again and again.
#[derive(Debug, Clone, Copy)]
pub(super) struct Beat {
    /// Least time between two requests.
    pub pause: Duration,
    /// When it is given up.
    pub limit: Duration,
}

/// What came of it.
pub(super) struct Polled<T> {
    /// The last exchange.
    pub last: Exchange,
    /// What was waited for; none where it did not come in time.
    pub found: Option<T>,
    took: Duration,
}

const ALONE: &str = "the gateway has stopped answering";

// === impl Stage ===

impl Stage {
    /// Nothing played yet.
    pub fn new(client: Client, report: Report, request: Request) -> Self {
        let (pay, limits, save_policy) = (None, Limits::default(), None);
        Self { client, report, request, pay, limits, save_policy, chapter: "" }
    }

    /// The rows that follow belong to this chapter.
    pub fn chapter(&mut self, title: &'static str) {
        self.chapter = title;
    }

    /// One request, one row. The exchange where it passed.
    pub async fn ask<V: Into<Verdict>>(
        &mut self,
        name: &str,
        ask: Ask,
        judge: impl FnOnce(&Exchange) -> V,
    ) -> Option<Exchange> {
        if self.client.is_alone() {
            self.skip(name, ALONE);
            return None;
        }
        let exchange = self.client.send(ask).await;
        let verdict = judge(&exchange).into();
        let passed = verdict.is_pass();
        self.record(name, &exchange, verdict);
        passed.then_some(exchange)
    }

    /// Asks the same until `look` finds what it looks for.
    pub async fn poll<T>(
        &mut self,
        ask: &Ask,
        beat: Beat,
        mut look: impl FnMut(&Exchange) -> Option<T>,
    ) -> Polled<T> {
        let start = Instant::now();
        loop {
            let last = self.client.send(ask.clone()).await;
            let found = look(&last);
            let took = start.elapsed();
            if found.is_some() || took + beat.pause > beat.limit || self.client.is_alone() {
                return Polled { last, found, took };
            }
            self.client.pace.rest(beat.pause);
        }
    }

    /// A row for one exchange.
    pub fn record(&mut self, name: &str, exchange: &Exchange, verdict: impl Into<Verdict>) {
        self.add(name, verdict.into(), exchange, exchange.took);
    }

    /// A row for all exchanges of a poll.
    pub fn record_polled<T>(&mut self, name: &str, polled: &Polled<T>, verdict: impl Into<Verdict>) {
        self.add(name, verdict.into(), &polled.last, polled.took);
    }

    /// A row for several exchanges of which this was the last.
    pub fn record_long(&mut self, name: &str, last: &Exchange, took: Duration, verdict: impl Into<Verdict>) {
        self.add(name, verdict.into(), last, took);
    }

    /// A row for what several exchanges show together.
    pub fn conclude(&mut self, name: &str, call: Call, verdict: impl Into<Verdict>) {
        self.add_unsent(name, Some(call), verdict.into());
    }

    /// A row for what could not be checked.
    pub fn skip(&mut self, name: &str, why: &str) {
        self.add_unsent(name, None, Verdict::Skip(why.to_owned()));
    }

    /// Chapters that cannot be played, one row each.
    pub fn skip_chapters(&mut self, chapters: &[&'static str], why: &str) {
        let why = if self.client.is_alone() { ALONE } else { why };
        for chapter in chapters {
            self.chapter(chapter);
            self.skip("the whole chapter", why);
        }
    }

    /// Once a pace, as for calculations and offers.
    pub fn beat(&self, limit: Duration) -> Beat {
        Beat { pause: self.client.pace.get(), limit }
    }

    /// Five times slower, as for documents.
    pub fn slow_beat(&self, limit: Duration) -> Beat {
        Beat { pause: self.client.pace.get() * 5, limit }
    }

    fn add_unsent(&mut self, name: &str, call: Option<Call>, verdict: Verdict) {
        let (chapter, name) = (self.chapter, name.to_owned());
        let (status, correlation, took) = (None, None, Duration::ZERO);
        self.report.add(Row { chapter, name, verdict, call, status, correlation, took });
    }

    fn add(&mut self, name: &str, verdict: Verdict, exchange: &Exchange, took: Duration) {
        let answer = exchange.answer.as_ref().ok();
        self.report.add(Row {
            chapter: self.chapter,
            name: name.to_owned(),
            verdict,
            call: Some(exchange.call.clone()),
            status: answer.map(|answer| answer.status),
            correlation: answer.and_then(|answer| answer.correlation.clone()),
            took,
        });
    }
}

// === impl Limits ===

impl Default for Limits {
    fn default() -> Self {
        let minutes = |minutes: u64| Duration::from_secs(minutes * 60);
        Self {
            calculation: minutes(3),
            price: minutes(1),
            payment: minutes(10),
            document: minutes(5),
            lag: minutes(1),
        }
    }
}

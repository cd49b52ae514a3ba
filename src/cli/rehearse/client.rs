//! The partner's side of the wire.
//!
//! One request at a time and never two closer together than the pace, as the partner promises. Redirects are
//! not followed: the contract has none. Addresses that a user would open (payment pages, documents) are
//! opened as a browser does, without credentials.

use std::time::Duration;

use reqwest::{Client as Http, RequestBuilder, header::CONTENT_TYPE, redirect};
use serde_json::Value;
use tokio::time::{Instant, sleep_until, timeout};
use url::{Host, Url};

use super::ask::{Access, Ask, Target};
use super::exchange::{Answer, Call, Exchange};
use super::pace::Pace;

/// Asks a gateway.
pub(super) struct Client {
    http: Http,
    browser: Http,
    base: Url,
    access: Access,
    /// Its pace, to be slowed down for a request.
    pub pace: Pace,
    unanswered: u32,
}

/// Nobody waits longer for an answer.
const PATIENCE: Duration = Duration::from_secs(30);
const CONNECT: Duration = Duration::from_secs(5);
/// Larger than any dictionary.
const LARGEST: usize = 256 << 20;
/// So many requests in a row without an answer, and nobody is there any more.
const UNANSWERED: u32 = 3;

// === impl Client ===

impl Client {
    /// A client of the gateway at this address.
    pub fn new(base: Url, access: Access, pace: Duration) -> Result<Self, String> {
        // Not there twice: the first stays, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let builder = || {
            let builder = Http::builder().connect_timeout(CONNECT);
            // A proxy of the environment leads out of the machine; a gateway on it needs none.
            if is_loopback(&base) { builder.no_proxy() } else { builder }
        };
        let built = |error: reqwest::Error| format!("no HTTP client: {}", because(&error));
        Ok(Self {
            http: builder().redirect(redirect::Policy::none()).build().map_err(built)?,
            browser: builder().build().map_err(built)?,
            base,
            access,
            pace: Pace::new(pace),
            unanswered: 0,
        })
    }

    /// Waits for its turn, asks and reads the whole answer.
    pub async fn send(&mut self, ask: Ask) -> Exchange {
        if let Some(turn) = self.pace.turn() {
            sleep_until(turn).await;
        }
        let sent = Instant::now();
        self.pace.leaves(sent);
        let request = self.request(&ask);
        let answer = match timeout(PATIENCE, read(request)).await {
            Ok(answer) => answer,
            Err(_) => Err(format!("no answer within {} s", PATIENCE.as_secs())),
        };
        self.unanswered = if answer.is_ok() { 0 } else { self.unanswered + 1 };
        let call = Call { method: ask.method.to_string(), path: self.shown(&ask.target) };
        Exchange { call, about: ask.about, took: sent.elapsed(), answer }
    }

    /// Whether the gateway has stopped answering.
    pub fn is_alone(&self) -> bool {
        self.unanswered >= UNANSWERED
    }

    fn request(&self, ask: &Ask) -> RequestBuilder {
        let request = match &ask.target {
            Target::Api(path) => {
                let mut address = self.base.clone();
                address.set_path(&format!("{}{path}", self.base.path().trim_end_matches('/')));
                if !ask.query.is_empty() {
                    address.query_pairs_mut().extend_pairs(&ask.query);
                }
                let request = self.http.request(ask.method.clone(), address);
                match ask.access.as_ref().unwrap_or(&self.access) {
                    Access::Nobody => request,
                    Access::Bearer(token) => request.bearer_auth(token.reveal()),
                    Access::Basic(id, secret) => request.basic_auth(id, Some(secret.reveal())),
                }
            }
            Target::Page(address) => self.browser.request(ask.method.clone(), address.clone()),
            // Where a form's answer sends the user is the partner's address, which need not exist.
            Target::Form(address) => self.http.request(ask.method.clone(), address.clone()),
        };
        let request = ask.headers.iter().fold(request, |request, (name, value)| request.header(*name, value));
        match &ask.body {
            Some((kind, body)) => request.header(CONTENT_TYPE, *kind).body(body.clone()),
            None => request,
        }
    }

    /// An address as a row shows it: without its query, which may be a signature.
    fn shown(&self, target: &Target) -> String {
        match target {
            Target::Api(path) => (*path).to_owned(),
            Target::Page(address) | Target::Form(address) if address.origin() == self.base.origin() => {
                address.path().to_owned()
            }
            Target::Page(address) | Target::Form(address) => {
                format!("{}{}", address.origin().ascii_serialization(), address.path())
            }
        }
    }
}

async fn read(request: RequestBuilder) -> Result<Answer, String> {
    let mut response = request.send().await.map_err(|error| because(&error))?;
    let status = response.status().as_u16();
    let header =
        |name: &str| response.headers().get(name).and_then(|value| value.to_str().ok()).map(str::to_owned);
    let (content_type, correlation, location, etag) =
        (header("content-type"), header("x-request-id"), header("location"), header("etag"));
    let mut bytes = Vec::new();
    while let Some(chunk) = response.chunk().await.map_err(|error| because(&error))? {
        bytes.extend_from_slice(&chunk);
        if bytes.len() > LARGEST {
            return Err(format!("the answer is larger than {} MiB", LARGEST >> 20));
        }
    }
    let body: Option<Value> = serde_json::from_slice(&bytes).ok();
    Ok(Answer { status, content_type, correlation, location, etag, bytes, body })
}

/// The innermost cause, which says what happened; the outer ones only say where. Never the address.
fn because(error: &reqwest::Error) -> String {
    let mut cause: &dyn std::error::Error = error;
    while let Some(source) = cause.source() {
        cause = source;
    }
    if std::ptr::addr_eq(cause, error) { "the request failed".to_owned() } else { cause.to_string() }
}

fn is_loopback(address: &Url) -> bool {
    match address.host() {
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        Some(Host::Domain(name)) => name == "localhost",
        None => false,
    }
}

//! An adapter whose one conversation a test writes down, and an insurer that keeps what it is sent.

use std::{
    net::SocketAddr,
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
};
use veer_contract::{
    Adapter, Call, Callback, Context, Effect, ErasedFlow, Event, Fault, Lane, Manifest, Method, Next, Reply,
    SavedState, Step,
    domain::{Kopecks, Offer, OfferRef, Premium, QuoteRequest},
    erased::{ErasedStep, StateError},
    operation::Quote,
};

/// What the adapter says: of its state, of what happened (nothing at the beginning), and of what it may know.
pub type Says = dyn Fn(&str, Option<Event<'_>>, &Context<'_>) -> Said + Send + Sync;
/// One step of it.
pub type Said = Step<String, Offer>;

/// An adapter of one conversation. Its own calls are `{"about": "<correlation>"}`, proven by the query `key=secret`.
pub struct Scripted {
    manifest: Manifest,
    version: u32,
    says: Box<Says>,
}

/// A server that answers every request alike and keeps what it was sent.
#[derive(Clone)]
pub struct Recorder {
    /// Where it listens.
    pub address: SocketAddr,
    requests: Arc<Mutex<Vec<String>>>,
    is_silent: Arc<AtomicBool>,
}

// === impl Scripted ===

impl Scripted {
    /// An adapter with that manifest, whose states are saved under `version`.
    pub fn new(
        manifest: &str,
        version: u32,
        says: impl Fn(&str, Option<Event<'_>>, &Context<'_>) -> Said + Send + Sync + 'static,
    ) -> Self {
        Self { manifest: toml::from_str(manifest).expect("a manifest"), version, says: Box::new(says) }
    }

    /// The same as one that is built in.
    pub fn built_in(self) -> &'static dyn Adapter {
        Box::leak(Box::new(self))
    }

    fn saved(&self, step: Said) -> ErasedStep<Offer> {
        let state = |json| SavedState { version: self.version, json };
        let next = match step.next {
            Next::Call { calls, then } => Next::Call { calls, then: state(then) },
            Next::Wait { at_least, then } => Next::Wait { at_least, then: state(then) },
            Next::Await { correlation, then } => Next::Await { correlation, then: state(then) },
            Next::Done => Next::Done,
            Next::Decline(decline) => Next::Decline(decline),
            Next::Fail(fault) => Next::Fail(fault),
        };
        Step { emit: step.emit, next }
    }
}

impl Adapter for Scripted {
    fn manifest(&self) -> &Manifest {
        &self.manifest
    }

    fn quote(&self) -> Option<&dyn ErasedFlow<Quote>> {
        Some(self)
    }

    fn callback(&self, received: &Reply) -> Result<Callback, Fault> {
        let body: serde_json::Value = received.json()?;
        let about = body["about"].as_str().ok_or_else(|| Fault::not_understood("it is about nothing"))?;
        Ok(Callback { correlation: about.to_owned() })
    }
}

impl ErasedFlow<Quote> for Scripted {
    fn start(&self, _: &QuoteRequest, cx: &Context<'_>) -> Result<ErasedStep<Offer>, StateError> {
        Ok(self.saved((self.says)("", None, cx)))
    }

    fn resume(
        &self,
        _: &QuoteRequest,
        state: &SavedState,
        event: Event<'_>,
        cx: &Context<'_>,
    ) -> Result<ErasedStep<Offer>, StateError> {
        if state.version != self.version {
            return Err(StateError::Version { saved: state.version, current: self.version });
        }
        Ok(self.saved((self.says)(&state.json, Some(event), cx)))
    }

    fn recover(
        &self,
        _: &QuoteRequest,
        _: &SavedState,
        _: &Context<'_>,
    ) -> Result<Option<ErasedStep<Offer>>, StateError> {
        Ok(None)
    }
}

/// A manifest; `more` stands before its sections, `sections` behind them.
pub fn manifest(code: &str, more: &str, sections: &str) -> String {
    format!(
        r#"
        contract = 1
        code = "{code}"
        partner_code = 66
        name = "Страховщик {code}"
        protocol = "none"
        operations = ["quote"]
        vehicles = "names"
        {more}
        [scope]
        categories = ["B"]
        purposes = ["taxi"]
        {sections}
        [lanes.create]
        concurrent = 8
        first_byte = "5s"
        total = "5s"
        [callback]
        proof = "field"
        name = "key"
        secret = "key"
        [settings.key]
        doc = "the key"
        secret = true
        default = "secret"
        "#
    )
}

/// A question.
pub fn call() -> Call {
    Call::new("ask", Lane::Create, Effect::Read, Method::Post, "ask").accepting(&[404])
}

/// Waits for a call about `correlation`.
pub fn awaiting(correlation: &str, then: &str) -> Said {
    Step::wait_for_callback(correlation, then.to_owned())
}

/// A firm price in roubles.
pub fn offer(key: &str, roubles: i64) -> Offer {
    Offer::priced(key, OfferRef::default(), Premium::Final(Kopecks::from_roubles(roubles)))
}

// === impl Recorder ===

impl Recorder {
    /// Answers every request with an empty object and these headers.
    pub async fn start(headers: &[(&str, &str)]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let headers: String = headers.iter().map(|(name, value)| format!("{name}: {value}\r\n")).collect();
        let recorder = Self { address, requests: Arc::default(), is_silent: Arc::default() };
        let server = recorder.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(server.clone().answer(stream, headers.clone()));
            }
        });
        recorder
    }

    /// Its base address.
    pub fn base_url(&self) -> String {
        format!("http://{}/base/", self.address)
    }

    /// It takes requests and does not answer them, or does so again.
    pub fn be_silent(&self, is_silent: bool) {
        self.is_silent.store(is_silent, Ordering::Relaxed);
    }

    /// What it was sent, as it came.
    pub fn requests(&self) -> Vec<String> {
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    async fn answer(self, mut stream: TcpStream, headers: String) {
        let (mut text, mut part) = (String::new(), [0; 4096]);
        while !is_whole(&text) {
            let Ok(read @ 1..) = stream.read(&mut part).await else { return };
            text.push_str(&String::from_utf8_lossy(&part[..read]));
        }
        self.requests.lock().unwrap_or_else(PoisonError::into_inner).push(text);
        if self.is_silent.load(Ordering::Relaxed) {
            std::future::pending::<()>().await;
        }
        let answer =
            format!("HTTP/1.1 200 OK\r\nconnection: close\r\n{headers}content-length: 2\r\n\r\n{{}}");
        // Who is gone needs no answer.
        let _ = stream.write_all(answer.as_bytes()).await;
    }
}

fn is_whole(text: &str) -> bool {
    let Some((head, body)) = text.split_once("\r\n\r\n") else { return false };
    let length =
        head.lines().find_map(|line| line.to_lowercase().strip_prefix("content-length: ")?.parse().ok());
    body.len() >= length.unwrap_or(0)
}

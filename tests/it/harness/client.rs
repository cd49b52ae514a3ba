//! A partner, and beside it an operator.

use std::{net::SocketAddr, sync::Arc};

use serde_json::Value;

use super::{Contract, Explained, eventually, request};

/// Talks to one gateway. Every answer of the partner API is held against the contract.
#[derive(Clone)]
pub struct Client {
    /// The partner API.
    pub partner: SocketAddr,
    /// The operations port.
    pub operations: SocketAddr,
    /// What answers are held against.
    pub contract: Arc<Contract>,
    http: reqwest::Client,
    token: &'static str,
}

/// One answer of the partner API.
#[derive(Debug, Clone, PartialEq)]
pub struct Answer {
    /// Its status.
    pub status: u16,
    /// Its body.
    pub body: Value,
}

/// An answer that need not be JSON.
#[derive(Debug)]
pub struct Raw {
    /// Its status.
    pub status: u16,
    /// Its headers.
    pub headers: reqwest::header::HeaderMap,
    /// Its body.
    pub bytes: Vec<u8>,
}

// === impl Raw ===

impl Raw {
    /// A header's value; empty where there is none.
    pub fn header(&self, name: &str) -> &str {
        self.headers.get(name).map_or("", |value| value.to_str().expect("text"))
    }

    /// The body as text.
    pub fn text(&self) -> &str {
        std::str::from_utf8(&self.bytes).expect("UTF-8")
    }
}

// === impl Client ===

impl Client {
    /// A partner with the account `demo`.
    pub async fn new(partner: SocketAddr, operations: SocketAddr) -> Self {
        // Fails only where a provider is installed already, and then there is one.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // Without the system's certificates, whose reading is most of a short test's time.
        let client = reqwest::Client::builder().no_proxy().tls_certs_only([]);
        let http = client.build().expect("a client");
        // A machine that stands still for long enough has the gateway give a connection up.
        let document = eventually("the gateway's OpenAPI document", async || {
            let answer = http.get(format!("http://{operations}/openapi.json")).send().await.ok()?;
            answer.bytes().await.ok()
        });
        let document = serde_json::from_slice(&document.await).expect("JSON");
        let contract = Arc::new(Contract::read(&document));
        Self { partner, operations, contract, http, token: "demo-token" }
    }

    /// The same with another account's token.
    pub fn with_token(&self, token: &'static str) -> Self {
        Self { token, ..self.clone() }
    }

    /// Posts a calculation.
    pub async fn post(&self, body: &Value) -> Answer {
        self.try_post(body).await.expect("an answer")
    }

    /// Posts a calculation; none where the gateway is not there or goes away.
    pub async fn try_post(&self, body: &Value) -> Option<Answer> {
        self.ask(reqwest::Method::POST, "/osago/calculate", Some(body.to_string())).await
    }

    /// Posts a calculation that is written in a way of its own.
    pub async fn post_text(&self, body: String) -> Answer {
        self.ask(reqwest::Method::POST, "/osago/calculate", Some(body)).await.expect("an answer")
    }

    /// Posts a calculation that is accepted; its id.
    pub async fn accepted(&self, body: &Value) -> String {
        let answer = self.post(body).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        assert_eq!(answer.body["request_id"], body["request_id"]);
        body["request_id"].as_str().expect("an id").to_owned()
    }

    /// The calculation.
    pub async fn poll(&self, id: &str) -> Answer {
        if let Some(answer) = self.try_poll(id).await {
            return answer;
        }
        // The gateway gives a connection up on which nothing comes for five seconds, as when a test stands still.
        self.try_poll(id).await.expect("an answer")
    }

    /// The calculation; none where the gateway is not there or goes away.
    pub async fn try_poll(&self, id: &str) -> Option<Answer> {
        self.ask(reqwest::Method::GET, &format!("/osago/calculate?request_id={id}"), None).await
    }

    /// The statuses alone.
    pub async fn status(&self, id: &str) -> Answer {
        let target = format!("/osago/calculate/status?request_id={id}");
        self.ask(reqwest::Method::GET, &target, None).await.expect("an answer")
    }

    /// Polls until the calculation is final.
    pub async fn finished(&self, id: &str) -> Value {
        eventually(&format!("{id} is final"), async || {
            let answer = self.poll(id).await;
            assert_eq!(answer.status, 200, "{answer:?}");
            (answer.body["status"] != "PARTNER_CALCULATION_IN_PROGRESS").then_some(answer.body)
        })
        .await
    }

    /// Posts a calculation and polls until it is final.
    pub async fn calculate(&self, body: &Value) -> Value {
        let id = self.accepted(body).await;
        self.finished(&id).await
    }

    /// Posts a calculation and polls until it is final; the answer with what is told to operators.
    pub async fn calculate_explained(&self, body: &Value) -> (Value, Explained) {
        let id = self.accepted(body).await;
        let answer = self.finished(&id).await;
        (answer, self.explain(&id).await)
    }

    /// Posts calculations about so many cars at once and polls them all until they are final.
    pub async fn calculate_about(&self, cars: u32) -> Vec<(Value, Explained)> {
        let bodies: Vec<_> = (0..cars).map(request::about_car).collect();
        futures::future::join_all(bodies.iter().map(|body| self.calculate_explained(body))).await
    }

    /// Why each insurer is, or is not, in the answer.
    pub async fn explain(&self, id: &str) -> Explained {
        let (status, body) = self.operate(&format!("/calculations/{id}")).await;
        assert_eq!(status, 200, "{body}");
        Explained(serde_json::from_str(&body).expect("JSON"))
    }

    /// One offer.
    pub async fn offer(&self, id: &str, offer_id: &str) -> Answer {
        self.about("offer", id, offer_id).await
    }

    /// Takes an offer.
    pub async fn confirm(&self, body: &Value) -> Answer {
        self.ask(reqwest::Method::POST, "/osago/offer", Some(body.to_string())).await.expect("an answer")
    }

    /// The draft, or how far it is.
    pub async fn draft(&self, id: &str, offer_id: &str) -> Answer {
        self.about("offer/draft", id, offer_id).await
    }

    /// The policy, or how far it is.
    pub async fn policy(&self, id: &str, offer_id: &str) -> Answer {
        self.about("offer/policy", id, offer_id).await
    }

    async fn about(&self, path: &str, id: &str, offer_id: &str) -> Answer {
        let target = format!("/osago/{path}?request_id={id}&offer_id={offer_id}");
        self.ask(reqwest::Method::GET, &target, None).await.expect("an answer")
    }

    /// What a file's address opens, with the partner's credentials.
    pub async fn file(&self, target: &str) -> Raw {
        let address = format!("http://{}{target}", self.partner);
        self.stranger(reqwest::Method::GET, &address, |request| request.bearer_auth(self.token)).await
    }

    /// What somebody without credentials is told: a browser, or an insurer.
    pub async fn stranger(
        &self,
        method: reqwest::Method,
        address: &str,
        write: impl FnOnce(reqwest::RequestBuilder) -> reqwest::RequestBuilder,
    ) -> Raw {
        let answer = write(self.http.request(method, address)).send().await.expect("an answer");
        let (status, headers) = (answer.status().as_u16(), answer.headers().clone());
        let raw = Raw { status, headers, bytes: answer.bytes().await.expect("a body").to_vec() };
        assert!(uuid::Uuid::parse_str(raw.header("x-request-id")).is_ok(), "{raw:?}");
        raw
    }

    /// A page of the operations port.
    pub async fn operate(&self, path: &str) -> (u16, String) {
        let address = format!("http://{}{path}", self.operations);
        for _ in 0..3 {
            // A connection that was opened in advance may have been given up by the server meanwhile.
            let Ok(answer) = self.http.get(&address).send().await else { continue };
            return (answer.status().as_u16(), answer.text().await.expect("a body"));
        }
        panic!("{address} does not answer")
    }

    /// A page of the operations port that is JSON; none where the gateway is not there.
    pub async fn try_operate(&self, path: &str) -> Option<Value> {
        let address = format!("http://{}{path}", self.operations);
        let answer = self.http.get(&address).send().await.ok()?;
        serde_json::from_slice(&answer.bytes().await.ok()?).ok()
    }

    /// Any question; none where the gateway is not there or goes away.
    pub async fn ask(&self, method: reqwest::Method, target: &str, body: Option<String>) -> Option<Answer> {
        let address = format!("http://{}{target}", self.partner);
        let mut request = self.http.request(method.clone(), address).bearer_auth(self.token);
        if let Some(body) = body {
            request = request.header("content-type", "application/json").body(body);
        }
        let answer = request.send().await.map_err(tell).ok()?;
        let status = answer.status().as_u16();
        let id = answer.headers().get("x-request-id").and_then(|id| id.to_str().ok()).map(str::to_owned);
        let bytes = answer.bytes().await.map_err(tell).ok()?;
        assert!(id.as_deref().is_some_and(|id| uuid::Uuid::parse_str(id).is_ok()), "X-Request-Id: {id:?}");
        let body = serde_json::from_slice(&bytes).expect("JSON");
        self.contract.hold(method.as_str(), target, status, &body);
        Some(Answer { status, body })
    }
}

/// Why there is no answer, for where one was expected.
fn tell(error: reqwest::Error) {
    eprintln!("{error:?}");
}

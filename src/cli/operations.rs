//! A running gateway's operations port, for the commands that ask it.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, StatusCode, header};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::{
    config::Secret,
    operations::limits::{COMMAND, THROUGH},
    upstream::exchange,
};

/// A gateway's operations port.
pub(super) struct Operations {
    http: Client,
    base: Url,
    token: Option<Secret>,
}

/// Why there is no answer to show.
#[derive(Debug)]
pub(super) struct Unanswered {
    /// What happened and what to do.
    pub message: String,
    /// What the gateway said, where it said something.
    pub body: Option<Value>,
    /// The status that it said so with.
    pub status: Option<StatusCode>,
}

/// Who does not take the connection by then is not there.
const CONNECT: Duration = Duration::from_secs(10);

// === impl Operations ===

impl Operations {
    /// The port at `base`, whose answers are waited for so long.
    pub fn new(base: Url, patience: Duration) -> Result<Self, String> {
        // Not there twice: the first stays, which is as good.
        let _ = rustls::crypto::ring::default_provider().install_default();
        let http = Client::builder().connect_timeout(CONNECT).timeout(patience).no_proxy().build();
        let http = http.map_err(|error| format!("no HTTP client: {}", exchange::cause(&error)))?;
        Ok(Self { http, base, token: None })
    }

    /// The same, as an operator with that token.
    pub fn with_token(self, token: Secret) -> Self {
        Self { token: Some(token), ..self }
    }

    /// Asks for what is JSON.
    pub async fn get(&self, path: &str) -> Result<Value, Unanswered> {
        let (status, body) = self.ask(self.http.get(self.address(path)?)).await?;
        self.json(status, &body)
    }

    /// Asks for a text.
    pub async fn get_text(&self, path: &str) -> Result<String, Unanswered> {
        let (status, body) = self.ask(self.http.get(self.address(path)?)).await?;
        if !status.is_success() {
            self.json(status, &body)?;
        }
        String::from_utf8(body).map_err(|_| self.strange(status).into())
    }

    /// Has something done.
    pub async fn post(&self, path: &str, body: &Value) -> Result<Value, Unanswered> {
        self.send(Method::POST, path, body).await
    }

    /// The same by any method.
    pub async fn send(&self, method: Method, path: &str, body: &Value) -> Result<Value, Unanswered> {
        let request = self.http.request(method, self.address(path)?).body(body.to_string());
        let request = request.header(header::CONTENT_TYPE, "application/json");
        let (status, body) = self.ask(request).await?;
        self.json(status, &body)
    }

    fn address(&self, path: &str) -> Result<Url, String> {
        self.base
            .join(path)
            .map_err(|_| format!("--operations {}: not an address like http://127.0.0.1:9090", self.base))
    }

    async fn ask(&self, request: RequestBuilder) -> Result<(StatusCode, Vec<u8>), String> {
        let silent = |error: reqwest::Error| {
            format!(
                "{} does not answer ({}); does the gateway run, and is this its operations.listen?",
                self.base,
                exchange::cause(&error)
            )
        };
        let request = match &self.token {
            Some(token) => request.bearer_auth(token.reveal()).header(THROUGH, COMMAND),
            None => request,
        };
        let answer = request.send().await.map_err(silent)?;
        Ok((answer.status(), answer.bytes().await.map_err(silent)?.to_vec()))
    }

    fn json(&self, status: StatusCode, body: &[u8]) -> Result<Value, Unanswered> {
        let body: Value = serde_json::from_slice(body).map_err(|_| self.strange(status))?;
        if status.is_success() {
            return Ok(body);
        }
        let message = body.get("message").and_then(Value::as_str).unwrap_or("no reason was given");
        let message = format!("the gateway answers {status}: {message}");
        Err(Unanswered { message, body: Some(body), status: Some(status) })
    }

    fn strange(&self, status: StatusCode) -> String {
        format!("{} answers {status}, but not as a gateway's operations do; see --operations", self.base)
    }
}

/// An answer's content.
pub(super) fn read<T: serde::de::DeserializeOwned>(answer: Value) -> Result<T, String> {
    serde_json::from_value(answer)
        .map_err(|_| "the gateway's answer is of another version than this command".into())
}

/// A path with those parameters that are set.
pub(super) fn with_query(path: &str, parameters: &[(&str, Option<&str>)]) -> String {
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.extend_pairs(parameters.iter().filter_map(|(name, value)| value.map(|value| (name, value))));
    let query = query.finish();
    if query.is_empty() { path.to_owned() } else { format!("{path}?{query}") }
}

// === impl Unanswered ===

impl From<String> for Unanswered {
    fn from(message: String) -> Self {
        Self { message, body: None, status: None }
    }
}

impl From<Unanswered> for String {
    fn from(unanswered: Unanswered) -> Self {
        unanswered.message
    }
}

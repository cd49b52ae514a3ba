//! The demo's side of the partner API.

use std::net::SocketAddr;

use reqwest::{Client as Http, RequestBuilder};
use serde_json::Value;

/// Posts and polls as a partner, and looks behind the scenes as an operator.
pub(super) struct Client {
    http: Http,
    partner: SocketAddr,
    operations: SocketAddr,
}

// === impl Client ===

impl Client {
    /// A client of the gateway at these addresses.
    pub fn new(partner: SocketAddr, operations: SocketAddr) -> Result<Self, String> {
        let http = Http::builder().no_proxy().build().map_err(|error| error.to_string())?;
        Ok(Self { http, partner, operations })
    }

    /// Posts a calculation; its id. A refusal is told field by field.
    pub async fn post(&self, body: &str) -> Result<String, String> {
        let address = format!("http://{}/osago/calculate", self.partner);
        let request =
            self.http.post(address).header("content-type", "application/json").body(body.to_owned());
        let answer = send(request.bearer_auth("demo-token")).await?;
        answer["request_id"].as_str().map(str::to_owned).ok_or_else(|| "the answer has no request_id".into())
    }

    /// The calculation as it stands.
    pub async fn poll(&self, request_id: &str) -> Result<Value, String> {
        let address = format!("http://{}/osago/calculate?request_id={request_id}", self.partner);
        send(self.http.get(address).bearer_auth("demo-token")).await
    }

    /// Every insurer's verdict and timeline.
    pub async fn explain(&self, request_id: &str) -> Result<Vec<Value>, String> {
        let address = format!("http://{}/calculations/{request_id}", self.operations);
        let mut answer = send(self.http.get(address)).await?;
        match answer["calculations"][0]["insurers"].take() {
            Value::Array(insurers) => Ok(insurers),
            _ => Err("the operations port does not know the calculation".into()),
        }
    }
}

async fn send(request: RequestBuilder) -> Result<Value, String> {
    let response = request.send().await.map_err(|error| format!("the gateway did not answer: {error}"))?;
    let status = response.status();
    let body = response.bytes().await.map_err(|error| format!("the gateway's answer broke off: {error}"))?;
    let answer: Value =
        serde_json::from_slice(&body).map_err(|_| format!("the gateway's answer ({status}) is not JSON"))?;
    if status.is_success() { Ok(answer) } else { Err(refusal(status, &answer)) }
}

fn refusal(status: reqwest::StatusCode, answer: &Value) -> String {
    let mut text = format!("{status}: {}", answer["message"].as_str().unwrap_or("no message"));
    for wrong in answer["properties"].as_array().into_iter().flatten() {
        let part = |name: &str| wrong[name].as_str().unwrap_or("?").to_owned();
        text.push_str(&format!("\n  {}: {}", part("property"), part("message")));
    }
    text
}

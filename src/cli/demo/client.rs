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

    /// One offer; where its price is not final, the insurer is asked for the final one.
    pub async fn offer(&self, request_id: &str, offer_id: &str) -> Result<Value, String> {
        send(self.http.get(self.about("offer", request_id, offer_id)).bearer_auth("demo-token")).await
    }

    /// Takes an offer.
    pub async fn confirm(&self, body: &Value) -> Result<Value, String> {
        let address = format!("http://{}/osago/offer", self.partner);
        let request = self.http.post(address).header("content-type", "application/json");
        send(request.body(body.to_string()).bearer_auth("demo-token")).await
    }

    /// The policy, or how far it is.
    pub async fn policy(&self, request_id: &str, offer_id: &str) -> Result<Value, String> {
        send(self.http.get(self.about("offer/policy", request_id, offer_id)).bearer_auth("demo-token")).await
    }

    /// Opens an address as a browser does.
    pub async fn open(&self, address: &str) -> Result<bytes::Bytes, String> {
        let response = self.http.get(address).send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        let body = response.bytes().await.map_err(|error| error.to_string())?;
        if status.is_success() { Ok(body) } else { Err(format!("{address} answers {status}")) }
    }

    /// Pays on a simulated page.
    pub async fn pay(&self, page: &str) -> Result<(), String> {
        let pressed = self.http.post(page).header("content-type", "application/x-www-form-urlencoded");
        let response = pressed.body("action=pay").send().await.map_err(|error| error.to_string())?;
        let status = response.status();
        if status.is_success() { Ok(()) } else { Err(format!("the payment page answers {status}")) }
    }

    fn about(&self, path: &str, request_id: &str, offer_id: &str) -> String {
        format!("http://{}/osago/{path}?request_id={request_id}&offer_id={offer_id}", self.partner)
    }

    /// Every insurer's verdict and timeline.
    pub async fn explain(&self, request_id: &str) -> Result<Vec<Value>, String> {
        let address = format!("http://{}/calculations/{request_id}", self.operations);
        let mut answer = send(self.http.get(address)).await?;
        let mut calculation = answer["calculations"][0].take();
        let offers = calculation["offers"].take();
        let Value::Array(mut insurers) = calculation["insurers"].take() else {
            return Err("the operations port does not know the calculation".into());
        };
        for insurer in &mut insurers {
            let made = offers
                .as_array()
                .into_iter()
                .flatten()
                .filter(|offer| offer["insurer"] == insurer["insurer"]);
            insurer["offer_ids"] = made.map(|offer| offer["offer_id"].clone()).collect();
        }
        Ok(insurers)
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

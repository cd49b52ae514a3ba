//! Small clients of the three wires, written apart from the gateway's adapters.

use std::{sync::Mutex, time::Duration};

use digest_auth::{AuthContext, HttpMethod, WwwAuthenticateHeader};
use reqwest::{Client, Response};
use serde_json::Value;
use veer_simulator::{InsurerPlan, Knobs, Plan, Running, Simulation, Wire};

use crate::risks;

/// A simulation of one healthy insurer of each wire with seed 1.
pub async fn fast() -> Simulation {
    Simulation::start(Plan::fast(1)).await.unwrap()
}

/// The same, each with these knobs.
pub async fn with(knobs: Knobs) -> Simulation {
    let mut plan = Plan::fast(1);
    plan.insurers.iter_mut().for_each(|insurer: &mut InsurerPlan| insurer.knobs = knobs.clone());
    Simulation::start(plan).await.unwrap()
}

pub fn http() -> Client {
    impatient(Duration::from_secs(20))
}

pub fn impatient(timeout: Duration) -> Client {
    // Plain HTTP only, yet the client wants to know its cryptography.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().timeout(timeout).no_proxy().build().unwrap()
}

/// Waits until `state` is true; fails the test when it does not come.
pub async fn until(state: impl Fn() -> bool) {
    let wait = async {
        while !state() {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(20), wait).await.expect("the state comes");
}

/// A client of alfastrah that keeps the challenge as long as it is good.
pub struct Alfastrah<'a> {
    pub insurer: &'a Running,
    pub http: Client,
    challenge: Mutex<Option<WwwAuthenticateHeader>>,
}

impl<'a> Alfastrah<'a> {
    pub fn new(simulation: &'a Simulation) -> Self {
        Self { insurer: of(simulation, Wire::Alfastrah), http: http(), challenge: Mutex::default() }
    }

    /// One call with the challenge kept from the last one, if any.
    pub async fn once(&self, path: &str, body: Option<&Value>) -> reqwest::Result<Response> {
        let method = if body.is_some() { HttpMethod::POST } else { HttpMethod::GET };
        let target = format!("/{path}");
        let answer = self.challenge.lock().unwrap().as_mut().map(|challenge| {
            let (user, password) = (self.insurer.user.as_str(), self.insurer.password.as_str());
            let context = AuthContext::new_with_method(user, password, &target, None::<&[u8]>, method);
            challenge.respond(&context).unwrap().to_header_string()
        });
        let url = format!("{}{path}", self.insurer.base_url);
        let mut request = match body {
            Some(body) => self.http.post(url).body(body.to_string()),
            None => self.http.get(url),
        };
        if let Some(answer) = answer {
            request = request.header("Authorization", answer);
        }
        let response = request.send().await?;
        if let Some(challenge) = response.headers().get("WWW-Authenticate") {
            let challenge = WwwAuthenticateHeader::parse(challenge.to_str().unwrap()).unwrap();
            *self.challenge.lock().unwrap() = Some(challenge);
        }
        Ok(response)
    }

    /// The same, with one repetition after a challenge.
    pub async fn send(&self, path: &str, body: Option<&Value>) -> reqwest::Result<Response> {
        let first = self.once(path, body).await?;
        if first.status() == 401 { self.once(path, body).await } else { Ok(first) }
    }

    /// Status and body of a calculation.
    pub async fn calculate(&self, body: &Value) -> (u16, Value) {
        let response = self.send("wapi/osago/calculation", Some(body)).await.unwrap();
        let status = response.status().as_u16();
        (status, json(response).await)
    }
}

/// A client of ingosstrakh.
pub struct Ingosstrakh<'a> {
    pub insurer: &'a Running,
    pub http: Client,
}

impl<'a> Ingosstrakh<'a> {
    pub fn new(simulation: &'a Simulation) -> Self {
        Self { insurer: of(simulation, Wire::Ingosstrakh), http: http() }
    }

    /// One call of an operation.
    pub async fn send(&self, operation: &str, inner: &str) -> reqwest::Result<Response> {
        let envelope = format!(
            "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\"><soap:Body>\
             <{operation}>{inner}</{operation}></soap:Body></soap:Envelope>"
        );
        let url = format!("{}SalesService.svc", self.insurer.base_url);
        self.http.post(url).header("Content-Type", "text/xml; charset=utf-8").body(envelope).send().await
    }

    /// The body of an answer.
    pub async fn call(&self, operation: &str, inner: &str) -> String {
        self.send(operation, inner).await.unwrap().text().await.unwrap()
    }

    /// A session token.
    pub async fn login(&self) -> String {
        let (user, password) = (&self.insurer.user, &self.insurer.password);
        let inner = format!("<User>{user}</User><Password>{password}</Password>");
        element(&self.call("Login", &inner).await, "SessionToken").expect("a token")
    }

    /// The answer to a tariff call with this agreement.
    pub async fn tariff(&self, token: &str, agreement: &str) -> String {
        self.call("GetTariff", &tariff(token, agreement)).await
    }
}

/// The inside of a tariff call.
pub fn tariff(token: &str, agreement: &str) -> String {
    format!("<SessionToken>{token}</SessionToken><TariffParameters>{agreement}</TariffParameters>")
}

/// A client of renessans.
pub struct Renessans<'a> {
    pub insurer: &'a Running,
    pub http: Client,
}

impl<'a> Renessans<'a> {
    pub fn new(simulation: &'a Simulation) -> Self {
        Self { insurer: of(simulation, Wire::Renessans), http: http() }
    }

    pub async fn send(&self, fields: &[(&str, &str)]) -> reqwest::Result<Response> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("key", &self.insurer.key).extend_pairs(fields);
        let url = format!("{}calculate/?fullInformation=true", self.insurer.base_url);
        let kind = "application/x-www-form-urlencoded";
        self.http.post(url).header("Content-Type", kind).body(form.finish()).send().await
    }

    /// The body of an answer to a create, keys in lower case.
    pub async fn create(&self, fields: &[(&str, &str)]) -> Value {
        lower(json(self.send(fields).await.unwrap()).await)
    }

    /// The body of an answer to a poll, keys in lower case.
    pub async fn poll(&self, id: &str) -> Value {
        let url = format!("{}calculate/{id}/?key={}", self.insurer.base_url, self.insurer.key);
        lower(json(self.http.get(url).send().await.unwrap()).await)
    }

    /// Creates and polls to the end; the number of polls stands beside the answer.
    pub async fn calculate(&self, fields: &[(&str, &str)]) -> (Value, usize) {
        let created = self.create(fields).await;
        let id = created["data"][0]["id"].as_str().expect("an id").to_owned();
        for polls in 1.. {
            let polled = self.poll(&id).await;
            if polled["data"]["status"] != "wait" {
                return (polled, polls);
            }
        }
        unreachable!("a calculation ends")
    }
}

/// The price that each of the three asks for the example, or what it says instead.
pub async fn prices(simulation: &Simulation) -> [String; 3] {
    let (_, alfastrah) = Alfastrah::new(simulation).calculate(&risks::alfastrah()).await;
    let client = Ingosstrakh::new(simulation);
    let ingosstrakh = client.tariff(&client.login().await, &risks::ingosstrakh()).await;
    let (renessans, _) = Renessans::new(simulation).calculate(&risks::renessans()).await;
    [
        alfastrah["calculation_details"]["insurance_premium"].to_string(),
        element(&ingosstrakh, "PremiumAmount").unwrap_or(ingosstrakh),
        renessans["data"]["response"]["premium"].to_string(),
    ]
}

pub async fn json(response: Response) -> Value {
    let text = response.text().await.unwrap();
    serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error} in {text}"))
}

/// The text of the first element of that name.
pub fn element(xml: &str, name: &str) -> Option<String> {
    let (_, rest) = xml.split_once(&format!("<{name}>"))?;
    Some(rest.split_once("</")?.0.to_owned())
}

pub fn of(simulation: &Simulation, wire: Wire) -> &Running {
    simulation.insurers().iter().find(|insurer| insurer.wire == wire).unwrap()
}

/// The same with all keys in lower case.
pub fn lower(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(lower).collect(),
        Value::Object(members) => {
            members.into_iter().map(|(key, value)| (key.to_lowercase(), lower(value))).collect()
        }
        leaf => leaf,
    }
}

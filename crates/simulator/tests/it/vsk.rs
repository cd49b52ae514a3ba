//! vsk: REST JSON with OAuth 2, calls that become operations to ask for.

use std::time::Duration;

use reqwest::{Client, Method, RequestBuilder, Response};
use serde_json::{Value, json};
use veer_simulator::{Fault, Faults, Knobs, Latency, Outcome, Polls, Running, Simulation, Wire};

use crate::client;

/// A client of vsk that keeps its token.
pub struct Vsk<'a> {
    pub insurer: &'a Running,
    pub http: Client,
    token: String,
    patience: &'static str,
}

impl<'a> Vsk<'a> {
    pub async fn new(simulation: &'a Simulation) -> Self {
        let insurer = client::of(simulation, Wire::Vsk);
        let mut vsk = Self { insurer, http: client::http(), token: String::new(), patience: "59000" };
        vsk.log_in().await;
        vsk
    }

    /// The same, told of an operation after so many milliseconds.
    pub async fn impatient(simulation: &'a Simulation, patience: &'static str) -> Self {
        Self { patience, ..Self::new(simulation).await }
    }

    pub async fn log_in(&mut self) {
        let (user, password) = (&self.insurer.user, &self.insurer.password);
        let (status, answer) = self.ask_for_token(user, password, "client_credentials").await;
        assert_eq!(status, 200, "{answer}");
        self.token = answer["access_token"].as_str().unwrap().to_owned();
    }

    async fn ask_for_token(&self, id: &str, secret: &str, kind: &str) -> (u16, Value) {
        let form = url::form_urlencoded::Serializer::new(String::new())
            .extend_pairs([("client_id", id), ("client_secret", secret), ("grant_type", kind)])
            .finish();
        let url = format!("{}token", self.insurer.base_url);
        let request = self.http.post(url).header("Content-Type", "application/x-www-form-urlencoded");
        answer(request.body(form).send().await.unwrap()).await
    }

    pub fn request(&self, method: Method, path: &str, body: Option<&Value>) -> RequestBuilder {
        let url = format!("{}biz/sales/v2/{path}", self.insurer.base_url);
        let request = self
            .http
            .request(method, url)
            .header("Accept", "application/json")
            .header("Authorization", format!("Bearer {}", self.token))
            .header("desired-timeout", self.patience);
        match body {
            Some(body) => request.header("Content-Type", "application/json").body(body.to_string()),
            None => request,
        }
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        answer(self.request(Method::GET, path, None).send().await.unwrap()).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> (u16, Value) {
        let path = format!("individual/osago/{path}");
        answer(self.request(Method::POST, &path, Some(body)).send().await.unwrap()).await
    }

    pub async fn quote(&self) -> (u16, Value) {
        self.post("quotes", &policy()).await
    }

    /// The operation that an answer names.
    pub async fn operation(&self, stub: &Value) -> (u16, Value) {
        assert_eq!(stub["method"], "GET", "{stub}");
        let href = stub["href"].as_str().unwrap_or_else(|| panic!("{stub}"));
        self.get(href.strip_prefix("/sales/v2/").unwrap()).await
    }
}

/// Status and body, an object or a list; a page of a proxy is null.
pub async fn answer(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, serde_json::from_str(&response.text().await.unwrap()).unwrap_or_default())
}

/// The words of the first error of a list.
pub fn words(answer: &Value) -> &str {
    answer[0]["errorDescription"].as_str().unwrap_or_else(|| panic!("{answer}"))
}

/// The partner API's documented example, exactly as the adapter's fixture says that it is sent.
pub fn policy() -> Value {
    let fixture: toml::Table =
        include_str!("../../../../insurers/vsk/fixtures/quote/documented_example.toml").parse().unwrap();
    let text = fixture["step"][0]["call"][0]["body"]["json"].as_str().unwrap();
    serde_json::from_str(text).unwrap()
}

#[tokio::test]
async fn the_example_is_priced_in_the_taxis_corridor() {
    let simulation = client::fast().await;
    let (status, price) = Vsk::new(&simulation).await.quote().await;
    assert_eq!(status, 200, "{price}");
    // КТ 1.64, КВС 0.94, КМ 1.4; КБМ between its ends.
    let premium = price["premium"].as_f64().unwrap();
    let fixed = 1.64 * 0.94 * 1.4;
    assert!((1490.0 * fixed * 0.46..=15756.0 * fixed * 3.92).contains(&premium), "{price}");
    assert_eq!(price["endDate"], "2024-11-30T23:59:59+03:00");
    assert_eq!(simulation.journal().last().unwrap().outcome, Outcome::Priced);
}

#[tokio::test]
async fn a_token_is_given_for_the_accounts_credentials_alone() {
    let simulation = client::with(Knobs { session_life: Duration::from_secs(90), ..Knobs::default() }).await;
    let vsk = Vsk::new(&simulation).await;
    let (user, password) = (vsk.insurer.user.as_str(), vsk.insurer.password.as_str());
    let (_, token) = vsk.ask_for_token(user, password, "client_credentials").await;
    assert_eq!((&token["token_type"], &token["expires_in"]), (&json!("Bearer"), &json!(90)));
    let refused = (401, json!({"error": "invalid_client"}));
    assert_eq!(vsk.ask_for_token(user, "x", "client_credentials").await, refused);
    assert_eq!(vsk.ask_for_token("x", password, "client_credentials").await, refused);
    let (status, answer) = vsk.ask_for_token(user, password, "password").await;
    assert_eq!((status, &answer["error"]), (400, &json!("unsupported_grant_type")));
}

#[tokio::test]
async fn a_token_ends_after_its_calls_and_calls_without_one_are_not_taken() {
    let simulation = client::with(Knobs { session_calls: 2, ..Knobs::default() }).await;
    let mut vsk = Vsk::new(&simulation).await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        seen.push(vsk.quote().await.0);
    }
    assert_eq!(seen, [200, 200, 401]);
    let taken = simulation.journal().len();
    vsk.token = "another".into();
    let (status, answer) = vsk.quote().await;
    assert_eq!((status, words(&answer)), (401, "Unauthorized"));
    assert_eq!(simulation.journal().len(), taken);
    vsk.log_in().await;
    assert_eq!(vsk.quote().await.0, 200);
}

#[tokio::test]
async fn only_json_is_spoken() {
    let simulation = client::fast().await;
    let vsk = Vsk::new(&simulation).await;
    let request = vsk.request(Method::POST, "individual/osago/quotes", None);
    let response = request.header("Content-Type", "text/plain").body("{}").send().await.unwrap();
    assert_eq!(response.status(), 400);
    assert!(words(&answer(response).await.1).contains("application/json"));
}

#[tokio::test]
async fn every_missing_and_wrong_field_is_named() {
    let simulation = client::fast().await;
    let mut body = policy();
    body["policyHolder"]["email"] = Value::Null;
    body["policyHolder"]["address"]["typeCode"] = "POST".into();
    body["insuredObject"]["vehicle"]["power"] = Value::Null;
    body["insuredObject"]["vehicle"]["owner"]["document"] = json!({});
    body["insuredObject"]["drivers"] = json!([]);
    body["startDate"] = "2023-12-01".into();
    let (status, answer) = Vsk::new(&simulation).await.post("quotes", &body).await;
    assert_eq!(status, 400);
    let text = answer.to_string();
    for field in [
        "policyHolder.email",
        "policyHolder.address.typeCode",
        "vehicle.power",
        "owner.document.number",
        "insuredObject.drivers",
        "startDate",
    ] {
        assert!(text.contains(field), "{field} is missing in {text}");
    }
}

#[tokio::test]
async fn a_vehicle_that_the_dictionary_lacks_is_refused_and_case_plays_no_part() {
    let simulation = client::fast().await;
    let vsk = Vsk::new(&simulation).await;
    let mut body = policy();
    body["insuredObject"]["vehicle"]["model"]["name"] = "CAMRY".into();
    assert_eq!(vsk.post("quotes", &body).await.0, 200);
    body["insuredObject"]["vehicle"]["model"]["name"] = "Camryy".into();
    let (status, answer) = vsk.post("quotes", &body).await;
    assert_eq!((status, words(&answer)), (400, "Cannot find RDM data by Mark, Model, Modification"));
}

#[tokio::test]
async fn declines_and_the_registrys_outage_are_errors_with_words() {
    let simulation = client::with(Knobs { decline: 1.0, ..Knobs::default() }).await;
    let (status, answer) = Vsk::new(&simulation).await.quote().await;
    assert_eq!(status, 400);
    assert!(!words(&answer).is_empty());
    let faults = Faults::default().with(Fault::RegistryDown, 1.0);
    let simulation = client::with(Knobs { faults, ..Knobs::default() }).await;
    let (status, answer) = Vsk::new(&simulation).await.quote().await;
    assert_eq!(status, 400);
    assert!(words(&answer).contains("34030023"));
}

#[tokio::test]
async fn a_price_that_takes_longer_than_the_caller_wishes_becomes_an_operation() {
    let latency = Latency::Fixed { time: Duration::from_millis(600) };
    let polls = Polls { min: 1, max: 1 };
    let simulation = client::with(Knobs { latency, polls, ..Knobs::default() }).await;
    let (status, whole) = Vsk::new(&simulation).await.quote().await;
    assert_eq!(status, 200, "{whole}");
    let vsk = Vsk::impatient(&simulation, "100").await;
    let (status, stub) = vsk.quote().await;
    assert_eq!(status, 202, "{stub}");
    let (status, still) = vsk.operation(&stub).await;
    assert_eq!((status, &still["href"]), (202, &stub["href"]));
    tokio::time::sleep(Duration::from_millis(600)).await;
    let (status, price) = vsk.operation(&stub).await;
    assert_eq!((status, &price["premium"]), (200, &whole["premium"]));
}

#[tokio::test]
async fn a_share_of_prices_becomes_an_operation_at_once_and_takes_its_polls() {
    let polls = Polls { min: 3, max: 3 };
    let simulation = client::with(Knobs { operations: 1.0, polls, ..Knobs::default() }).await;
    let vsk = Vsk::new(&simulation).await;
    let (status, stub) = vsk.quote().await;
    assert_eq!(status, 202, "{stub}");
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(vsk.operation(&stub).await.0);
    }
    assert_eq!(seen, [202, 202, 200, 200]);
    let (status, answer) = vsk.get("operations?oper_id=1").await;
    assert_eq!((status, words(&answer)), (400, "Операция не найдена"));
}

#[tokio::test]
async fn a_declined_operation_ends_with_the_same_error() {
    let polls = Polls { min: 1, max: 1 };
    let knobs = Knobs { operations: 1.0, polls, decline: 1.0, ..Knobs::default() };
    let simulation = client::with(knobs).await;
    let vsk = Vsk::new(&simulation).await;
    let (_, stub) = vsk.quote().await;
    let (status, answer) = vsk.operation(&stub).await;
    assert_eq!(status, 400);
    assert!(!words(&answer).is_empty());
}

#[tokio::test]
async fn the_proxy_gives_up_on_a_caller_that_wishes_to_wait_for_longer() {
    let latency = Latency::Fixed { time: Duration::from_millis(500) };
    let knobs = Knobs { latency, proxy_patience: Duration::from_millis(50), ..Knobs::default() };
    let simulation = client::with(knobs).await;
    assert_eq!(Vsk::new(&simulation).await.quote().await, (504, Value::Null));
    assert_eq!(Vsk::impatient(&simulation, "10").await.quote().await.0, 202);
}

//! obrazets: plain REST behind OAuth 2 and signatures.

use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Client, Method, Response};
use serde_json::{Value, json};
use sha2::Sha256;
use veer_simulator::{Fault, Faults, Knobs, Latency, Outcome, Polls, Running, Simulation, Wire, vehicles};

use crate::{client, risks};

/// A client of obrazets, with a token.
pub struct Obrazets<'a> {
    pub insurer: &'a Running,
    pub http: Client,
    token: String,
}

impl<'a> Obrazets<'a> {
    pub async fn new(simulation: &'a Simulation) -> Self {
        let mut this = Self {
            insurer: client::of(simulation, Wire::Obrazets),
            http: client::http(),
            token: String::new(),
        };
        this.token = this.login(&this.insurer.password).await.1["access_token"].as_str().unwrap().to_owned();
        this
    }

    pub async fn login(&self, secret: &str) -> (u16, Value) {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("grant_type", "client_credentials")
            .append_pair("client_id", &self.insurer.user)
            .append_pair("client_secret", secret);
        let url = format!("{}oauth/token", self.insurer.base_url);
        let kind = "application/x-www-form-urlencoded";
        let response = self.http.post(url).header("Content-Type", kind).body(form.finish()).send().await;
        read(response.unwrap()).await
    }

    fn url(&self, path: &str) -> String {
        format!("{}api/v1/{path}", self.insurer.base_url)
    }

    /// One call with the token.
    pub async fn raw(&self, method: Method, path: &str) -> Response {
        self.http.request(method, self.url(path)).bearer_auth(&self.token).send().await.unwrap()
    }

    pub async fn get(&self, path: &str) -> (u16, Value) {
        read(self.raw(Method::GET, path).await).await
    }

    pub async fn delete(&self, path: &str) -> u16 {
        self.raw(Method::DELETE, path).await.status().as_u16()
    }

    /// One signed call.
    pub async fn post(&self, path: &str, body: &Value, key: Option<&str>) -> (u16, Value) {
        let body = body.to_string();
        let mut mac = Hmac::<Sha256>::new_from_slice(self.insurer.key.as_bytes()).unwrap();
        mac.update(body.as_bytes());
        let proof: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
        let mut request = self.http.post(self.url(path)).header("X-Client-Id", &self.insurer.user);
        if let Some(key) = key {
            request = request.header("Idempotency-Key", key);
        }
        read(request.header("X-Signature", proof).body(body).send().await.unwrap()).await
    }

    /// Asks for a price and polls to the end: the status of the last poll, its answer, and how many there were.
    pub async fn quote(&self, body: &Value) -> (u16, Value, usize) {
        let (status, created) = self.post("quotes", body, None).await;
        assert_eq!((status, created["status"].as_str()), (202, Some("pending")), "{created}");
        let path = format!("quotes/{}", created["quote_id"].as_str().unwrap());
        for polls in 1.. {
            let (status, answer) = self.get(&path).await;
            if status != 202 {
                return (status, answer, polls);
            }
            assert_eq!(answer["status"], "pending");
        }
        unreachable!("a quote ends")
    }
}

async fn read(response: Response) -> (u16, Value) {
    let status = response.status().as_u16();
    (status, client::json(response).await)
}

/// The documented example as this wire carries it.
pub fn risk() -> Value {
    let code = vehicles(Wire::Obrazets).into_iter().find(|row| row.model == "Camry").unwrap().code;
    let person = json!({
        "last_name": "Иванов", "first_name": "Иван", "middle_name": "Иванович", "birth_date": "1980-06-12",
        "passport": {"series": "1234", "number": "567890", "issued_on": "2010-10-05"},
        "address": {"text": "Красноярск, ул. Ленина, д. 1", "kladr": "2400000100000", "region": "Красноярский край",
            "city": "Красноярск"},
    });
    let mut policyholder = person.clone();
    policyholder["phone"] = "79161234567".into();
    policyholder["email"] = "user@example.org".into();
    json!({
        "policy": {"start_date": "2023-12-01", "end_date": "2024-11-30", "purpose": "taxi", "drivers": "named"},
        "vehicle": {"code": code, "category": "B", "year": 2020, "power_hp": 150, "vin": risks::VIN,
            "document": {"type": "sts", "series": "77АА", "number": "123456", "issued_on": "2020-05-15"}},
        "policyholder": policyholder,
        "owner": person,
        "drivers": [{"last_name": "Иванов", "first_name": "Иван", "middle_name": "Иванович",
            "birth_date": "1980-06-12", "licence": {"type": "russian", "series": "77АА", "number": "123456",
            "experience_since": "2015-06-10"}}],
    })
}

#[tokio::test]
async fn the_example_is_priced_after_its_polls() {
    let simulation = client::with(Knobs { polls: Polls { min: 3, max: 3 }, ..Knobs::default() }).await;
    let (status, answer, polls) = Obrazets::new(&simulation).await.quote(&risk()).await;
    assert_eq!((status, polls, answer["status"].as_str()), (200, 3, Some("ready")));
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let coefficients = answer["coefficients"].as_object().unwrap();
    let product: f64 = coefficients.values().map(number).product();
    assert!((product - number(&answer["premium"])).abs() < 0.01, "{answer}");
    assert_eq!(coefficients["kt"], "1.64", "Красноярск before 2025");
    assert_eq!(answer["drivers"][0]["kbm"], coefficients["kbm"]);
    assert_eq!(answer["cross_sales"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_price_is_not_ready_before_its_latency() {
    let latency = Latency::Fixed { time: Duration::from_secs(600) };
    let simulation = client::with(Knobs { latency, ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    let (_, created) = obrazets.post("quotes", &risk(), None).await;
    let path = format!("quotes/{}", created["quote_id"].as_str().unwrap());
    for _ in 0..5 {
        assert_eq!(obrazets.get(&path).await.0, 202);
    }
}

#[tokio::test]
async fn a_no_has_a_reason() {
    let simulation = client::with(Knobs { decline: 1.0, ..Knobs::default() }).await;
    let (status, answer, _) = Obrazets::new(&simulation).await.quote(&risk()).await;
    assert_eq!((status, answer["status"].as_str()), (200, Some("declined")));
    assert_eq!(answer["reason"]["code"], "underwriting");
    assert!(!answer["reason"]["message"].as_str().unwrap().is_empty());
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let simulation = client::fast().await;
    let obrazets = Obrazets::new(&simulation).await;
    for (path, value) in [
        ("/vehicle/code", json!("1")),
        ("/vehicle/category", json!("легковой")),
        ("/vehicle/power_hp", Value::Null),
        ("/policy/purpose", json!("Такси")),
        ("/policy/drivers", json!(true)),
        ("/owner/passport/number", json!("")),
        ("/owner/address/kladr", Value::Null),
        ("/policyholder/phone", Value::Null),
        ("/drivers/0/licence/type", json!("RU")),
        ("/drivers/0/licence/experience_since", json!("10.06.2015")),
    ] {
        let mut body = risk();
        *body.pointer_mut(path).unwrap() = value;
        let (status, answer) = obrazets.post("quotes", &body, None).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (422, Some("validation_failed")), "{path}");
        let named = path[1..].replace('/', ".");
        assert!(answer["error"]["fields"].to_string().contains(&named), "{named}: {answer}");
    }
}

#[tokio::test]
async fn anybody_may_drive() {
    let simulation = client::fast().await;
    let mut body = risk();
    body["policy"]["drivers"] = "unlimited".into();
    body["drivers"] = json!([]);
    let (_, answer, _) = Obrazets::new(&simulation).await.quote(&body).await;
    assert_eq!((answer["coefficients"]["ko"].as_str(), &answer["drivers"]), (Some("2.32"), &json!([])));
}

#[tokio::test]
async fn tokens_are_for_who_knows_the_secret_and_end() {
    let simulation = client::with(Knobs { session_calls: 2, ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    assert_eq!(obrazets.login("wrong").await, (400, json!({"error": "invalid_client"})));
    let (_, token) = obrazets.login(&obrazets.insurer.password).await;
    assert_eq!((token["token_type"].as_str(), token["expires_in"].as_u64()), (Some("Bearer"), Some(1200)));
    let mut seen = Vec::new();
    for _ in 0..4 {
        seen.push(obrazets.raw(Method::GET, "vehicles").await.status().as_u16());
    }
    assert_eq!(seen, [200, 200, 401, 401]);
    assert_eq!(obrazets.get("vehicles").await.1["error"]["code"], "invalid_token");
}

#[tokio::test]
async fn what_creates_must_be_signed() {
    let simulation = client::fast().await;
    let obrazets = Obrazets::new(&simulation).await;
    for path in ["quotes", "applications", "applications/1/payment"] {
        let request = obrazets.http.post(obrazets.url(path)).header("X-Client-Id", &obrazets.insurer.user);
        let response = request.header("X-Signature", "00").body("{}").send().await.unwrap();
        let (status, answer) = read(response).await;
        assert_eq!((status, answer["error"]["code"].as_str()), (401, Some("invalid_signature")), "{path}");
    }
    assert!(simulation.journal().iter().all(|call| !call.creates));
}

#[tokio::test]
async fn the_core_breaks_inside_200_and_the_registry_with_424() {
    let (mut codes, mut statuses) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for fault in [Fault::Error, Fault::RegistryDown] {
        let faults = Faults::default().with(fault, 1.0);
        let simulation = client::with(Knobs { faults, ..Knobs::default() }).await;
        let obrazets = Obrazets::new(&simulation).await;
        for number in 0..12 {
            let mut body = risk();
            body["vehicle"]["vin"] = format!("XTA210990Y27654{number:02}").into();
            let body = body.to_string();
            let mut mac = Hmac::<Sha256>::new_from_slice(obrazets.insurer.key.as_bytes()).unwrap();
            mac.update(body.as_bytes());
            let proof: String =
                mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
            let request =
                obrazets.http.post(obrazets.url("quotes")).header("X-Client-Id", &obrazets.insurer.user);
            let response = request.header("X-Signature", proof).body(body).send().await.unwrap();
            statuses.insert(response.status().as_u16());
            let text = response.text().await.unwrap();
            let answer: Value = serde_json::from_str(&text).unwrap_or_default();
            codes.extend(answer["error"]["code"].as_str().map(str::to_owned));
        }
        assert!(
            simulation
                .journal()
                .iter()
                .filter(|call| call.creates)
                .all(|call| call.outcome == Outcome::Faulted(fault))
        );
    }
    assert_eq!(Vec::from_iter(codes), ["internal", "registry_unavailable"]);
    assert!(statuses.contains(&200) && statuses.contains(&424), "{statuses:?}");
}

#[tokio::test]
async fn the_dictionary_is_what_is_exported_and_its_codes_are_taken() {
    let simulation = client::fast().await;
    let obrazets = Obrazets::new(&simulation).await;
    let (_, answer) = obrazets.get("vehicles").await;
    let rows = answer["vehicles"].as_array().unwrap();
    let text = |row: &Value, name: &str| row[name].as_str().map(str::to_owned);
    let listed: Vec<_> = rows.iter().map(|row| (text(row, "model"), text(row, "code"))).collect();
    let exported: Vec<_> =
        vehicles(Wire::Obrazets).into_iter().map(|row| (Some(row.model), row.code)).collect();
    assert_eq!(listed, exported);
    let knobs = Knobs { dictionary_revision: 1, ..Knobs::default() };
    simulation.set_knobs("obrazets", knobs).unwrap();
    assert_eq!(
        obrazets.post("quotes", &risk(), None).await.0,
        422,
        "the number is another vehicle's now, or none's"
    );
}

//! elmarket: one stored form, one calculation for each insurer.

use std::{collections::BTreeSet, time::Duration};

use reqwest::Client;
use serde_json::{Value, json};
use veer_simulator::{Fault, Faults, Hold, Knobs, Latency, Polls, Running, Simulation, Wire, vehicles};

use crate::{client, risks, sell::act};

const COMPANIES: [&str; 10] =
    ["alpha", "rgs", "ingos", "osk", "renins", "avolga", "soglasie", "tinkoff", "service_reserve", "arsenal"];

struct Elmarket<'a> {
    insurer: &'a Running,
    http: Client,
}

impl<'a> Elmarket<'a> {
    fn new(simulation: &'a Simulation) -> Self {
        Self { insurer: client::of(simulation, Wire::Elmarket), http: client::http() }
    }

    async fn send(&self, path: &str, body: Option<&Value>) -> (u16, Value) {
        let url = format!("{}v1/osago/{path}", self.insurer.base_url);
        let request = match body {
            Some(body) => self.http.post(url).body(body.to_string()),
            None => self.http.get(url),
        };
        let token = format!("Token {}", self.insurer.key);
        let response = request.header("Authorization", token).send().await.unwrap();
        let status = response.status().as_u16();
        (status, client::json(response).await)
    }

    async fn get(&self, path: &str) -> (u16, Value) {
        self.send(path, None).await
    }

    async fn contract(&self, form: &Value) -> Value {
        let (status, answer) = self.send("contracts/", Some(form)).await;
        assert_eq!(status, 201, "{answer}");
        answer["contract_id"].clone()
    }

    /// The path of a new calculation.
    async fn calculation(&self, company: &str, contract: &Value) -> String {
        let body = json!({"company_code": company, "contract_id": contract});
        let (status, answer) = self.send("calculations/", Some(&body)).await;
        assert_eq!((status, answer["status"].as_str()), (201, Some("PROCESSING")), "{answer}");
        format!("calculations/{}/", answer["id"])
    }

    /// The path of a calculation, what it comes to, and after how many polls.
    async fn calculate(&self, company: &str) -> (String, Value, usize) {
        let contract = self.contract(&form()).await;
        let path = self.calculation(company, &contract).await;
        for polls in 1.. {
            let (status, answer) = self.get(&path).await;
            assert_eq!(status, 200);
            if answer["status"] != "PROCESSING" {
                return (path, answer, polls);
            }
        }
        unreachable!("a calculation ends")
    }
}

/// The documented example as this wire carries it.
fn form() -> Value {
    let person = json!({
        "personal_info": {"last_name": "Иванов", "first_name": "Иван", "middle_name": "Иванович",
            "birth_date": "1980-06-12", "gender": "M"},
        "address": {"full_address": "Красноярск, ул. Ленина, д. 1", "region": "Красноярский край",
            "city": "Красноярск", "region_kladr": "2400000000000"},
        "document": {"type_code": "RUSSIAN_PASSPORT", "serial": "1234", "number": "567890",
            "issue_date": "2010-10-05"},
        "contacts": {"phone": "+79161234567", "email": "user@example.org"},
    });
    json!({
        "insurer": person,
        "owner": person,
        "vehicle": {
            "document": {"type_code": "PTS", "serial": "77АА", "number": "123456", "issue_date": "2020-05-15"},
            "vehicle_id": {"type_code": "VIN", "number": risks::VIN}, "engine": {"power": 150},
            "mark_name": "Toyota", "model_name": "Camry", "manufacture_year": 2020, "purpose": "TAXI",
            "category": "B",
        },
        "drivers": [{"last_name": "Иванов", "first_name": "Иван", "middle_name": "Иванович",
            "birth_date": "1980-06-12", "experience_start_date": "2015-06-10",
            "license": {"type_code": "RUSSIAN_DRIVER_LICENSE", "serial": "77АА", "number": "123456",
                "issue_date": "2015-06-10"}}],
        "policy_action": {"action_start_date": "2023-12-01", "insurance_period": 12},
        "agent_contacts": {"phone": "+79990000000", "email": "agent@example.org"},
    })
}

#[tokio::test]
async fn every_insurer_has_its_own_price_and_the_same_every_time() {
    let simulation = client::fast().await;
    let elmarket = Elmarket::new(&simulation);
    let mut prices = BTreeSet::new();
    for company in COMPANIES {
        let (_, answer, polls) = elmarket.calculate(company).await;
        assert_eq!(answer["status"], "CALCULATED", "{answer}");
        assert!((1..=3).contains(&polls) && answer["data"]["payment_url"].is_string());
        let (_, again, _) = elmarket.calculate(company).await;
        assert_eq!(again["data"]["price"], answer["data"]["price"]);
        prices.insert(answer["data"]["price"].to_string());
    }
    assert_eq!(prices.len(), COMPANIES.len(), "{prices:?}");
}

#[tokio::test]
async fn some_insurers_decline_and_others_do_not_and_each_has_its_pace() {
    let polls = Polls { min: 1, max: 6 };
    let simulation = client::with(Knobs { decline: 0.5, polls, ..Knobs::default() }).await;
    let elmarket = Elmarket::new(&simulation);
    let (mut states, mut paces) = (BTreeSet::new(), BTreeSet::new());
    for company in COMPANIES {
        let (_, answer, polls) = elmarket.calculate(company).await;
        let declined = answer["status"] == "DECLINED";
        assert_eq!(answer["data"]["message"].is_string(), declined, "{answer}");
        states.insert(declined);
        paces.insert(polls);
    }
    assert!(states.len() == 2 && paces.len() > 2, "{states:?} {paces:?}");
}

#[tokio::test]
async fn a_calculation_takes_its_latency_its_hold_and_its_checks() {
    let latency = Latency::Fixed { time: Duration::from_secs(600) };
    let slow = client::with(Knobs { latency, ..Knobs::default() }).await;
    let elmarket = Elmarket::new(&slow);
    let contract = elmarket.contract(&form()).await;
    let path = elmarket.calculation("alpha", &contract).await;
    assert_eq!(elmarket.get(&path).await.1["data"], json!({}), "no price yet");
    let polls = Polls { min: 1, max: 1 };
    let hold = Hold { share: 1.0, polls: 2 };
    let held = client::with(Knobs { polls, hold, ..Knobs::default() }).await;
    assert_eq!(Elmarket::new(&held).calculate("rgs").await.2, 3);
    for knobs in [
        Knobs { application_decline: 1.0, ..Knobs::default() },
        Knobs { registry_failed: 1.0, ..Knobs::default() },
    ] {
        let registry = knobs.registry_failed > 0.0;
        let simulation = client::with(knobs).await;
        let (_, answer, _) = Elmarket::new(&simulation).calculate("osk").await;
        assert_eq!(answer["status"], "DECLINED");
        assert_eq!(answer["data"]["message"].as_str().unwrap().contains("РСА"), registry);
    }
}

#[tokio::test]
async fn what_is_paid_becomes_a_policy() {
    let simulation = client::fast().await;
    let elmarket = Elmarket::new(&simulation);
    let (path, answer, _) = elmarket.calculate("renins").await;
    let page = answer["data"]["payment_url"].as_str().unwrap();
    assert_eq!(elmarket.get(&path).await.1, answer, "the page stays the same");
    act(page, "cancel").await;
    let (_, again) = elmarket.get(&path).await;
    let other = again["data"]["payment_url"].as_str().unwrap();
    assert_ne!(other, page, "a cancelled page is followed by a new one");
    act(other, "pay").await;
    let (_, paid) = elmarket.get(&path).await;
    assert_eq!((paid["status"].as_str(), &paid["data"]["price"]), (Some("PAID"), &answer["data"]["price"]));
    let policy = &paid["data"]["policy"];
    assert_eq!((policy["series"].as_str(), policy["number"].as_str().map(str::len)), (Some("ХХХ"), Some(10)));
    let sales = elmarket.insurer.sales();
    assert_eq!(sales.iter().filter(|sale| sale.paid.is_some()).count(), 1);
}

#[tokio::test]
async fn policy_and_payment_take_their_time() {
    let hour = Duration::from_secs(3600);
    for (knobs, state) in [
        (Knobs { payment_delay: hour, ..Knobs::default() }, "CALCULATED"),
        (Knobs { policy_delay: hour, ..Knobs::default() }, "PAID"),
    ] {
        let simulation = client::with(knobs).await;
        let elmarket = Elmarket::new(&simulation);
        let (path, answer, _) = elmarket.calculate("avolga").await;
        act(answer["data"]["payment_url"].as_str().unwrap(), "pay").await;
        let (_, answer) = elmarket.get(&path).await;
        assert_eq!(answer["status"], state);
        assert!(answer["data"]["policy"].is_null() && answer["data"]["payment_url"].is_null(), "{answer}");
    }
}

#[tokio::test]
async fn a_page_may_be_missing() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let (_, answer, _) = Elmarket::new(&simulation).calculate("alpha").await;
    assert!(answer["data"]["price"].is_number() && answer["data"]["payment_url"].is_null());
}

#[tokio::test]
async fn wrong_fields_are_named() {
    let simulation = client::fast().await;
    let elmarket = Elmarket::new(&simulation);
    for (path, value) in [
        ("/insurer/contacts/phone", json!("79161234567")),
        ("/insurer/personal_info/gender", json!("м")),
        ("/owner/document/type_code", json!("PASSPORT")),
        ("/owner/address/region_kladr", Value::Null),
        ("/vehicle/mark_name", json!("TOYOTA")),
        ("/vehicle/model_name", json!("Camry ")),
        ("/vehicle/purpose", json!("taxi")),
        ("/vehicle/vehicle_id/type_code", json!("vin")),
        ("/vehicle/engine/power", Value::Null),
        ("/drivers", Value::Null),
        ("/drivers/0/experience_start_date", Value::Null),
        ("/policy_action/action_start_date", json!("01.12.2023")),
        ("/agent_contacts/email", Value::Null),
    ] {
        let mut form = form();
        *form.pointer_mut(path).unwrap() = value;
        let (status, answer) = elmarket.send("contracts/", Some(&form)).await;
        let detail = answer["errors"]["detail"].as_str().unwrap_or_default();
        assert!(status == 400 && detail.contains(&path[1..].replace('/', ".")), "{path}: {answer}");
    }
    let contract = elmarket.contract(&form()).await;
    for body in [
        json!({"company_code": "sogaz", "contract_id": contract}),
        json!({"company_code": "alpha", "contract_id": 1}),
    ] {
        assert_eq!(elmarket.send("calculations/", Some(&body)).await.0, 400);
    }
    assert_eq!(elmarket.get("calculations/1/").await.0, 404);
}

#[tokio::test]
async fn an_empty_list_of_drivers_is_everybody() {
    let simulation = client::fast().await;
    let elmarket = Elmarket::new(&simulation);
    let mut form = form();
    form["drivers"] = json!([]);
    let contract = elmarket.contract(&form).await;
    assert!(contract.is_number());
}

#[tokio::test]
async fn a_wrong_token_and_a_broken_service_say_so() {
    let simulation = client::fast().await;
    let elmarket = Elmarket::new(&simulation);
    let url = format!("{}v1/osago/lists/marks/", elmarket.insurer.base_url);
    let response = elmarket.http.get(url).header("Authorization", "Token x").send().await.unwrap();
    assert_eq!(response.status(), 401);
    let faults = Faults::default().with(Fault::RegistryDown, 1.0);
    let down = client::with(Knobs { faults, ..Knobs::default() }).await;
    let (status, answer) = Elmarket::new(&down).send("contracts/", Some(&form())).await;
    assert_eq!(status, 500);
    assert!(answer["errors"]["detail"].as_str().unwrap().contains("РСА"));
}

#[tokio::test]
async fn the_lists_are_what_is_exported_and_no_longer_than_asked_for() {
    let simulation = client::fast().await;
    let elmarket = Elmarket::new(&simulation);
    let (_, marks) = elmarket.get("lists/marks/?limit=500").await;
    let mut listed = Vec::new();
    for mark in marks["results"].as_array().unwrap() {
        let path = format!("lists/models/?mark_id={}&limit=500", mark["id"]);
        let (_, models) = elmarket.get(&path).await;
        for model in models["results"].as_array().unwrap() {
            let text = |value: &Value| value.as_str().unwrap().to_owned();
            listed.push((text(&mark["name"]), text(&model["name"]), Some(model["id"].to_string())));
        }
    }
    let exported: Vec<_> =
        vehicles(Wire::Elmarket).into_iter().map(|row| (row.brand, row.model, row.code)).collect();
    assert_eq!(listed, exported);
    assert_eq!(elmarket.get("lists/marks/?limit=3").await.1["results"].as_array().unwrap().len(), 3);
    assert_eq!(elmarket.get("lists/models/?mark_id=0").await.0, 400);
    let (_, companies) = elmarket.get("lists/companies/").await;
    let codes: Vec<&str> =
        companies["results"].as_array().unwrap().iter().map(|row| row["code"].as_str().unwrap()).collect();
    assert_eq!(codes, COMPANIES);
}

//! avtocod: a report is made, then asked for.

use reqwest::{Client, Response};
use serde_json::{Value, json};
use veer_simulator::{
    Fault, Faults, InsurerPlan, Knobs, Outcome, Plan, Polls, REPORT_TYPE, Running, Simulation, Wire,
};

use crate::client;

/// A client of avtocod.
struct Avtocod<'a> {
    source: &'a Running,
    http: Client,
}

impl<'a> Avtocod<'a> {
    fn new(simulation: &'a Simulation) -> Self {
        Self { source: client::of(simulation, Wire::Avtocod), http: client::http() }
    }

    async fn post(&self, authorization: &str, report_type: &str, body: &Value) -> Response {
        let url = format!("{}user/reports/{report_type}/_make", self.source.base_url);
        let request = self.http.post(url).header("Authorization", authorization).body(body.to_string());
        request.send().await.unwrap()
    }

    fn authorization(&self) -> String {
        format!("AR-REST {}", self.source.key)
    }

    async fn make(&self, kind: &str, number: &str) -> Value {
        let body = json!({"queryType": kind, "query": number, "options": {}});
        client::json(self.post(&self.authorization(), REPORT_TYPE, &body).await).await["data"][0].take()
    }

    async fn report(&self, uid: &str) -> Value {
        let url = format!("{}user/reports/{uid}?_content=true&_detailed=true", self.source.base_url);
        let request = self.http.get(url).header("Authorization", self.authorization());
        let answer = client::json(request.send().await.unwrap()).await;
        answer.pointer("/data/0").cloned().unwrap_or_default()
    }

    /// The content of a report, and how often it was asked for.
    async fn content(&self, kind: &str, number: &str) -> (Value, usize) {
        let made = self.make(kind, number).await;
        let uid = made["uid"].as_str().unwrap().to_owned();
        for polls in 1.. {
            let mut report = self.report(&uid).await;
            if report["progress_wait"] == 0 {
                return (report["content"].take(), polls);
            }
        }
        unreachable!("a report ends")
    }
}

async fn source(knobs: Knobs) -> Simulation {
    let mut plan = Plan { seed: 1, insurers: Vec::new() }.and_sources();
    plan.insurers.iter_mut().for_each(|source: &mut InsurerPlan| source.knobs = knobs.clone());
    Simulation::start(plan).await.unwrap()
}

#[tokio::test]
async fn the_documented_example_is_found_by_either_number_after_its_polls() {
    let simulation = source(Knobs { polls: Polls { min: 2, max: 2 }, ..Knobs::default() }).await;
    let avtocod = Avtocod::new(&simulation);
    for (kind, number) in [("VIN", "XTA210990Y2765439"), ("GRZ", "А123БВ777")] {
        let (content, polls) = avtocod.content(kind, number).await;
        assert_eq!(polls, 2);
        let tech = &content["tech_data"];
        assert_eq!(tech["brand"]["name"]["normalized"], "Toyota");
        assert_eq!(tech["model"]["name"]["normalized"], "Camry");
        assert_eq!((&tech["year"], &tech["engine"]["power"]["hp"]), (&json!(2020), &json!(150)));
        assert_eq!(content["identifiers"]["vehicle"]["reg_num"], "А123БВ777");
    }
}

#[tokio::test]
async fn a_number_that_nobody_knows_has_an_empty_report() {
    let simulation = source(Knobs::default()).await;
    let (content, _) = Avtocod::new(&simulation).content("GRZ", "А000АА000").await;
    assert!(content["tech_data"]["brand"]["name"]["normalized"].is_null(), "{content}");
    let outcomes: Vec<Outcome> = simulation.journal().iter().map(|call| call.outcome).collect();
    assert_eq!(outcomes.last(), Some(&Outcome::Declined));
}

#[tokio::test]
async fn the_same_report_is_not_made_twice() {
    let simulation = source(Knobs::default()).await;
    let avtocod = Avtocod::new(&simulation);
    let (first, again) = (avtocod.make("VIN", "ZZZ1").await, avtocod.make("VIN", "ZZZ1").await);
    assert_eq!(first["uid"], again["uid"]);
    assert_eq!((&first["isnew"], &again["isnew"]), (&json!(true), &json!(false)));
    assert!(simulation.journal().iter().all(|call| call.creates && !call.risk.is_empty()));
}

#[tokio::test]
async fn refused_tokens_types_and_queries_are_told_in_the_sources_way() {
    let simulation = source(Knobs::default()).await;
    let avtocod = Avtocod::new(&simulation);
    let vin = json!({"queryType": "VIN", "query": "ZZZ1"});
    let refused = async |authorization: &str, report_type: &str, body: &Value| {
        let response = avtocod.post(authorization, report_type, body).await;
        (response.status().as_u16(), client::json(response).await)
    };
    let (status, answer) = refused("AR-REST other", REPORT_TYPE, &vin).await;
    assert_eq!((status, &answer["cls"]), (403, &json!("Security")));
    let (status, answer) = refused("Bearer x", REPORT_TYPE, &vin).await;
    assert_eq!((status, &answer["type"]), (400, &json!("SecurityAuthMalformedToken")));
    assert!(simulation.journal().is_empty());
    let (status, answer) = refused(&avtocod.authorization(), "other@simulated", &vin).await;
    assert_eq!((status, &answer["event"]["type"]), (500, &json!("DataSeekObjectError")));
    let (status, answer) = refused(&avtocod.authorization(), REPORT_TYPE, &json!({})).await;
    assert_eq!((status, &answer["state"]), (400, &json!("fail")));
    assert_eq!(avtocod.report("vehicle_ZZZ1@simulated").await, Value::Null, "nothing was made");
}

#[tokio::test]
async fn what_is_refused_by_a_fault_was_not_made() {
    let faults = Faults::default().with(Fault::RegistryDown, 1.0);
    let simulation = source(Knobs { faults, ..Knobs::default() }).await;
    let avtocod = Avtocod::new(&simulation);
    let body = json!({"queryType": "VIN", "query": "ZZZ1"});
    assert_eq!(avtocod.post(&avtocod.authorization(), REPORT_TYPE, &body).await.status(), 500);
    simulation.set_knobs("avtocod", Knobs::default()).unwrap();
    assert_eq!(avtocod.make("VIN", "ZZZ1").await["isnew"], true);
}

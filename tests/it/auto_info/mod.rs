//! A vehicle is found by its VIN or plate, and whoever knows it is asked once.
//!
//! With the simulated source, as a partner sees it, and with sources that answer as the test wants.

mod asked_once;
mod first_good_answer;
mod no_number_shown;
mod source;
mod vin_and_plate;

use std::sync::PoisonError;

use reqwest::Method;
use veer_contract::{Adapter, Erased, operation::VehicleQuery};
use veer_simulator::Plan;

use self::source::{Answers, Source, manifest};
use crate::harness::{Answer, Client, House, Settings, plan};

const VIN: &str = "XTA210990Y2765439";
const PLATE: &str = "А123БВ777";
const UNKNOWN: &str = "ZZZ00000000000000";

fn avtocod() -> Plan {
    plan::of([("avtocod", plan::quick())])
}

async fn with<const N: usize>(
    sources: [(&'static str, Answers); N],
) -> (House, impl Fn(&str) -> Vec<VehicleQuery>) {
    with_settings(sources, |_| {}).await
}

/// A gateway with these sources, and what each was really asked.
async fn with_settings<const N: usize>(
    sources: [(&'static str, Answers); N],
    change: impl FnOnce(&mut Settings),
) -> (House, impl Fn(&str) -> Vec<VehicleQuery>) {
    let asked = sources.each_ref().map(|(code, answers)| (*code, answers.asked.clone()));
    let adapters = sources.map(|(code, answers)| -> &'static dyn Adapter {
        Box::leak(Box::new(Source { manifest: manifest(code), flow: Erased::new(answers) }))
    });
    let somebody = plan::of([("alfastrah", plan::quick())]);
    let house = House::with_adapters(somebody, &adapters, |settings, simulation| {
        for (code, _) in &asked {
            settings.set(&format!("insurers.{code}.base_url"), simulation.insurers()[0].base_url.clone());
        }
        // Whoever waits for a source that hangs waits in vain.
        settings.set("dictionary.look_up", "1h");
        change(settings);
    })
    .await;
    let really = move |source: &str| {
        let (_, asked) = asked.iter().find(|(code, _)| *code == source).expect("a source");
        asked.lock().unwrap_or_else(PoisonError::into_inner).clone()
    };
    (house, really)
}

async fn ask(client: &Client, query: &str) -> Answer {
    client.ask(Method::GET, &format!("/auto/info?{query}"), None).await.expect("an answer")
}

/// How look-ups ended, as the metrics have it.
async fn outcomes(client: &Client) -> Vec<(&'static str, u64)> {
    let (_, metrics) = client.operate("/metrics").await;
    let count = |outcome: &'static str| {
        let series = format!("veer_vehicle_look_ups_total{{outcome=\"{outcome}\"}} ");
        let line = metrics.lines().find_map(|line| line.strip_prefix(&series));
        (outcome, line.expect("the series").parse().expect("a number"))
    };
    let all = ["cached", "failed", "found", "unknown", "unmapped"].map(count);
    all.into_iter().filter(|(_, count)| *count > 0).collect()
}

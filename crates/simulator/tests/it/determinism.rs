//! The same plan gives the same figures, whatever the order; another seed gives others.

use std::time::Duration;

use veer_simulator::{Drift, Knobs, Latency, Plan, Simulation, Wire};

use crate::{
    client::{self, Alfastrah, Renessans},
    risks,
};

#[tokio::test]
async fn a_seed_gives_the_same_prices_twice_and_another_gives_others() {
    let of = async |seed| client::prices(&Simulation::start(Plan::fast(seed)).await.unwrap()).await;
    let (first, again, other) = (of(1).await, of(1).await, of(2).await);
    assert_eq!(first, again);
    assert!(first.iter().zip(&other).all(|(one, two)| one != two), "{first:?} {other:?}");
    assert!(first.iter().all(|price| price.parse::<f64>().is_ok()), "{first:?}");
}

#[tokio::test]
async fn whole_answers_do_not_depend_on_the_order_of_arrival() {
    let vins = ["A1", "B2", "C3", "D4"];
    let ask = async |order: Vec<&'static str>| {
        let simulation = client::fast().await;
        let alfastrah = Alfastrah::new(&simulation);
        let mut answers = std::collections::BTreeMap::new();
        for vin in order {
            let mut body = risks::alfastrah();
            body["vehicle"]["identity"]["vin"] = vin.into();
            answers.insert(vin, alfastrah.calculate(&body).await.1.to_string());
        }
        answers
    };
    assert_eq!(ask(vins.to_vec()).await, ask(vins.into_iter().rev().collect()).await);
}

#[tokio::test]
async fn the_demo_prices_the_example_at_two_insurers_at_least_with_any_seed() {
    for seed in 1..=5 {
        let mut plan = Plan::demo(seed, Wire::INSURERS.len());
        // What is asked for here is the prices, not the waiting for them.
        plan.insurers.iter_mut().for_each(|insurer| insurer.knobs.latency = Latency::None);
        let prices = client::prices(&Simulation::start(plan).await.unwrap()).await;
        let priced = prices.iter().filter(|price| price.parse::<f64>().is_ok()).count();
        assert!(priced >= 2, "seed {seed}: {prices:?}");
    }
}

#[tokio::test]
async fn the_demo_waits_between_one_and_ten_seconds() {
    let (min, max) = (Duration::from_secs(1), Duration::from_secs(10));
    let plan = Plan::demo(1, 9);
    assert_eq!(plan.insurers.len(), 9);
    assert!(plan.insurers.iter().all(|insurer| insurer.knobs.latency == Latency::Uniform { min, max }));
}

#[tokio::test]
async fn aliases_have_prices_of_their_own() {
    let mut plan = Plan::demo(1, 2 * Wire::INSURERS.len());
    plan.insurers.iter_mut().for_each(|insurer| insurer.knobs = Knobs::default());
    let simulation = Simulation::start(plan).await.unwrap();
    let mut prices = std::collections::BTreeSet::new();
    for insurer in simulation.insurers().iter().filter(|insurer| insurer.wire == Wire::Renessans) {
        let renessans = Renessans { insurer, http: client::http() };
        prices.insert(renessans.calculate(&risks::renessans()).await.0.to_string());
    }
    assert_eq!(prices.len(), 2, "{prices:?}");
}

#[tokio::test]
async fn a_second_quote_of_the_same_risk_drifts_and_drifts_the_same_way_every_time() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let twice = async || {
        let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
        let alfastrah = Alfastrah::new(&simulation);
        let price = async || {
            let (_, answer) = alfastrah.calculate(&risks::alfastrah()).await;
            answer["calculation_details"]["insurance_premium"].as_f64().unwrap()
        };
        (price().await, price().await)
    };
    let (first, second) = twice().await;
    assert_ne!(first, second);
    assert!((0.89..1.11).contains(&(second / first)), "{first} to {second}");
    assert_eq!(twice().await, (first, second));
}

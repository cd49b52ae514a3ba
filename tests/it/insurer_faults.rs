//! Everything that the simulated insurers can do wrong ends in its verdict, on every wire, and never in a
//! hang or a lost calculation.

use serde_json::Value;
use veer_simulator::{Drip, Fault, Faults, Knobs, Wire};

use crate::harness::{Explained, House, Settings, eventually, plan, request};

const LANES: [&str; 3] = ["alfastrah.lanes.create", "ingosstrakh.lanes.create", "renessans.lanes.create"];

/// Some risks are enough to meet every way in which the insurers say that they are broken.
const RISKS: u32 = 8;

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_insurer_is_verdict_405() {
    let house = House::furnished(plan::all(&plan::faulty(Fault::Error)), |settings, simulation| {
        quick_repeats(settings, simulation);
        // What is asked again fails again: a breaker would spare the insurer most of it.
        settings.set("upstream.breaker.mode", "off");
    })
    .await;
    for (answer, explained) in house.client.calculate_about(RISKS).await {
        assert_failed(&answer, &explained, [405; 3]);
    }
    // Only what changes nothing is asked again.
    assert_eq!(house.received("alfastrah", "calculation").len(), RISKS as usize);
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 2 * RISKS as usize);
    assert_eq!(house.received("renessans", "calculate").len(), RISKS as usize);
}

#[tokio::test(flavor = "multi_thread")]
async fn being_asked_too_often_is_verdict_406() {
    let house = House::furnished(plan::all(&plan::faulty(Fault::TooMany)), quick_repeats).await;
    fails(&house, [406; 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn no_first_byte_is_verdict_402() {
    let house = House::furnished(plan::all(&plan::faulty(Fault::Hang)), |settings, _| {
        for lane in LANES {
            settings.set(&format!("insurers.{lane}.first_byte"), "300ms");
        }
    })
    .await;
    fails(&house, [402; 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_trickles_too_long_is_verdict_403() {
    let house = House::furnished(plan::all(&plan::faulty(Fault::Drip)), |settings, _| {
        for lane in LANES {
            let key = |key: &str| format!("insurers.{lane}.{key}");
            settings.set(&key("connect"), "500ms").set(&key("first_byte"), "1s");
            settings.set(&key("total"), "1s").set(&key("useful"), "100ms");
        }
    })
    .await;
    fails(&house, [403; 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_trickles_within_the_limits_is_an_offer() {
    let drip = Drip { bytes: 64, pause: std::time::Duration::from_millis(2) };
    let house = House::open(plan::all(&Knobs { drip, ..plan::faulty(Fault::Drip) })).await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    assert!(explained.verdicts().iter().all(|(_, verdict)| *verdict == 0), "{explained:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_that_breaks_off_is_verdict_500_and_no_application_goes_twice() {
    let house = House::furnished(plan::all(&plan::faulty(Fault::Truncated)), quick_repeats).await;
    fails(&house, [500; 3]).await;
    assert_eq!(house.received("alfastrah", "calculation").len(), 1);
    assert_eq!(house.received("ingosstrakh", "GetTariff").len(), 2);
    assert_eq!(house.received("renessans", "calculate").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_malformed_answer_is_verdict_500() {
    fails(&House::open(plan::all(&plan::faulty(Fault::Malformed))).await, [500; 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_answer_of_nothing_but_nulls_is_verdict_500() {
    fails(&House::open(plan::all(&plan::faulty(Fault::Nulls))).await, [500; 3]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_registry_that_is_down_is_verdict_504() {
    let house = House::open(plan::all(&plan::faulty(Fault::RegistryDown))).await;
    let answer = fails(&house, [504; 3]).await;
    let offers = answer["offers"].as_array().expect("offers");
    assert!(offers.iter().all(|offer| offer["message"].as_str().is_some_and(|it| it.contains("база ОСАГО"))));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_fails_is_verdict_405_and_the_calculation_is_not_made_again() {
    let house = House::furnished(plan::of([("renessans", plan::quick())]), quick_repeats).await;
    let id = house.client.accepted(&request::sample()).await;
    created(&house).await;
    house.simulation.set_knobs("renessans", plan::faulty(Fault::Error)).expect("knobs");
    let answer = house.client.finished(&id).await;
    assert_eq!(answer["status"], "CALCULATION_ERROR");
    assert_eq!(house.client.explain(&id).await.verdict("renessans"), 405);
    assert_eq!(house.received("renessans", "calculate").len(), 1);
    assert_eq!(house.received("renessans", "calculate/{id}").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn after_a_mixture_of_all_faults_every_calculation_is_final_and_every_verdict_is_named() {
    let mut faults = Faults::default();
    for fault in Fault::ALL {
        faults = faults.with(fault, 0.1);
    }
    let knobs = Knobs { faults, decline: 0.1, ..plan::quick() };
    let house = House::furnished(plan::all(&knobs), |settings, _| {
        settings.set("calculation.budget", "4s").set("upstream.pause", "10ms");
        settings.set("upstream.breaker.mode", "off");
        for lane in LANES {
            settings.set(&format!("insurers.{lane}.concurrent"), 64);
        }
    })
    .await;
    let mut statuses = std::collections::BTreeSet::new();
    for (answer, explained) in house.client.calculate_about(24).await {
        for (insurer, verdict) in explained.verdicts() {
            let known = [0, 200, 202, 403, 404, 405, 406, 500, 504];
            assert!(known.contains(&verdict), "{insurer} ended with {verdict}");
            let offered = verdict == 0;
            let code = &explained.of(insurer)["partner_code"];
            let offers = answer["offers"].as_array().expect("offers");
            let offer =
                offers.iter().find(|offer| offer["partner"]["code"] == *code).expect("an asked insurer");
            assert_eq!(offer["price"].is_number(), offered, "{insurer} {verdict} {offer}");
        }
        statuses.insert(answer["status"].as_str().expect("a status").to_owned());
    }
    assert!(statuses.contains("CALCULATION_READY") && !statuses.contains("PARTNER_CALCULATION_IN_PROGRESS"));
}

/// One calculation fails at every insurer with the verdict that is expected of its wire.
async fn fails(house: &House, verdicts: [u64; 3]) -> Value {
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_failed(&answer, &explained, verdicts);
    answer
}

#[track_caller]
fn assert_failed(answer: &Value, explained: &Explained, verdicts: [u64; 3]) {
    let expected: Vec<_> = plan::WIRES.into_iter().map(Wire::name).zip(verdicts).collect();
    assert_eq!(explained.verdicts(), expected, "{explained:?}");
    assert_eq!(answer["status"], "CALCULATION_ERROR");
    let offers = answer["offers"].as_array().expect("offers");
    assert_eq!(offers.len(), 3);
    for offer in offers {
        assert_eq!(offer["status"], "OFFER_ERROR");
        assert!(offer["price"].is_null() && offer["message"].is_string(), "{offer}");
    }
    assert!(expected.iter().all(|(insurer, _)| !explained.detail(insurer).is_empty()), "{explained:?}");
}

async fn created(house: &House) {
    eventually("the calculation is created", async || {
        (!house.received("renessans", "calculate").is_empty()).then_some(())
    })
    .await;
}

fn quick_repeats(settings: &mut Settings, _: &veer_simulator::Simulation) {
    settings.set("upstream.repeats", 1).set("upstream.pause", "10ms");
}

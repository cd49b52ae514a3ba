//! What may be asked again is asked again, when the insurer wants it.

use std::collections::BTreeMap;

use veer_simulator::{Fault, Faults, Knobs, Outcome, Received};

use crate::harness::{House, eventually, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn a_question_that_came_too_often_is_asked_again_after_retry_after() {
    let faults = Faults::default().with(Fault::TooMany, 0.4);
    let knobs = Knobs { faults, ..plan::quick() };
    let retry_after = knobs.retry_after;
    let house = House::furnished(plan::of([("ingosstrakh", knobs)]), |settings, _| {
        settings.set("upstream.pause", "10ms");
    })
    .await;
    let ended = house.client.calculate_about(8).await;
    let offered = ended.iter().filter(|(_, explained)| explained.verdict("ingosstrakh") == 0).count();
    let refused = ended.iter().filter(|(_, explained)| explained.verdict("ingosstrakh") == 406).count();
    let risks = by_risk(&house);
    let priced = |calls: &&Vec<Received>| calls.last().is_some_and(|it| it.outcome == Outcome::Priced);
    assert_eq!((offered, offered + refused), (risks.values().filter(priced).count(), risks.len()));
    for pair in risks.values().flat_map(|calls| calls.windows(2)) {
        assert_eq!(pair[0].outcome, Outcome::Faulted(Fault::TooMany));
        assert!(pair[1].at - pair[0].at >= retry_after, "too early: {pair:?}");
    }
    let came_again = risks.values().filter(priced).any(|calls| calls.len() > 1);
    assert!(came_again, "no risk was refused first and priced then; ask about others");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_broken_answer_to_a_question_is_asked_for_again() {
    let faults = Faults::default().with(Fault::Truncated, 0.5);
    let knobs = Knobs { faults, ..plan::quick() };
    let house = House::furnished(plan::of([("ingosstrakh", knobs)]), |settings, _| {
        settings.set("upstream.repeats", 10).set("upstream.pause", "5ms");
    })
    .await;
    for (_, explained) in house.client.calculate_about(8).await {
        assert_eq!(explained.verdict("ingosstrakh"), 0, "{explained:?}");
    }
    for calls in by_risk(&house).values() {
        let (last, before) = calls.split_last().expect("a call");
        assert_eq!(last.outcome, Outcome::Priced);
        assert!(before.iter().all(|call| call.outcome == Outcome::Faulted(Fault::Truncated)), "{calls:?}");
    }
    assert!(house.received("ingosstrakh", "GetTariff").len() > 8);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_poll_that_fails_is_repeated_and_the_offer_comes() {
    let house = House::furnished(plan::of([("renessans", plan::quick())]), |settings, _| {
        settings.set("upstream.repeats", 8).set("upstream.pause", "5ms");
    })
    .await;
    let bodies: Vec<_> = (0..6).map(request::about_car).collect();
    for body in &bodies {
        house.client.accepted(body).await;
    }
    eventually("all are created", async || {
        (house.received("renessans", "calculate").len() == bodies.len()).then_some(())
    })
    .await;
    let faults = Faults::default().with(Fault::Error, 0.5);
    house.simulation.set_knobs("renessans", Knobs { faults, ..plan::quick() }).expect("knobs");
    for body in &bodies {
        let answer = house.client.finished(request::id(body)).await;
        assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
    }
    let polls = house.received("renessans", "calculate/{id}");
    assert!(polls.iter().any(|poll| poll.outcome == Outcome::Faulted(Fault::Error)), "{polls:?}");
    assert_eq!(house.received("renessans", "calculate").len(), bodies.len());
}

fn by_risk(house: &House) -> BTreeMap<String, Vec<Received>> {
    let mut risks = BTreeMap::<_, Vec<_>>::new();
    for call in house.received("ingosstrakh", "GetTariff") {
        risks.entry(call.risk.clone()).or_default().push(call);
    }
    risks
}

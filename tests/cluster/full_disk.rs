//! On a full disk the gateway takes nothing new, still answers, and goes on when there is room again.
//!
//! No disk is filled: the system forbids the gateway's process to let any file grow (`RLIMIT_FSIZE`), its log included.
//! Writing fails with another number than on a full disk (EFBIG, not ENOSPC), at the same place.

use std::time::Duration;

use veer_simulator::Knobs;

use crate::{
    harness::{eventually, plan, request},
    stage::{Stage, client, priced, wait},
};

#[tokio::test(flavor = "multi_thread")]
async fn on_a_full_disk_nothing_new_is_taken_and_nothing_is_lost() {
    let slow = Knobs { latency: plan::slow(2500).latency, ..plan::quick() };
    let stage = Stage::set(plan::of([("alfastrah", plan::quick()), ("ingosstrakh", slow)])).await;
    let mut replica = wait(|| stage.serve("gateway").start());
    let partner = client(&replica).await;
    let before = partner.calculate(&request::about_car(1)).await;
    let mut accepted = vec![before["request_id"].as_str().expect("an id").to_owned()];
    for car in 2..6 {
        accepted.push(partner.accepted(&request::about_car(car)).await);
    }

    wait(|| replica.process().limit_files(Some(1)));
    let refused = partner.post(&request::about_car(10)).await;
    assert_eq!(refused.status, 500, "{refused:?}");
    assert!(refused.body["message"].is_string(), "{refused:?}");
    eventually("it says that it is not ready", async || {
        let (status, why) = partner.operate("/health/ready").await;
        (status == 503 && why.contains("store")).then_some(())
    })
    .await;
    // What is known is still told, and what is under way goes on.
    let known = partner.poll(&accepted[0]).await;
    assert_eq!((known.status, &known.body), (200, &before));
    // Insurers answer meanwhile; their answers must wait for room.
    tokio::time::sleep(Duration::from_secs(4)).await;
    for id in &accepted {
        let answer = partner.poll(id).await;
        assert_eq!(answer.status, 200, "{answer:?}");
    }
    wait(|| replica.process().must_run());

    wait(|| replica.process().limit_files(None));
    let after = request::about_car(11);
    eventually("it takes calculations again", async || {
        let answer = partner.post(&after).await;
        (answer.status == 200).then_some(())
    })
    .await;
    accepted.push(request::id(&after).to_owned());
    let mut told = Vec::new();
    for id in &accepted {
        let answer = partner.finished(id).await;
        assert_eq!(answer["status"], "CALCULATION_READY", "{answer}");
        told.push(answer);
    }
    assert_eq!(partner.operate("/health/ready").await.0, 200);

    // An answer is told as soon as it is known and written right behind; what was handed over before a calculation that is
    // accepted is on the disk with it.
    partner.accepted(&request::about_car(12)).await;
    wait(|| replica.start_again());
    let partner = client(&replica).await;
    // All that was told is there.
    for (id, told) in accepted.iter().zip(&told) {
        let answer = partner.poll(id).await.body;
        assert_eq!(&answer, told);
        let explained = partner.explain(id).await;
        // An application of which no note could be made was not sent (303).
        let verdicts = explained.verdicts();
        assert!(verdicts.iter().all(|(_, verdict)| [0, 303, 503].contains(verdict)), "{explained:?}");
        assert!(priced(&answer).next().is_some(), "{answer}");
    }
    stage.no_application_twice(0);
    assert!(!replica.process().log().contains("panicked"), "{}", replica.process().log());
}

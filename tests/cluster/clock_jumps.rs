//! The machine's clock is set while calculations and a sale are under way; nothing of them notices.
//!
//! The clock is set for the gateway alone, by Debian's libfaketime, which reads by how much from a file at every
//! look. The monotonic clock runs on, as it does when a machine's clock is set.

use std::{fs, path::Path, time::Duration};

use serde_json::json;

use crate::{
    harness::{eventually, plan, request},
    stage::{Stage, client, priced, wait},
};

/// By how much the clock is wrong, one after the other.
const JUMPS: [&str; 5] = ["+3h", "-3h", "+20h", "-20h", "+0"];

#[tokio::test(flavor = "multi_thread")]
async fn calculations_and_a_sale_go_on_whatever_the_clock_says() {
    let stage = Stage::set(plan::all(&plan::slow(700))).await;
    let library = wait(veer_cluster::faketime);
    let offset = stage.folder.path().join("offset");
    set_clock(&offset, "+0");
    let serve = stage.serve("gateway").with("LD_PRELOAD", library.display().to_string());
    let serve = serve.with("FAKETIME_TIMESTAMP_FILE", offset.display().to_string());
    let serve = serve.with("FAKETIME_NO_CACHE", "1").with("FAKETIME_DONT_FAKE_MONOTONIC", "1");
    let replica = wait(|| serve.start());
    let partner = client(&replica).await;

    // An offer with its final price, to be sold in the middle of it all.
    let body = request::about_car(0);
    let answer = partner.calculate(&body).await;
    let id = request::id(&body).to_owned();
    let offer_id = priced(&answer).next().expect("an offer")["offer_id"].as_str().expect("an id").to_owned();
    eventually("the price is final", async || {
        (partner.offer(&id, &offer_id).await.body["status"] == "APPROVED").then_some(())
    })
    .await;

    let mut page = None;
    for (number, jump) in (1..).zip(JUMPS) {
        let running = partner.accepted(&request::about_car(number)).await;
        set_clock(&offset, jump);
        let later = partner.accepted(&request::about_car(100 + number)).await;
        for id in [running, later] {
            let answer = partner.finished(&id).await;
            let explained = partner.explain(&id).await;
            assert_eq!(answer["status"], "CALCULATION_READY", "after {jump}: {explained:?}");
            assert!(
                explained.verdicts().iter().all(|(_, verdict)| *verdict == 0),
                "after {jump}: {explained:?}"
            );
        }
        if jump == "-3h" {
            let wish = json!({ "request_id": id, "offer_id": offer_id });
            page = Some(
                eventually("the payment link is there", async || {
                    let answer = partner.confirm(&wish).await;
                    assert_eq!(answer.status, 200, "{answer:?}");
                    answer.body["payment_url"].as_str().map(str::to_owned)
                })
                .await,
            );
        }
        if jump == "-20h" {
            pay(page.as_deref().expect("a page")).await;
        }
    }
    eventually("the policy is there", async || {
        partner.policy(&id, &offer_id).await.body["file"].is_object().then_some(())
    })
    .await;
    eventually("the sale is credited", async || (!stage.yandex.credited().is_empty()).then_some(())).await;
    stage.every_sale_is_credited_once();
    stage.no_application_twice(1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_killed_under_another_clock_goes_on_under_this_one() {
    let stage = Stage::set(plan::all(&plan::slow(1500))).await;
    let library = wait(veer_cluster::faketime);
    for (number, jump) in (1..).zip(["+3h", "-3h"]) {
        let offset = stage.folder.path().join("offset");
        set_clock(&offset, jump);
        let serve = stage.serve("gateway").with("LD_PRELOAD", library.display().to_string());
        let serve = serve.with("FAKETIME_TIMESTAMP_FILE", offset.display().to_string());
        let serve = serve.with("FAKETIME_NO_CACHE", "1").with("FAKETIME_DONT_FAKE_MONOTONIC", "1");
        let mut replica = wait(|| serve.start());
        let id = client(&replica).await.accepted(&request::about_car(number)).await;
        replica.kill();
        replica.serve.environment.clear();
        wait(|| replica.start_again());
        let partner = client(&replica).await;
        // It must end, soon or within its budget; the clock says nothing better.
        let answer = partner.finished(&id).await;
        let explained = partner.explain(&id).await;
        assert_eq!(explained.verdicts().len(), 3, "{answer} {explained:?}");
        let fresh = partner.calculate(&request::about_car(10 + number)).await;
        assert_eq!(fresh["status"], "CALCULATION_READY", "{fresh}");
    }
    stage.no_application_twice(0);
}

/// In one step: a look in the middle of writing would find nothing.
fn set_clock(offset: &Path, jump: &str) {
    let next = offset.with_extension("next");
    fs::write(&next, format!("{jump}\n")).expect("a writable folder");
    fs::rename(&next, offset).expect("a writable folder");
}

async fn pay(page: &str) {
    let client =
        reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client");
    let pay =
        client.post(page).header("content-type", "application/x-www-form-urlencoded").body("action=pay");
    assert!(pay.send().await.expect("a page").status().is_success());
}

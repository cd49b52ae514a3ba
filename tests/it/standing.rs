//! Who is asked when: every rule holds where a conversation would begin, and what runs goes on.

use jiff::{ToSpan as _, civil::DateTime};
use serde_json::json;
use uuid::Uuid;
use veer::config::StandingConfig;

use crate::{
    harness::{House, eventually, plan, request},
    journey::{approved, confirmed, press, sold, wish},
    told_insurers::{offers, open, prices},
};

#[tokio::test(flavor = "multi_thread")]
async fn outside_its_hours_an_insurer_is_verdict_104() {
    // Half the day away, so that the test may take its time.
    let far = moscow().checked_add(12.hours()).expect("a time");
    let hours = format!("{}-{}", far.strftime("%H:00"), far.strftime("%H:30"));
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("insurers.renessans.hours", hours.clone());
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 0), ("ingosstrakh", 0), ("renessans", 104)]);
    assert!(
        explained.detail("renessans").contains(&format!("outside its `hours`, `{hours}`")),
        "{explained:?}"
    );
    assert_eq!(answer["offers"].as_array().map(Vec::len), Some(2));
    assert!(house.received("renessans", "calculate").is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn in_its_maintenance_window_an_insurer_is_verdict_104() {
    let day =
        |days: i64| moscow().checked_add(days.days()).expect("a day").strftime("%Y-%m-%d 00:00").to_string();
    let house = House::furnished(plan::healthy(), |settings, _| {
        let windows = vec![format!("{} - {}", day(-1), day(2)).into(), "sun 03:00-03:01".into()];
        settings.set("insurers.alfastrah.maintenance", toml::Value::Array(windows));
        // One that was yesterday is no matter.
        settings.set("insurers.renessans.maintenance", format!("{} - {}", day(-9), day(-1)));
    })
    .await;
    let (_, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdicts(), [("alfastrah", 104), ("ingosstrakh", 0), ("renessans", 0)]);
    let detail = explained.detail("alfastrah");
    assert!(detail.contains("`maintenance` says") && detail.contains(&day(2)), "{detail}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_share_of_calculations_asks_and_the_others_are_verdict_105() {
    let house = House::furnished(plan::of([("alfastrah", plan::quick())]), |settings, _| {
        settings.set("insurers.alfastrah.asked", "50%");
    })
    .await;
    let mut asked = 0;
    for number in 1..=16 {
        let mut body = request::about_car(number);
        body["request_id"] = json!(Uuid::from_u128(number.into()));
        let (answer, explained) = house.client.calculate_explained(&body).await;
        let (verdict, offers) = (explained.verdict("alfastrah"), answer["offers"].as_array().map(Vec::len));
        assert!(matches!((verdict, offers), (0, Some(1)) | (105, Some(0))), "{explained:?}");
        asked += usize::from(verdict == 0);
    }
    // Which they are follows from their ids, so this is no matter of luck.
    assert!((4..=12).contains(&asked), "{asked}");
    assert_eq!(house.simulation.journal().iter().filter(|call| call.creates).count(), asked);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_change_holds_for_what_begins_and_what_runs_goes_on() {
    let house = open(&["a", "b"], |_| {}).await;
    let running = house.client.accepted(&request::again()).await;
    eventually("it is asked", async || {
        (house.client.explain(&running).await.count("a", "started") == 1).then_some(())
    })
    .await;
    house.insurer("a").set_standing(StandingConfig { enabled: false, ..StandingConfig::default() });
    let new = house.client.accepted(&request::again()).await;
    eventually("it is not asked", async || {
        house.client.explain(&new).await.of("a")["verdict"].as_u64().map(|verdict| assert_eq!(verdict, 100))
    })
    .await;
    offers(&house, "a", 5000, true).await;
    eventually("it has offered", async || {
        (prices(&house.client.poll(&running).await.body) == [(1, 5000)]).then_some(())
    })
    .await;
    house.insurer("a").set_standing(StandingConfig::default());
    let again = house.client.accepted(&request::again()).await;
    eventually("it is asked again", async || {
        (house.client.explain(&again).await.count("a", "started") == 1).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_runs_goes_on_after_a_restart_too() {
    let mut house = open(&["a", "b"], |_| {}).await;
    let id = house.client.accepted(&request::sample()).await;
    eventually("it is asked", async || {
        (house.client.explain(&id).await.count("a", "started") == 1).then_some(())
    })
    .await;
    house
        .restart_with(|settings| {
            settings.set("insurers.a.enabled", false);
        })
        .await;
    offers(&house, "a", 5000, true).await;
    eventually("it has offered", async || {
        (prices(&house.client.poll(&id).await.body) == [(1, 5000)]).then_some(())
    })
    .await;
}

#[tokio::test(flavor = "multi_thread")]
async fn an_accepted_offer_is_sold_by_an_insurer_that_is_asked_no_more() {
    let house = House::open(plan::of([("alfastrah", plan::quick())])).await;
    let (id, offer) = approved(&house.client, &request::sample()).await;
    house.insurer("alfastrah").set_standing(StandingConfig {
        enabled: false,
        shadow: true,
        maintenance: "00:00-24:00".parse().expect("a window"),
        ..StandingConfig::default()
    });
    let paying = confirmed(&house.client, &wish(&id, &offer)).await;
    press(paying["payment_url"].as_str().expect("a page"), "pay").await;
    sold(&house.client, &id, offer["offer_id"].as_str().expect("an id")).await;
    let (answer, explained) = house.client.calculate_explained(&request::about_car(1)).await;
    assert_eq!((explained.verdict("alfastrah"), &answer["offers"]), (100, &json!([])));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_whose_insurers_are_all_switched_off_is_not_ready() {
    let house = open(&["a"], |_| {}).await;
    assert_eq!(house.client.operate("/health/ready").await.0, 200);
    house.insurer("a").set_standing(StandingConfig { enabled: false, ..StandingConfig::default() });
    let (status, body) = house.client.operate("/health/ready").await;
    assert_eq!(status, 503);
    assert!(body.contains("no insurer is enabled"), "{body}");
}

/// What the clocks in Moscow show.
fn moscow() -> DateTime {
    jiff::tz::Offset::constant(3).to_datetime(jiff::Timestamp::now())
}

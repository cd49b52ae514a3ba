//! The whole sale over HTTP, at each insurer.

use base64::Engine as _;
use serde_json::{Value, json};
use veer_simulator::{Callbacks, Drift, Hold, Knobs, Yandex};

use crate::harness::{Client, House, eventually, plan, request, yandex};

const INSURERS: [&str; 3] = ["alfastrah", "ingosstrakh", "renessans"];

/// One insurer, a partner that counts sales.
async fn open(insurer: &str, knobs: Knobs, method: &str) -> (House, Yandex) {
    let yandex = yandex().await;
    let house = House::furnished(plan::of([(insurer, knobs)]), |settings, _| {
        settings.confirm_to(&yandex, method);
    })
    .await;
    house.simulation.notify(&format!("http://{}", house.client.partner));
    (house, yandex)
}

/// An offer with its final price.
pub async fn approved(client: &Client, body: &Value) -> (String, Value) {
    let answer = client.calculate(body).await;
    let request_id = request::id(body).to_owned();
    let offer = answer["offers"].as_array().into_iter().flatten().find(|offer| offer["price"].is_number());
    let offer_id =
        offer.unwrap_or_else(|| panic!("{answer}"))["offer_id"].as_str().expect("an id").to_owned();
    let last = eventually("the price is final", async || {
        let offer = client.offer(&request_id, &offer_id).await.body;
        (offer["status"] != "PRE_CALC_READY").then_some(offer)
    })
    .await;
    assert_eq!(last["status"], "APPROVED", "{last}");
    (request_id, last)
}

/// The offer with its first cross-sale.
pub fn wish(request_id: &str, offer: &Value) -> Value {
    let (sale, option) = (&offer["upsales"][0], &offer["upsales"][0]["options"][0]);
    json!({
        "request_id": request_id,
        "offer_id": offer["offer_id"],
        "upsales": [{ "upsale_id": sale["id"], "option_id": option["id"].to_string() }],
        "return_urls": { "success_url": "https://пример.рф/ok", "failure_url": "https://пример.рф/no" },
    })
}

/// Confirms until the link is there.
pub async fn confirmed(client: &Client, wish: &Value) -> Value {
    eventually("the payment link is there", async || {
        let answer = client.confirm(wish).await;
        assert_eq!(answer.status, 200, "{answer:?}");
        (answer.body["status"] == "PAYMENT_READY").then_some(answer.body)
    })
    .await
}

/// Presses a button of a payment page.
pub async fn press(page: &str, action: &str) {
    let client = reqwest::Client::builder().no_proxy().redirect(reqwest::redirect::Policy::none());
    let page = client.build().expect("a client").post(page);
    let pressed =
        page.header("content-type", "application/x-www-form-urlencoded").body(format!("action={action}"));
    assert!(pressed.send().await.expect("a page").status().as_u16() < 400);
}

/// Asks until the policy's file is there.
pub async fn sold(client: &Client, request_id: &str, offer_id: &str) -> Value {
    eventually("the policy is there", async || {
        let policy = client.policy(request_id, offer_id).await;
        assert_eq!(policy.status, 200, "{policy:?}");
        policy.body["file"].is_object().then_some(policy.body)
    })
    .await
}

#[tokio::test(flavor = "multi_thread")]
async fn every_insurer_sells_a_policy_and_the_sale_is_credited_once() {
    for (insurer, method) in INSURERS.into_iter().zip(["get", "post", "get"]) {
        let (house, yandex) = open(insurer, plan::quick(), method).await;
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        let offer_id = offer["offer_id"].as_str().expect("an id");
        let wish = wish(&request_id, &offer);
        let paying = confirmed(client, &wish).await;
        let option = &offer["upsales"][0]["options"][0];
        let total = offer["price"].as_f64().expect("a price") + option["price"].as_f64().expect("a price");
        assert!((paying["price"].as_f64().expect("a price") - total).abs() < 0.005, "{paying}");

        let calls = house.simulation.journal().len();
        let mut again = wish.clone();
        again["upsales"][0]["option_id"] = option["id"].clone();
        assert_eq!(client.confirm(&again).await.body["payment_url"], paying["payment_url"]);
        let creates = house.simulation.journal().iter().skip(calls).filter(|call| call.creates).count();
        assert_eq!(creates, 0, "{insurer} was asked again");

        let draft = eventually("the draft is there", async || {
            let draft = client.draft(&request_id, offer_id).await.body;
            (draft["status"] == "success").then_some(draft)
        })
        .await;
        assert_is_pdf(&draft);
        let before = client.policy(&request_id, offer_id).await.body;
        assert_eq!((&before["status"], before.get("file")), (&"PAYMENT_READY".into(), None));

        press(paying["payment_url"].as_str().expect("a page"), "pay").await;
        let policy = sold(client, &request_id, offer_id).await;
        assert_is_pdf(&policy);
        assert_eq!(
            (&policy["status"], policy["policy_start_date"].is_string()),
            (&"CLOSED_PAID".into(), true)
        );
        let offer = client.offer(&request_id, offer_id).await.body;
        assert_eq!(offer["policy_series"], "ХХХ", "{offer}");
        assert_eq!(client.poll(&request_id).await.body["status"], "CLOSED");

        eventually("the sale is counted", async || (!yandex.credited().is_empty()).then_some(())).await;
        let credited = yandex.credited();
        assert_eq!((credited.len(), credited[0].offer_id.as_str()), (1, offer_id));
        assert_eq!(credited[0].is_upsaled, Some(true));
        assert_eq!(Some(&Value::from(credited[0].amount.as_json_number())), Some(&offer["price"]));

        // Kept: the insurer is asked for no file twice.
        let files = house.simulation.journal().len();
        assert_is_pdf(&client.policy(&request_id, offer_id).await.body);
        assert_is_pdf(&client.draft(&request_id, offer_id).await.body);
        assert_eq!(house.simulation.journal().len(), files);
        // The same confirmation again is answered, another one refused.
        assert_eq!(client.confirm(&again).await.status, 200);
        let mut other = again.clone();
        other["upsales"] = json!([]);
        assert_eq!(client.confirm(&other).await.status, 400);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn of_three_offers_the_paid_one_closes_the_others() {
    let yandex = yandex().await;
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.confirm_to(&yandex, "get");
    })
    .await;
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let offer_id = offer["offer_id"].as_str().expect("an id");
    let paying = confirmed(client, &json!({ "request_id": request_id, "offer_id": offer_id })).await;
    press(paying["payment_url"].as_str().expect("a page"), "pay").await;
    sold(client, &request_id, offer_id).await;
    let calculation = client.poll(&request_id).await.body;
    for other in calculation["offers"].as_array().expect("offers") {
        let expected = if other["offer_id"] == offer_id { "CLOSED_PAID" } else { "CLOSED_OTHER_OFFER" };
        assert_eq!(other["status"], expected, "{other}");
    }
    let other =
        calculation["offers"].as_array().expect("offers").iter().find(|it| it["offer_id"] != offer_id);
    let refused = client
        .confirm(&json!({ "request_id": request_id, "offer_id": other.expect("one")["offer_id"] }))
        .await;
    assert_eq!((refused.status, &refused.body["properties"][0]["property"]), (400, &"offer_id".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_insurers_own_calls_are_hints_however_often_they_come() {
    for insurer in INSURERS {
        let callbacks = Callbacks { share: 1.0, copies: 3, ..Callbacks::default() };
        let (house, yandex) = {
            let yandex = yandex().await;
            let knobs = Knobs { callbacks, ..plan::quick() };
            let house = House::furnished(plan::of([(insurer, knobs)]), |settings, _| {
                // Without the insurer's call nobody would ask within the test.
                settings.confirm_to(&yandex, "get").set("offers.payment_poll", "1h");
                settings.set("offers.payment_poll_longest", "1h");
            })
            .await;
            house.simulation.notify(&format!("http://{}", house.client.partner));
            (house, yandex)
        };
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        let offer_id = offer["offer_id"].as_str().expect("an id");
        let paying = confirmed(client, &wish(&request_id, &offer)).await;
        press(paying["payment_url"].as_str().expect("a page"), "pay").await;
        sold(client, &request_id, offer_id).await;
        eventually("the sale is counted", async || (!yandex.credited().is_empty()).then_some(())).await;
        assert_eq!((yandex.credited().len(), yandex.received().len()), (1, 1), "{insurer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_price_that_rises_needs_a_second_word() {
    for insurer in ["alfastrah", "renessans"] {
        let knobs = Knobs { drift: Drift { share: 1.0, size: 0.2 }, ..plan::quick() };
        let (house, _yandex) = open(insurer, knobs, "get").await;
        let client = &house.client;
        let mut rose = 0;
        for car in 0..6 {
            let body = request::about_car(car);
            let answer = client.calculate(&body).await;
            let Some(offer) =
                answer["offers"].as_array().into_iter().flatten().find(|it| it["price"].is_number())
            else {
                continue;
            };
            let wish = json!({ "request_id": body["request_id"], "offer_id": offer["offer_id"] });
            let first = client.confirm(&wish).await.body;
            let (before, after) = (offer["price"].as_f64(), first["price"].as_f64());
            if after > before {
                rose += 1;
                assert_eq!(
                    (&first["status"], first.get("payment_url")),
                    (&"APPROVED".into(), None),
                    "{first}"
                );
                assert!(first["message"].as_str().expect("a message").contains("Цена изменилась"), "{first}");
            }
            let second = confirmed(client, &wish).await;
            assert_eq!(second["price"], first["price"]);
        }
        assert!(rose > 0, "{insurer}: no price rose, nothing is shown");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_application_on_hold_is_waited_for_and_survives_a_restart() {
    for insurer in INSURERS {
        let yandex = yandex().await;
        let knobs = Knobs { hold: Hold { share: 1.0, polls: 2 }, ..plan::quick() };
        let mut house = House::furnished(plan::of([(insurer, knobs)]), |settings, _| {
            settings.confirm_to(&yandex, "get").set("offers.confirm_patience", "100ms");
        })
        .await;
        let (request_id, offer) = approved(&house.client, &request::sample()).await;
        let wish = wish(&request_id, &offer);
        let first = house.client.confirm(&wish).await.body;
        house.restart().await;
        let paying = confirmed(&house.client, &wish).await;
        assert!(paying["payment_url"].is_string(), "{insurer}: {first}");
        let applications = house.simulation.insurers()[0].sales().len();
        assert_eq!(applications, 1, "{insurer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_payment_that_was_given_up_can_be_made_after_all() {
    for insurer in INSURERS {
        let (house, yandex) = open(insurer, plan::quick(), "get").await;
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        let offer_id = offer["offer_id"].as_str().expect("an id");
        let wish = wish(&request_id, &offer);
        let first = confirmed(client, &wish).await;
        press(first["payment_url"].as_str().expect("a page"), "cancel").await;
        eventually("the cancelled payment is known", async || {
            let offer = client.offer(&request_id, offer_id).await.body;
            (offer["status"] == "PAYMENT_CANCELLED").then_some(())
        })
        .await;
        let second = confirmed(client, &wish).await;
        press(second["payment_url"].as_str().expect("a page"), "pay").await;
        sold(client, &request_id, offer_id).await;
        eventually("the sale is counted", async || (!yandex.credited().is_empty()).then_some(())).await;
        assert_eq!(house.simulation.insurers()[0].sales().len(), 1, "{insurer}: one application");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_that_nobody_takes_in_time_is_closed() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.set("offers.valid", "3s").set("offers.payment_poll", "100ms");
    })
    .await;
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let offer_id = offer["offer_id"].as_str().expect("an id");
    eventually("every offer is closed", async || {
        let calculation = client.poll(&request_id).await.body;
        let closed = |offer: &Value| offer["status"] == "CLOSED_TIMEOUT";
        calculation["offers"].as_array().expect("offers").iter().all(closed).then_some(())
    })
    .await;
    let refused = client.confirm(&json!({ "request_id": request_id, "offer_id": offer_id })).await;
    assert_eq!((refused.status, &refused.body["properties"][0]["property"]), (400, &"offer_id".into()));
}

#[tokio::test(flavor = "multi_thread")]
async fn dropping_a_cross_sale_of_a_pool_offer_cancels_it() {
    for insurer in INSURERS {
        let (house, _yandex) = open(insurer, Knobs { pool: 1.0, ..plan::quick() }, "get").await;
        let client = &house.client;
        let (request_id, offer) = approved(client, &request::sample()).await;
        assert_eq!(offer["is_reinsurance_pool"], true, "{offer}");
        let bare = json!({ "request_id": request_id, "offer_id": offer["offer_id"] });
        let dropped = client.confirm(&bare).await;
        assert_eq!((dropped.status, dropped.body.get("payment_url")), (200, None), "{dropped:?}");
        assert!(dropped.body["message"].as_str().expect("a message").contains("отменено"), "{dropped:?}");
        assert_eq!(client.confirm(&bare).await, dropped, "said again, it is the same");
        let refused = client.confirm(&wish(&request_id, &offer)).await;
        assert_eq!(refused.status, 400, "{refused:?}");
        let applied = house.simulation.journal().iter().any(|call| call.operation.starts_with("payment"));
        assert!(!applied, "{insurer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_partner_that_loses_answers_counts_a_sale_once() {
    let (house, yandex) = open("alfastrah", plan::quick(), "get").await;
    let knobs = veer_simulator::YandexKnobs { lose_answer: 2, refuse: 1, ..Default::default() };
    yandex.set(knobs).expect("knobs");
    let client = &house.client;
    let (request_id, offer) = approved(client, &request::sample()).await;
    let paying = confirmed(client, &wish(&request_id, &offer)).await;
    press(paying["payment_url"].as_str().expect("a page"), "pay").await;
    eventually("the partner answered at last", async || {
        let (_, sales) = client.operate("/sales?state=confirmed").await;
        sales.contains(offer["offer_id"].as_str().expect("an id")).then_some(())
    })
    .await;
    assert_eq!(yandex.credited().len(), 1);
    assert!(yandex.received().len() >= 4, "{:#?}", yandex.received());
}

/// An answer with a file, and an address of it.
pub fn assert_is_pdf(answer: &Value) {
    let data = answer["file"]["data"].as_str().unwrap_or_else(|| panic!("{answer}"));
    let data = data.strip_prefix("data:application/pdf;base64,").expect("a data URL");
    let bytes = base64::engine::general_purpose::STANDARD.decode(data).expect("base64");
    assert!(bytes.starts_with(b"%PDF"));
    assert!(answer["url"].as_str().is_some_and(|url| url.starts_with("http://127.0.0.1:")), "{answer}");
}

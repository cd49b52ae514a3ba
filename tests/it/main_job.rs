//! The main job: the documentation's own request becomes one list of offers from three wires.

use serde_json::{Value, json};
use veer_simulator::Outcome;

use crate::harness::{House, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn the_documented_request_is_accepted_as_it_stands() {
    let house = House::open(plan::healthy()).await;
    let accepted = house.client.post(&request::sample()).await;
    assert_eq!(accepted.status, 200, "{accepted:?}");
    assert_eq!(accepted.body["request_id"], request::sample()["request_id"]);
    let date = accepted.body["calculation_date"].as_str().expect("a date");
    assert!(date.parse::<jiff::Timestamp>().is_ok(), "{date}");
}

#[tokio::test(flavor = "multi_thread")]
async fn three_wires_become_one_list_of_offers_with_the_cheapest_first() {
    let house = House::open(plan::healthy()).await;
    let answer = house.client.calculate(&request::sample()).await;
    assert_eq!(answer["status"], "CALCULATION_READY");
    let offers = answer["offers"].as_array().expect("offers");
    let mut codes: Vec<_> = offers.iter().map(|offer| offer["partner"]["code"].as_i64()).collect();
    codes.sort_unstable();
    assert_eq!(codes, [Some(1), Some(2), Some(3)]);
    assert!(offers.iter().all(|offer| offer["status"] == "PRE_CALC_READY"), "{answer}");
    let prices: Vec<_> = offers.iter().map(price).collect();
    assert!(prices.is_sorted() && prices[0] > 100.0, "{prices:?}");
    assert_ne!(prices[0], prices[2], "the insurers' tariffs differ");

    let status = house.client.status(request::id(&request::sample())).await.body;
    let states: Vec<_> = offers
        .iter()
        .map(|offer| json!({"offer_id": offer["offer_id"], "offer_status": offer["status"]}))
        .collect();
    let id = &answer["request_id"];
    assert_eq!(status, json!({"request_id": id, "status": "CALCULATION_READY", "offers": states}));
}

#[tokio::test(flavor = "multi_thread")]
async fn each_offer_is_what_its_own_insurer_said() {
    let house = House::open(plan::healthy()).await;
    let together = house.client.calculate(&request::sample()).await;
    for wire in plan::WIRES {
        let alone = House::open(plan::of([(wire.name(), plan::quick())])).await;
        let offer = alone.client.calculate(&request::sample()).await["offers"][0].clone();
        let merged = of_insurer(&together, &offer["partner"]["code"]);
        assert_eq!(price(merged), price(&offer), "{}", wire.name());
        assert_eq!(merged["partner"], offer["partner"]);
    }
    let priced: Vec<_> =
        house.simulation.journal().into_iter().filter(|call| call.outcome == Outcome::Priced).collect();
    assert_eq!(priced.len(), 3);
    assert!(priced.iter().all(|call| call.risk == priced[0].risk && !call.risk.is_empty()), "{priced:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_price_is_the_product_of_the_coefficients_that_are_shown() {
    let house = House::open(plan::of([("alfastrah", plan::quick())])).await;
    let answer = house.client.calculate(&request::sample()).await;
    let driver = &answer["drivers"][0];
    let sent = &request::sample()["drivers_info"]["drivers"][0]["license"];
    assert_eq!((&driver["series"], &driver["number"]), (&sent["series"], &sent["number"]));
    let factors = driver["coefficients"].as_object().expect("coefficients").values();
    let product: f64 = factors.map(|factor| factor.as_f64().expect("a number")).product();
    assert!((product - price(&answer["offers"][0])).abs() < 0.01, "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_coefficients_are_those_of_the_cheapest_offer_that_has_them() {
    let house = House::open(plan::healthy()).await;
    let answer = house.client.calculate(&request::sample()).await;
    let offers = answer["offers"].as_array().expect("offers").iter();
    // The second wire tells no coefficients.
    let first = offers.map(|offer| &offer["partner"]["code"]).find(|code| **code != json!(2));
    let wire = if first == Some(&json!(1)) { "alfastrah" } else { "renessans" };
    let alone = House::open(plan::of([(wire, plan::quick())])).await;
    let expected = alone.client.calculate(&request::sample()).await;
    assert!(expected["drivers"][0]["coefficients"]["kbm"].is_number(), "{expected}");
    assert_eq!(answer["drivers"], expected["drivers"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_gateway_without_insurers_says_at_once_that_there_is_no_offer() {
    let house = House::furnished(plan::healthy(), |settings, _| {
        settings.remove("insurers").set("calculation.budget", "180s");
    })
    .await;
    let answer = house.client.calculate(&request::sample()).await;
    assert_eq!(answer["status"], "NO_CALCULATION_AVAILABLE");
    assert_eq!(answer["offers"], json!([]));
}

fn of_insurer<'a>(answer: &'a Value, code: &Value) -> &'a Value {
    let mut offers = answer["offers"].as_array().expect("offers").iter();
    offers.find(|offer| offer["partner"]["code"] == *code).expect("an offer")
}

fn price(offer: &Value) -> f64 {
    offer["price"].as_f64().expect("a price")
}

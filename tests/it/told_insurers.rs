//! Insurers that say what a test tells them, when it tells them: nothing here depends on time.

use reqwest::Method;
use serde_json::{Value, json};
use veer_contract::{
    Context, Decline, Event, Step,
    domain::{Kopecks, Offer, Premium},
};

use crate::{
    harness::{House, Settings, plan},
    scripted::{Said, Scripted, awaiting, manifest, offer},
};

/// A gateway with such insurers, of these codes.
pub async fn open(codes: &[&str], change: impl FnOnce(&mut Settings)) -> House {
    let adapter = Scripted::new(&manifest("told", "", ""), 1, says).built_in();
    House::with_adapters(plan::of([]), &[adapter], |settings, _| {
        for (code, number) in codes.iter().zip(1_i64..) {
            let key = |key: &str| format!("insurers.{code}.{key}");
            settings
                .set(&key("adapter"), "told")
                .set(&key("base_url"), "http://127.0.0.1:9/")
                .set(&key("partner_code"), number);
        }
        settings.set("server.stop_grace", "300ms");
        change(settings);
    })
    .await
}

/// Waits to be told; offers, declines and ends as it is told.
fn says(state: &str, event: Option<Event<'_>>, _: &Context<'_>) -> Said {
    let Some(Event::Callback(told)) = event else { return awaiting("c-1", "0") };
    let told: Value = serde_json::from_str(&told.text()).expect("JSON");
    let heard = state.parse().map_or(1, |heard: u32| heard + 1).to_string();
    match (told["offers"].as_i64(), told["ends"] == true) {
        (Some(roubles), true) => Step::done(offer(&heard, roubles)),
        (Some(roubles), false) => {
            // It may still take this back.
            let premium = Premium::Preliminary(Kopecks::from_roubles(roubles));
            awaiting("c-1", &heard).emitting(Offer { premium, ..offer(&heard, roubles) })
        }
        (None, _) => Step::decline(Decline::declined("Нет")),
    }
}

/// The insurer offers that price; where it `ends`, that was its last word.
pub async fn offers(house: &House, insurer: &str, roubles: i64, ends: bool) {
    tell(house, insurer, json!({ "about": "c-1", "offers": roubles, "ends": ends })).await;
}

/// The insurer says no.
pub async fn declines(house: &House, insurer: &str) {
    tell(house, insurer, json!({ "about": "c-1" })).await;
}

async fn tell(house: &House, insurer: &str, body: Value) {
    let address = format!("http://{}/insurers/{insurer}/callback?key=secret", house.client.partner);
    let told = house.client.stranger(Method::POST, &address, |request| request.body(body.to_string())).await;
    assert_eq!(told.status, 200, "{told:?}");
}

/// The codes and prices of an answer's offers, by code; -1 where there is no price.
pub fn prices(answer: &Value) -> Vec<(i64, i64)> {
    let of = |offer: &Value| {
        let price = offer["price"].as_f64().map_or(-1, |price| price as i64);
        (offer["partner"]["code"].as_i64().expect("a code"), price)
    };
    let mut prices: Vec<_> = answer["offers"].as_array().expect("offers").iter().map(of).collect();
    prices.sort_unstable();
    prices
}

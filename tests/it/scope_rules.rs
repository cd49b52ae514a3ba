//! What an insurer does not take by its own published rules is not asked for: verdict 101, and no call.

use serde_json::{Value, json};
use veer_contract::{Context, Event, Step};

use crate::{
    harness::{House, plan, request},
    scripted::{Said, Scripted, call, manifest, offer},
};

/// The sample's owner lives in region 77, its people were born in 1980, and its car was made in 2020. The policy
/// begins in December 2023.
const RULES: [(&str, bool, &str); 9] = [
    ("regions = ['50']", false, "региона"),
    ("regions = ['50', '77']", true, ""),
    ("regions_except = ['77']", false, "региона"),
    ("least_age = 44", false, "младше 44"),
    ("least_age = 43", true, ""),
    ("greatest_age = 42", false, "старше 42"),
    ("greatest_age = 43", true, ""),
    ("greatest_vehicle_age = 2", false, "автомобили старше 2"),
    ("greatest_vehicle_age = 3", true, ""),
];

#[tokio::test(flavor = "multi_thread")]
async fn a_risk_outside_a_rule_is_verdict_101_without_a_call() {
    let adapters = RULES.iter().enumerate().map(|(at, (rule, ..))| {
        let code = format!("rule-{at}");
        let manifest = manifest(&code, "", "")
            .replace("purposes = [\"taxi\"]", &format!("purposes = [\"taxi\"]\n{rule}"));
        Scripted::new(&manifest, 1, ask).built_in()
    });
    let adapters: Vec<_> = adapters.collect();
    let recorder = crate::scripted::Recorder::start(&[]).await;
    let house = House::with_adapters(plan::of([]), &adapters, |settings, _| {
        for at in 0..RULES.len() {
            let key = |key: &str| format!("insurers.rule-{at}.{key}");
            settings.set(&key("base_url"), recorder.base_url());
            settings.set(&key("partner_code"), i64::try_from(200 + at).expect("a few rules"));
        }
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    for (at, (rule, is_taken, why)) in RULES.iter().enumerate() {
        let code = format!("rule-{at}");
        assert_eq!(explained.verdict(&code), if *is_taken { 0 } else { 101 }, "{rule} {why}");
        assert_eq!(explained.count(&code, "called"), usize::from(*is_taken), "{rule}");
        let detail = explained.detail(&code);
        assert!(
            detail.contains(why) && detail.is_empty() == *is_taken,
            "{rule}: an operator is told `{detail}`"
        );
    }
    let asked = RULES.iter().filter(|(_, is_taken, _)| *is_taken).count();
    assert_eq!(recorder.requests().len(), asked);
    assert_eq!(answer["offers"].as_array().map(Vec::len), Some(asked), "who is not asked is not listed");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_rule_cannot_be_held_against_is_asked() {
    let text = manifest("rogue", "", "").replace("[scope]", "[scope]\nregions = ['50']");
    let recorder = crate::scripted::Recorder::start(&[]).await;
    let house =
        House::with_adapters(plan::of([]), &[Scripted::new(&text, 1, ask).built_in()], |settings, _| {
            settings.set("insurers.rogue.base_url", recorder.base_url());
        })
        .await;
    let mut body = request::sample();
    let addresses = &mut body["owner"]["addresses"];
    for address in addresses.as_array_mut().expect("addresses") {
        for key in ["region_kladr_code", "addresses_kladr_code"] {
            address[key] = json!("unknown");
        }
    }
    let (_, explained): (Value, _) = house.client.calculate_explained(&body).await;
    assert_eq!(explained.verdict("rogue"), 0, "{explained:?}");
}

fn ask(_: &str, event: Option<Event<'_>>, _: &Context<'_>) -> Said {
    match event {
        None => Step::call(call(), "asked".into()),
        Some(_) => Step::done(offer("a", 5000)),
    }
}

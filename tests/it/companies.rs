//! An aggregator as an insurer: each offer is shown in the name of the company that makes it.

use serde_json::{Value, json};
use veer_contract::{Context, Event, Step, domain::Offer};

use crate::{
    harness::{House, Settings, eventually, plan, request},
    scripted::{Said, Scripted, awaiting, call, manifest, offer},
};

const COMPANIES: &str = r#"
    [companies.alpha]
    name = "Альфа"
    partner_code = 71
    logo_url = "//veer.example/71.svg"
    [companies.beta]
    name = "Бета"
    partner_code = 72
"#;

#[tokio::test(flavor = "multi_thread")]
async fn each_offer_has_its_own_company_also_after_a_restart() {
    let offers = || vec![of("alpha", 5000), of("beta", 6000), offer("own", 7000)];
    let mut house = open(move |_, event, _| said(event, offers()), |_| {}).await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("market"), 0);
    let expected = json!([
        { "code": 71, "name": "Альфа", "logo_url": "//veer.example/71.svg" },
        { "code": 72, "name": "Бета" },
        { "code": 66, "name": "Страховщик market" },
    ]);
    assert_eq!(partners(&answer), expected);
    house.restart().await;
    let recalled = house.client.poll(request::id(&request::sample())).await.body;
    assert_eq!(partners(&recalled), expected);
    assert_eq!(recalled["offers"], answer["offers"]);
}

#[tokio::test(flavor = "multi_thread")]
async fn until_the_first_offer_the_aggregator_itself_is_listed() {
    let house = open(
        |_, event, _| match event {
            None => Step::call(call(), "asked".into()),
            Some(Event::Replies(_)) => awaiting("never", "waiting"),
            Some(_) => said(Some(Event::Woke), Vec::new()),
        },
        |_| {},
    )
    .await;
    let id = house.client.accepted(&request::sample()).await;
    let listed = eventually("it is asked", async || {
        let answer = house.client.poll(&id).await.body;
        (answer["offers"].as_array()?.len() == 1).then_some(answer)
    })
    .await;
    assert_eq!(partners(&listed), json!([{ "code": 66, "name": "Страховщик market" }]));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_operator_says_how_companies_are_shown_and_which_are() {
    let says = |_: &str, event: Option<Event<'_>>, cx: &Context<'_>| match event {
        // It is told whom to ask.
        Some(_) if cx.settings.get("companies") != "alpha" => said(None, Vec::new()),
        event => said(event, vec![of("alpha", 5000), of("beta", 6000)]),
    };
    let house = open(says, |settings| {
        settings.set("insurers.market.companies.alpha.partner_code", 81);
        settings.set("insurers.market.companies.alpha.name", "Альфа Плюс");
        settings.set("insurers.market.companies.beta.enabled", false);
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("market"), 0);
    assert_eq!(
        partners(&answer),
        json!([{ "code": 81, "name": "Альфа Плюс", "logo_url": "//veer.example/71.svg" }])
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn an_aggregator_that_is_a_spec_asks_no_company_that_is_switched_off() {
    let manifest = veer_insurers::find("elmarket").expect("it is there").manifest();
    let house = House::furnished(plan::of([("elmarket", plan::quick())]), |settings, _| {
        for code in manifest.companies.keys() {
            settings.set(&format!("insurers.elmarket.companies.{code}.enabled"), false);
        }
    })
    .await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("elmarket"), 101, "{explained:?}");
    assert_eq!(answer["status"], "NO_CALCULATION_AVAILABLE", "{answer}");
}

#[tokio::test(flavor = "multi_thread")]
async fn an_offer_of_a_company_that_nobody_knows_is_verdict_501() {
    let says = |_: &str, event: Option<Event<'_>>, _: &Context<'_>| said(event, vec![of("gamma", 5000)]);
    let house = open(says, |_| {}).await;
    let (answer, explained) = house.client.calculate_explained(&request::sample()).await;
    assert_eq!(explained.verdict("market"), 501);
    assert_eq!(
        explained.detail("market"),
        "the adapter's manifest has no company `gamma`; add it to `[companies]` there"
    );
    assert!(answer["offers"][0]["price"].is_null(), "{answer}");
}

/// Asks, then makes these offers.
fn said(event: Option<Event<'_>>, offers: Vec<Offer>) -> Said {
    match event {
        None => Step::call(call(), "asked".into()),
        Some(_) => Step { emit: offers, next: veer_contract::Next::Done },
    }
}

fn of(company: &str, roubles: i64) -> Offer {
    Offer { company: Some(company.into()), ..offer(company, roubles) }
}

async fn open(
    says: impl Fn(&str, Option<Event<'_>>, &Context<'_>) -> Said + Send + Sync + 'static,
    change: impl FnOnce(&mut Settings),
) -> House {
    let market = Scripted::new(&manifest("market", "", COMPANIES), 1, says).built_in();
    let recorder = crate::scripted::Recorder::start(&[]).await;
    House::with_adapters(plan::of([]), &[market], |settings, _| {
        settings.set("insurers.market.base_url", recorder.base_url());
        change(settings);
    })
    .await
}

fn partners(answer: &Value) -> Value {
    answer["offers"].as_array().expect("offers").iter().map(|offer| offer["partner"].clone()).collect()
}

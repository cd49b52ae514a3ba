//! Chapter: confirmations and documents that cannot be asked for, each told by its field.
//!
//! Nothing here may do anything to an offer. So no cross-sale is left out of a reinsurance-pool offer: that
//! would cancel it.

use serde_json::{Value, json};
use uuid::Uuid;

use super::{
    ask::Ask,
    check::{self, list, text},
    exchange::Exchange,
    fault::Fault,
    mistakes,
    offer::{self, Chosen},
    pick::{self, Pick},
    stage::Stage,
};

pub(super) const TITLE: &str = "errors of an offer";

const DRAFT: &str = "/osago/offer/draft";
const POLICY: &str = "/osago/offer/policy";

/// No gateway gives such an id.
const NOBODYS: &str = "none-such-0";
const NOBODYS_OPTION: i64 = 999_999_999;

pub(super) async fn play(stage: &mut Stage, calculation: &Value, chosen: &Chosen) {
    stage.chapter(TITLE);
    queries(stage, chosen).await;
    bodies(stage, chosen).await;
    cross_sales(stage, calculation, chosen).await;
}

async fn queries(stage: &mut Stage, chosen: &Chosen) {
    let request_id = stage.request.id;
    for path in [offer::PATH, DRAFT, POLICY] {
        let name = format!("GET {path} without an offer_id names it");
        let ask = Ask::get(path).request_id(request_id);
        stage.ask(&name, ask, |got| check::names(got, &["offer_id"])).await;

        let name = format!("GET {path} without a request_id names it");
        let ask = Ask::get(path).offer_id(&chosen.id);
        stage.ask(&name, ask, |got| check::names(got, &["request_id"])).await;

        let name = format!("GET {path} of an unknown offer is a 404");
        let ask = Ask::get(path).request_id(request_id).offer_id(NOBODYS);
        stage.ask(&name, ask, |got| check::refusal(got, 404)).await;

        let name = format!("GET {path} of an unknown calculation is a 404");
        let ask = Ask::get(path).request_id(Uuid::new_v4()).offer_id(&chosen.id);
        stage.ask(&name, ask, |got| check::refusal(got, 404)).await;
    }
    for path in [DRAFT, POLICY] {
        let name = format!("GET {path} with format=xml names format");
        let ask = Ask::get(path).request_id(request_id).offer_id(&chosen.id).query("format", "xml");
        stage.ask(&name, ask, |got| check::names(got, &["format"])).await;
    }
}

async fn bodies(stage: &mut Stage, chosen: &Chosen) {
    let empty = Ask::post(offer::PATH, "{}");
    let both = &["request_id", "offer_id"];
    stage
        .ask("an empty confirmation names request_id and offer_id", empty, |got| check::names(got, both))
        .await;
    let broken = Ask::post(offer::PATH, "{\"offer_id\": ");
    stage.ask("a confirmation that is not JSON is a 400", broken, mistakes::unreadable).await;

    let good = good(stage, chosen, &pick::selection(&chosen.offer));
    let with = |field: &str, value: Value| {
        let mut body = good.clone();
        body[field] = value;
        Ask::post_json(offer::PATH, &body)
    };
    let unknown = with("request_id", json!(Uuid::new_v4()));
    stage.ask("a confirmation of an unknown calculation is refused", unknown, unknown_calculation).await;
    let unknown = with("offer_id", NOBODYS.into());
    let name = "a confirmation of an unknown offer names offer_id";
    stage.ask(name, unknown, |got| check::names(got, &["offer_id"])).await;

    let urls = json!({ "success_url": "success.html", "failure_url": "https://example.com/failure" });
    let name = "a return address that is none names return_urls.success_url";
    let ask = with("return_urls", urls);
    stage.ask(name, ask, |got| check::names(got, &["return_urls.success_url"])).await;
    let urls = json!({ "success_url": "https://example.com/success" });
    let name = "return_urls without failure_url names it";
    let ask = with("return_urls", urls);
    stage.ask(name, ask, |got| check::names(got, &["return_urls.failure_url"])).await;
}

async fn cross_sales(stage: &mut Stage, calculation: &Value, chosen: &Chosen) {
    let name = "an unknown cross-sale names upsales[0].upsale_id";
    let body = with_first(good(stage, chosen, &pick::selection(&chosen.offer)), NOBODYS);
    let judge = |got: &Exchange| names_among(got, "upsales[0].upsale_id", "upsales");
    stage.ask(name, Ask::post_json(offer::PATH, &body), judge).await;

    let name = "an unknown option names upsales[0].option_id";
    match list(&chosen.offer, "upsales").first() {
        Some(_) if pick::is_pool(&chosen.offer) => {
            stage.skip(name, "it could cancel a reinsurance-pool offer")
        }
        Some(upsale) => {
            let body = good(stage, chosen, &pick::selection(&chosen.offer));
            let body = with_first(body, text(upsale, "id"));
            let judge = |got: &Exchange| names_among(got, "upsales[0].option_id", "upsales");
            stage.ask(name, Ask::post_json(offer::PATH, &body), judge).await;
        }
        None => stage.skip(name, "the offer has no cross-sale"),
    }

    let wrong: [(&str, Spoil, &str); 3] = [
        ("two options of one cross-sale", pick::two_of_one, "no offer has a cross-sale with two options"),
        ("options that are not compatible", pick::incompatible, "no offer has incompatible options"),
        ("a required cross-sale left out", pick::without_required, "no offer has a required cross-sale"),
    ];
    for (what, spoil, missing) in wrong {
        let name = format!("{what} is a 400 that names upsales");
        match spoilt(calculation, chosen, spoil) {
            Some((id, picks)) => {
                let mut body = good(stage, chosen, &picks);
                body["offer_id"] = id.into();
                let judge = |got: &Exchange| check::names_within(got, "upsales");
                stage.ask(&name, Ask::post_json(offer::PATH, &body), judge).await;
            }
            None => stage.skip(&name, missing),
        }
    }
}

type Spoil = fn(&Value) -> Option<Vec<Pick>>;

/// The offer to be bought where it has what it takes, else another one.
fn spoilt(calculation: &Value, chosen: &Chosen, spoil: Spoil) -> Option<(String, Vec<Pick>)> {
    let offers = std::iter::once(&chosen.offer).chain(pick::offers_to_try(calculation));
    offers
        .filter(|offer| !pick::is_pool(offer))
        .find_map(|offer| Some((text(offer, "offer_id").to_owned(), spoil(offer)?)))
}

/// A confirmation with nothing wrong but what the picks have.
fn good(stage: &Stage, chosen: &Chosen, picks: &[Pick]) -> Value {
    json!({
        "request_id": stage.request.id,
        "offer_id": chosen.id,
        "return_urls": {
            "success_url": "https://example.com/success",
            "failure_url": "https://example.com/failure",
        },
        "upsales": pick::on_the_wire(picks, true),
    })
}

/// The confirmation with an unknown option of this cross-sale at the head of the others.
fn with_first(mut body: Value, upsale_id: &str) -> Value {
    let unknown = json!({ "upsale_id": upsale_id, "option_id": NOBODYS_OPTION.to_string() });
    let others = list(&body, "upsales").iter().filter(|pick| pick["upsale_id"] != upsale_id).cloned();
    body["upsales"] = std::iter::once(unknown).chain(others).collect();
    body
}

/// Names this field, and beside it nothing outside another one.
fn names_among(exchange: &Exchange, field: &str, outer: &str) -> Vec<Fault> {
    let mut faults = check::names_within(exchange, field);
    if faults.is_empty() {
        let outside = list(exchange.json(), "properties").iter().map(|wrong| text(wrong, "property"));
        let outside = outside.filter(|named| !named.starts_with(outer));
        faults.extend(outside.map(|named| Fault::of(named, "is named as wrong, and is not")));
    }
    faults
}

/// A 404, or a 400 that names the id: the contract has both for a POST.
fn unknown_calculation(exchange: &Exchange) -> Vec<Fault> {
    if exchange.status() == 404 {
        return check::refusal(exchange, 404);
    }
    check::names(exchange, &["request_id"])
}

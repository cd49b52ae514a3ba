//! Chapter: the unified vehicle dictionary, pulled as the partner's scheduler pulls it, and one vehicle looked
//! up.
//!
//! The scheduler takes the whole tree, asks later whether it has changed, and takes single categories. Every
//! other method is then held against that tree, on the request's own vehicle and on a few brands more. At the
//! end the request's vehicle gets its ids from the dictionary, as the partner's users would choose it.
//!
//! A gateway may do without dictionaries; then every method of them is skipped, with that reason.

mod tree;
mod vehicle;
mod wrong;

use std::collections::BTreeSet;

use serde_json::{Value, json};

use self::tree::{CATEGORIES, Tree};
use super::{
    ask::Ask,
    check::{self, list, text},
    contract::{BRANDS, MODELS, MODIFICATIONS, POWERS, SYNC_ALL, YEARS},
    exchange::{Call, Exchange},
    fault::{Fault, Verdict},
    shape::Kind,
    stage::Stage,
};

pub(super) const TITLE: &str = "dictionaries";

const BRANDS_PATH: &str = "/dictionaries/brands";
const MODELS_PATH: &str = "/dictionaries/models";
const YEARS_PATH: &str = "/dictionaries/years";
const POWERS_PATH: &str = "/dictionaries/powers";
const MODIFICATIONS_PATH: &str = "/dictionaries/modifications";
const SYNC_ALL_PATH: &str = "/dictionaries/sync-all";
const VEHICLE_PATH: &str = "/auto/info";

const PATHS: &[&str] =
    &[SYNC_ALL_PATH, BRANDS_PATH, MODELS_PATH, YEARS_PATH, POWERS_PATH, MODIFICATIONS_PATH, VEHICLE_PATH];

const MISSING: &str = "the gateway does not serve dictionaries yet (404)";

pub(super) async fn play(stage: &mut Stage) {
    stage.chapter(TITLE);
    let all = stage.client.send(Ask::get(SYNC_ALL_PATH)).await;
    if all.status() == 404 {
        stage.record(&name(SYNC_ALL_PATH), &all, Verdict::Skip(MISSING.to_owned()));
        for path in &PATHS[1..] {
            stage.conclude(&name(path), Call::new("GET", path), Verdict::Skip(MISSING.to_owned()));
        }
        return;
    }
    let tree = Tree(all.json().clone());
    let mut faults = whole_tree(&all);
    if faults.is_empty() {
        faults.extend(tree.emptiness());
    }
    let served = faults.is_empty();
    let told = || format!("{} brands, {} models", tree.brands().len(), tree.models());
    stage.record(&name(SYNC_ALL_PATH), &all, Verdict::from(faults).and_tell(told));
    if served {
        unchanged(stage, &all).await;
        categories(stage, &tree).await;
        brands(stage, &tree).await;
        choose(stage, &tree);
        let own = text(&stage.request.body["vehicle"]["brand"], "brand_id").to_owned();
        for brand in tree.samples(&own) {
            descend(stage, brand).await;
        }
    }
    vehicle::play(stage, &tree).await;
    wrong::play(stage).await;
}

/// The scheduler comes again: what has not changed is not sent again.
async fn unchanged(stage: &mut Stage, all: &Exchange) {
    let name = "the whole tree is not sent again while it has not changed";
    let Some(etag) = all.answer.as_ref().ok().and_then(|answer| answer.etag.clone()) else {
        stage.skip(name, "the answer has no ETag, which the contract does not ask for");
        return;
    };
    let ask = Ask::get(SYNC_ALL_PATH).header("if-none-match", etag);
    stage
        .ask(name, ask, |got| match (got.status(), got.answer.as_ref().map_or(0, |it| it.bytes.len())) {
            (304, 0) => Vec::new(),
            (304, _) => vec![Fault::new("a 304 must have no body")],
            (status, _) => vec![Fault::new(format!("the status is {status} instead of 304"))],
        })
        .await;
}

/// The tree of some categories, in both writings of the filter.
async fn categories(stage: &mut Stage, tree: &Tree) {
    for category in CATEGORIES {
        let ask = Ask::get(SYNC_ALL_PATH).query("category", category);
        let name = format!("the tree of category {category} is that part of the whole tree");
        stage.ask(&name, ask, |got| part(got, tree, &[category])).await;
    }
    let some = ["B", "C"];
    let twice = Ask::get(SYNC_ALL_PATH).query("category", some[0]).query("category", some[1]);
    let joined = Ask::get(SYNC_ALL_PATH).query("category", some.join(","));
    for (how, ask) in [("repeated", twice), ("with a comma", joined)] {
        let name = format!("two categories, {how}, give both parts of the tree");
        stage.ask(&name, ask, |got| part(got, tree, &some)).await;
    }
}

fn part(got: &Exchange, tree: &Tree, categories: &[&str]) -> Vec<Fault> {
    let mut faults = whole_tree(got);
    if faults.is_empty() {
        faults = tree::differences("brands", &Tree::said(got.json()), &tree.of(categories));
    }
    faults
}

async fn brands(stage: &mut Stage, tree: &Tree) {
    for category in std::iter::once(None).chain(CATEGORIES.map(Some)) {
        let (name, ask) = filtered(BRANDS_PATH, Ask::get(BRANDS_PATH), category);
        let judge = |got: &Exchange| {
            let mut faults = unique(got, &BRANDS, "brands", "brand_id");
            if faults.is_empty() {
                let said = tree::entries(list(got.json(), "brands"), "brand_id", "");
                faults = tree::differences("brands", &said, &tree.listed(category));
            }
            faults
        };
        stage.ask(&name, ask, judge).await;
    }
}

/// Down from a brand to modifications: its first and its last model, in the first and the last year of each.
async fn descend(stage: &mut Stage, brand: &Value) {
    let called = text(brand, "name");
    let models = list(brand, "models");
    let first = models.first().and_then(|model| list(model, "vehicle_types").first()).and_then(Value::as_str);
    for category in [None, first].into_iter().take(if first.is_some() { 2 } else { 1 }) {
        let ask = Ask::get(MODELS_PATH).query("brand_id", text(brand, "brand_id"));
        let (name, ask) = filtered(&format!("{MODELS_PATH} of {called}"), ask, category);
        let judge = |got: &Exchange| {
            let mut faults = unique(got, &MODELS, "models", "model_id");
            if faults.is_empty() {
                let said = tree::entries(list(got.json(), "models"), "model_id", "vehicle_type");
                faults = tree::differences("models", &said, &tree::models(brand, category));
            }
            faults
        };
        stage.ask(&name, ask, judge).await;
    }
    let own = text(&stage.request.body["vehicle"]["model"], "model_id").to_owned();
    let chosen = models.iter().find(|model| text(model, "model_id") == own);
    if let Some(model) = chosen.or(models.last()) {
        below(stage, called, model).await;
    }
}

async fn below(stage: &mut Stage, brand: &str, model: &Value) {
    let (id, called) = (text(model, "model_id"), format!("{brand} {}", text(model, "name")));
    let years = list(model, "years");
    let ask = Ask::get(YEARS_PATH).query("model_id", id);
    let judge = |got: &Exchange| {
        let tree: BTreeSet<String> =
            years.iter().filter_map(|it| it["year"].as_f64()).map(|it| it.to_string()).collect();
        agrees(got, &YEARS, "years", &tree)
    };
    stage.ask(&format!("{YEARS_PATH} of {called} agrees with the whole tree"), ask, judge).await;
    let (own_year, own_power) = own_of(stage, id);
    let mut looked_at: Vec<&Value> = years.iter().filter(|it| it["year"].as_i64() == own_year).collect();
    looked_at.extend(years.first().into_iter().chain(years.last().filter(|_| years.len() > 1)));
    for year in looked_at {
        let number = year["year"].to_string();
        let of_year = |path| Ask::get(path).query("model_id", id).query("year", &number);
        let powers = &year["engine_powers"];
        let judge = |got: &Exchange| agrees(got, &POWERS, "powers", &tree::numbers(powers));
        let name = format!("{POWERS_PATH} of {called} in {number} agrees with the whole tree");
        stage.ask(&name, of_year(POWERS_PATH), judge).await;
        let listed = list(year, "engine_powers");
        let own = listed.iter().find(|power| own_power.is_some() && power.as_f64() == own_power);
        if let Some(power) = own.or(listed.first()) {
            let ask = of_year(MODIFICATIONS_PATH).query("power", power.to_string());
            let name = format!("{MODIFICATIONS_PATH} of {called} in {number} is as the contract has it");
            let judge = |got: &Exchange| {
                let count = list(got.json(), "modifications").len();
                Verdict::from(unique(got, &MODIFICATIONS, "modifications", "id"))
                    .and_tell(|| format!("{count} of them"))
            };
            stage.ask(&name, ask, judge).await;
        }
    }
}

/// Year and power of the request's vehicle, where it is of this model.
fn own_of(stage: &Stage, model: &str) -> (Option<i64>, Option<f64>) {
    let vehicle = &stage.request.body["vehicle"];
    match text(&vehicle["model"], "model_id") == model {
        true => (vehicle["year"].as_i64(), vehicle["engine_power"].as_f64()),
        false => (None, None),
    }
}

fn agrees(got: &Exchange, kind: &Kind, field: &str, tree: &BTreeSet<String>) -> Vec<Fault> {
    let faults = check::body(got, kind);
    if faults.is_empty() {
        tree::differences(field, &tree::numbers(&got.json()[field]), tree)
    } else {
        faults
    }
}

/// The calculation that follows asks for a vehicle of this dictionary, by its ids.
fn choose(stage: &mut Stage, tree: &Tree) {
    let name = "the request's vehicle stands in the dictionary and takes its ids";
    let vehicle = &stage.request.body["vehicle"];
    let (brand, model) = (text(&vehicle["brand"], "name"), text(&vehicle["model"], "name"));
    let Some((brand, model)) = tree.named(brand, model) else {
        let why = format!("{brand} {model} is not in it by that name; the request's own ids are sent");
        stage.skip(name, &why);
        return;
    };
    let (brand, model) = (brand.clone(), model.clone());
    let vehicle = &mut stage.request.body["vehicle"];
    vehicle["brand"] = json!({ "brand_id": brand["brand_id"], "name": brand["name"] });
    vehicle["model"] = json!({ "model_id": model["model_id"], "name": model["name"] });
    if let Some(vehicle) = vehicle.as_object_mut() {
        // It is of the dictionary that the request was written for.
        vehicle.remove("modification");
    }
    let told = format!("brand {}, model {}", text(&brand, "brand_id"), text(&model, "model_id"));
    stage.conclude(name, Call::new("GET", SYNC_ALL_PATH), Verdict::told(told));
}

/// The shape, and no id twice in a list.
fn unique(exchange: &Exchange, kind: &Kind, name: &str, id: &str) -> Vec<Fault> {
    let mut faults = check::body(exchange, kind);
    if faults.is_empty() {
        check::once(list(exchange.json(), name), id, name, &mut faults);
    }
    faults
}

/// The whole tree: no id stands anywhere twice.
fn whole_tree(exchange: &Exchange) -> Vec<Fault> {
    let mut faults = unique(exchange, &SYNC_ALL, "brands", "brand_id");
    let mut seen = BTreeSet::new();
    for (index, brand) in list(exchange.json(), "brands").iter().enumerate() {
        for (place, model) in list(brand, "models").iter().enumerate() {
            if faults.is_empty() && !seen.insert(text(model, "model_id")) {
                let path = format!("brands[{index}].models[{place}].model_id");
                faults.push(Fault::of(path, "stands there twice"));
            }
        }
    }
    faults
}

fn filtered(what: &str, ask: Ask, category: Option<&str>) -> (String, Ask) {
    match category {
        None => (format!("{what} agrees with the whole tree"), ask),
        Some(category) => (
            format!("{what} of category {category} agrees with the whole tree"),
            ask.query("category", category),
        ),
    }
}

fn name(path: &str) -> String {
    format!("{path} is as the contract has it")
}

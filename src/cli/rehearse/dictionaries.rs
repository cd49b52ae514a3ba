//! Chapter: the unified vehicle dictionary, pulled as a scheduler would, and one vehicle looked up.
//!
//! A gateway may do without; then every method of it is skipped, with that reason.

use std::collections::BTreeSet;

use serde_json::Value;

use super::{
    ask::Ask,
    check::{self, list, text},
    contract::{BRANDS, MODELS, MODIFICATIONS, POWERS, SYNC_ALL, VEHICLE, YEARS},
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
    &[BRANDS_PATH, MODELS_PATH, YEARS_PATH, POWERS_PATH, MODIFICATIONS_PATH, SYNC_ALL_PATH, VEHICLE_PATH];

const MISSING: &str = "the gateway does not serve dictionaries yet (404)";
const NOBODYS: &str = "none-such-0";

/// A wrong question: what it is, where, its query, and the field that must be named.
type Wrong = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const WRONG: &[Wrong] = &[
    ("an unknown category", BRANDS_PATH, &[("category", "Z")], &["category"]),
    ("models without a brand", MODELS_PATH, &[], &["brand_id"]),
    ("years without a model", YEARS_PATH, &[], &["model_id"]),
    ("powers without a model and a year", POWERS_PATH, &[], &["model_id", "year"]),
    ("modifications without anything", MODIFICATIONS_PATH, &[], &["model_id", "year", "power"]),
    ("the whole tree of an unknown category", SYNC_ALL_PATH, &[("category", "Z")], &["category"]),
    ("a vehicle without vin and car_number", VEHICLE_PATH, &[], &["vin", "car_number"]),
];

/// A question about an id that nobody has.
const UNKNOWN: &[(&str, &[(&str, &str)])] = &[
    (MODELS_PATH, &[("brand_id", NOBODYS)]),
    (YEARS_PATH, &[("model_id", NOBODYS)]),
    (POWERS_PATH, &[("model_id", NOBODYS), ("year", "2020")]),
    (MODIFICATIONS_PATH, &[("model_id", NOBODYS), ("year", "2020"), ("power", "150")]),
];

pub(super) async fn play(stage: &mut Stage) {
    stage.chapter(TITLE);
    let brands = stage.client.send(Ask::get(BRANDS_PATH)).await;
    if brands.status() == 404 {
        stage.record(&name(BRANDS_PATH), &brands, Verdict::Skip(MISSING.to_owned()));
        for path in &PATHS[1..] {
            stage.conclude(&name(path), Call::new("GET", path), Verdict::Skip(MISSING.to_owned()));
        }
        return;
    }
    let faults = unique(&brands, &BRANDS, "brands", "brand_id");
    let served = faults.is_empty();
    stage.record(&name(BRANDS_PATH), &brands, faults);
    if served {
        let tree = descend(stage, brands.json()).await;
        let ask = Ask::get(SYNC_ALL_PATH);
        if let Some(all) = stage.ask(&name(SYNC_ALL_PATH), ask, whole_tree).await {
            let (name, call) =
                ("the whole tree and the single methods agree", Call::new("GET", SYNC_ALL_PATH));
            stage.conclude(name, call, tree.differences(all.json()));
        }
    }
    vehicle(stage).await;
    for (what, path, query, fields) in WRONG {
        let name = format!("{what} is a 400 that names {}", fields.join(", "));
        stage.ask(&name, with(path, query), |got| names_any(got, path, fields)).await;
    }
    for (path, query) in UNKNOWN {
        let name = format!("{path} of an unknown id is a 404");
        stage.ask(&name, with(path, query), |got| check::refusal(got, 404)).await;
    }
}

/// What the single methods said of one way down the tree.
#[derive(Debug, Default)]
struct Tree {
    brands: Value,
    brand: String,
    models: Value,
    model: String,
    years: Value,
    year: i64,
    powers: Value,
}

/// Down from the first brand that has anything to its first modification.
async fn descend(stage: &mut Stage, brands: &Value) -> Tree {
    let mut tree = Tree { brands: brands["brands"].clone(), ..Tree::default() };
    let Some(brand) = list(brands, "brands").first() else {
        for path in &PATHS[1..5] {
            stage.conclude(
                &name(path),
                Call::new("GET", path),
                Verdict::Skip("there is no brand".to_owned()),
            );
        }
        return tree;
    };
    tree.brand = text(brand, "brand_id").to_owned();
    let ask = Ask::get(MODELS_PATH).query("brand_id", &tree.brand);
    let judge = |got: &Exchange| unique(got, &MODELS, "models", "model_id");
    let Some(models) = stage.ask(&name(MODELS_PATH), ask, judge).await else { return tree };
    tree.models = models.json()["models"].clone();
    tree.model = text(&tree.models[0], "model_id").to_owned();

    let ask = Ask::get(YEARS_PATH).query("model_id", &tree.model);
    let Some(years) = stage.ask(&name(YEARS_PATH), ask, |got| check::body(got, &YEARS)).await else {
        return tree;
    };
    tree.years = years.json()["years"].clone();
    let Some(year) = tree.years[0].as_i64() else { return tree };
    tree.year = year;

    let of_year = |path| Ask::get(path).query("model_id", &tree.model).query("year", year.to_string());
    let powers = stage.ask(&name(POWERS_PATH), of_year(POWERS_PATH), |got| check::body(got, &POWERS)).await;
    let Some(powers) = powers else { return tree };
    tree.powers = powers.json()["powers"].clone();

    let power = tree.powers[0].to_string();
    let ask = of_year(MODIFICATIONS_PATH).query("power", power);
    let judge = |got: &Exchange| unique(got, &MODIFICATIONS, "modifications", "id");
    stage.ask(&name(MODIFICATIONS_PATH), ask, judge).await;
    tree
}

// === impl Tree ===

impl Tree {
    /// Where the whole tree says something else.
    fn differences(&self, all: &Value) -> Vec<Fault> {
        let mut faults = Vec::new();
        let mut same = |path: String, here: BTreeSet<String>, there: BTreeSet<String>| {
            if let Some(odd) = here.symmetric_difference(&there).next() {
                let where_ = if here.contains(odd) { "not in sync-all" } else { "in sync-all only" };
                faults.push(Fault::of(path, format!("{odd} is {where_}")));
            }
        };
        let brands = list(all, "brands");
        same("brands".into(), named(&self.brands, "brand_id"), named(&all["brands"], "brand_id"));
        if let Some((index, brand)) = find(brands, "brand_id", &self.brand)
            && self.models.is_array()
        {
            let path = format!("brands[{index}].models");
            same(path.clone(), named(&self.models, "model_id"), named(&brand["models"], "model_id"));
            if let Some((index, model)) = find(list(brand, "models"), "model_id", &self.model)
                && self.years.is_array()
            {
                let path = format!("{path}[{index}].years");
                let years = list(model, "years");
                let there = years.iter().map(|year| year["year"].to_string()).collect();
                same(path.clone(), numbers(&self.years), there);
                let year = years.iter().position(|year| year["year"] == self.year);
                if let Some(index) = year.filter(|_| self.powers.is_array()) {
                    let path = format!("{path}[{index}].engine_powers");
                    same(path, numbers(&self.powers), numbers(&years[index]["engine_powers"]));
                }
            }
        }
        faults
    }
}

/// The request's own vehicle.
async fn vehicle(stage: &mut Stage) {
    let vehicle = stage.request.body["vehicle"].clone();
    for field in ["vin", "car_number"] {
        let name = format!("{VEHICLE_PATH} by {field}");
        match text(&vehicle, field) {
            "" => stage.skip(&name, "the request's vehicle has none"),
            value => drop(stage.ask(&name, Ask::get(VEHICLE_PATH).query(field, value), known_or_not).await),
        }
    }
}

/// A vehicle that nobody knows is a 404, which is an answer as well.
fn known_or_not(exchange: &Exchange) -> Verdict {
    if exchange.status() == 404 {
        return Verdict::from(check::refusal(exchange, 404)).and_tell(|| "nobody knows the vehicle".into());
    }
    check::body(exchange, &VEHICLE).into()
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

/// Of a vehicle's two fields one may be named for both.
fn names_any(exchange: &Exchange, path: &str, fields: &[&str]) -> Vec<Fault> {
    if path != VEHICLE_PATH {
        return check::names(exchange, fields);
    }
    let each = fields.iter().map(|field| check::names_within(exchange, field));
    each.min_by_key(Vec::len).unwrap_or_default()
}

fn with(path: &'static str, query: &[(&'static str, &'static str)]) -> Ask {
    query.iter().fold(Ask::get(path), |ask, (name, value)| ask.query(name, *value))
}

fn name(path: &str) -> String {
    format!("{path} is as the contract has it")
}

fn named(items: &Value, id: &str) -> BTreeSet<String> {
    items.as_array().into_iter().flatten().map(|item| format!("{} {}", item[id], item["name"])).collect()
}

fn numbers(items: &Value) -> BTreeSet<String> {
    items.as_array().into_iter().flatten().map(|item| item.as_f64().unwrap_or(f64::NAN).to_string()).collect()
}

fn find<'a>(items: &'a [Value], field: &str, id: &str) -> Option<(usize, &'a Value)> {
    items.iter().enumerate().find(|(_, item)| item[field] == id)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_tree_that_disagrees_is_told_where() {
        let tree = Tree {
            brands: json!([{ "brand_id": "1", "name": "LADA" }]),
            brand: "1".into(),
            models: json!([{ "model_id": "7", "name": "Vesta" }]),
            model: "7".into(),
            years: json!([2020, 2021]),
            year: 2020,
            powers: json!([106, 113.0]),
        };
        let all = |name: &str, powers: Value| {
            json!({ "brands": [{ "brand_id": "1", "name": "LADA", "models": [{ "model_id": "7", "name": name,
                "years": [{ "year": 2020, "engine_powers": powers }, { "year": 2021, "engine_powers": [] }] }] }] })
        };
        assert_eq!(tree.differences(&all("Vesta", json!([106.0, 113]))), []);
        let told: Vec<String> =
            tree.differences(&all("Веста", json!([106]))).iter().map(Fault::to_string).collect();
        assert_eq!(
            told,
            [
                "brands[0].models: \"7\" \"Vesta\" is not in sync-all",
                "brands[0].models[0].years[0].engine_powers: 113 is not in sync-all",
            ]
        );
    }
}

//! Questions that cannot be answered, and which field each answer must name.

use super::{
    BRANDS_PATH, MODELS_PATH, MODIFICATIONS_PATH, POWERS_PATH, SYNC_ALL_PATH, VEHICLE_PATH, YEARS_PATH,
};
use crate::cli::rehearse::{
    ask::{Access, Ask},
    check,
    exchange::Exchange,
    fault::Fault,
    stage::Stage,
};

/// An id that nobody has.
const NOBODYS: &str = "none-such-0";

/// A wrong question: what it is, where, its query, and the fields that must be named.
type Wrong = (&'static str, &'static str, &'static [(&'static str, &'static str)], &'static [&'static str]);

const WRONG: &[Wrong] = &[
    ("an unknown category", BRANDS_PATH, &[("category", "Z")], &["category"]),
    ("models without a brand", MODELS_PATH, &[], &["brand_id"]),
    ("years without a model", YEARS_PATH, &[], &["model_id"]),
    ("powers without a model and a year", POWERS_PATH, &[], &["model_id", "year"]),
    ("modifications without anything", MODIFICATIONS_PATH, &[], &["model_id", "year", "power"]),
    ("the whole tree of an unknown category", SYNC_ALL_PATH, &[("category", "Z")], &["category"]),
    (
        "the whole tree of a known and an unknown category",
        SYNC_ALL_PATH,
        &[("category", "A,Z")],
        &["category"],
    ),
    ("a vehicle without vin and car_number", VEHICLE_PATH, &[], &["vin", "car_number"]),
    ("a vehicle with a vin that is none", VEHICLE_PATH, &[("vin", "123")], &["vin"]),
];

/// A question about an id that nobody has.
const UNKNOWN: &[(&str, &[(&str, &str)])] = &[
    (MODELS_PATH, &[("brand_id", NOBODYS)]),
    (YEARS_PATH, &[("model_id", NOBODYS)]),
    (POWERS_PATH, &[("model_id", NOBODYS), ("year", "2020")]),
    (MODIFICATIONS_PATH, &[("model_id", NOBODYS), ("year", "2020"), ("power", "150")]),
];

pub(super) async fn play(stage: &mut Stage) {
    for (what, path, query, fields) in WRONG {
        let name = format!("{what} is a 400 that names {}", fields.join(", "));
        stage.ask(&name, with(path, query), |got| names_any(got, path, fields)).await;
    }
    for (path, query) in UNKNOWN {
        let name = format!("{path} of an unknown id is a 404");
        stage.ask(&name, with(path, query), |got| check::refusal(got, 404)).await;
    }
    let nobody = Ask::get(SYNC_ALL_PATH).access(Access::Nobody);
    stage.ask("the whole tree without credentials is a 403", nobody, |got| check::refusal(got, 403)).await;
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

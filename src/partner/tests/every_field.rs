//! Validation, field by field: each property of the generated document, wrong in every way that its schema
//! rules out, is named by exactly its path.

use serde_json::{Value, json};

use super::schema::{Spot, spots};
use crate::partner::sample;

/// Stands for what a person wrote; no message may hold it.
const SENTINEL: &str = "Тайна-4711";

/// Required only together with something else in the sample.
const REQUIRED_BY_THE_SAMPLE: &[&str] = &["vehicle.car_number"];

/// Required, and empty where the thing described has none.
fn may_be_empty(spot: &Spot) -> bool {
    spot.path.ends_with("foreign_license.series") || spot.path.ends_with("previous_license.license.series")
}

#[test]
fn the_walk_covers_the_request() {
    let spots = spots();
    assert!(spots.len() > 200, "{}", spots.len());
    assert!(spots.iter().any(|spot| spot.path == "drivers_info.drivers[0].license.date" && spot.required));
    assert!(spots.iter().any(|spot| spot.path == "owner.addresses[0].fias_code" && !spot.required));
}

#[test]
fn a_missing_or_null_required_field_is_named_wherever_it_is() {
    for spot in spots().iter().filter(|spot| spot.required) {
        assert_eq!(sample::wrong_paths(&spot.without()), [spot.path.as_str()]);
        assert_eq!(sample::wrong_paths(&spot.with(Value::Null)), [spot.path.as_str()], "null");
        let message = &sample::wrong(&spot.without())[0].message;
        assert!(message.starts_with("is required and must be "), "{}: {message}", spot.path);
    }
}

#[test]
fn a_missing_or_null_optional_field_is_accepted() {
    for spot in spots().iter().filter(|spot| !spot.required) {
        let expected: &[&str] =
            if REQUIRED_BY_THE_SAMPLE.contains(&spot.path.as_str()) { &[&spot.path] } else { &[] };
        assert_eq!(sample::wrong_paths(&spot.without()), expected, "{} left out", spot.path);
        assert_eq!(sample::wrong_paths(&spot.with(Value::Null)), expected, "{} null", spot.path);
        if spot.kind() == "string" {
            assert_eq!(sample::wrong_paths(&spot.with(json!("  "))), expected, "{} blank", spot.path);
        }
    }
}

#[test]
fn a_wrong_type_is_named_and_nothing_is_quoted() {
    for spot in spots() {
        let others = [
            ("boolean", json!(true)),
            ("number", json!(17.5)),
            ("string", json!(SENTINEL)),
            ("array", json!([SENTINEL])),
            ("object", json!({SENTINEL: SENTINEL})),
        ];
        for (kind, value) in others {
            if kind == spot.kind() {
                continue;
            }
            let wrong = sample::wrong(&spot.with(value));
            let paths: Vec<_> = wrong.iter().map(|it| it.property.clone()).collect();
            assert_eq!(paths, [spot.path.as_str()], "{} as {kind}", spot.path);
            assert!(!wrong[0].message.contains(SENTINEL), "{}", wrong[0].message);
            assert!(wrong[0].message.starts_with("must be "), "{}", wrong[0].message);
        }
    }
}

#[test]
fn an_empty_required_text_is_named() {
    for spot in spots().iter().filter(|spot| spot.required && spot.kind() == "string") {
        let expected: &[&str] = if may_be_empty(spot) { &[] } else { &[&spot.path] };
        assert_eq!(sample::wrong_paths(&spot.with(json!(""))), expected, "{}", spot.path);
        assert_eq!(sample::wrong_paths(&spot.with(json!(" \t "))), expected, "{}", spot.path);
    }
}

#[test]
fn a_closed_list_takes_its_words_and_no_other() {
    let closed: Vec<_> = spots().into_iter().filter(|spot| spot.schema.get("enum").is_some()).collect();
    assert!(closed.iter().any(|spot| spot.path == "purpose"));
    assert!(closed.iter().any(|spot| spot.path == "vehicle.category"));
    for spot in closed {
        let words = spot.schema["enum"].as_array().unwrap();
        for word in words {
            assert_eq!(sample::wrong_paths(&spot.with(word.clone())), [""; 0], "{} {word}", spot.path);
        }
        for odd in [SENTINEL, "Taxi", "STS", "registration,residence", "B,C"] {
            let wrong = sample::wrong(&spot.with(json!(odd)));
            assert_eq!(wrong.len(), 1, "{} {odd}", spot.path);
            assert_eq!(wrong[0].property, spot.path);
            assert!(!wrong[0].message.contains(odd), "{}", wrong[0].message);
            for word in words {
                assert!(wrong[0].message.contains(word.as_str().unwrap()), "{}", wrong[0].message);
            }
        }
    }
}

#[test]
fn every_format_is_checked() {
    let wrong_for = |format: &str| -> &[&str] {
        match format {
            "date" => &["2015-02-30", "10.06.2015", "2015-6-10", "2015-06-10T00:00:00Z", SENTINEL],
            "date-time" => &["1999-12-31", "1999-12-31T00:00:00", "2023-02-30T00:00:00Z", SENTINEL],
            "uuid" => &["f47ac10b", "f47ac10b58cc4372a5670e02b2c3d479", SENTINEL],
            other => panic!("no wrong values are known for the format {other}"),
        }
    };
    let formatted: Vec<_> = spots().into_iter().filter(|spot| spot.schema.get("format").is_some()).collect();
    assert_eq!(formatted.len(), 18, "{}", formatted.len());
    for spot in formatted {
        for wrong in wrong_for(spot.schema["format"].as_str().unwrap()) {
            let found = sample::wrong(&spot.with(json!(wrong)));
            assert_eq!(found.len(), 1, "{} {wrong}", spot.path);
            assert_eq!(found[0].property, spot.path);
            assert!(!found[0].message.contains(wrong), "{}", found[0].message);
        }
    }
}

#[test]
fn unknown_fields_are_ignored_everywhere() {
    let mut body = sample::body();
    for spot in spots() {
        body.pointer_mut(&spot.parent).unwrap()["unheard_of"] = json!({"any": ["shape", null, 1]});
    }
    assert_eq!(sample::wrong_paths(&body), [""; 0]);
}

#[test]
fn everything_wrong_is_named_at_once() {
    let leaves: Vec<_> = spots().into_iter().filter(Spot::is_leaf).collect();
    let mut body = sample::body();
    for leaf in &leaves {
        body.pointer_mut(&leaf.parent).unwrap()[leaf.name.as_str()] = json!([SENTINEL]);
    }
    let mut named = sample::wrong_paths(&body);
    let mut all: Vec<_> = leaves.into_iter().map(|leaf| leaf.path).collect();
    named.sort();
    all.sort();
    assert_eq!(named, all);
}

#[test]
fn a_list_item_that_is_no_object_is_named_by_its_place() {
    let mut body = sample::body();
    let licence = body["drivers_info"]["drivers"][0].clone();
    body["drivers_info"]["drivers"] = json!([licence, null, "x", licence]);
    body["vehicle"]["car_documents"] = json!([17]);
    assert_eq!(
        sample::wrong_paths(&body),
        ["vehicle.car_documents[0]", "drivers_info.drivers[1]", "drivers_info.drivers[2]"]
    );
}

//! The body of a confirmation: each mistake is named by exactly its path, and all of them at once.

use serde_json::{Value, json};
use veer_contract::domain::{ReturnUrls, SelectedOption};

use super::schema::standing_alone;
use crate::{
    offers::Wish,
    partner::{fields, fields::Violation, translate::wish, wire::OfferConfirmation},
};

/// Stands for what was sent; no message may hold it.
const SENTINEL: &str = "Тайна-4711";

fn body() -> Value {
    json!({
        "request_id": "550e8400-e29b-41d4-a716-446655440000",
        "offer_id": "a",
        "return_urls": {"success_url": "https://Пример.com/ok", "failure_url": "http://example.com/no"},
        "upsales": [
            {"upsale_id": "112234", "option_id": 1},
            {"upsale_id": "112235", "option_id": "2"},
        ],
    })
}

fn read(body: &Value) -> Result<OfferConfirmation, Vec<Violation>> {
    let read = fields::read(body.as_object().unwrap(), OfferConfirmation::read);
    read.map_err(|wrong| wrong.into_listed())
}

fn wrong(body: &Value) -> Vec<Violation> {
    read(body).err().unwrap_or_default()
}

fn paths(body: &Value) -> Vec<String> {
    wrong(body).into_iter().map(|wrong| wrong.property).collect()
}

/// The body with another value at a place.
fn with(pointer: &str, value: Value) -> Value {
    let mut body = body();
    *body.pointer_mut(pointer).unwrap_or_else(|| panic!("{pointer}")) = value;
    body
}

fn without(pointer: &str) -> Value {
    let (parent, name) = pointer.rsplit_once('/').unwrap();
    let mut body = body();
    let parent = body.pointer_mut(parent).unwrap().as_object_mut().unwrap();
    assert!(parent.remove(name).is_some(), "{pointer}");
    body
}

fn taken(body: &Value) -> Wish {
    wish(read(body).unwrap_or_else(|wrong| panic!("{wrong:?}")))
}

#[test]
fn a_confirmation_arrives_whole() {
    let selected = |id: &str, option_id| SelectedOption { cross_sale_id: id.into(), option_id };
    let expected = Wish {
        selected: vec![selected("112234", 1), selected("112235", 2)],
        return_urls: Some(ReturnUrls {
            success: "https://Пример.com/ok".into(),
            failure: "http://example.com/no".into(),
        }),
    };
    assert_eq!(taken(&body()), expected);
    let validator = jsonschema::validator_for(&standing_alone("OfferConfirmation")).unwrap();
    assert!(validator.is_valid(&body()));
}

#[test]
fn what_may_be_left_out_may_be_left_out() {
    let nothing = Wish { selected: Vec::new(), return_urls: None };
    for nobody in [Value::Null, json!([])] {
        assert_eq!(taken(&with("/upsales", nobody)).selected, []);
    }
    assert_eq!(taken(&with("/return_urls", Value::Null)).return_urls, None);
    let mut bare = without("/upsales");
    bare.as_object_mut().unwrap().remove("return_urls");
    assert_eq!(taken(&bare), nothing);
    bare["unheard_of"] = json!({"any": ["shape", null, 1]});
    assert_eq!(taken(&bare), nothing);
    assert_eq!(paths(&with("/upsales/0", json!({"upsale_id": "1", "option_id": 1, "price": null}))), [""; 0]);
}

#[test]
fn an_option_is_a_number_or_its_digits() {
    let option = |value: Value| taken(&with("/upsales/1/option_id", value)).selected[1].option_id;
    for one in [json!(1), json!("1"), json!(" 1 "), json!("01"), json!(1.0)] {
        assert_eq!(option(one.clone()), 1, "{one}");
    }
    assert_eq!(option(json!(0)), 0);
    assert_eq!(option(json!(i64::MAX)), i64::MAX);
    assert_eq!(option(json!(i64::MAX.to_string())), i64::MAX);
}

#[test]
fn each_mistake_is_named_by_its_path() {
    let huge: Value = serde_json::from_str("9223372036854775808").unwrap();
    let cases = [
        ("/request_id", json!(17), "request_id"),
        ("/request_id", json!(SENTINEL), "request_id"),
        ("/request_id", Value::Null, "request_id"),
        ("/offer_id", Value::Null, "offer_id"),
        ("/offer_id", json!(" "), "offer_id"),
        ("/offer_id", json!(17), "offer_id"),
        ("/offer_id", json!("я".repeat(501)), "offer_id"),
        ("/return_urls", json!(SENTINEL), "return_urls"),
        ("/return_urls", json!([]), "return_urls"),
        ("/return_urls/success_url", Value::Null, "return_urls.success_url"),
        ("/return_urls/success_url", json!("javascript:alert(1)"), "return_urls.success_url"),
        ("/return_urls/success_url", json!("ftp://example.com/"), "return_urls.success_url"),
        ("/return_urls/failure_url", json!("osago.invalid/no"), "return_urls.failure_url"),
        ("/return_urls/failure_url", json!("https://user:secret@example.com/"), "return_urls.failure_url"),
        ("/upsales", json!({}), "upsales"),
        ("/upsales", json!(SENTINEL), "upsales"),
        ("/upsales/1", Value::Null, "upsales[1]"),
        ("/upsales/1", json!("112235"), "upsales[1]"),
        ("/upsales/0/upsale_id", json!(112_234), "upsales[0].upsale_id"),
        ("/upsales/0/upsale_id", json!(""), "upsales[0].upsale_id"),
        ("/upsales/0/upsale_id", json!("1\u{0}2"), "upsales[0].upsale_id"),
        ("/upsales/1/option_id", Value::Null, "upsales[1].option_id"),
        ("/upsales/1/option_id", json!(""), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!(1.5), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("1.5"), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("1e3"), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("+1"), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("x"), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("１"), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!(true), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!([1]), "upsales[1].option_id"),
        ("/upsales/1/option_id", huge, "upsales[1].option_id"),
        ("/upsales/1/option_id", json!(1e300), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("9223372036854775808"), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("9".repeat(400)), "upsales[1].option_id"),
    ];
    for (pointer, value, path) in cases {
        let found = wrong(&with(pointer, value.clone()));
        let named: Vec<_> = found.iter().map(|wrong| wrong.property.as_str()).collect();
        assert_eq!(named, [path], "{pointer} = {value}");
        let message = &found[0].message;
        assert!(message.starts_with("must ") || message.starts_with("is required and must "), "{message}");
        let quoted = value.as_str().filter(|text| text.trim().len() > 1);
        assert!(quoted.is_none_or(|text| !message.contains(text)), "{message}");
    }
}

#[test]
fn a_required_field_that_is_missing_is_named() {
    for (pointer, path) in [
        ("/request_id", "request_id"),
        ("/offer_id", "offer_id"),
        ("/return_urls/success_url", "return_urls.success_url"),
        ("/return_urls/failure_url", "return_urls.failure_url"),
        ("/upsales/0/upsale_id", "upsales[0].upsale_id"),
        ("/upsales/1/option_id", "upsales[1].option_id"),
    ] {
        assert_eq!(paths(&without(pointer)), [path]);
    }
}

#[test]
fn everything_wrong_is_named_at_once() {
    let wrong = json!({
        "request_id": "17",
        "return_urls": {"success_url": "ok", "failure_url": 1},
        "upsales": [{"option_id": "x"}, 17, {"upsale_id": null, "option_id": false}],
    });
    assert_eq!(
        paths(&wrong),
        [
            "request_id",
            "offer_id",
            "return_urls.success_url",
            "return_urls.failure_url",
            "upsales[0].upsale_id",
            "upsales[0].option_id",
            "upsales[1]",
            "upsales[2].upsale_id",
            "upsales[2].option_id",
        ]
    );
}

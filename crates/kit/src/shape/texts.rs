//! Every text of a call with the name that it stands under, and the slots in it.

use serde_json::Value;

use crate::{body::Kind, fixture::Exchange};

/// Every text of a call with the name of its parameter, header, field or element.
pub(super) fn of(exchange: &Exchange) -> Vec<(&str, &str)> {
    let pairs = exchange.query.iter().chain(&exchange.headers);
    let mut found: Vec<(&str, &str)> = pairs.map(|(name, value)| (name.as_str(), value.as_str())).collect();
    match &exchange.body.0 {
        Kind::Form(pairs) => {
            found.extend(pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())));
        }
        Kind::Xml { root, .. } => {
            for place in root.places() {
                let node = root.at(&place);
                found.push((&node.name, &node.text));
                found.extend(node.attributes.iter().map(|(name, value)| (name.as_str(), value.as_str())));
            }
        }
        Kind::Json(value) => collect("", value, &mut found),
        Kind::Empty => {}
    }
    found
}

fn collect<'v>(name: &'v str, value: &'v Value, found: &mut Vec<(&'v str, &'v str)>) {
    match value {
        Value::String(text) => found.push((name, text)),
        Value::Array(items) => items.iter().for_each(|item| collect(name, item, found)),
        Value::Object(fields) => fields.iter().for_each(|(name, field)| collect(name, field, found)),
        _ => {}
    }
}

/// The slots of a text in the fixtures' spelling, without their braces.
pub(super) fn slots(text: &str) -> impl Iterator<Item = &str> {
    text.split("{{").skip(1).filter_map(|rest| rest.split_once("}}").map(|(slot, _)| slot))
}

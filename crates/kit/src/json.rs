//! JSON values: how they differ, and their leaves.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::Value;

/// One way from the root to a place.
pub(crate) type Path = Vec<Key>;

/// One step of a way.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Key {
    Field(String),
    Item(usize),
}

/// `a.b[0]`
pub(crate) fn show(path: &[Key]) -> String {
    path.iter().fold(String::new(), |shown, key| match key {
        Key::Field(name) if shown.is_empty() => name.clone(),
        Key::Field(name) => format!("{shown}.{name}"),
        Key::Item(at) => format!("{shown}[{at}]"),
    })
}

/// Every difference, with its place.
pub(crate) fn differences(expected: &Value, actual: &Value) -> Vec<String> {
    let mut found = Vec::new();
    compare(&mut Vec::new(), expected, actual, &mut found);
    found
}

fn compare(at: &mut Path, expected: &Value, actual: &Value, found: &mut Vec<String>) {
    match (expected, actual) {
        (Value::Object(expected), Value::Object(actual)) => {
            for (name, value) in expected {
                at.push(Key::Field(name.clone()));
                match actual.get(name) {
                    Some(there) => compare(at, value, there, found),
                    None => {
                        found.push(format!("{}: the fixture says {value}, the adapter nothing", show(at)))
                    }
                }
                at.pop();
            }
            for (name, value) in actual.iter().filter(|(name, _)| !expected.contains_key(*name)) {
                at.push(Key::Field(name.clone()));
                found.push(format!("{}: the adapter says {value}, the fixture nothing", show(at)));
                at.pop();
            }
        }
        (Value::Array(expected), Value::Array(actual)) if expected.len() == actual.len() => {
            for (item, pair) in expected.iter().zip(actual).enumerate() {
                at.push(Key::Item(item));
                compare(at, pair.0, pair.1, found);
                at.pop();
            }
        }
        _ if expected == actual => {}
        _ => found.push(format!("{}: the fixture says {expected}, the adapter {actual}", show(at))),
    }
}

/// The ways to all values that hold no others, and to all empty lists and objects.
pub(crate) fn leaves(value: &Value) -> Vec<Path> {
    paths(value, &|value| match value {
        Value::Object(fields) => fields.is_empty(),
        Value::Array(items) => items.is_empty(),
        _ => true,
    })
}

/// The ways to all values that are `wanted`.
pub(crate) fn paths(value: &Value, wanted: &dyn Fn(&Value) -> bool) -> Vec<Path> {
    let mut found = Vec::new();
    walk(&mut Vec::new(), value, wanted, &mut found);
    found
}

fn walk(at: &mut Path, value: &Value, wanted: &dyn Fn(&Value) -> bool, found: &mut Vec<Path>) {
    if wanted(value) {
        found.push(at.clone());
    }
    let mut visit = |key: Key, inner: &Value| {
        at.push(key);
        walk(at, inner, wanted, found);
        at.pop();
    };
    match value {
        Value::Object(fields) => {
            fields.iter().for_each(|(name, inner)| visit(Key::Field(name.clone()), inner))
        }
        Value::Array(items) => {
            items.iter().enumerate().for_each(|(item, inner)| visit(Key::Item(item), inner))
        }
        _ => {}
    }
}

/// The value with the place at `path` changed.
pub(crate) fn changed(value: &Value, path: &[Key], change: impl FnOnce(&mut Value)) -> Value {
    let mut copy = value.clone();
    let place = path.iter().try_fold(&mut copy, |inner, key| match key {
        Key::Field(name) => inner.get_mut(name.as_str()),
        Key::Item(at) => inner.get_mut(*at),
    });
    if let Some(place) = place {
        change(place);
    }
    copy
}

/// Another value in its place.
pub(crate) fn falsified(value: &Value) -> Value {
    match value {
        Value::Bool(truth) => (!truth).into(),
        Value::Number(number) => Value::String(format!("{number}, but falsified")),
        Value::String(text) => format!("{text}, but falsified").into(),
        Value::Null | Value::Array(_) | Value::Object(_) => "falsified".into(),
    }
}

/// Without the fields that are null: TOML has none. A result that says nothing, as that of giving an application up,
/// is an empty table.
pub(crate) fn without_nulls(value: Value) -> Value {
    match value {
        Value::Object(fields) => fields
            .into_iter()
            .filter(|(_, value)| !value.is_null())
            .map(|(name, value)| (name, without_nulls(value)))
            .collect(),
        Value::Array(items) => items.into_iter().map(without_nulls).collect(),
        Value::Null => Value::Object(serde_json::Map::new()),
        other => other,
    }
}

/// With files as their text or, where they are none, in base64, instead of as lists of numbers.
pub(crate) fn legible(value: Value) -> Value {
    match value {
        Value::Object(mut fields) => {
            let file = fields.len() == 2 && fields.contains_key("content_type");
            if let Some(bytes) = fields.get("bytes").filter(|_| file).and_then(bytes_of) {
                fields.remove("bytes");
                match String::from_utf8(bytes) {
                    Ok(text) => fields.insert("text".into(), text.into()),
                    Err(no_text) => {
                        fields.insert("base64".into(), STANDARD.encode(no_text.as_bytes()).into())
                    }
                };
            }
            fields.into_iter().map(|(name, value)| (name, legible(value))).collect()
        }
        Value::Array(items) => items.into_iter().map(legible).collect(),
        other => other,
    }
}

fn bytes_of(bytes: &Value) -> Option<Vec<u8>> {
    bytes.as_array()?.iter().map(|byte| u8::try_from(byte.as_u64()?).ok()).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn differences_name_their_place() {
        let found = differences(&json!({"a": [1, {"b": 2}], "c": 3}), &json!({"a": [1, {"b": 5}], "d": 4}));
        assert_eq!(
            found,
            [
                "a[1].b: the fixture says 2, the adapter 5",
                "c: the fixture says 3, the adapter nothing",
                "d: the adapter says 4, the fixture nothing"
            ]
        );
    }

    #[test]
    fn a_file_is_shown_as_its_text_where_it_is_one() {
        let file = |bytes: &[u8]| json!({"series": "x", "document": {"content_type": "c", "bytes": bytes}});
        let text = legible(file(b"%PDF-1.7"));
        assert_eq!(text, json!({"series": "x", "document": {"content_type": "c", "text": "%PDF-1.7"}}));
        let packed = legible(file(&[0xff]));
        assert_eq!(packed, json!({"series": "x", "document": {"content_type": "c", "base64": "/w=="}}));
    }

    #[test]
    fn every_leaf_is_found() {
        let found = leaves(&json!({"a": [1, {}], "b": null}));
        assert_eq!(found.iter().map(|path| show(path)).collect::<Vec<_>>(), ["a[0]", "a[1]", "b"]);
    }
}

//! Bracketed form fields as a tree: `owner[document][series]=4500`.

use serde_json::{Map, Value};

/// Deeper names are taken as they are.
const DEEPEST: usize = 8;

/// Reads a body into a tree of objects; list numbers become keys.
pub(super) fn read(body: &[u8]) -> Value {
    let mut tree = Value::Object(Map::new());
    for (name, value) in url::form_urlencoded::parse(body) {
        let mut place = &mut tree;
        for part in parts(&name) {
            if !place.is_object() {
                *place = Value::Object(Map::new());
            }
            // An object at this point, so the index makes the entry.
            place = &mut place[part];
        }
        *place = Value::String(value.into_owned());
    }
    tree
}

fn parts(name: &str) -> Vec<&str> {
    match name.split_once('[') {
        Some((first, rest)) if rest.ends_with(']') => {
            let inner = rest[..rest.len() - 1].split("][");
            std::iter::once(first).chain(inner).take(DEEPEST).collect()
        }
        _ => vec![name],
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn brackets_nest() {
        let body = "key=K&owner%5Bdocument%5D%5Bseries%5D=45+00&drivers[0][name]=%D0%98&drivers[1][name]=b";
        let expected = json!({
            "key": "K",
            "owner": {"document": {"series": "45 00"}},
            "drivers": {"0": {"name": "И"}, "1": {"name": "b"}},
        });
        assert_eq!(read(body.as_bytes()), expected);
    }

    #[test]
    fn strange_names_do_no_harm() {
        assert_eq!(read(b"a=1&a[b]=2"), json!({"a": {"b": "2"}}));
        assert_eq!(read(b"a]b[=1"), json!({"a]b[": "1"}));
        assert_eq!(read(b"]"), json!({"]": ""}));
    }
}

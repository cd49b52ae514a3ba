//! How alike two bodies are: SOAP services have one address for everything, so calls are told apart by the names in
//! their bodies.

use std::collections::BTreeSet;

use quick_xml::{Reader, events::Event};
use serde_json::Value;

/// The names in a body: keys of JSON, fields of a form, local names of XML.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Words(BTreeSet<String>);

// === impl Words ===

impl Words {
    /// Whatever the body is.
    pub(super) fn of(body: &[u8]) -> Self {
        let text = String::from_utf8_lossy(body);
        let mut words = BTreeSet::new();
        if let Ok(value) = serde_json::from_str::<Value>(&text) {
            keys(&value, &mut words);
        } else if text.trim_start().starts_with('<') {
            elements(&text, &mut words);
        } else {
            words.extend(url::form_urlencoded::parse(body).map(|(name, _)| name.into_owned()));
        }
        Self(words)
    }

    /// How much of both is common, in thousandths.
    pub(super) fn resemblance(&self, other: &Self) -> usize {
        let common = self.0.intersection(&other.0).count();
        let all = self.0.union(&other.0).count();
        (common * 1000).checked_div(all).unwrap_or(1000)
    }
}

fn keys(value: &Value, words: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, inner) in members {
                words.insert(name.clone());
                keys(inner, words);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| keys(item, words)),
        _ => {}
    }
}

fn elements(text: &str, words: &mut BTreeSet<String>) {
    let mut reader = Reader::from_str(text);
    while let Ok(event) = reader.read_event() {
        match event {
            Event::Start(tag) | Event::Empty(tag) => {
                words.insert(tag.local_name().as_ref().to_owned());
            }
            Event::Eof => break,
            _ => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_count_and_values_do_not() {
        let (one, other) = (Words::of(br#"{"a": {"b": 1}}"#), Words::of(br#"{"a": {"b": 2}}"#));
        assert_eq!(one, other);
        assert_eq!(Words::of(b"<s:A><b c='1'/></s:A>"), Words::of(b"<A><b/></A>"));
        assert_eq!(Words::of(b"a=1&b=2").resemblance(&one), 1000);
        assert_eq!(Words::of(b"a=1&c=2").resemblance(&one), 333);
        assert_eq!(Words::of(b"").resemblance(&Words::default()), 1000);
    }
}

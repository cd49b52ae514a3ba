//! Replies as values: JSON as it is, XML by local names.
//!
//! `null` and an element with nothing in it are absent, so an insurer that writes either means the same.
//! The private-use characters that mark slots are taken out of every text: nothing that an insurer says
//! becomes a slot.

use std::collections::BTreeMap;

use minijinja::Value;
use quick_xml::{
    Reader, XmlVersion,
    escape::resolve_predefined_entity,
    events::{BytesStart, Event},
};

use crate::value::{Absent, Fields, Items};

/// Nothing that an insurer sends is nested deeper.
const MAX_DEPTH: usize = 64;
/// The text of an element that has more than text.
const TEXT: &str = "#text";

/// A reply that cannot be read.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Unreadable;

/// JSON as a value.
pub(crate) fn json(value: &serde_json::Value) -> Value {
    match value {
        serde_json::Value::Null => Absent::value(),
        serde_json::Value::Bool(truth) => Value::from(*truth),
        serde_json::Value::Number(number) => match (number.as_i64(), number.as_u64()) {
            (Some(number), _) => Value::from(number),
            (_, Some(number)) => Value::from(number),
            _ => number.as_f64().map_or_else(Absent::value, Value::from),
        },
        serde_json::Value::String(text) => Value::from(clean(text)),
        serde_json::Value::Array(items) => Value::from_object(Items(items.iter().map(json).collect())),
        serde_json::Value::Object(fields) => {
            Fields::value(fields.iter().map(|(name, value)| (clean(name), json(value))).collect())
        }
    }
}

/// What is inside the root element of a document.
pub(crate) fn xml(document: &str) -> Result<Value, Unreadable> {
    let mut reader = Reader::from_str(document);
    let mut open: Vec<(String, Element)> = Vec::new();
    loop {
        let (name, closed) = match reader.read_event().map_err(|_| Unreadable)? {
            Event::Start(tag) if open.len() < MAX_DEPTH => {
                open.push((local(&tag), Element::opened(&tag)));
                continue;
            }
            Event::Start(_) => return Err(Unreadable),
            Event::Empty(tag) => (local(&tag), Element::opened(&tag)),
            Event::End(_) => open.pop().ok_or(Unreadable)?,
            Event::Text(text) => {
                add_text(&mut open, &text.xml10_content());
                continue;
            }
            Event::CData(text) => {
                add_text(&mut open, &text.xml10_content());
                continue;
            }
            Event::GeneralRef(reference) => {
                match reference.resolve_char_ref().map_err(|_| Unreadable)? {
                    Some(character) => add_text(&mut open, character.encode_utf8(&mut [0; 4])),
                    None => {
                        add_text(&mut open, resolve_predefined_entity(&reference).ok_or(Unreadable)?);
                    }
                }
                continue;
            }
            Event::Eof => return Err(Unreadable),
            Event::Decl(_) | Event::Comment(_) | Event::PI(_) | Event::DocType(_) => continue,
        };
        match open.last_mut() {
            Some((_, parent)) => parent.add(name, closed.value()),
            None => return Ok(closed.value()),
        }
    }
}

/// The fields of a form, as a call of an insurer's own has them.
pub(crate) fn form(body: &str) -> Value {
    let pairs = body.trim().split('&').filter_map(|pair| pair.split_once('='));
    Fields::value(pairs.map(|(name, value)| (decoded(name), Value::from(decoded(value)))).collect())
}

/// One element under reading.
#[derive(Default)]
struct Element {
    text: String,
    inside: BTreeMap<String, Vec<Value>>,
}

// === impl Element ===

impl Element {
    fn opened(tag: &BytesStart<'_>) -> Self {
        let mut element = Self::default();
        for attribute in tag.attributes().flatten() {
            let whole: &str = attribute.key.as_ref();
            if whole == "xmlns" || whole.starts_with("xmlns:") {
                continue;
            }
            // An attribute that is not well-formed is left out: most replies have none that matters.
            if let Ok(value) = attribute.normalized_value(XmlVersion::Implicit1_0) {
                let name: &str = attribute.key.local_name().into_inner();
                element.add(format!("@{name}"), Value::from(clean(&value)));
            }
        }
        element
    }

    fn add(&mut self, name: String, value: Value) {
        self.inside.entry(name).or_default().push(value);
    }

    fn value(self) -> Value {
        let text = clean(self.text.trim());
        if self.inside.is_empty() {
            return if text.is_empty() { Absent::value() } else { Value::from(text) };
        }
        let one = |mut values: Vec<Value>| match values.len() {
            1 => values.pop().unwrap_or_else(Absent::value),
            _ => Value::from_object(Items(values)),
        };
        let mut fields: BTreeMap<_, _> =
            self.inside.into_iter().map(|(name, values)| (name, one(values))).collect();
        if !text.is_empty() {
            fields.insert(TEXT.into(), Value::from(text));
        }
        Fields::value(fields)
    }
}

fn local(tag: &BytesStart<'_>) -> String {
    let name: &str = tag.local_name().into_inner();
    name.to_owned()
}

fn add_text(open: &mut [(String, Element)], text: &str) {
    if let Some((_, element)) = open.last_mut() {
        element.text.push_str(text);
    }
}

/// A text of an insurer without the characters that mark slots.
pub(crate) fn clean(text: &str) -> String {
    text.chars().filter(|c| !('\u{E000}'..='\u{E001}').contains(c)).collect()
}

fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        let digit = |byte: &u8| char::from(*byte).to_digit(16);
        let (byte, next) = match (first, tail) {
            (b'+', _) => (b' ', tail),
            (b'%', [high, low, more @ ..]) => match (digit(high), digit(low)) {
                (Some(high), Some(low)) => (u8::try_from(high * 16 + low).unwrap_or(b'?'), more),
                _ => (b'%', tail),
            },
            _ => (*first, tail),
        };
        bytes.push(byte);
        rest = next;
    }
    clean(&String::from_utf8_lossy(&bytes))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::value::{items, text};

    #[test]
    fn xml_is_seen_by_local_names() {
        let root = xml(
            "<s:E xmlns:s='x'><s:Body><A n:id='7'>1 &lt; 2</A><B>x</B><B>y</B><C/><D><![CDATA[ z ]]></D></s:Body></s:E>",
        )
        .unwrap();
        let body = root.get_attr("Body").unwrap();
        let at = |name: &str| body.get_attr(name).unwrap();
        assert_eq!(text(&at("A").get_attr("@id").unwrap()).as_deref(), Ok("7"));
        assert_eq!(text(&at("A").get_attr("#text").unwrap()).as_deref(), Ok("1 < 2"));
        assert_eq!(items(&at("B")).map(|items| items.len()), Some(2));
        assert_eq!(text(&at("D")).as_deref(), Ok("z"));
        assert!(Absent::is(&at("C")) && Absent::is(&at("none")));
    }

    #[test]
    fn broken_and_bottomless_documents_are_refused() {
        for odd in
            ["", "<a>", "<a><b></a>", "<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>", &"<a>".repeat(100_000)]
        {
            assert!(xml(odd).is_err());
        }
    }

    #[test]
    fn no_text_of_an_insurer_is_a_slot() {
        let value = json(&serde_json::json!({"a": "\u{E000}secret:key\u{E001}"}));
        assert_eq!(text(&value.get_attr("a").unwrap()).as_deref(), Ok("secret:key"));
        assert!(Absent::is(&json(&serde_json::json!(null))));
    }

    #[test]
    fn a_form_is_decoded() {
        let value = form("a=%D0%90+b&c=%zz&d");
        assert_eq!(text(&value.get_attr("a").unwrap()).as_deref(), Ok("А b"));
        assert_eq!(text(&value.get_attr("c").unwrap()).as_deref(), Ok("%zz"));
    }
}

//! Every broken form of one reply.

use serde_json::{Value, json};

use crate::{fixture::GivenReply, json, secrecy::SENTINEL, xml::Node};

/// One broken reply.
pub(crate) struct Broken {
    pub(crate) what: String,
    pub(crate) reply: GivenReply,
    pub(crate) demand: Demand,
    /// It comes once, and the good one after it; else it comes however often the call is repeated.
    pub(crate) once: bool,
}

/// What is demanded besides an orderly end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Demand {
    /// Nothing.
    Orderly,
    /// The outcome is the same: the reply means what it meant before.
    Same,
}

const UNKNOWN_KEY: &str = "xUnknownToEveryAdapter";
/// A page such as a proxy sends.
pub(super) const HTML: &str =
    "<!DOCTYPE html><html><head><title>502</title></head><body><h1>Bad Gateway<br></body></html>";
const HUGE: usize = 1024 * 1024;
const BOTTOMLESS: usize = 100_000;

// === impl Broken ===

impl Broken {
    pub(crate) fn new(what: impl Into<String>, reply: GivenReply, demand: Demand) -> Self {
        Self { what: what.into(), reply, demand, once: false }
    }
}

/// Every broken form of one reply; `personal` is a text of the request that the insurer might repeat.
pub(crate) fn derive(good: &GivenReply, personal: Option<&str>) -> Vec<Broken> {
    let mut all = bodies(good);
    let mut add = |what: String, body: Vec<u8>, demand| {
        all.push(Broken::new(what, good.with_body(body), demand));
    };
    for (what, body) in [
        ("as 1 MiB of blanks", " ".repeat(HUGE)),
        ("as bottomless JSON", "[".repeat(BOTTOMLESS)),
        ("as bottomless XML", "<a>".repeat(BOTTOMLESS)),
    ] {
        add(what.into(), body.into_bytes(), Demand::Orderly);
    }
    let Some(text) = good.text() else { return all };
    let echoes: Vec<_> =
        [("personal data", personal), ("a secret", Some(SENTINEL))].into_iter().filter_map(there).collect();
    if let Ok(value) = serde_json::from_str::<Value>(text) {
        for (what, value, demand) in broken_json(&value, &echoes) {
            add(what, value.to_string().into_bytes(), demand);
        }
    } else if let Ok(root) = Node::parse(text) {
        for (what, node, demand) in broken_xml(&root, &echoes) {
            add(what, node.write().into_bytes(), demand);
        }
    }
    all
}

/// The broken forms of a reply as a whole.
pub(super) fn bodies(good: &GivenReply) -> Vec<Broken> {
    let mut all: Vec<Broken> = [
        ("with an empty body", ""),
        ("as a page of HTML", HTML),
        ("as an empty object", "{}"),
        ("as a list", "[]"),
        ("as null", "null"),
        ("as an element", "<a/>"),
        ("as a failure of SOAP", "<Envelope><Body><Fault/></Body></Envelope>"),
    ]
    .into_iter()
    .map(|(what, body)| Broken::new(what, good.with_body(body.as_bytes()), Demand::Orderly))
    .collect();
    let mut add = |what: &str, body: Vec<u8>| {
        all.push(Broken::new(what, good.with_body(body), Demand::Orderly));
    };
    let mut half = good.body.to_vec();
    half.truncate(good.body.len() / 2);
    let mut unreadable = half.clone();
    unreadable.extend([0xff, 0xfe, 0x00]);
    unreadable.extend(&good.body[half.len()..]);
    add("with bytes that are no text", unreadable);
    add("cut off", half);
    if let Some(text) = good.text().filter(|text| !text.is_ascii()) {
        add("in windows-1251 that nobody tells of", windows_1251(text));
        // UTF-8 that was read as another charset: every letter is two odd ones.
        add("in the wrong charset", text.bytes().map(char::from).collect::<String>().into_bytes());
    }
    all
}

fn there<'t>((what, text): (&'static str, Option<&'t str>)) -> Option<(&'static str, &'t str)> {
    text.map(|text| (what, text))
}

/// Letters of other alphabets become question marks.
fn windows_1251(text: &str) -> Vec<u8> {
    let byte = |letter: char| match letter {
        '\0'..='\x7f' => letter as u8,
        'А'..='я' => u8::try_from(letter as u32 - 'А' as u32 + 0xc0).unwrap_or(b'?'),
        'Ё' => 0xa8,
        'ё' => 0xb8,
        '«' => 0xab,
        '»' => 0xbb,
        '№' => 0xb9,
        _ => b'?',
    };
    text.chars().map(byte).collect()
}

fn broken_json(value: &Value, echoes: &[(&str, &str)]) -> Vec<(String, Value, Demand)> {
    let mut all = Vec::new();
    for path in json::leaves(value) {
        let place = json::show(&path);
        all.push((
            format!("with `{place}` null"),
            json::changed(value, &path, |leaf| *leaf = Value::Null),
            Demand::Orderly,
        ));
        all.push((
            format!("with `{place}` as an object"),
            json::changed(value, &path, |leaf| *leaf = json!({})),
            Demand::Orderly,
        ));
        let as_text = json::changed(value, &path, |leaf| {
            if leaf.is_number() {
                *leaf = Value::String(leaf.to_string());
            }
        });
        if as_text != *value {
            all.push((format!("with `{place}` as a string"), as_text, Demand::Orderly));
        }
        for (echo, text) in echoes {
            let repeated = json::changed(value, &path, |leaf| *leaf = (*text).into());
            all.push((format!("with {echo} in `{place}`"), repeated, Demand::Orderly));
        }
    }
    for path in json::paths(value, &Value::is_object) {
        let more = json::changed(value, &path, |object| object[UNKNOWN_KEY] = json!({"any": [1, "thing"]}));
        all.push((format!("with an unknown key in `{}`", json::show(&path)), more, Demand::Same));
    }
    all
}

fn broken_xml(root: &Node, echoes: &[(&str, &str)]) -> Vec<(String, Node, Demand)> {
    let mut all = Vec::new();
    for place in root.places() {
        let node = root.at(&place);
        let name = node.name.as_str();
        if node.children.is_empty() {
            all.push((
                format!("with an empty <{name}>"),
                root.changed(&place, |leaf| leaf.text.clear()),
                Demand::Orderly,
            ));
            for (echo, text) in echoes {
                let repeated = root.changed(&place, |leaf| leaf.text = (*text).into());
                all.push((format!("with {echo} in <{name}>"), repeated, Demand::Orderly));
            }
        } else {
            let unknown = Node { name: UNKNOWN_KEY.into(), text: "any thing".into(), ..Node::default() };
            let more = root.changed(&place, |parent| parent.children.push(unknown));
            all.push((format!("with an unknown element in <{name}>"), more, Demand::Same));
        }
        if let Some((child, parent)) = place.split_last() {
            let less = root.changed(parent, |parent| drop(parent.children.remove(*child)));
            all.push((format!("without <{name}>"), less, Demand::Orderly));
        }
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reply_is_broken_leaf_by_leaf() {
        let bodies: Vec<_> = derive(&GivenReply::saying("{\"a\": 1}"), Some("Проверкин"))
            .iter()
            .map(|broken| broken.reply.text().unwrap_or("bytes").to_owned())
            .collect();
        for body in [
            "{\"a\":null}",
            "{\"a\":{}}",
            "{\"a\":\"1\"}",
            "{\"a\":\"Проверкин\"}",
            "{\"a\":\"veer-Sentinel-5ecre7\"}",
            "{\"a\":1,\"xUnknownToEveryAdapter\":{\"any\":[1,\"thing\"]}}",
            "bytes",
        ] {
            assert!(bodies.iter().any(|other| other == body), "{body}");
        }
    }

    #[test]
    fn letters_of_windows_1251() {
        assert_eq!(windows_1251("Aё№я"), [b'A', 0xb8, 0xb9, 0xff]);
    }
}

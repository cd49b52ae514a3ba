//! Bodies, compared by what they mean.

use serde::{Deserialize, Deserializer, de::Error};
use serde_json::Value;
use veer_contract::{
    Body,
    slot::{self, Slot},
};

use crate::{json, strict, xml::Node};

/// A body without its spelling.
#[derive(Debug, Clone, Default)]
pub struct Normal(pub(crate) Kind);

#[derive(Debug, Clone, Default)]
pub(crate) enum Kind {
    #[default]
    Empty,
    Json(Value),
    Xml {
        content_type: String,
        root: Node,
    },
    Form(Vec<(String, String)>),
}

/// A body as a fixture writes it: one of three, or none.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    json: Option<String>,
    xml: Option<String>,
    content_type: Option<String>,
    form: Option<Vec<(String, String)>>,
}

// === impl Normal ===

impl Normal {
    /// What the adapter sends, in the fixtures' spelling of slots.
    pub fn of(body: &Body) -> Result<Self, String> {
        Ok(Self(match body {
            Body::Empty => Kind::Empty,
            Body::Json(text) => Kind::Json(
                strict::parse(&spelt(text)).map_err(|error| format!("the body is no JSON: {error}"))?,
            ),
            Body::Xml { content_type, text } => Kind::Xml {
                content_type: content_type.clone(),
                root: Node::parse(&spelt(text)).map_err(|error| format!("the body is no XML: {error}"))?,
            },
            Body::Form(pairs) => {
                Kind::Form(pairs.iter().map(|(name, value)| (spelt(name), spelt(value))).collect())
            }
        }))
    }

    /// Every difference, with its place.
    pub fn differences(&self, actual: &Normal) -> Vec<String> {
        match (&self.0, &actual.0) {
            (Kind::Empty, Kind::Empty) => Vec::new(),
            (Kind::Json(expected), Kind::Json(actual)) => json::differences(expected, actual),
            (Kind::Xml { content_type: expected_type, root: expected }, Kind::Xml { content_type, root }) => {
                let mut found = Vec::new();
                if expected_type != content_type {
                    found.push(format!(
                        "content type: the fixture says {expected_type}, the adapter {content_type}"
                    ));
                }
                expected.differences(root, "", &mut found);
                found
            }
            (Kind::Form(expected), Kind::Form(actual)) => pairs(expected, actual),
            _ => vec![format!("the fixture says {}, the adapter {}", self.name(), actual.name())],
        }
    }

    fn name(&self) -> &'static str {
        match self.0 {
            Kind::Empty => "nothing",
            Kind::Json(_) => "JSON",
            Kind::Xml { .. } => "XML",
            Kind::Form(_) => "a form",
        }
    }
}

impl<'de> Deserialize<'de> for Normal {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let written = Written::deserialize(deserializer)?;
        match written {
            Written { json: Some(text), xml: None, content_type: None, form: None } => {
                strict::parse(&text).map(Kind::Json).map(Self).map_err(D::Error::custom)
            }
            Written { json: None, xml: Some(text), content_type: Some(content_type), form: None } => {
                let root = Node::parse(&text).map_err(D::Error::custom)?;
                Ok(Self(Kind::Xml { content_type, root }))
            }
            Written { json: None, xml: None, content_type: None, form: Some(pairs) } => {
                Ok(Self(Kind::Form(pairs)))
            }
            _ => Err(D::Error::custom("a body is one of `json`, `form`, or `xml` with `content_type`")),
        }
    }
}

/// A text with its slots as fixtures spell them.
pub(crate) fn spelt(text: &str) -> String {
    let spell = |slot: Slot<'_>| {
        Some(match slot {
            Slot::Session => "{{session}}".to_owned(),
            Slot::Secret(name) => format!("{{{{secret:{name}}}}}"),
            Slot::Basic(names) => format!("{{{{basic:{names}}}}}"),
            Slot::CallbackUrl => "{{callback_url}}".to_owned(),
        })
    };
    slot::fill(text, spell).map_or_else(|error| format!("{{{{broken slot: {error}}}}}"), Into::into)
}

/// Differences between two lists of pairs, in order.
pub(crate) fn pairs(expected: &[(String, String)], actual: &[(String, String)]) -> Vec<String> {
    let mut found: Vec<String> = expected
        .iter()
        .filter(|pair| !actual.contains(pair))
        .map(|(name, value)| match actual.iter().find(|(other, _)| other == name) {
            Some((_, other)) => format!("{name}: the fixture says «{value}», the adapter «{other}»"),
            None => format!("{name}: the fixture says «{value}», the adapter nothing"),
        })
        .collect();
    found.extend(
        actual
            .iter()
            .filter(|(name, _)| !expected.iter().any(|(other, _)| other == name))
            .map(|(name, value)| format!("{name}: the adapter says «{value}», the fixture nothing")),
    );
    if found.is_empty() && expected != actual {
        found.push("the same pairs stand in another order".into());
    }
    found
}

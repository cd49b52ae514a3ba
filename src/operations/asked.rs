//! What is asked for: a query's parameters, a body's fields. Whatever is wrong is named.

use std::collections::BTreeMap;

use actix_web::{HttpMessage, HttpRequest, http::StatusCode, web::Bytes};
use serde_json::{Map, Value};
use url::form_urlencoded;

use super::refusal::Refusal;
use crate::dictionary::catalogue::EntryId;

/// A query's parameters, each at most once.
pub(super) struct Query(BTreeMap<String, String>);

/// A body's fields.
pub(super) struct Body(Map<String, Value>);

/// The longest text of a person.
const LONGEST: usize = 1000;

// === impl Query ===

impl Query {
    /// Reads a query that may have the parameters `known`.
    pub fn parse(query: &str, known: &[&str]) -> Result<Self, Refusal> {
        let mut found = BTreeMap::new();
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            if !known.contains(&&*name) {
                return Err(unknown(&name, known));
            }
            if found.insert(name.to_string(), value.into_owned()).is_some() {
                return Err(Refusal::wrong(format!("`{name}` is given more than once")));
            }
        }
        // `?insurer=` asks as `?` does.
        found.retain(|_, value| !value.is_empty());
        Ok(Self(found))
    }

    /// A parameter's text.
    pub fn text(&mut self, name: &str) -> Option<String> {
        self.0.remove(name)
    }

    /// A parameter, read by `read`; `must` says what it must be.
    pub fn read<T>(
        &mut self,
        name: &str,
        must: &str,
        read: impl FnOnce(&str) -> Option<T>,
    ) -> Result<Option<T>, Refusal> {
        let wrong = || Refusal::wrong(format!("`{name}` must be {must}"));
        self.text(name).map(|text| read(&text).ok_or_else(wrong)).transpose()
    }
}

// === impl Body ===

impl Body {
    /// Reads a body that may have the fields `known`.
    pub fn read(
        request: &HttpRequest,
        body: Result<Bytes, actix_web::Error>,
        known: &[&str],
    ) -> Result<Self, Refusal> {
        Query::parse(request.query_string(), &[])?;
        if !request.content_type().eq_ignore_ascii_case("application/json") {
            let message = "Content-Type must be application/json".to_owned();
            return Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
        let body = body.map_err(|error| match error.as_response_error().status_code() {
            status @ StatusCode::PAYLOAD_TOO_LARGE => {
                Refusal::new(status, "the body has more bytes than are taken here".to_owned())
            }
            _ => Refusal::wrong("the body did not come to its end".to_owned()),
        })?;
        let Ok(Value::Object(fields)) = serde_json::from_slice(&body) else {
            let names = listed(known);
            return Err(Refusal::wrong(format!("the body must be a JSON object with the fields {names}")));
        };
        if let Some(name) = fields.keys().find(|name| !known.contains(&name.as_str())) {
            return Err(unknown(name, known));
        }
        // `null` is as good as nothing.
        Ok(Self(fields.into_iter().filter(|(_, value)| !value.is_null()).collect()))
    }

    /// A text of any length.
    pub fn text(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        match self.0.remove(name) {
            None => Ok(None),
            Some(Value::String(text)) => Ok(Some(text)),
            Some(_) => Err(Refusal::wrong(format!("`{name}` must be a text"))),
        }
    }

    /// A short text that says something.
    pub fn short(&mut self, name: &str) -> Result<Option<String>, Refusal> {
        let text = self.text(name)?.map(|text| text.trim().to_owned());
        match &text {
            Some(text) if text.is_empty() || text.chars().count() > LONGEST => {
                Err(Refusal::wrong(format!("`{name}` must have from 1 to {LONGEST} letters")))
            }
            _ => Ok(text),
        }
    }

    /// A short text that must be there.
    pub fn needed(&mut self, name: &str) -> Result<String, Refusal> {
        self.short(name)?.ok_or_else(|| Refusal::wrong(format!("`{name}` is missing")))
    }

    /// Yes or no; no where nothing is said.
    pub fn flag(&mut self, name: &str) -> Result<bool, Refusal> {
        match self.0.remove(name) {
            None => Ok(false),
            Some(Value::Bool(flag)) => Ok(flag),
            Some(_) => Err(Refusal::wrong(format!("`{name}` must be true or false"))),
        }
    }

    /// An entry's id, as a number or as the text that the partner knows.
    pub fn entry(&mut self, name: &str) -> Result<Option<EntryId>, Refusal> {
        let text = match self.0.remove(name) {
            None => return Ok(None),
            Some(Value::String(text)) => text,
            Some(value) => value.to_string(),
        };
        let wrong = |_| Refusal::wrong(format!("`{name}` must be the id of an entry, a whole number"));
        text.parse().map(Some).map_err(wrong)
    }
}

fn unknown(name: &str, known: &[&str]) -> Refusal {
    Refusal::wrong(match known {
        [] => format!("`{name}` is not known; there is nothing to set here"),
        known => format!("`{name}` is not known; only {} are", listed(known)),
    })
}

fn listed(names: &[&str]) -> String {
    names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
}

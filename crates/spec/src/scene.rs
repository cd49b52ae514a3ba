//! All that one step's expressions and templates can see.

use std::{collections::BTreeMap, sync::Arc};

use minijinja::{
    Value,
    value::{Enumerator, Object},
};
use serde_json::Value as Json;
use veer_contract::{
    Context, Fault, Reply,
    domain::{OfferRef, QuoteRequest, ReturnUrls, SelectedOption},
    operation::VehicleQuery,
    slot,
};

use crate::{
    check::Uses,
    tree,
    value::{Absent, Fields},
    view,
};

/// An operation's input, in parts.
#[derive(Clone, Copy, Default)]
pub(crate) struct Given<'g> {
    pub(crate) request: Option<&'g QuoteRequest>,
    pub(crate) offer: Option<&'g OfferRef>,
    pub(crate) selected: &'g [SelectedOption],
    pub(crate) return_urls: Option<&'g ReturnUrls>,
    pub(crate) query: Option<&'g VehicleQuery>,
}

/// What a conversation knows besides its input.
#[derive(Clone, Copy)]
pub(crate) struct Known<'k> {
    pub(crate) ids: &'k BTreeMap<String, String>,
    pub(crate) taken: &'k BTreeMap<String, Json>,
    /// The company or item whose step it is, and the name under which it is seen.
    pub(crate) member: Option<(&'k str, &'k Value)>,
    /// What it has taken of its own.
    pub(crate) own: Option<&'k BTreeMap<String, Json>>,
}

/// The names of a scene. What is not among them is not absent but unknown, so that the engine finds its functions.
#[derive(Debug)]
struct Scene(BTreeMap<String, Value>);

/// Names under which slots are found, whatever they are.
#[derive(Debug)]
struct Secrets;

/// A scene with more names before it.
#[derive(Debug)]
struct Overlay {
    more: Vec<(&'static str, Value)>,
    base: Value,
}

/// The scene of a step: only what it makes use of.
pub(crate) fn set(
    uses: &Uses,
    given: Given<'_>,
    known: Known<'_>,
    cx: &Context<'_>,
    enums: &Value,
    reply: Option<Value>,
) -> Value {
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    for root in &uses.roots {
        let value = match root.as_str() {
            "request" => given.request.map(view::request),
            "vehicle" => Some(view::codes(cx.vehicle)),
            "offer" => given.offer.map(view::offer),
            "selected" => Some(view::selected(given.selected)),
            "return_urls" => Some(view::return_urls(given.return_urls)),
            "query" => given.query.map(view::query),
            "settings" => {
                let pairs = cx.settings.0.iter();
                Some(Fields::value(
                    pairs.map(|(name, value)| (name.clone(), Value::from(value.as_str()))).collect(),
                ))
            }
            "today" => Some(view::date(cx.today)),
            "ids" => {
                let pairs = known.ids.iter();
                Some(Fields::value(
                    pairs.map(|(name, id)| (name.clone(), Value::from(id.as_str()))).collect(),
                ))
            }
            "taken" => {
                let pairs = known.taken.iter().chain(known.own.into_iter().flatten());
                Some(Fields::value(pairs.map(|(name, value)| (name.clone(), tree::json(value))).collect()))
            }
            "secret" => Some(Value::from_object(Secrets)),
            "session" => Some(Value::from(slot::session())),
            "callback_url" => Some(Value::from(slot::callback_url())),
            "reply" => reply.clone(),
            other => known.member.filter(|(name, _)| *name == other).map(|(_, value)| value.clone()),
        };
        fields.insert(root.clone(), value.unwrap_or_else(Absent::value));
    }
    fields.insert("enums".into(), enums.clone());
    Value::from_object(Scene(fields))
}

/// A company, as its steps see it.
pub(crate) fn company(code: &str, name: &str) -> Value {
    let fields = [("code", code), ("name", name)];
    Fields::value(fields.map(|(name, value)| (name.to_owned(), Value::from(value))).into())
}

/// A scene with these names besides.
pub(crate) fn with(base: &Value, more: Vec<(&'static str, Value)>) -> Value {
    Value::from_object(Overlay { more, base: base.clone() })
}

/// A reply as expressions see it; a fault where it is not what they look into.
pub(crate) fn reply(uses: &Uses, reply: &Reply) -> Result<Value, Fault> {
    let is_success = (200..300).contains(&reply.status);
    let headers = reply.headers.iter().map(|(name, value)| (name.clone(), Value::from(tree::clean(value))));
    let mut fields: BTreeMap<String, Value> = BTreeMap::new();
    fields.insert("status".into(), Value::from(reply.status));
    fields.insert("headers".into(), Fields::value(headers.collect()));
    if uses.part("reply.json") {
        let read = match reply.json::<Json>() {
            Ok(value) => tree::json(&value),
            Err(fault) if is_success => return Err(fault),
            Err(_) => Absent::value(),
        };
        fields.insert("json".into(), read);
    }
    if uses.part("reply.xml") {
        let read = match tree::xml(&reply.text()) {
            Ok(value) => value,
            Err(_) if is_success => {
                return Err(Fault::not_understood(format!(
                    "the reply to `{}` (status {}, {} bytes) is not the XML that was expected",
                    reply.tag,
                    reply.status,
                    reply.body.len()
                )));
            }
            Err(_) => Absent::value(),
        };
        fields.insert("xml".into(), read);
    }
    if uses.part("reply.form") {
        fields.insert("form".into(), tree::form(&reply.text()));
    }
    Ok(Fields::value(fields))
}

/// A scene with nothing but a reply.
pub(crate) fn only_reply(reply: Value, enums: &Value) -> Value {
    Value::from_object(Scene([("reply".to_owned(), reply), ("enums".to_owned(), enums.clone())].into()))
}

impl Object for Scene {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        self.0.get(key).cloned()
    }
}

impl Object for Secrets {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        key.as_str().map(|name| Value::from(slot::secret(name)))
    }
}

impl Object for Overlay {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        let own = self.more.iter().find(|(name, _)| *name == key).map(|(_, value)| value.clone());
        own.or_else(|| self.base.get_attr(key).ok().filter(|value| !value.is_undefined()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::NonEnumerable
    }
}

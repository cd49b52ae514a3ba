//! Values as expressions see them.
//!
//! What is not there is a value of its own, [`Absent`]: false, empty, and a part of it is absent too. So a
//! condition about an optional part of a reply is simply false, while nothing absent is ever written into a
//! call or taken from a reply: whoever would do that finds out here.

use std::{collections::BTreeMap, sync::Arc};

use minijinja::{
    Error, ErrorKind, Value,
    value::{Enumerator, Object, ObjectRepr, ValueKind},
};
use veer_contract::{Decline, Fault, create_then_poll::Refusal};

/// Nothing is there.
#[derive(Debug, Clone, Default)]
pub(crate) struct Absent {
    /// The partner's name of the field, where the request leaves one out.
    field: Option<Arc<str>>,
}

/// Names and their values; a name that is not there is absent.
#[derive(Debug)]
pub(crate) struct Fields(pub(crate) BTreeMap<String, Value>);

/// A list; what is beyond its end is absent.
#[derive(Debug)]
pub(crate) struct Items(pub(crate) Vec<Value>);

/// Why an expression or a template gave nothing. Never the value itself: it may be personal.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub(crate) enum Why {
    /// The request leaves a field out.
    #[error("the request has no {0}")]
    NeedsField(String),
    /// A reply, the offer or a skipped step has no such value.
    #[error("a value that is needed is not there")]
    Absent,
    /// The value is there and not what it must be.
    #[error("{0}")]
    Unfit(&'static str),
}

// === impl Why ===

impl Why {
    /// The reason inside an engine's error; whatever else went wrong there is not shown.
    pub(crate) fn of(error: &Error) -> Self {
        let mut source = std::error::Error::source(error);
        while let Some(inner) = source {
            if let Some(why) = inner.downcast_ref::<Self>() {
                return why.clone();
            }
            source = inner.source();
        }
        match error.kind() {
            ErrorKind::UndefinedError => Self::Absent,
            ErrorKind::OutOfFuel => Self::Unfit("it takes more steps than are allowed"),
            _ => Self::Unfit("it cannot be computed"),
        }
    }

    /// The end of a conversation in which `place` gave nothing.
    pub(crate) fn refusal(&self, place: &str) -> Refusal {
        match self {
            Self::NeedsField(field) => Decline::needs_field(field).into(),
            _ => self.fault(place).into(),
        }
    }

    /// The same where it is a fault in any case.
    pub(crate) fn fault(&self, place: &str) -> Fault {
        Fault::not_understood(format!("{place}: {self}"))
    }
}

impl From<Why> for Error {
    fn from(why: Why) -> Self {
        Error::new(ErrorKind::InvalidOperation, "see the source").with_source(why)
    }
}

// === impl Absent ===

impl Absent {
    /// Absent from a reply.
    pub(crate) fn value() -> Value {
        Value::from_object(Self::default())
    }

    /// A field that the request leaves out, by the partner's name.
    pub(crate) fn field(name: impl Into<Arc<str>>) -> Value {
        Value::from_object(Self { field: Some(name.into()) })
    }

    /// Why `value` cannot be used, where it is absent.
    pub(crate) fn why(value: &Value) -> Option<Why> {
        if value.is_undefined() || value.is_none() {
            return Some(Why::Absent);
        }
        let absent = value.downcast_object_ref::<Self>()?;
        Some(absent.field.as_deref().map_or(Why::Absent, |field| Why::NeedsField(field.to_owned())))
    }

    /// Whether `value` is not there.
    pub(crate) fn is(value: &Value) -> bool {
        Self::why(value).is_some()
    }
}

impl Object for Absent {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, _key: &Value) -> Option<Value> {
        Some(Value::from_dyn_object(self.clone()))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(0)
    }
}

// === impl Fields ===

impl Fields {
    /// A value of these names.
    pub(crate) fn value(fields: BTreeMap<String, Value>) -> Value {
        Value::from_object(Self(fields))
    }
}

impl Object for Fields {
    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(key.as_str().and_then(|key| self.0.get(key)).cloned().unwrap_or_else(Absent::value))
    }

    fn get_value_by_str(self: &Arc<Self>, key: &str) -> Option<Value> {
        Some(self.0.get(key).cloned().unwrap_or_else(Absent::value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Values(self.0.keys().map(|key| Value::from(key.as_str())).collect())
    }
}

// === impl Items ===

impl Object for Items {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Seq
    }

    fn get_value(self: &Arc<Self>, key: &Value) -> Option<Value> {
        Some(key.as_usize().and_then(|at| self.0.get(at)).cloned().unwrap_or_else(Absent::value))
    }

    fn enumerate(self: &Arc<Self>) -> Enumerator {
        Enumerator::Seq(self.0.len())
    }
}

/// The items of a list; none where there is none. `None`: it is something else.
pub(crate) fn items(value: &Value) -> Option<Vec<Value>> {
    if Absent::is(value) {
        return Some(Vec::new());
    }
    if let Some(items) = value.downcast_object_ref::<Items>() {
        return Some(items.0.clone());
    }
    match value.kind() {
        ValueKind::Seq => value.try_iter().ok()?.checked().collect::<Result<_, _>>().ok(),
        _ => None,
    }
}

/// A text, number or truth as text.
pub(crate) fn text(value: &Value) -> Result<String, Why> {
    if let Some(why) = Absent::why(value) {
        return Err(why);
    }
    match value.kind() {
        ValueKind::String => Ok(value.as_str().unwrap_or_default().to_owned()),
        ValueKind::Number => Ok(number_text(value)),
        ValueKind::Bool => Ok(value.is_true().to_string()),
        _ => Err(Why::Unfit("it is a list or a table where a text is needed")),
    }
}

/// A number as JSON writes it: `123`, `123.5`.
fn number_text(value: &Value) -> String {
    let text = value.to_string();
    text.strip_suffix(".0").map(str::to_owned).unwrap_or(text)
}

/// The same value as JSON; what is absent inside it is left out.
pub(crate) fn to_json(value: &Value) -> Result<serde_json::Value, Why> {
    const DEEPEST: usize = 130;
    // Lists of the same list twice grow without costing the engine anything.
    const MOST_PARTS: usize = 1_000_000;
    fn convert(value: &Value, depth: usize, left: &mut usize) -> Result<serde_json::Value, Why> {
        *left = left.checked_sub(1).ok_or(Why::Unfit("it has too many parts"))?;
        if depth > DEEPEST {
            return Err(Why::Unfit("it is nested too deep"));
        }
        if value.is_none() {
            return Ok(serde_json::Value::Null);
        }
        if let Some(why) = Absent::why(value) {
            return Err(why);
        }
        match value.kind() {
            ValueKind::Bool => Ok(value.is_true().into()),
            ValueKind::String => Ok(value.as_str().unwrap_or_default().into()),
            ValueKind::Number => serde_json::from_str(&number_text(value))
                .map_err(|_| Why::Unfit("a number is too large, or none")),
            ValueKind::Seq => {
                let items = items(value).unwrap_or_default();
                items.iter().map(|item| convert(item, depth + 1, left)).collect()
            }
            ValueKind::Map => {
                let mut fields = serde_json::Map::new();
                for key in value.try_iter().map_err(|_| Why::Unfit("it cannot be read"))?.checked() {
                    let key = key.map_err(|_| Why::Unfit("it cannot be read"))?;
                    let inner = value.get_item(&key).map_err(|_| Why::Unfit("it cannot be read"))?;
                    fields.insert(text(&key)?, convert(&inner, depth + 1, left)?);
                }
                Ok(serde_json::Value::Object(fields))
            }
            _ => Err(Why::Unfit("it cannot be written as JSON")),
        }
    }
    let mut left = MOST_PARTS;
    convert(value, 0, &mut left)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_false_and_empty_and_its_parts_are_nothing() {
        let nothing = Absent::field("insurer.passport");
        assert!(!nothing.is_true());
        assert_eq!(items(&nothing).map(|items| items.len()), Some(0));
        let part = nothing.get_attr("series").unwrap().get_attr("x").unwrap();
        assert_eq!(Absent::why(&part), Some(Why::NeedsField("insurer.passport".into())));
        assert_eq!(text(&part), Err(Why::NeedsField("insurer.passport".into())));
        assert!(to_json(&part).is_err());
    }

    #[test]
    fn numbers_keep_their_spelling() {
        assert_eq!(text(&Value::from(9123.45)).as_deref(), Ok("9123.45"));
        assert_eq!(text(&Value::from(123.0)).as_deref(), Ok("123"));
        assert_eq!(text(&Value::from(912_345)).as_deref(), Ok("912345"));
        assert!(to_json(&Value::from(f64::NAN)).is_err());
    }
}

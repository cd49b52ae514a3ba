//! JSON replies of services that do not keep to their own spelling.
//!
//! Keys change their case between installations, a number arrives as a string and a truth as `1`. What is
//! read here is found all the same; what is missing is nothing, and the reader says whether that matters.

use std::borrow::Cow;

use serde_json::Value;

use crate::number::Number;

/// A place in a reply, which may hold nothing. Keys are found whatever their case.
#[derive(Clone, Copy)]
pub struct Loose<'a>(Option<&'a Value>);

// === impl Loose ===

impl<'a> Loose<'a> {
    /// The whole reply.
    pub fn of(value: &'a Value) -> Self {
        Self(Some(value))
    }

    /// The value under `key`, which is written here in lower case.
    pub fn get(self, key: &str) -> Loose<'a> {
        let fields = self.0.and_then(Value::as_object);
        let found = fields.and_then(|fields| fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)));
        Loose(found.map(|(_, value)| value))
    }

    /// The first of a list, or the thing itself where it is no list.
    pub fn first(self) -> Loose<'a> {
        match self.0 {
            Some(Value::Array(items)) => Loose(items.first()),
            other => Loose(other),
        }
    }

    /// The items of a list; none where it is no list.
    pub fn items(self) -> impl Iterator<Item = Loose<'a>> {
        self.0.and_then(Value::as_array).into_iter().flatten().map(|item| Loose(Some(item)))
    }

    /// A text or a number, as text.
    pub fn text(self) -> Option<Cow<'a, str>> {
        match self.0? {
            Value::String(text) => Some(text.as_str().into()),
            Value::Number(number) => Some(number.to_string().into()),
            _ => None,
        }
    }

    /// A text or a number without blanks around it; empty where there is none.
    pub fn trimmed(self) -> String {
        self.text().map(|text| text.trim().to_owned()).unwrap_or_default()
    }

    /// A whole number, as such or as text.
    pub fn integer(self) -> Option<i64> {
        self.text()?.trim().parse().ok()
    }

    /// A number, as such or as text.
    pub fn number(self) -> Option<Number> {
        self.0.filter(|value| value.is_number() || value.is_string()).map(Number::from)
    }

    /// A truth, as such or as the text or number that PHP makes of it.
    pub fn truth(self) -> Option<bool> {
        match self.0? {
            Value::Bool(truth) => Some(*truth),
            _ => match self.text()?.to_ascii_lowercase().as_str() {
                "true" | "1" => Some(true),
                "false" | "0" | "" => Some(false),
                _ => None,
            },
        }
    }

    /// Whether something other than `null` is there.
    pub fn is_there(self) -> bool {
        self.0.is_some_and(|value| !value.is_null())
    }

    /// Whether a number above zero is there.
    pub fn is_positive(self) -> bool {
        self.integer().is_some_and(|number| number > 0)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn spelling_plays_no_part() {
        let value = json!({"Data": [{"Id": " 7 ", "ok": "1"}]});
        let data = Loose::of(&value).get("data").first();
        assert_eq!((data.get("id").integer(), data.get("id").trimmed().as_str()), (Some(7), "7"));
        assert_eq!(data.get("ok").truth(), Some(true));
        assert!(!data.get("nothing").get("below").is_there());
        assert_eq!(data.get("nothing").trimmed(), "");
    }
}

//! What the service answers: `result`, `data`, `message`, in whatever case it writes them today.

use std::borrow::Cow;

use serde_json::Value;
use veer_contract::{Fault, FaultKind, Reply, create_then_poll::Refusal};

use crate::{number::Number, registry};

/// A reply whose `result` is true.
pub(super) struct Answer(Value);

/// A place in a reply, which may hold nothing. Keys are found whatever their case.
#[derive(Clone, Copy)]
pub(super) struct Loose<'a>(Option<&'a Value>);

// === impl Answer ===

impl Answer {
    /// Reads a reply; `result: false` is the insurer's no.
    pub(super) fn read(reply: &Reply) -> Result<Self, Refusal> {
        let answer = Self(reply.json()?);
        match answer.root().get("result").truth() {
            Some(true) => Ok(answer),
            Some(false) => Err(answer.refusal()),
            None => Err(Fault::not_understood("the reply has no result").into()),
        }
    }

    /// What the reply is about.
    pub(super) fn data(&self) -> Loose<'_> {
        self.root().get("data")
    }

    /// The insurer's words, or these where it gave none.
    pub(super) fn message_or(&self, otherwise: &str) -> String {
        let message = self.root().get("message").text().unwrap_or_default();
        let message = message.trim();
        // The envelope's own "ok" says nothing about the calculation in it.
        let says_nothing = message.is_empty() || message.eq_ignore_ascii_case("ok");
        if says_nothing { otherwise.to_owned() } else { message.to_owned() }
    }

    /// The end that the insurer's words mean: there are no codes.
    pub(super) fn refusal(&self) -> Refusal {
        let message = self.message_or("");
        if names_the_key(&message) {
            let detail = "the service answers that it does not know the partner's key";
            return Fault::new(FaultKind::CredentialsRefused, detail).into();
        }
        registry::refusal(&message, "Страховщик отказал в расчёте")
    }

    fn root(&self) -> Loose<'_> {
        Loose(Some(&self.0))
    }
}

// === impl Loose ===

impl<'a> Loose<'a> {
    /// The value under `key`, which is written here in lower case.
    pub(super) fn get(self, key: &str) -> Loose<'a> {
        let fields = self.0.and_then(Value::as_object);
        let found = fields.and_then(|fields| fields.iter().find(|(name, _)| name.eq_ignore_ascii_case(key)));
        Loose(found.map(|(_, value)| value))
    }

    /// The first of a list, or the thing itself where it is no list.
    pub(super) fn first(self) -> Loose<'a> {
        match self.0 {
            Some(Value::Array(items)) => Loose(items.first()),
            other => Loose(other),
        }
    }

    /// The items of a list; none where it is no list.
    pub(super) fn items(self) -> impl Iterator<Item = Loose<'a>> {
        self.0.and_then(Value::as_array).into_iter().flatten().map(|item| Loose(Some(item)))
    }

    /// A text or a number, as text.
    pub(super) fn text(self) -> Option<Cow<'a, str>> {
        match self.0? {
            Value::String(text) => Some(text.as_str().into()),
            Value::Number(number) => Some(number.to_string().into()),
            _ => None,
        }
    }

    /// A number, as such or as text.
    pub(super) fn number(self) -> Option<Number> {
        self.0.filter(|value| value.is_number() || value.is_string()).map(Number::from)
    }

    /// A truth, as such or as the text or number that PHP makes of it.
    pub(super) fn truth(self) -> Option<bool> {
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
    pub(super) fn is_there(self) -> bool {
        self.0.is_some_and(|value| !value.is_null())
    }

    /// Whether a number above zero is there.
    pub(super) fn is_positive(self) -> bool {
        self.text().and_then(|text| text.trim().parse::<i64>().ok()).is_some_and(|number| number > 0)
    }
}

/// «Неверный ключ», and not «исключено».
fn names_the_key(message: &str) -> bool {
    let lower = message.to_lowercase();
    lower.split(|c: char| !c.is_alphabetic()).any(|word| ["ключ", "ключа", "key"].contains(&word))
}

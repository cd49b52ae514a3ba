//! Nothing printable may hold personal data.
//!
//! Logs, errors and captures are made of `Debug` and of faults' details. So after every step, both are
//! searched for each personal value of the request. Declines are left out: their words are the client's
//! to read, and the host never logs them.

use serde::Serialize;
use serde_json::Value;
use veer_contract::{Next, SavedState};

use crate::json::{self, Key};

/// Parts of an input that say nothing about a person.
const IMPERSONAL: [&str; 9] = [
    "brand",
    "model",
    "modification",
    "return_urls",
    "purpose",
    "kind",
    "category",
    "policy_start",
    "selected",
];
/// Shorter texts, such as the number of a house, are found everywhere by chance.
const SHORTEST: usize = 4;

/// The personal values of one input.
pub(crate) struct Secrets(Vec<String>);

// === impl Secrets ===

impl Secrets {
    /// All texts of the input but those that are known to be impersonal.
    pub(crate) fn of(input: &impl Serialize) -> Self {
        let input = serde_json::to_value(input).unwrap_or_default();
        let texts = json::paths(&input, &Value::is_string).into_iter().filter(|path| !is_impersonal(path));
        let mut found: Vec<String> = texts.filter_map(|path| value_at(&input, &path)).collect();
        found.retain(|text| text.chars().count() >= SHORTEST);
        found.sort();
        found.dedup();
        Self(found)
    }

    /// What a step prints, where it must not.
    pub(crate) fn leak(&self, next: &Next<SavedState>) -> Option<String> {
        let printed = match next {
            Next::Decline(_) => return None,
            Next::Call { calls, .. } => {
                let bodies: Vec<_> = calls.iter().map(|call| &call.body).collect();
                format!("{next:?} {bodies:?}")
            }
            other => format!("{other:?}"),
        };
        let leaked = self.0.iter().find(|secret| printed.contains(secret.as_str()))?;
        let what = match next {
            Next::Fail(_) => "the fault's detail",
            _ => "the step's `Debug`",
        };
        Some(format!(
            "{what} holds personal data of the request («{leaked}»): it goes to logs; say what happened without \
             repeating what was sent or received"
        ))
    }

    /// One text that an insurer might repeat in its reply.
    pub(crate) fn sample(&self) -> Option<String> {
        self.0.iter().max_by_key(|text| text.len()).cloned()
    }
}

fn is_impersonal(path: &[Key]) -> bool {
    // The insurer's own names for its offer; beside it stands the request, which is personal.
    if let [.., Key::Field(offer), Key::Field(_)] = path
        && offer == "offer"
    {
        return true;
    }
    path.iter().any(|key| matches!(key, Key::Field(name) if IMPERSONAL.contains(&name.as_str())))
}

fn value_at(input: &Value, path: &[Key]) -> Option<String> {
    let place = path.iter().try_fold(input, |inner, key| match key {
        Key::Field(name) => inner.get(name),
        Key::Item(at) => inner.get(at),
    });
    place.and_then(Value::as_str).map(str::to_owned)
}

#[cfg(test)]
mod tests {
    use veer_contract::{
        Call, Effect, Fault, Lane, Method,
        domain::OfferRef,
        operation::{Confirmation, OfferInput},
    };

    use super::*;
    use crate::requests;

    #[test]
    fn an_offer_is_impersonal_and_its_request_is_not() {
        let offer = OfferRef::of("uuid", "0000-uuid");
        let input = OfferInput { request: requests::standard(), offer };
        let confirmation = Confirmation { offer: input, selected: Vec::new(), return_urls: None };
        let Secrets(found) = Secrets::of(&confirmation);
        assert!(!found.contains(&"0000-uuid".to_owned()));
        assert!(found.contains(&"Проверкин".to_owned()));
    }

    #[test]
    fn a_name_in_a_fault_and_a_number_in_a_tag_are_found() {
        let secrets = Secrets::of(&requests::standard());
        let fault = Next::Fail(Fault::not_understood("no such driver: Проверкин"));
        assert!(secrets.leak(&fault).is_some_and(|leak| leak.contains("fault")));
        let call = Call::new("by-vin/Z94C0000000000001", Lane::Poll, Effect::Read, Method::Get, "by-vin");
        let then = SavedState { version: 1, json: "{}".into() };
        assert!(secrets.leak(&Next::Call { calls: vec![call], then }).is_some());
        assert_eq!(secrets.leak(&Next::Fail(Fault::not_understood("no price"))), None);
    }
}

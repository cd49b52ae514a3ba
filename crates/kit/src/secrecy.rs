//! Nothing printable may hold personal data or a secret.
//!
//! Logs, errors and captures are made of `Debug`, of faults' details and of calls' paths. So after every step, all
//! of them are searched for each personal value of the request, and for a secret that an insurer repeats in its
//! reply. Declines are left out: their words are the client's to read, and the host never logs them.
//!
//! Some insurers name what they make by a VIN and want that name in the path of the next call. An adapter
//! that cannot help it says so in its README, under [`IN_PATHS`], by the calls' tags in backticks.

use serde::Serialize;
use serde_json::Value;
use veer_contract::{Call, Next, SavedState};

use crate::json::{self, Key};

/// The heading of a README under which the calls are named whose paths hold personal data.
pub(crate) const IN_PATHS: &str = "## Personal data in paths";
/// A secret that an insurer repeats in its reply: the host never shows an adapter its own.
pub(crate) const SENTINEL: &str = "veer-Sentinel-5ecre7";

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
/// The same in a path, where ids of many digits stand.
const SHORTEST_IN_A_PATH: usize = 6;

/// The personal values of one input, and where the adapter may show them.
pub(crate) struct Secrets {
    personal: Vec<String>,
    in_paths: Vec<String>,
}

/// The tags of the calls whose paths hold personal data, as a README names them.
pub(crate) fn in_paths(readme: &str) -> Vec<String> {
    let Some((_, rest)) = readme.split_once(IN_PATHS) else { return Vec::new() };
    let section = rest.split("\n## ").next().unwrap_or_default();
    section.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

// === impl Secrets ===

impl Secrets {
    /// All texts of the input but those that are known to be impersonal.
    pub(crate) fn of(input: &impl Serialize, in_paths: &[String]) -> Self {
        let input = serde_json::to_value(input).unwrap_or_default();
        let texts = json::paths(&input, &Value::is_string).into_iter().filter(|path| !is_impersonal(path));
        let mut found: Vec<String> = texts.filter_map(|path| value_at(&input, &path)).collect();
        found.retain(|text| text.chars().count() >= SHORTEST);
        found.sort();
        found.dedup();
        Self { personal: found, in_paths: in_paths.to_vec() }
    }

    /// What a step prints, where it must not.
    pub(crate) fn leak(&self, next: &Next<SavedState>) -> Option<String> {
        let printed = match next {
            Next::Decline(_) => return None,
            Next::Call { calls, .. } => {
                if let Some(leak) = calls.iter().find_map(|call| self.leak_in_path(call)) {
                    return Some(leak);
                }
                let bodies: Vec<_> = calls.iter().map(|call| &call.body).collect();
                format!("{next:?} {bodies:?}")
            }
            // The correlation is the insurer's own name for the conversation.
            Next::Await { then, .. } => format!("{then:?}"),
            other => format!("{other:?}"),
        };
        let what = match next {
            Next::Fail(_) => "the fault's detail",
            _ => "the step's `Debug`",
        };
        if printed.contains(SENTINEL) {
            return Some(format!(
                "{what} repeats what the insurer sent, which may be a secret: it goes to logs; say what happened in \
                 words of your own"
            ));
        }
        let leaked = self.personal.iter().find(|secret| printed.contains(secret.as_str()))?;
        Some(format!(
            "{what} holds personal data of the request («{leaked}»): it goes to logs; say what happened without \
             repeating what was sent or received"
        ))
    }

    fn leak_in_path(&self, call: &Call) -> Option<String> {
        if self.in_paths.contains(&call.tag) {
            return None;
        }
        let mut long = self.personal.iter().filter(|text| text.chars().count() >= SHORTEST_IN_A_PATH);
        let leaked = long.find(|text| call.path.contains(text.as_str()))?;
        Some(format!(
            "the path of `{}` holds personal data of the request («{leaked}»): paths go to logs; send it in the query \
             or the body, or, where the insurer leaves no choice, name the call under `{IN_PATHS}` in the README",
            call.tag
        ))
    }

    /// One text that an insurer might repeat in its reply.
    pub(crate) fn sample(&self) -> Option<String> {
        self.personal.iter().max_by_key(|text| text.len()).cloned()
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
        let Secrets { personal: found, .. } = Secrets::of(&confirmation, &[]);
        assert!(!found.contains(&"0000-uuid".to_owned()));
        assert!(found.contains(&"Проверкин".to_owned()));
    }

    #[test]
    fn a_name_in_a_fault_and_a_number_in_a_tag_are_found() {
        let secrets = Secrets::of(&requests::standard(), &["named".to_owned()]);
        let fault = Next::Fail(Fault::not_understood("no such driver: Проверкин"));
        assert!(secrets.leak(&fault).is_some_and(|leak| leak.contains("fault")));
        let call = Call::new("by-vin/Z94C0000000000001", Lane::Poll, Effect::Read, Method::Get, "by-vin");
        let then = SavedState { version: 1, json: "{}".into() };
        assert!(secrets.leak(&Next::Call { calls: vec![call], then }).is_some());
        assert_eq!(secrets.leak(&Next::Fail(Fault::not_understood("no price"))), None);
    }

    #[test]
    fn a_vin_in_a_path_is_found_unless_the_readme_says_so() {
        let readme =
            "# x\n## Personal data in paths\n\nThe call `named`: its report.\n\n## Unknown\n- `other`\n";
        let secrets = Secrets::of(&requests::standard(), &in_paths(readme));
        let leak = |tag: &str| {
            let call = Call::new(tag, Lane::Poll, Effect::Read, Method::Get, "report/Z94C0000000000001");
            let then = SavedState { version: 1, json: "{}".into() };
            secrets.leak(&Next::Call { calls: vec![call], then })
        };
        assert_eq!(leak("named"), None);
        assert!(
            leak("other").is_some_and(|leak| leak.starts_with("the path of `other` holds personal data"))
        );
    }

    #[test]
    fn a_repeated_secret_is_found() {
        let secrets = Secrets::of(&(), &[]);
        let fault = Fault::not_understood(format!("the insurer says {SENTINEL}"));
        assert!(secrets.leak(&Next::Fail(fault)).is_some_and(|leak| leak.contains("may be a secret")));
        let then = SavedState { version: 1, json: format!("\"{SENTINEL}\"") };
        assert_eq!(secrets.leak(&Next::Await { correlation: SENTINEL.into(), then }), None);
    }
}

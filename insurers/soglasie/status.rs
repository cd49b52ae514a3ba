//! How an application stands: the way of its upload (`status`), and the state of its policy (`policy.status`).

use serde_json::Value;
use veer_contract::{
    Call, Decline, DeclineKind, Fault, Lane, Reply,
    create_then_poll::Refusal,
    domain::{Coefficients, Kopecks, Person},
};

use super::{errors, request};
use crate::{
    coefficients::{self, Alphabet},
    loose::Loose,
    policy_number::PolicyNumber,
    registry,
};

/// The sixteen states of a policy, as far as they differ to the gateway.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum State {
    /// A draft, or under check at the registry or at the insurer; or a word that is not known.
    UnderWay,
    /// The last check is passed: it may be paid.
    Passed,
    /// The registry does not confirm the data.
    NotInRegistry,
    /// The insurer's own check says no.
    Declined,
    /// Paid, and on its way to the registry.
    Paid,
    /// Paid, and the registry did not take it.
    NotSigned,
    /// Paid and in the registry: issued.
    Signed,
    /// Given up, by either side.
    GivenUp,
    /// Handed to another insurer.
    Elsewhere,
}

/// An answer.
pub(super) struct Standing {
    /// The state of the policy.
    pub(super) state: State,
    upload: String,
    value: Value,
}

/// The error bodies that end a question. A 500 is not among them: the host asks again.
const NO_ANSWER: [u16; 4] = [400, errors::NOT_FOUND, 409, 422];

/// Asks.
pub(super) fn ask(policy_id: &str, lane: Lane) -> Call {
    request::about(policy_id, "status", lane).accepting(&NO_ANSWER)
}

// === impl State ===

impl State {
    fn of(word: &str) -> Self {
        match word {
            "RSA_CHECK_OK" | "SK_CHECK_OK" => Self::Passed,
            "RSA_CHECK_FAIL" => Self::NotInRegistry,
            "SK_CHECK_FAIL" => Self::Declined,
            "PAY_COMPLETE" | "RSA_SIGN" => Self::Paid,
            "RSA_SIGN_FAIL" => Self::NotSigned,
            "RSA_SIGNED" | "SIGNED" => Self::Signed,
            "SUSPENDED" | "CANCELED" => Self::GivenUp,
            "OTHER_SK" => Self::Elsewhere,
            // DRAFT, RSA_CHECK, SK_CHECK, SK_CHECK_START; and a word that is not known yet.
            _ => Self::UnderWay,
        }
    }
}

// === impl Standing ===

impl Standing {
    /// Reads the answer.
    pub(super) fn of(reply: &Reply) -> Result<Self, Fault> {
        let value = errors::told(reply, "status")?;
        let answer = Loose::of(&value);
        let upload = answer.get("status").trimmed().to_uppercase();
        if upload.is_empty() {
            return Err(Fault::not_understood("the application's status has no status"));
        }
        let state = State::of(&answer.get("policy").get("status").trimmed().to_uppercase());
        Ok(Self { state, upload, value })
    }

    /// The upload is through, whatever came of it.
    pub(super) fn is_complete(&self) -> bool {
        self.upload == "COMPLETE"
    }

    /// The upload was not taken.
    pub(super) fn is_error(&self) -> bool {
        self.upload == "ERROR"
    }

    /// What the policy costs.
    pub(super) fn premium(&self) -> Result<Kopecks, Fault> {
        let premium = self.policy().get("premium").number();
        premium
            .ok_or_else(|| Fault::not_understood("an accepted application has no premium"))?
            .roubles()
            .map_err(|error| Fault::not_understood(format!("premium: {error}")))
    }

    /// Series and number. They are given before the policy is paid, and hold once it is signed.
    pub(super) fn number(&self) -> Result<Option<PolicyNumber>, Fault> {
        let policy = self.policy();
        PolicyNumber::of(&policy.get("policyserial").trimmed(), &policy.get("policyno").trimmed())
    }

    /// What the price is made of.
    pub(super) fn coefficients(&self) -> Coefficients {
        let find = |brief: &str| {
            let mut rows = self.policy().get("coeffs").items();
            let row = rows.find(|row| row.get("brief").trimmed().to_uppercase() == brief)?;
            row.get("value").number()?.coefficient()
        };
        let named = coefficients::named(Alphabet::Cyrillic, find);
        // The insurer turns the tariff's ТБ round.
        Coefficients { base_rate: find("БТ").or(named.base_rate), ..named }
    }

    /// The drivers' own КБМ in the request's order, found by their names; none where no row is theirs.
    pub(super) fn by_driver(&self, drivers: &[Person]) -> Vec<Coefficients> {
        let of = |person: &Person| {
            let name = person.name.full().to_uppercase();
            let mut rows = self.policy().get("drivers").items();
            rows.find(|row| row.get("name").trimmed().to_uppercase() == name)?
                .get("kbm")
                .number()?
                .coefficient()
        };
        let found: Vec<_> = drivers.iter().map(of).collect();
        if found.iter().all(Option::is_none) {
            return Vec::new();
        }
        found.into_iter().map(|bonus_malus| Coefficients { bonus_malus, ..Coefficients::default() }).collect()
    }

    /// The end that a no means; the state or the upload says whose it is.
    pub(super) fn refusal(&self) -> Refusal {
        match self.state {
            State::NotInRegistry | State::NotSigned => self.not_in_registry(),
            State::GivenUp => Decline::declined("Оформление прекращено").into(),
            State::Elsewhere => {
                Decline::declined("Страховщик передал заявление другой страховой компании").into()
            }
            _ => registry::refusal(&self.words(), "Страховщик отказал в оформлении"),
        }
    }

    fn not_in_registry(&self) -> Refusal {
        let checks = Loose::of(&self.value).get("rsacheck").items();
        let failed = checks.filter(|check| !check.get("status").trimmed().eq_ignore_ascii_case("ok"));
        let failed: Vec<String> =
            failed.map(|check| check.get("result").trimmed()).filter(|words| !words.is_empty()).collect();
        let words = if failed.is_empty() { self.words() } else { failed.join("; ") };
        // Whoever answers here is the registry, whether or not its words say so.
        if let outage @ Refusal::Fault(_) = registry::refusal(&format!("РСА: {words}"), "") {
            return outage;
        }
        let words =
            if words.is_empty() { "Не пройдена проверка РСА".to_owned() } else { words };
        Decline::new(DeclineKind::RegistryCheckFailed, words).into()
    }

    /// The insurer's words about where it stands.
    fn words(&self) -> String {
        let error = Loose::of(&self.value).get("lasterror").trimmed();
        if error.is_empty() { self.policy().get("statusname").trimmed() } else { error }
    }

    fn policy(&self) -> Loose<'_> {
        Loose::of(&self.value).get("policy")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_state_means_one_thing() {
        for (words, state) in [
            (&["DRAFT", "RSA_CHECK", "SK_CHECK", "SK_CHECK_START", "", "NEW"][..], State::UnderWay),
            (&["RSA_CHECK_OK", "SK_CHECK_OK"], State::Passed),
            (&["RSA_CHECK_FAIL"], State::NotInRegistry),
            (&["SK_CHECK_FAIL"], State::Declined),
            (&["PAY_COMPLETE", "RSA_SIGN"], State::Paid),
            (&["RSA_SIGN_FAIL"], State::NotSigned),
            (&["RSA_SIGNED", "SIGNED"], State::Signed),
            (&["SUSPENDED", "CANCELED"], State::GivenUp),
            (&["OTHER_SK"], State::Elsewhere),
        ] {
            assert!(words.iter().all(|word| State::of(word) == state), "{state:?}");
        }
    }
}

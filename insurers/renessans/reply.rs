//! What the service answers: `result`, `data`, `message`, in whatever case it writes them today.

use serde_json::Value;
use veer_contract::{Decline, DeclineKind, Fault, FaultKind, Reply, create_then_poll::Refusal};

use crate::{loose::Loose, registry};

/// A reply whose `result` is true.
pub(super) struct Answer {
    value: Value,
    /// What a no says to the client where the service gives no words.
    otherwise: &'static str,
}

// === impl Answer ===

impl Answer {
    /// Reads a reply about a calculation; `result: false` is the insurer's no.
    pub(super) fn read(reply: &Reply) -> Result<Self, Refusal> {
        Self::of(reply, "Страховщик отказал в расчёте")
    }

    /// The same about an application.
    pub(super) fn of_application(reply: &Reply) -> Result<Self, Refusal> {
        Self::of(reply, "Страховщик отказал в оформлении")
    }

    fn of(reply: &Reply, otherwise: &'static str) -> Result<Self, Refusal> {
        let answer = Self { value: reply.json()?, otherwise };
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

    /// The registry's check, where the reply tells of one.
    pub(super) fn passed_registry(&self) -> Result<(), Refusal> {
        let data = self.data();
        if !data.get("rsa").is_there() || !data.get("upload").is_positive() {
            return Ok(());
        }
        let message = self.message_or("Не пройдена проверка РСА");
        if registry::is_outage(&message) {
            return Err(registry::refusal(&message, ""));
        }
        Err(Decline::new(DeclineKind::RegistryCheckFailed, message).into())
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
        registry::refusal(&message, self.otherwise)
    }

    fn root(&self) -> Loose<'_> {
        Loose::of(&self.value)
    }
}

/// «Неверный ключ», and not «исключено».
fn names_the_key(message: &str) -> bool {
    let lower = message.to_lowercase();
    lower.split(|c: char| !c.is_alphabetic()).any(|word| ["ключ", "ключа", "key"].contains(&word))
}

//! What the insurer calls back with: a small document, or an `errorCode` with words.

use veer_contract::{
    Decline, DeclineKind, Fault, FaultKind, Reply, create_then_poll::Refusal, domain::Kopecks,
};

use super::{rsa, sms};
use crate::{registry, required, xml::Element};

/// Words that begin and end what an error says of itself.
const ERRORS: &str = "Errors:";
const WARNINGS: &str = "Warnings:";
/// The insurer's dictionary lacks the vehicle.
const NO_VEHICLE: &str = "cannot find rdm data";
/// No premium has more digits.
const LONGEST_AMOUNT: usize = 12;

/// One reply.
pub(super) struct Answer {
    tree: Element,
    codes: Vec<String>,
    message: String,
}

// === impl Answer ===

impl Answer {
    /// Reads a reply, whatever it says.
    pub(super) fn read(reply: &Reply) -> Result<Self, Fault> {
        let tree = Element::parse(&reply.text()).map_err(|_| {
            let detail = format!("the insurer's reply ({} bytes) is not XML", reply.body.len());
            Fault::not_understood(detail)
        })?;
        let (mut codes, mut messages) = (Vec::new(), Vec::new());
        collect(&tree, "errorCode", &mut codes);
        collect(&tree, "errorMessage", &mut messages);
        Ok(Self { tree, codes, message: messages.join(" ") })
    }

    /// Reads a reply to a message that the insurer may say no to, in its words or in these where it has none.
    pub(super) fn granted(reply: &Reply, otherwise: &str) -> Result<Self, Refusal> {
        Self::read(reply)?.or_refusal(otherwise)
    }

    /// This reply, or the end that its error means.
    pub(super) fn or_refusal(self, otherwise: &str) -> Result<Self, Refusal> {
        match self.refusal(otherwise) {
            Some(refusal) => Err(refusal),
            None => Ok(self),
        }
    }

    /// Whether it says that the session is over; the message was not carried out then.
    pub(super) fn is_session_over(&self) -> bool {
        let said = words(&self.message).to_lowercase();
        let mut said = said.split(|c: char| !c.is_alphanumeric());
        let names = said.any(|word| word.starts_with("session") || word.starts_with("сесси"));
        let carried_out = ["policyNumber", "amount"].iter().any(|name| self.tree.find_text(name).is_some());
        self.code() == Some("PROCESS_ERROR") && names && !carried_out
    }

    /// A text that a success cannot lack.
    pub(super) fn needs(&self, name: &str) -> Result<&str, Fault> {
        self.tree
            .find_text(name)
            .ok_or_else(|| Fault::not_understood(format!("a successful reply has no {name}")))
    }

    /// An amount that a success cannot lack.
    pub(super) fn kopecks(&self, name: &str) -> Result<Kopecks, Fault> {
        kopecks(self.needs(name)?)
            .ok_or_else(|| Fault::not_understood(format!("{name} is no whole number of kopecks")))
    }

    /// The document.
    pub(super) fn tree(&self) -> &Element {
        &self.tree
    }

    fn code(&self) -> Option<&str> {
        self.codes.first().map(String::as_str)
    }

    fn refusal(&self, otherwise: &str) -> Option<Refusal> {
        let broken = |detail: &str| Refusal::from(Fault::new(FaultKind::InsurerError, detail));
        let words = words(&self.message);
        let said = if words.is_empty() { otherwise } else { words };
        Some(match self.code()? {
            // Not fatal: the registry could not be asked about everything, and the policy is made.
            "RSA_CHECK_ERROR" if self.tree.find_text("policyNumber").is_some() => return None,
            "RSA_CHECK_ERROR" => rsa::refusal(&self.message),
            "INCORRECT_CODE" => sms::decline().into(),
            "VALIDATIONERROR" => Decline::new(DeclineKind::RejectedData, said).into(),
            "PAYMENT_GATE_ERROR" => broken("the insurer says that its payment gate failed"),
            _ if words.to_lowercase().contains(NO_VEHICLE) => required::not_mapped().into(),
            // English words are the service's about itself («Validator internal error»), Russian ones a no.
            _ if !words.chars().any(is_russian) => broken("the insurer says that it is broken"),
            _ => registry::refusal(words, otherwise),
        })
    }
}

/// A whole number of kopecks.
pub(super) fn kopecks(text: &str) -> Option<Kopecks> {
    let digits = text.len() <= LONGEST_AMOUNT && text.bytes().all(|byte| byte.is_ascii_digit());
    let number: i64 = digits.then(|| text.parse().ok())??;
    (number > 0).then(|| Kopecks::new(number))
}

/// What stands between «Errors:» and «Warnings:», or everything.
fn words(message: &str) -> &str {
    let after = message.split_once(ERRORS).map_or(message, |(_, after)| after);
    let before = after.split_once(WARNINGS).map_or(after, |(before, _)| before);
    before.trim().trim_end_matches([';', ',']).trim_end()
}

/// The texts of all elements of that local name that have any.
fn collect(element: &Element, name: &str, found: &mut Vec<String>) {
    if element.is(name) {
        found.extend(element.find_text(name).map(str::to_owned));
    }
    element.children().iter().for_each(|child| collect(child, name, found));
}

fn is_russian(letter: char) -> bool {
    matches!(letter, 'А'..='я' | 'Ё' | 'ё')
}

#[cfg(test)]
mod tests {
    use super::*;

    fn end(code: &str, message: &str, more: &str) -> String {
        let body = format!(
            "<p:r xmlns:p='x'><c:errorCode xmlns:c='y'>{code}</c:errorCode><errorMessage>{message}</errorMessage>{more}</p:r>"
        );
        let reply =
            Reply { tag: "callback".into(), status: 200, headers: Vec::new(), body: body.into_bytes() };
        match Answer::granted(&reply, "нет") {
            Ok(_) => "granted".into(),
            Err(Refusal::Decline(decline)) => format!("{:?}: {}", decline.kind, decline.message),
            Err(Refusal::Fault(fault)) => format!("{:?}", fault.kind),
        }
    }

    #[test]
    fn every_code_has_its_end() {
        let process = |words: &str| end("PROCESS_ERROR", words, "");
        assert_eq!(process("Errors: Оформление невозможно. Warnings: "), "Declined: Оформление невозможно.");
        assert_eq!(process("Errors: Validator internal error Warnings: "), "InsurerError");
        assert_eq!(process(""), "InsurerError");
        let no_vehicle = process("Errors: Cannot find RDM data by Mark, Model, Modification Warnings: ");
        assert_eq!(no_vehicle, "VehicleNotMapped: Модели нет в справочнике страховщика");
        assert_eq!(process("Errors: Сервис РСА временно недоступен Warnings:"), "RegistryDown");
        assert_eq!(end("VALIDATIONERROR", "", ""), "RejectedData: нет");
        assert_eq!(end("PAYMENT_GATE_ERROR", "Ошибка", ""), "InsurerError");
        assert!(end("INCORRECT_CODE", "Осталось попыток: 2", "").starts_with("AsksForMore: "));
        assert_eq!(end("SOMETHING_NEW", "Нельзя", ""), "Declined: Нельзя");
    }

    #[test]
    fn a_failed_check_is_not_fatal_where_the_policy_is_made() {
        let text = "Code=34030023, Message=Сервис не отвечает";
        assert_eq!(end("RSA_CHECK_ERROR", text, ""), "RegistryDown");
        assert_eq!(end("RSA_CHECK_ERROR", text, "<policyNumber/>"), "RegistryDown");
        assert_eq!(end("RSA_CHECK_ERROR", text, "<policyNumber>ХХХ0100000001</policyNumber>"), "granted");
    }

    #[test]
    fn amounts_are_whole_kopecks() {
        assert_eq!(kopecks("912345"), Some(Kopecks::new(912_345)));
        for odd in ["", "0", "-1", "9123.45", "9 123", "1e3", "9999999999999"] {
            assert_eq!(kopecks(odd), None, "{odd}");
        }
    }
}

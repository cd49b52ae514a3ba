//! What insurers' texts tell of the registries behind them (РСА's АИС ОСАГО, now НСИС).
//!
//! Every insurer checks driver, vehicle and owner there. When the registry is down, all insurers fail at
//! once, and the client's data are innocent: that is a fault of its own kind and never a decline. No
//! insurer has a machine code for it, so texts are recognised; an unknown text stays a plain decline.

use veer_contract::{Decline, DeclineKind, Fault, FaultKind, create_then_poll::Refusal};

/// Words that name a registry; matched as the beginning of a word.
const NAMES: [&str; 5] = ["рса", "нсис", "аис", "дкбм", "единой информационной"];
/// Words of an outage.
const OUTAGE: [&str; 9] = [
    "недоступ",
    "не доступ",
    "не отвеча",
    "временно",
    "сбой",
    "таймаут",
    "превышен период",
    "превышено время",
    "технических работ",
];
/// Words of a check that was made and failed.
const FAILED_CHECK: [&str; 4] = ["не пройден", "не прошл", "не подтвержд", "не найден"];
/// The registry's own codes: the state register is not reachable; system error.
const OUTAGE_CODES: [&str; 2] = ["34030023", "34050999"];

/// The end of a conversation in which the insurer said `text`, or nothing, in place of a price.
pub fn refusal(text: &str, otherwise: &str) -> Refusal {
    let text = text.trim();
    if is_failed_check(text) && !has_outage_code(text) {
        return Decline::new(DeclineKind::RegistryCheckFailed, text).into();
    }
    if is_outage(text) {
        // The text itself may name the client.
        return Fault::new(
            FaultKind::RegistryDown,
            "the insurer says that its check at the registry is down",
        )
        .into();
    }
    Decline::declined(if text.is_empty() { otherwise } else { text }).into()
}

/// Whether `text` says that the registry is down.
pub fn is_outage(text: &str) -> bool {
    let text = text.to_lowercase();
    let words = |words: &[&str]| words.iter().any(|word| text.contains(word));
    has_outage_code(&text) || (names_registry(&text) && words(&OUTAGE))
}

fn has_outage_code(text: &str) -> bool {
    OUTAGE_CODES.iter().any(|code| text.contains(code))
}

/// Whether `text` says that the registry's check was made and failed.
pub fn is_failed_check(text: &str) -> bool {
    let text = text.to_lowercase();
    names_registry(&text) && FAILED_CHECK.iter().any(|word| text.contains(word))
}

fn names_registry(lower: &str) -> bool {
    NAMES
        .iter()
        .any(|name| lower.match_indices(name).any(|(at, _)| !lower[..at].ends_with(char::is_alphabetic)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_outage_is_told_from_a_failed_check_and_from_a_decline() {
        let kind = |text| match refusal(text, "нет") {
            Refusal::Fault(fault) => format!("{:?}", fault.kind),
            Refusal::Decline(decline) => format!("{:?}", decline.kind),
        };
        assert_eq!(kind("Сервис РСА временно недоступен"), "RegistryDown");
        assert_eq!(kind("Ошибка 34030023"), "RegistryDown");
        assert_eq!(kind("АИС ОСАГО не отвечает"), "RegistryDown");
        assert_eq!(kind("Не пройдена проверка РСА"), "RegistryCheckFailed");
        assert_eq!(kind("В АИС РСА не найден действующий технический осмотр"), "RegistryCheckFailed");
        // «рса» inside a word is no registry.
        assert_eq!(kind("Пробег курсанта превышен"), "Declined");
        assert_eq!(kind("Оформление невозможно"), "Declined");
    }

    #[test]
    fn a_silent_no_gets_words() {
        assert_eq!(refusal(" ", "нет"), Decline::declined("нет").into());
    }
}

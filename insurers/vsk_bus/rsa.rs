//! `RSA_CHECK_ERROR`: what the registry answered to the insurer, as `Code=…, Message=…`, possibly several times.

use veer_contract::{Decline, DeclineKind, create_then_poll::Refusal};

use crate::registry;

/// The registry's word for a check that is well.
const WELL: [&str; 2] = ["0", "3"];

/// The end that the registry's answers mean.
pub(super) fn refusal(message: &str) -> Refusal {
    if registry::is_outage(message) {
        // It knows the codes; in which words the user would read them does not matter.
        return registry::refusal(message, "");
    }
    let failed: Vec<&str> =
        answers(message).filter(|(code, _)| !WELL.contains(code)).map(|(_, text)| text).collect();
    let mut said: Vec<&str> = failed.into_iter().filter(|text| !text.is_empty()).collect();
    said.dedup();
    let words = if said.is_empty() {
        "Проверка в РСА не пройдена".to_owned()
    } else {
        said.join("; ")
    };
    Decline::new(DeclineKind::RegistryCheckFailed, words).into()
}

/// Each code with its text; a text without a code stands alone.
fn answers(message: &str) -> impl Iterator<Item = (&str, &str)> {
    message.split("Code=").map(|part| {
        let digits = part.bytes().take_while(u8::is_ascii_digit).count();
        let (code, rest) = part.split_at(digits);
        let text = rest.split_once("Message=").map_or(rest, |(_, text)| text);
        (code, text.trim_matches([' ', ',', ';', '\n', '\r', '\t']))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(message: &str) -> String {
        match refusal(message) {
            Refusal::Decline(decline) => decline.message,
            Refusal::Fault(fault) => format!("{:?}", fault.kind),
        }
    }

    #[test]
    fn only_failed_checks_are_told() {
        let message = "Code=3, Message=Успешно; Code=34030007, Message=Водитель не найден; Code=34030007, Message=Водитель не найден";
        assert_eq!(words(message), "Водитель не найден");
        assert_eq!(words("Code=34030007"), "Проверка в РСА не пройдена");
        assert_eq!(words("Данные не подтверждены"), "Данные не подтверждены");
        assert_eq!(words(""), "Проверка в РСА не пройдена");
    }

    #[test]
    fn the_state_register_and_system_errors_are_outages() {
        assert_eq!(words("Code=34030023, Message=Нет ответа"), "RegistryDown");
        assert_eq!(words("Code=3, Message=Успешно; Code=34050999, Message=Системная ошибка"), "RegistryDown");
    }
}

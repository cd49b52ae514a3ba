//! The entry that insurers keep for whatever their dictionary lacks.

use super::{
    senses::{Sense, senses},
    words::{Token, tokens},
};

const OTHER: [&str; 34] = [
    "прочие",
    "прочий",
    "прочая",
    "прочее",
    "прочих",
    "проч",
    "другая",
    "другой",
    "другое",
    "другие",
    "иная",
    "иной",
    "иное",
    "иные",
    "остальные",
    "остальное",
    "неизвестна",
    "неизвестная",
    "неизвестно",
    "неуказана",
    "other",
    "others",
    "another",
    "etc",
    "unknown",
    "misc",
    "prochie",
    "prochee",
    "prochaya",
    "drugaya",
    "drugie",
    "inaya",
    "inye",
    "остальная",
];

/// Words that may stand beside: `Другая модель`, `Прочие (грузовые)`, `модели нет в списке`.
const BESIDE: [&str; 16] = [
    "модель",
    "модели",
    "моделей",
    "марка",
    "марки",
    "model",
    "models",
    "brand",
    "тс",
    "и",
    "не",
    "в",
    "нет",
    "списке",
    "справочнике",
    "указана",
];

/// Whether `model` is no model but the insurer's entry for all that it does not list: `Прочие`, `Другая модель`,
/// `Other`.
pub fn is_other(model: &str) -> bool {
    says_other(&tokens(model))
}

/// The same of a name in tokens.
pub(crate) fn says_other(tokens: &[Token]) -> bool {
    let is = |words: &[&str], token: &Token| words.contains(&&*token.text);
    let senses = senses(tokens);
    let missing = ["нет", "не"].iter().any(|no| tokens.iter().any(|token| token.text == *no))
        && ["списке", "справочнике", "указана"]
            .iter()
            .any(|list| tokens.iter().any(|token| token.text == *list));
    (missing || tokens.iter().any(|token| is(&OTHER, token)))
        && tokens.iter().zip(senses).all(|(token, sense)| {
            is(&OTHER, token) || is(&BESIDE, token) || matches!(sense, Sense::Filler | Sense::Body(_))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn entries_for_all_the_rest_are_known_by_their_words() {
        for other in [
            "Прочие",
            "ПРОЧЕЕ",
            "Другая модель",
            "Другие",
            "Иная",
            "Иные модели",
            "Прочие модели",
            "Other",
            "Others",
            "прочие (грузовые)",
            "Прочие легковые",
            "Иная модель",
            "Модели нет в списке",
            "не указана",
            "прочая модель ТС",
        ] {
            assert!(is_other(other), "{other}");
        }
        for model in ["", "Camry", "модель", "Model S", "Прочие Camry", "легковые", "Another Day", "не Camry"]
        {
            assert!(!is_other(model), "{model}");
        }
    }
}

//! The tariff's coefficients under their own names, which insurers write in either alphabet.

use veer_contract::domain::{Coefficient, Coefficients};

/// How an insurer writes the names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Alphabet {
    /// `КБМ`, as the tariff does.
    Cyrillic,
    /// `KBM`.
    Latin,
}

/// The coefficients, each as `find` finds it by its name in upper case.
pub fn named(alphabet: Alphabet, find: impl Fn(&str) -> Option<Coefficient>) -> Coefficients {
    let find = |cyrillic, latin| match alphabet {
        Alphabet::Cyrillic => find(cyrillic),
        Alphabet::Latin => find(latin),
    };
    Coefficients {
        base_rate: find("ТБ", "TB"),
        territory: find("КТ", "KT"),
        bonus_malus: find("КБМ", "KBM"),
        age_experience: find("КВС", "KVS"),
        season: find("КС", "KS"),
        term: find("КП", "KP"),
        power: find("КМ", "KM"),
        violations: find("КН", "KN"),
        drivers: find("КО", "KO"),
        category: find("КПР", "KPR"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_asked_for_in_one_alphabet_alone() {
        let one = Some(Coefficient::from_ten_thousandths(10_000));
        let only = |alphabet, given: &str| named(alphabet, |name| one.filter(|_| name == given));
        let kbm = Coefficients { bonus_malus: one, ..Coefficients::default() };
        assert_eq!(only(Alphabet::Cyrillic, "КБМ"), kbm);
        assert_eq!(only(Alphabet::Latin, "KBM"), kbm);
        assert!(only(Alphabet::Latin, "КБМ").is_empty());
    }

    #[test]
    fn every_name_is_written_in_its_alphabet() {
        let one = Some(Coefficient::from_ten_thousandths(10_000));
        let is_all = |found: Coefficients| !found.is_empty() && found == named(Alphabet::Latin, |_| one);
        assert!(is_all(named(Alphabet::Latin, |name| one.filter(|_| name.is_ascii()))));
        let cyrillic = |c: char| ('А'..='Я').contains(&c);
        assert!(is_all(named(Alphabet::Cyrillic, |name| one.filter(|_| name.chars().all(cyrillic)))));
    }
}

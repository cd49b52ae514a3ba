//! How Russian documents are written.
//!
//! Partners send what a user typed: `77AA` may be Latin. Insurers and registries hold Cyrillic, so the
//! letters that look alike are turned into Cyrillic; everything else is passed on, and the insurer judges.

use veer_contract::domain::{Licence, Person, PersonName, cyrillic_look_alike};

/// A person's sex, where it can be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sex {
    /// мужской
    Male,
    /// женский
    Female,
}

/// The series of a Russian licence or vehicle document, or a plate: upper case, no blanks, look-alikes in
/// Cyrillic.
pub fn cyrillic(text: &str) -> String {
    text.chars()
        .filter(|c| !c.is_whitespace())
        .flat_map(char::to_uppercase)
        .map(cyrillic_look_alike)
        .collect()
}

/// The series of a driver's licence: a Russian one's in Cyrillic, a foreign one's as its country writes it. The
/// Russian one counts where a driver has both.
pub fn licence_series(driver: &Person, licence: &Licence) -> String {
    let series = licence.series.as_str();
    if driver.licence.is_some() { cyrillic(series) } else { series.trim().to_owned() }
}

/// The sex that a patronymic tells: the partner API has no field for it. `None` where there is no
/// patronymic or a strange one.
pub fn sex(name: &PersonName) -> Option<Sex> {
    let middle = name.middle.as_ref()?.as_str().trim().to_lowercase();
    let ends = |endings: &[&str]| endings.iter().any(|ending| middle.ends_with(ending));
    if ends(&["ич", "оглы", "улы"]) {
        Some(Sex::Male)
    } else if ends(&["вна", "чна", "кызы", "гызы"]) {
        Some(Sex::Female)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn look_alikes_become_cyrillic_and_other_letters_stay() {
        assert_eq!(cyrillic("77aa"), "77АА");
        assert_eq!(cyrillic("А123БВ777"), "А123БВ777");
        assert_eq!(cyrillic("99 00"), "9900");
        assert_eq!(cyrillic("Z1"), "Z1");
    }

    #[test]
    fn a_foreign_licence_keeps_its_letters() {
        let driver = veer_kit::requests::standard().owner;
        let latin =
            driver.licence.clone().map(|licence| Licence { series: "77ab ".into(), ..licence }).unwrap();
        let foreigner = Person { licence: None, ..driver.clone() };
        assert_eq!(licence_series(&driver, &latin), "77АВ");
        assert_eq!(licence_series(&foreigner, &latin), "77ab");
    }

    #[test]
    fn a_patronymic_tells_the_sex() {
        let named =
            |middle: &str| PersonName { last: "А".into(), first: "Б".into(), middle: Some(middle.into()) };
        assert_eq!(sex(&named("Тестович")), Some(Sex::Male));
        assert_eq!(sex(&named("Кузьминична")), Some(Sex::Female));
        assert_eq!(sex(&named("Тест Оглы")), Some(Sex::Male));
        assert_eq!(sex(&named("Джон")), None);
    }
}

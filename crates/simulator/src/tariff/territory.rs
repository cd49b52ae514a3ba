//! КТ: where the owner is registered.
//!
//! A territory is a subject of the federation and, in most of them, some towns of their own. Wires name
//! it by a КЛАДР code, by words, or by both; [`Place`] takes what there is.

use std::collections::HashMap;

use jiff::civil::Date;
use rust_decimal::Decimal;

/// Where somebody is registered, as far as the wire says.
#[derive(Clone, Default, PartialEq, Eq)]
pub(crate) struct Place {
    /// Subject of the federation: two digits, `100` for Байконур. Empty: not known.
    pub(crate) region: String,
    /// Town, normalised. Empty: not known.
    pub(crate) town: String,
}

/// All territories with their coefficient in each edition.
pub(crate) struct Territories {
    editions: Vec<Date>,
    values: HashMap<(String, String), Vec<Decimal>>,
    regions: HashMap<String, String>,
}

const REST: &str = "*";

// === impl Place ===

impl Place {
    /// From a КЛАДР code of any length.
    pub(crate) fn by_kladr(code: &str) -> Self {
        let digits: String = code.chars().filter(char::is_ascii_digit).take(2).collect();
        let region = match digits.as_str() {
            // Байконур: 99 in КЛАДР, a row of its own in the table.
            "99" => "100".to_owned(),
            _ if digits.len() == 2 => digits,
            _ => String::new(),
        };
        Self { region, town: String::new() }
    }

    /// From a subject's name and a town's, in words.
    pub(crate) fn by_names(territories: &Territories, region: &str, town: &str) -> Self {
        let region = territories.regions.get(&region_key(region)).cloned().unwrap_or_default();
        Self { region, town: town_key(town) }
    }
}

// === impl Territories ===

impl Territories {
    /// Reads the table; its head names the editions by their first day.
    pub(super) fn read(table: &str, editions: &[Date]) -> Result<Self, String> {
        let mut lines = table.lines();
        let head: Vec<&str> = lines.next().unwrap_or_default().split(',').skip(3).collect();
        if !head.iter().copied().eq(editions.iter().map(Date::to_string)) {
            return Err(format!("the table's editions {head:?} are not the tariff's {editions:?}"));
        }
        let mut read = Self { editions: editions.to_vec(), values: HashMap::new(), regions: HashMap::new() };
        for line in lines {
            let mut cells = line.split(',');
            let (Some(region), Some(name), Some(town)) = (cells.next(), cells.next(), cells.next()) else {
                return Err(format!("`{line}` has no region, name and territory"));
            };
            let values: Result<Vec<Decimal>, _> = cells.map(str::parse).collect();
            let values = values.map_err(|_| format!("`{line}` has a value that is no number"))?;
            if values.len() != editions.len() {
                return Err(format!("`{line}` does not have a value for each edition"));
            }
            let town = if town == REST { REST.into() } else { town_key(town) };
            read.values.insert((region.into(), town), values);
            read.regions.insert(region_key(name), region.into());
        }
        Ok(read)
    }

    /// The coefficient on `day`: the town's own, else the rest of its subject's. None for a subject that
    /// is not in the table.
    pub(crate) fn value(&self, place: &Place, day: Date) -> Option<Decimal> {
        let edition = self.editions.partition_point(|from| *from <= day).saturating_sub(1);
        let of = |town: &str| self.values.get(&(place.region.clone(), town.to_owned()));
        of(&place.town).or_else(|| of(REST))?.get(edition).copied()
    }
}

/// What remains of a subject's name without the words that many share.
fn region_key(name: &str) -> String {
    const COMMON: [&str; 14] = [
        "республика",
        "респ",
        "край",
        "область",
        "обл",
        "автономный",
        "автономная",
        "округ",
        "ао",
        "аобл",
        "народная",
        "г",
        "город",
        "гор",
    ];
    // The first word alone tells every subject from every other; a test holds that.
    words(name).find(|word| !COMMON.contains(&word.as_str())).unwrap_or_default()
}

fn town_key(name: &str) -> String {
    let common = |word: &String| !matches!(word.as_str(), "г" | "город" | "гор");
    words(name).filter(common).collect::<Vec<_>>().join(" ")
}

fn words(text: &str) -> impl Iterator<Item = String> {
    let lower = text.to_lowercase().replace('ё', "е");
    let parts: Vec<String> = lower
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| !word.is_empty())
        .map(str::to_owned)
        .collect();
    parts.into_iter()
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;
    use crate::tariff::Tariff;

    fn by_names(region: &str, town: &str, day: Date) -> Option<String> {
        let all = &Tariff::embedded().territories;
        all.value(&Place::by_names(all, region, town), day).map(|value| value.to_string())
    }

    #[test]
    fn a_town_has_its_own_value_and_the_rest_has_the_subjects() {
        let (old, new) = (date(2023, 12, 1), date(2026, 2, 1));
        assert_eq!(by_names("Красноярский край", "г. Красноярск", old).as_deref(), Some("1.64"));
        assert_eq!(by_names("Красноярский край", "Красноярск", new).as_deref(), Some("1.56"));
        assert_eq!(by_names("Красноярский край", "Шушенское", old).as_deref(), Some("0.92"));
        assert_eq!(by_names("Новосибирская обл", "г Новосибирск", new).as_deref(), Some("3.12"));
        assert_eq!(by_names("Респ Татарстан", "Казань", new).as_deref(), Some("1.7"));
        assert_eq!(by_names("Республика Башкортостан", "", new).as_deref(), Some("1"));
        assert_eq!(by_names("Атлантида", "Казань", new), None);
    }

    #[test]
    fn a_code_of_any_length_names_the_subject() {
        let all = &Tariff::embedded().territories;
        for code in ["77", "7700000000000", "7700000000000000001"] {
            assert_eq!(all.value(&Place::by_kladr(code), date(2026, 2, 1)).unwrap().to_string(), "1.8");
        }
        assert_eq!(all.value(&Place::by_kladr(""), date(2026, 2, 1)), None);
    }

    #[test]
    fn no_two_subjects_are_called_alike() {
        let all = &Tariff::embedded().territories;
        let codes: std::collections::BTreeSet<_> = all.regions.values().collect();
        assert_eq!(codes.len(), all.regions.len());
        assert_eq!(codes.len(), all.values.keys().filter(|(_, town)| town == REST).count());
    }

    #[test]
    fn every_value_is_between_the_least_and_the_most_published() {
        for (territory, values) in &Tariff::embedded().territories.values {
            let published = Decimal::new(68, 2)..=Decimal::new(312, 2);
            assert!(values.iter().all(|value| published.contains(value)), "{territory:?}: {values:?}");
        }
    }
}

//! What insurers' vehicle dictionaries have in common, whatever their wire.
//!
//! Names are kept letter for letter, with the blanks at their ends: where names are an insurer's codes they are
//! sent back as they came, and a blank less is another name. To compare them is for who maps them.

use veer_contract::{
    Fault, FaultKind,
    create_then_poll::Refusal,
    domain::{InsurerVehicle, VehicleCategory},
};

/// Rows under collection. Only a row without a name is left out, and counted.
#[derive(Default)]
pub(crate) struct Rows {
    named: Vec<InsurerVehicle>,
    nameless: usize,
}

// === impl Rows ===

impl Rows {
    /// Adds a row.
    pub(crate) fn add(&mut self, row: InsurerVehicle) {
        if row.brand.trim().is_empty() || row.model.trim().is_empty() {
            self.nameless += 1;
        } else {
            self.named.push(row);
        }
    }

    /// The rows, which may be none; a fault where there are some and none has a name. `what` names them.
    pub(crate) fn part(self, what: &str) -> Result<Vec<InsurerVehicle>, Fault> {
        match self {
            Self { named, nameless } if named.is_empty() && nameless > 0 => {
                Err(Fault::not_understood(format!("none of the {nameless} rows of {what} has a name")))
            }
            Self { named, .. } => Ok(named),
        }
    }

    /// The rows of a whole dictionary. An empty one is a fault: taken for a dictionary, it would say that the
    /// insurer knows no vehicle any more.
    pub(crate) fn whole(self, what: &str) -> Result<Vec<InsurerVehicle>, Fault> {
        let rows = self.part(what)?;
        if rows.is_empty() { Err(empty(what)) } else { Ok(rows) }
    }
}

/// A dictionary without a row.
pub(crate) fn empty(what: &str) -> Fault {
    Fault::not_understood(format!("{what} has no vehicle: it is empty, or of another shape than expected"))
}

/// A no to whom asks for a dictionary is a failure: there is no client whom it could be about, so its words
/// are told.
pub(crate) fn failure(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Fault(fault) => fault,
        Refusal::Decline(decline) => {
            let words = if decline.message.is_empty() { "without words" } else { &decline.message };
            Fault::new(FaultKind::InsurerError, format!("the insurer refuses its dictionary: {words}"))
        }
    }
}

/// The category that a dictionary's text begins with: `B`, `В` in Cyrillic, `B - легковые`, `категория BE`.
/// `None` for every other text, such as the one of tractors.
pub(crate) fn category(text: &str) -> Option<VehicleCategory> {
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let first = words.find(|word| !word.to_lowercase().starts_with("категор"))?;
    let mut letters = first.chars();
    let category = match letters.next()?.to_ascii_uppercase() {
        'A' | 'А' => VehicleCategory::A,
        'B' | 'В' => VehicleCategory::B,
        'C' | 'С' => VehicleCategory::C,
        'D' => VehicleCategory::D,
        'E' | 'Е' => VehicleCategory::E,
        _ => return None,
    };
    // `C1E`, and no word that merely begins with the letter.
    letters.all(|c| matches!(c, '1' | 'E' | 'Е')).then_some(category)
}

#[cfg(test)]
mod tests {
    use veer_contract::Decline;

    use super::*;

    fn row(brand: &str, model: &str) -> InsurerVehicle {
        InsurerVehicle { brand: brand.into(), model: model.into(), ..InsurerVehicle::default() }
    }

    #[test]
    fn a_category_is_a_letter_of_either_alphabet_with_words_behind_it() {
        for text in ["B", "b", "В", " B - легковые", "B/BE", "BE", "B1", "Категория «B»", "категории В, ВЕ"]
        {
            assert_eq!(category(text), Some(VehicleCategory::B), "{text}");
        }
        assert_eq!(category("С - грузовые"), Some(VehicleCategory::C));
        assert_eq!(category("D1E"), Some(VehicleCategory::D));
        for text in ["", " - ", "Тракторы", "Водный транспорт", "F", "M", "8244", "TB"]
        {
            assert_eq!(category(text), None, "{text}");
        }
    }

    #[test]
    fn a_row_without_a_name_is_left_out_and_none_left_is_a_fault() {
        let mut rows = Rows::default();
        for (brand, model) in [("KIA ", "RIO"), ("", "RIO"), ("KIA", " ")] {
            rows.add(row(brand, model));
        }
        assert_eq!(rows.part("cars"), Ok(vec![row("KIA ", "RIO")]));
        assert_eq!(Rows::default().part("cars"), Ok(Vec::new()));
        assert_eq!(Rows::default().whole("cars"), Err(empty("cars")));
        let mut nameless = Rows::default();
        nameless.add(row("", ""));
        let fault = Fault::not_understood("none of the 1 rows of cars has a name");
        assert_eq!(nameless.part("cars"), Err(fault));
    }

    #[test]
    fn a_no_is_a_failure_and_keeps_its_words() {
        let told = failure(Decline::declined("Нет доступа").into());
        assert_eq!(told.detail, "the insurer refuses its dictionary: Нет доступа");
        assert_eq!(failure(Decline::declined("").into()).kind, FaultKind::InsurerError);
        assert_eq!(failure(empty("cars").into()), empty("cars"));
    }
}

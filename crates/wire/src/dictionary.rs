//! What insurers' vehicle dictionaries have in common, whatever their wire.
//!
//! Names are kept letter for letter, with the blanks at their ends: where names are an insurer's codes they are
//! sent back as they came, and a blank less is another name. To compare them is for who maps them.

use veer_contract::{
    Fault, FaultKind,
    create_then_poll::Refusal,
    domain::{InsurerVehicle, VehicleCategory},
};

/// What a dictionary says of a row's category.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Told {
    /// Nothing: the vehicle may be of any.
    Nothing,
    /// One of A to E.
    Category(VehicleCategory),
    /// Something else, such as tractors or boats.
    Foreign,
}

/// Rows under collection. A row without a name is left out, and so is one of a foreign category: taken for one
/// without a category, a tractor's code could be sent for a car.
#[derive(Default)]
pub struct Rows {
    kept: Vec<InsurerVehicle>,
    nameless: usize,
    foreign: usize,
}

// === impl Told ===

impl Told {
    /// The category, where it is one of A to E.
    pub fn known(self) -> Option<VehicleCategory> {
        match self {
            Self::Category(category) => Some(category),
            Self::Nothing | Self::Foreign => None,
        }
    }
}

// === impl Rows ===

impl Rows {
    /// Adds a row of that category.
    pub fn add(&mut self, told: Told, row: InsurerVehicle) {
        if told == Told::Foreign {
            self.foreign += 1;
            return;
        }
        if row.brand.trim().is_empty() || row.model.trim().is_empty() {
            self.nameless += 1;
        } else {
            self.kept.push(InsurerVehicle { category: told.known(), ..row });
        }
    }

    /// The rows, which may be none; a fault where there are some of the categories A to E and none has a name.
    /// `what` names them.
    pub fn part(self, what: &str) -> Result<Vec<InsurerVehicle>, Fault> {
        match self {
            Self { kept, nameless, .. } if kept.is_empty() && nameless > 0 => {
                Err(Fault::not_understood(format!("none of the {nameless} rows of {what} has a name")))
            }
            Self { kept, .. } => Ok(kept),
        }
    }

    /// The rows of a whole dictionary. An empty one is a fault: taken for a dictionary, it would say that the
    /// insurer knows no vehicle any more.
    pub fn whole(self, what: &str) -> Result<Vec<InsurerVehicle>, Fault> {
        let foreign = self.foreign;
        let rows = self.part(what)?;
        match (rows.is_empty(), foreign) {
            (false, _) => Ok(rows),
            (true, 0) => Err(empty(what)),
            (true, _) => {
                let detail =
                    format!("none of the {foreign} rows of {what} is of a category that is understood");
                Err(Fault::not_understood(detail))
            }
        }
    }
}

/// The digits of a number that is no key.
const SHORT_NUMBER: usize = 6;

/// A dictionary without a row.
pub fn empty(what: &str) -> Fault {
    Fault::not_understood(format!("{what} has no vehicle: it is empty, or of another shape than expected"))
}

/// A no to whom asks for a dictionary is a failure: there is no client whom it could be about, so its words
/// are told, as far as they are words.
pub fn failure(refusal: Refusal) -> Fault {
    match refusal {
        Refusal::Fault(fault) => fault,
        Refusal::Decline(decline) => {
            let words = in_words(&decline.message);
            let words = if words.is_empty() { "without words" } else { &words };
            Fault::new(FaultKind::InsurerError, format!("the insurer refuses its dictionary: {words}"))
        }
    }
}

/// An insurer's text for an operator: Russian words and short numbers stay, everything else is left out. A
/// session or a key that the insurer repeats has Latin letters or many digits.
pub fn in_words(text: &str) -> String {
    let is_plain = |word: &str| {
        let russian = word.chars().all(|c| matches!(c, 'А'..='я' | 'ё' | 'Ё') || c.is_ascii_punctuation());
        russian || (word.len() <= SHORT_NUMBER && word.bytes().all(|byte| byte.is_ascii_digit()))
    };
    text.split_whitespace().map(|word| if is_plain(word) { word } else { "…" }).collect::<Vec<_>>().join(" ")
}

/// The category that a dictionary's text begins with, by its letter or by its word: `B`, `В` in Cyrillic,
/// `B - легковые`, `категория BE`, `Легковые автомобили`.
pub fn category(text: &str) -> Told {
    let text = text.to_lowercase();
    let mut words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    let Some(first) = words.find(|word| !says_nothing(word)) else { return Told::Nothing };
    let category = by_letter(first).or_else(|| match (by_word(first), words.next().and_then(by_word)) {
        (Some(_), Some(VehicleCategory::E)) => Some(VehicleCategory::E), // «легковой прицеп»
        (known, _) => known,
    });
    category.map_or(Told::Foreign, Told::Category)
}

/// Whether a word stands before any category: «Категория B», «ТС категории B», «Автомобили легковые».
fn says_nothing(word: &str) -> bool {
    word == "тс" || ["категор", "автомоб", "транспортн", "средств"].iter().any(|it| word.starts_with(it))
}

fn by_letter(word: &str) -> Option<VehicleCategory> {
    let mut letters = word.chars();
    let category = match letters.next()? {
        'a' | 'а' => VehicleCategory::A,
        'b' | 'в' => VehicleCategory::B,
        'c' | 'с' => VehicleCategory::C,
        'd' => VehicleCategory::D,
        'e' | 'е' => VehicleCategory::E,
        _ => return None,
    };
    // `C1E`, and no word that merely begins with the letter.
    letters.all(|c| matches!(c, '1' | 'e' | 'е')).then_some(category)
}

fn by_word(word: &str) -> Option<VehicleCategory> {
    let stems = [
        ("мотоцикл", VehicleCategory::A),
        ("легков", VehicleCategory::B),
        ("груз", VehicleCategory::C),
        ("автобус", VehicleCategory::D),
        ("прицеп", VehicleCategory::E),
        ("полуприцеп", VehicleCategory::E),
    ];
    stems.into_iter().find(|(stem, _)| word.starts_with(stem)).map(|(_, category)| category)
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
        for text in
            ["B", "b", "В", "в", " B - легковые", "B/BE", "BE", "B1", "Категория «B»", "категории В, ВЕ"]
        {
            assert_eq!(category(text), Told::Category(VehicleCategory::B), "{text}");
        }
        assert_eq!(category("С - грузовые"), Told::Category(VehicleCategory::C));
        assert_eq!(category("ТС категории D1E"), Told::Category(VehicleCategory::D));
        assert_eq!(category("B, прицепы"), Told::Category(VehicleCategory::B));
    }

    #[test]
    fn a_category_without_a_letter_is_known_by_its_word() {
        for (text, known) in [
            ("Мотоциклы", VehicleCategory::A),
            ("ЛЕГКОВЫЕ", VehicleCategory::B),
            ("Автомобили легковые", VehicleCategory::B),
            ("Легковые автомобили и прицепы к ним", VehicleCategory::B),
            ("Грузовой", VehicleCategory::C),
            ("Автобусы", VehicleCategory::D),
            ("Прицепы к легковым автомобилям", VehicleCategory::E),
            ("Полуприцеп", VehicleCategory::E),
            ("Легковой прицеп", VehicleCategory::E),
        ] {
            assert_eq!(category(text), Told::Category(known), "{text}");
        }
    }

    #[test]
    fn a_text_that_is_none_of_a_to_e_is_foreign_and_no_text_is_nothing() {
        for text in [
            "Тракторы",
            "Спецтехника",
            "Спецтехника на базе грузовых автомобилей",
            "Водный транспорт",
            "Автобетоносмесители",
            "F",
            "M",
            "8244",
            "TB",
        ] {
            assert_eq!(category(text), Told::Foreign, "{text}");
        }
        for text in ["", " - ", "?", "Категория", "Транспортные средства"] {
            assert_eq!(category(text), Told::Nothing, "{text}");
        }
    }

    #[test]
    fn a_row_without_a_name_is_left_out_and_none_left_is_a_fault() {
        let mut rows = Rows::default();
        for (brand, model) in [("KIA ", "RIO"), ("", "RIO"), ("KIA", " ")] {
            rows.add(Told::Nothing, row(brand, model));
        }
        assert_eq!(rows.part("cars"), Ok(vec![row("KIA ", "RIO")]));
        assert_eq!(Rows::default().part("cars"), Ok(Vec::new()));
        assert_eq!(Rows::default().whole("cars"), Err(empty("cars")));
        let mut nameless = Rows::default();
        nameless.add(Told::Nothing, row("", ""));
        let fault = Fault::not_understood("none of the 1 rows of cars has a name");
        assert_eq!(nameless.part("cars"), Err(fault));
    }

    #[test]
    fn a_row_of_a_foreign_category_is_left_out_and_none_left_of_all_is_a_fault() {
        let both = |others: &[(Told, &str)]| {
            let mut rows = Rows::default();
            rows.add(Told::Foreign, row("БЕЛАРУС", "МТЗ-82"));
            others.iter().for_each(|(told, model)| rows.add(*told, row("KIA", model)));
            rows
        };
        let known = [(Told::Category(VehicleCategory::B), "RIO"), (Told::Nothing, "K5")];
        let rio = InsurerVehicle { category: Some(VehicleCategory::B), ..row("KIA", "RIO") };
        assert_eq!(both(&known).whole("cars"), Ok(vec![rio, row("KIA", "K5")]));
        assert_eq!(both(&[]).part("cars"), Ok(Vec::new()));
        let fault = "none of the 1 rows of cars is of a category that is understood";
        assert_eq!(both(&[]).whole("cars"), Err(Fault::not_understood(fault)));
    }

    #[test]
    fn a_no_is_a_failure_and_keeps_its_words() {
        let told = failure(Decline::declined("Нет доступа").into());
        assert_eq!(told.detail, "the insurer refuses its dictionary: Нет доступа");
        assert_eq!(failure(Decline::declined("").into()).kind, FaultKind::InsurerError);
        assert_eq!(in_words("Сессия 5f3a-K9 истекла, код 13: 99001122"), "Сессия … истекла, код … …");
        assert_eq!(failure(empty("cars").into()), empty("cars"));
    }
}

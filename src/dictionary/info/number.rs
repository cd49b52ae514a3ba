//! The numbers that a vehicle is looked up by.
//!
//! People copy them from papers with blanks and hyphens, in either alphabet and in small letters. Each has one
//! writing here, so that all writings of one number are one question. Nothing is refused for being unusual:
//! check digits and regions are for the sources to judge. What has not the length or the letters of a VIN is none,
//! such as the body number of a vehicle that has no VIN: beside a plate it is left out, for the plate finds the
//! vehicle; alone it is refused.

use std::str::FromStr;

use veer_contract::domain::{Personal, cyrillic_look_alike};

/// A VIN: 17 Latin capitals and digits without I, O and Q.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Vin(Personal<String>);

/// A registration plate: capitals and digits, what looks like a Cyrillic letter being one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plate(Personal<String>);

/// A text is no VIN.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a VIN has 17 Latin letters and digits, without I, O and Q")]
pub struct NoVin;

/// A text is no plate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a plate has 5 to 12 Latin or Cyrillic letters and digits, at least one of them a digit")]
pub struct NoPlate;

const VIN_LENGTH: usize = 17;
/// From an official's plate without its last letters to a foreign one.
const PLATE_LENGTH: std::ops::RangeInclusive<usize> = 5..=12;
/// The country beside the region, in either alphabet, with look-alikes in Cyrillic.
const COUNTRY: [&str; 2] = ["RUS", "РУС"];

// === impl Vin ===

impl Vin {
    /// The number.
    pub fn number(&self) -> &Personal<String> {
        &self.0
    }
}

impl FromStr for Vin {
    type Err = NoVin;

    fn from_str(text: &str) -> Result<Self, NoVin> {
        let vin: String = capitals(text).map(letter_of_vin).collect();
        let allowed = |byte: u8| matches!(byte, b'0'..=b'9' | b'A'..=b'H' | b'J'..=b'N' | b'P' | b'R'..=b'Z');
        let is_vin = vin.len() == VIN_LENGTH && vin.bytes().all(allowed);
        if is_vin { Ok(Self(Personal::new(vin))) } else { Err(NoVin) }
    }
}

/// What stands in a VIN for a capital that cannot.
const fn letter_of_vin(letter: char) -> char {
    match letter {
        'O' | 'Q' | 'О' => '0',
        'I' => '1',
        'З' => '3',
        'А' => 'A',
        'В' => 'B',
        'Д' => 'D',
        'Е' => 'E',
        'К' => 'K',
        'М' => 'M',
        'Н' => 'H',
        'Р' => 'P',
        'С' => 'C',
        'Т' => 'T',
        'У' => 'Y',
        'Х' => 'X',
        other => other,
    }
}

// === impl Plate ===

impl Plate {
    /// The number.
    pub fn number(&self) -> &Personal<String> {
        &self.0
    }
}

impl FromStr for Plate {
    type Err = NoPlate;

    fn from_str(text: &str) -> Result<Self, NoPlate> {
        let mut plate: String = capitals(text).map(cyrillic_look_alike).collect();
        while let Some(rest) = COUNTRY.iter().find_map(|country| plate.strip_suffix(country)) {
            plate.truncate(rest.len());
        }
        let allowed = |c: char| matches!(c, '0'..='9' | 'A'..='Z' | '\u{400}'..='\u{4ff}');
        let is_plate = PLATE_LENGTH.contains(&plate.chars().count())
            && plate.chars().all(allowed)
            && plate.contains(|c: char| c.is_ascii_digit());
        if is_plate { Ok(Self(Personal::new(plate))) } else { Err(NoPlate) }
    }
}

/// The letters and digits in capitals. A sign that could not be read stays, so that the number is refused and
/// not taken for a shorter one.
fn capitals(text: &str) -> impl Iterator<Item = char> {
    text.chars()
        .flat_map(char::to_uppercase)
        .filter(|c| c.is_alphanumeric() || *c == char::REPLACEMENT_CHARACTER)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn vin(text: &str) -> Option<String> {
        text.parse().ok().map(|Vin(number)| number.reveal().clone())
    }

    fn plate(text: &str) -> Option<String> {
        text.parse().ok().map(|Plate(number)| number.reveal().clone())
    }

    #[test]
    fn all_writings_of_a_vin_are_one() {
        for text in [
            "XTA210990Y2765439",
            " xta 21099-0-Y2765439 ",
            "XTA21O99QY2765439",
            // All letters are Cyrillic.
            "ХТА210990У2765439",
            "хта2\u{a0}1О99оу276543\u{2011}9",
        ] {
            assert_eq!(vin(text).as_deref(), Some("XTA210990Y2765439"), "{text}");
        }
        assert_eq!(vin("IIIЗЗЗДДДIIIOOQQО").as_deref(), Some("111333DDD11100000"));
    }

    #[test]
    fn what_cannot_be_a_vin_is_none() {
        for text in [
            "",
            "XTA210990Y276543",
            "XTA210990Y27654390",
            "ХТБ210990У2765439",
            "XTA210990Y276543ß",
            "LN130-0128818",
        ] {
            assert_eq!(vin(text), None, "{text}");
        }
        assert_eq!(vin("XTA2\u{fffd}10990Y2765439"), None);
    }

    #[test]
    fn all_writings_of_a_plate_are_one() {
        for text in [
            "А123ВС777",
            "A123BC777",
            "a 123 bc 777 rus",
            "а123вс/777RUS",
            "А-123-ВС_777 рус",
            "A123ВC777RUSrus",
        ] {
            assert_eq!(plate(text).as_deref(), Some("А123ВС777"), "{text}");
        }
    }

    #[test]
    fn unusual_plates_are_plates() {
        for text in ["А123БВ777", "004D00177", "ЮЯ00177", "1234АВ", "007КР199", "А123АА"] {
            assert_eq!(plate(text).as_deref(), Some(text));
        }
        for text in [
            "",
            "RUS",
            "А1",
            "АБВГДЕ",
            "А123ВС777А123ВС777",
            "А１２３ВС77",
            "漢123漢77",
            "\u{fffd}123\u{fffd}77",
        ] {
            assert_eq!(plate(text), None, "{text}");
        }
    }

    #[test]
    fn debug_shows_no_number() {
        let shown = format!("{:?}", ("A123BC777".parse::<Plate>(), "XTA210990Y2765439".parse::<Vin>()));
        assert!(!shown.contains("123") && !shown.contains("XTA"), "{shown}");
    }

    proptest! {
        #[test]
        fn the_one_writing_of_a_number_is_itself(
            text in "[a-zA-Zа-яА-ЯёЁ0-9 ./_-]{0,24}", any in any::<String>(), seventeen in "[A-ZА-Яа-я0-9]{17}",
        ) {
            for text in [text, any, seventeen] {
                for written in [vin, plate] {
                    if let Some(once) = written(&text) {
                        prop_assert_eq!(written(&once), Some(once.clone()));
                    }
                }
            }
        }

        #[test]
        fn blanks_case_and_alphabet_make_no_difference(
            digits in "[0-9]{3}", letters in "[ABCEHKMOPTXY]{3}", region in "[0-9]{2,3}",
        ) {
            let (first, last) = letters.split_at(1);
            let latin = format!("{first}{digits}{last}{region}");
            let cyrillic: String = latin.chars().map(cyrillic_look_alike).collect();
            prop_assert_eq!(plate(&latin), Some(cyrillic.clone()));
            for text in [cyrillic.to_lowercase(), format!(" {first} {digits} {last} {region} RUS ")] {
                prop_assert_eq!(plate(&text), Some(cyrillic.clone()));
            }
        }
    }
}

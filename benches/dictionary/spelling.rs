//! One name in the many writings that insurers have for it.

use rand::{Rng, RngExt, seq::IndexedRandom};

const LATIN: &str = "ABCEHKMOPTXY";
/// What looks like them.
const CYRILLIC: &str = "АВСЕНКМОРТХУ";

const RUSSIAN: &str = "абвгдеёжзийклмнопрстуфхцчшщъыьэюя";
/// Each of those letters in Latin ones.
const TRANSLITERATED: [&str; 33] = [
    "a", "b", "v", "g", "d", "e", "e", "zh", "z", "i", "y", "k", "l", "m", "n", "o", "p", "r", "s", "t", "u",
    "f", "h", "ts", "ch", "sh", "sch", "", "y", "", "e", "yu", "ya",
];

/// What stands behind a model's name and says nothing about the model.
const BEHIND: [&str; 24] = [
    "1.4",
    "1.6",
    "1.6 MT",
    "1.8 AT",
    "2.0",
    "2.0 CVT",
    "2.0 TDI",
    "2.5 V6",
    "3.0D",
    "16V",
    "4WD",
    "AWD",
    "4x4",
    "TURBO",
    "дизель",
    "седан",
    "хэтчбек",
    "универсал",
    "МКПП",
    "АКПП",
    "рестайлинг",
    "5 дв.",
    "(ДОРЕСТАЙЛИНГ)",
    "легковой",
];

/// The name as some insurer writes it.
pub(crate) fn written(name: &str, rng: &mut impl Rng) -> String {
    match rng.random_range(0..10) {
        0..4 => name.to_uppercase(),
        4..7 => name.to_owned(),
        7 => look_alike(&name.to_uppercase(), rng),
        8 => transliterated(name),
        _ => format!("{} ", name.to_lowercase()),
    }
}

/// Something to put behind a model's name.
pub(crate) fn behind(rng: &mut impl Rng) -> &'static str {
    BEHIND.choose(rng).copied().unwrap_or_default()
}

/// Some of its letters typed on the wrong keyboard.
fn look_alike(name: &str, rng: &mut impl Rng) -> String {
    let double = |letter: char| {
        let mut pairs = LATIN.chars().zip(CYRILLIC.chars());
        pairs.find_map(|(one, other)| match letter {
            _ if letter == one => Some(other),
            _ if letter == other => Some(one),
            _ => None,
        })
    };
    name.chars().map(|letter| double(letter).filter(|_| rng.random_bool(0.5)).unwrap_or(letter)).collect()
}

fn transliterated(name: &str) -> String {
    let letters = |letter: char| {
        let at = RUSSIAN.chars().position(|russian| russian == letter)?;
        Some(TRANSLITERATED[at])
    };
    let mut latin = String::new();
    for letter in name.to_lowercase().chars() {
        match letters(letter) {
            Some(letters) => latin.push_str(letters),
            None => latin.push(letter),
        }
    }
    latin.to_uppercase()
}

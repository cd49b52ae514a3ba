//! Names that are like another.
//!
//! A score says little of vehicles: `Tiggo 7` and `Tiggo 8` are nearly the same text and two different cars, and
//! good scores are given to wrong models as well as to right ones. So only names with the same digits and the
//! same letters that stand alone are compared at all, and only one wrong letter in a long name, with no other
//! model near, is taken for safe. The rest is for a person to choose from.

use std::collections::HashMap;

use super::names::latin;
use crate::dictionary::names::Token;

/// The names of a brand's models by what must be the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Spellings(HashMap<Strict, Vec<(Box<str>, u32)>>);

/// What must be the same.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
struct Strict {
    digits: String,
    /// Words of one letter, sorted.
    singles: String,
}

/// A model whose name is like the one asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Like {
    pub model: u32,
    pub confidence: u8,
}

/// Names of fewer letters are never compared.
const SHORTEST: usize = 4;
/// Where one wrong letter is safe.
const SAFE: usize = 6;
/// Where two wrong letters are.
const VERY_SAFE: usize = 11;
/// What is less like than this is not worth a look.
const LEAST: f64 = 0.86;
/// As sure as what a person must look at can be.
const DOUBTFUL: f64 = 88.0;

// === impl Spellings ===

impl Spellings {
    /// `name` is a name of `model`.
    pub fn add(&mut self, name: &[Token], model: u32) {
        let (strict, letters) = split(name);
        if letters.len() >= SHORTEST {
            let names = self.0.entry(strict).or_default();
            if !names.iter().any(|(known, of)| **known == *letters && *of == model) {
                names.push((letters.into_boxed_str(), model));
            }
        }
    }

    /// The models with a name like that one, best first.
    pub fn like(&self, name: &[Token], allowed: impl Fn(u32) -> bool) -> Vec<Like> {
        let (strict, letters) = split(name);
        let Some(names) = self.0.get(&strict).filter(|_| letters.len() >= SHORTEST) else {
            return Vec::new();
        };
        let mut near: HashMap<u32, (usize, f64)> = HashMap::new();
        for (known, model) in names.iter().filter(|(_, model)| allowed(*model)) {
            if known.len().abs_diff(letters.len()) > 3 {
                continue;
            }
            let score = strsim::jaro_winkler(known, &letters);
            if score < LEAST {
                continue;
            }
            let wrong = strsim::osa_distance(known, &letters);
            let best = near.entry(*model).or_insert((wrong, score));
            *best = (wrong.min(best.0), score.max(best.1));
        }
        let mut near: Vec<(u32, usize, f64)> =
            near.into_iter().map(|(model, (wrong, score))| (model, wrong, score)).collect();
        near.sort_by(|one, other| {
            one.1.cmp(&other.1).then(other.2.total_cmp(&one.2)).then(one.0.cmp(&other.0))
        });
        let next = near.get(1).map_or(usize::MAX, |next| next.1);
        let likes = near.iter().enumerate().map(|(place, (model, wrong, score))| {
            let safe = place == 0 && next > wrong + 1;
            let confidence = match (wrong, letters.len()) {
                (0 | 1, 8..) if safe => 95,
                (0 | 1, SAFE..) if safe => 94,
                (2, VERY_SAFE..) if safe => 93,
                _ => (score * DOUBTFUL) as u8,
            };
            Like { model: *model, confidence }
        });
        likes.collect()
    }
}

/// What must be the same, and the letters that may differ a little.
fn split(name: &[Token]) -> (Strict, String) {
    let numbers = name.iter().filter(|token| token.is_number()).map(|token| &*token.text);
    let digits = numbers.collect::<Vec<_>>().join(" ");
    let single = |token: &&Token| !token.is_number() && token.text.chars().count() == 1;
    let mut singles: Vec<&str> = name.iter().filter(single).map(|token| &*token.shape).collect();
    singles.sort_unstable();
    let letters = latin(name).chars().filter(|c| !c.is_ascii_digit() && *c != '.').collect();
    (Strict { digits, singles: singles.concat() }, letters)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::names::tokens;

    fn best(name: &str) -> Option<(u32, bool)> {
        let mut spellings = Spellings::default();
        for (model, known) in
            ["Tiggo 7", "Tiggo 8", "Outlander", "Elantra", "Lantra", "X5"].iter().enumerate()
        {
            spellings.add(&tokens(known), model as u32);
        }
        spellings.like(&tokens(name), |_| true).first().map(|like| (like.model, like.confidence >= 93))
    }

    #[test]
    fn one_wrong_letter_of_a_long_name_is_forgiven() {
        assert_eq!(best("Autlander"), Some((2, true)));
        assert_eq!(best("Аутлендер"), None, "too far");
        assert_eq!(best("Tigo 7"), Some((0, false)), "too short to be safe");
    }

    #[test]
    fn digits_are_never_forgiven() {
        assert_eq!(best("Tiggo 9"), None);
        assert_eq!(best("X6"), None);
    }

    #[test]
    fn two_models_that_are_both_near_are_left_to_a_person() {
        assert_eq!(
            best("Lanttra").map(|(_, safe)| safe),
            Some(true),
            "one letter from Lantra, three from Elantra"
        );
        assert_eq!(best("Eelantra").map(|(_, safe)| safe), Some(true));
        assert_eq!(best("Ilantra").map(|(_, safe)| safe), Some(false), "one letter from either");
    }
}

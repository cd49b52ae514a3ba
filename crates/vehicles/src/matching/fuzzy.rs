//! Names that are like another.
//!
//! A score says little of vehicles: `Tiggo 7` and `Tiggo 8` are nearly the same text and two different cars, and
//! good scores are given to wrong models as well as to right ones. So only names with the same digits and the
//! same letters that stand alone are compared at all, and only one wrong letter in a long name, with no other
//! model near, is taken for safe. The rest is for a person to choose from.

use std::collections::HashMap;

use super::names::latin;
use crate::names::Token;

/// The names of a brand's models by what must be the same.
#[derive(Debug, Clone, Default)]
pub(super) struct Spellings(HashMap<Strict, Vec<Spelling>>);

#[derive(Debug, Clone, PartialEq, Eq)]
struct Spelling {
    letters: Box<str>,
    /// Words of a few letters, sorted.
    codes: Box<str>,
    model: u32,
}

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
const SAFE: usize = 8;
/// As sure as one can be of a name with a wrong letter.
const ONE_WRONG: u8 = 95;
/// Words of so few letters are codes: one letter makes another model.
const CODE: usize = 3;
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
            let spelling = Spelling { letters: letters.into(), codes: words_of(name, CODE).into(), model };
            let names = self.0.entry(strict).or_default();
            if !names.contains(&spelling) {
                names.push(spelling);
            }
        }
    }

    /// The models with a name like that one, best first.
    pub fn like(&self, name: &[Token], allowed: impl Fn(u32) -> bool) -> Vec<Like> {
        let (strict, letters) = split(name);
        let Some(names) = self.0.get(&strict).filter(|_| letters.len() >= SHORTEST) else {
            return Vec::new();
        };
        let codes = words_of(name, CODE);
        // By model: how many letters are wrong, how like it is, whether only the middle is wrong.
        let mut near: HashMap<u32, (usize, f64, bool)> = HashMap::new();
        for known in names.iter().filter(|known| allowed(known.model)) {
            if known.letters.len().abs_diff(letters.len()) > 3 {
                continue;
            }
            let score = strsim::jaro_winkler(&known.letters, &letters);
            if score < LEAST {
                continue;
            }
            let wrong = strsim::osa_distance(&known.letters, &letters);
            let inside = *known.codes == *codes && same_ends(&known.letters, &letters);
            let best = near.entry(known.model).or_insert((wrong, score, inside));
            if wrong < best.0 {
                *best = (wrong, score, inside);
            }
        }
        let mut near: Vec<_> = near.into_iter().collect();
        near.sort_by(|(one, near), (other, far)| {
            near.0.cmp(&far.0).then(far.1.total_cmp(&near.1)).then(one.cmp(other))
        });
        let next = near.get(1).map_or(usize::MAX, |(_, next)| next.0);
        let likes = near.iter().enumerate().map(|(place, (model, (wrong, score, inside)))| {
            let safe = place == 0 && *wrong <= 1 && next > wrong + 1 && *inside && letters.len() >= SAFE;
            Like { model: *model, confidence: if safe { ONE_WRONG } else { (score * DOUBTFUL) as u8 } }
        });
        likes.collect()
    }
}

/// Whether both begin and end alike. A wrong letter there often makes another name: `OmniLine` is not `OmniLink`,
/// nor `Civica` a `Civic`. A vowel in front is soon misheard.
fn same_ends(one: &str, other: &str) -> bool {
    let vowel = |letter: char| "aeiouy".contains(letter);
    let first = one.chars().next().zip(other.chars().next());
    first.is_some_and(|(first, of)| first == of || vowel(first) && vowel(of) && one.len() == other.len())
        && one.chars().next_back() == other.chars().next_back()
}

/// What must be the same, and the letters that may differ a little.
fn split(name: &[Token]) -> (Strict, String) {
    let numbers = name.iter().filter(|token| token.is_number()).map(|token| &*token.text);
    let digits = numbers.collect::<Vec<_>>().join(" ");
    let letters = latin(name).chars().filter(|c| c.is_alphabetic()).collect();
    (Strict { digits, singles: words_of(name, 1) }, letters)
}

/// The words of at most so many letters, sorted.
fn words_of(name: &[Token], longest: usize) -> String {
    let short = |token: &&Token| !token.is_number() && token.text.chars().count() <= longest;
    let mut words: Vec<&str> = name.iter().filter(short).map(|token| &*token.shape).collect();
    words.sort_unstable();
    words.join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tokens;

    fn best(name: &str) -> Option<(u32, bool)> {
        let mut spellings = Spellings::default();
        for (model, known) in
            ["Tiggo 7", "Tiggo 8", "Outlander", "Elantra", "Lantra", "Grand Vitara", "Grand Victara", "X5"]
                .iter()
                .enumerate()
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
        assert_eq!(best("Outlanderr"), Some((2, true)));
        assert_eq!(best("Outlandor"), Some((2, true)));
        assert_eq!(best("Outlanden"), Some((2, false)), "the end is wrong");
        assert_eq!(best("eOutlander"), Some((2, false)), "a letter in front");
        assert_eq!(best("Grand Vitera X"), None, "a letter alone is a part of the name");
        assert_eq!(best("Grand Viktara").map(|(_, safe)| safe), Some(false), "one letter from either");
    }
}

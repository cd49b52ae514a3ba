//! Names that lead to entries, in four forms.

use std::collections::HashMap;

use super::How;
use crate::dictionary::names::{Token, sound};

/// Where a name comes from; what comes first counts.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rank {
    /// The entry's name.
    Own,
    /// Another name of it.
    Other,
    /// Made of one of those.
    Derived,
}

/// What a name leads to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Found {
    /// The entries; more than one where the name does not tell them apart.
    pub entries: Vec<u32>,
    pub how: How,
    pub confidence: u8,
    pub rank: Rank,
}

/// Names of numbered entries.
#[derive(Debug, Clone, Default)]
pub(super) struct Names {
    text: Index,
    shape: Index,
    latin: Index,
    sound: Index,
}

type Index = HashMap<Box<str>, Vec<(u32, Rank)>>;

/// What only sounds the same is a little less sure than what is spelled by the table.
const HEARD: u8 = How::Transliterated.confidence() - 2;
/// An index number whose last digits say the version: `21074` of `2107`.
const VERSION: u8 = 95;
/// Sounds of fewer letters meet by chance.
const SHORTEST_SOUND: usize = 4;

// === impl Found ===

impl Found {
    /// The entry, where there is one only.
    pub fn single(&self) -> Option<u32> {
        match self.entries[..] {
            [entry] => Some(entry),
            _ => None,
        }
    }
}

// === impl Names ===

impl Names {
    /// `name` leads to `entry`.
    pub fn add(&mut self, name: &[Token], entry: u32, rank: Rank) {
        if name.is_empty() {
            return;
        }
        let latin = latin(name);
        put(&mut self.sound, sound(&latin), entry, rank);
        put(&mut self.text, text(name), entry, rank);
        put(&mut self.shape, shape(name), entry, rank);
        put(&mut self.latin, latin, entry, rank);
    }

    /// What `name` leads to among those `allowed`, by the strictest form that leads anywhere.
    pub fn find(&self, name: &[Token], allowed: impl Fn(u32) -> bool) -> Option<Found> {
        let forms = [(&self.text, text(name)), (&self.shape, shape(name)), (&self.latin, latin(name))];
        for (form, (index, key)) in forms.iter().enumerate() {
            let Some((mut entries, rank)) = best(index, key, &allowed) else { continue };
            let how = match (form, rank) {
                (2, _) => How::Transliterated,
                (_, Rank::Own) => How::Normalised,
                _ => How::Synonym,
            };
            if let Some(looks) = self.mistaken(name, form, rank, &allowed) {
                entries.extend(looks);
                entries.sort_unstable();
                entries.dedup();
            }
            return Some(Found { entries, how, confidence: how.confidence(), rank });
        }
        self.version(name, &allowed)
    }

    /// What sounds like `name`.
    pub fn heard(&self, name: &[Token], allowed: impl Fn(u32) -> bool) -> Option<Found> {
        let latin = latin(name);
        if latin.chars().filter(|c| c.is_alphabetic()).count() < SHORTEST_SOUND {
            return None;
        }
        let (entries, rank) = best(&self.sound, &sound(&latin), &allowed)?;
        Some(Found { entries, how: How::Transliterated, confidence: HEARD, rank })
    }

    /// Which names of one or two letters a Cyrillic one may have been meant for: `С70` is the Russian spelling of
    /// one model and looks like another.
    fn mistaken(
        &self,
        name: &[Token],
        form: usize,
        rank: Rank,
        allowed: &impl Fn(u32) -> bool,
    ) -> Option<Vec<u32>> {
        let short = name.len() <= 2
            && name.iter().filter(|token| !token.is_number()).all(|token| token.text.chars().count() <= 2);
        let doubtful = name.iter().any(|token| token.text != token.shape);
        if !short || !doubtful {
            return None;
        }
        let (index, key) = match (form, rank) {
            (0, Rank::Other) => (&self.shape, shape(name)),
            (1, _) => (&self.latin, latin(name)),
            _ => return None,
        };
        best(index, &key, allowed).filter(|(_, rank)| *rank == Rank::Own).map(|(entries, _)| entries)
    }

    /// Index numbers of Soviet and Russian vehicles: four digits say which one, what follows says the version.
    fn version(&self, name: &[Token], allowed: &impl Fn(u32) -> bool) -> Option<Found> {
        let [number] = name else { return None };
        if !number.is_whole() || !(5..=7).contains(&number.text.len()) {
            return None;
        }
        let (entries, rank) = (4..number.text.len())
            .rev()
            .find_map(|digits| best(&self.text, &number.text[..digits], allowed))?;
        Some(Found { entries, how: How::Synonym, confidence: VERSION, rank })
    }
}

fn put(index: &mut Index, key: String, entry: u32, rank: Rank) {
    let entries = index.entry(key.into_boxed_str()).or_default();
    match entries.iter_mut().find(|(known, _)| *known == entry) {
        Some((_, known)) => *known = rank.min(*known),
        None => entries.push((entry, rank)),
    }
}

/// The entries of the best rank.
fn best(index: &Index, key: &str, allowed: &impl Fn(u32) -> bool) -> Option<(Vec<u32>, Rank)> {
    let entries = index.get(key)?.iter().filter(|(entry, _)| allowed(*entry));
    let rank = entries.clone().map(|(_, rank)| *rank).min()?;
    Some((entries.filter(|(_, of)| *of == rank).map(|(entry, _)| *entry).collect(), rank))
}

/// The name as one word.
pub(super) fn text(name: &[Token]) -> String {
    name.iter().map(|token| &*token.text).collect()
}

/// The name as one word, look-alike letters made one.
pub(super) fn shape(name: &[Token]) -> String {
    name.iter().map(|token| &*token.shape).collect()
}

/// The name as one word in Latin letters.
pub(super) fn latin(name: &[Token]) -> String {
    name.iter().map(|token| &*token.latin).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dictionary::names::tokens;

    fn names() -> Names {
        let mut names = Names::default();
        for (entry, rank, name) in [
            (0, Rank::Own, "C70"),
            (1, Rank::Own, "S70"),
            (1, Rank::Other, "С70"),
            (2, Rank::Own, "Патриот"),
            (3, Rank::Own, "Camry"),
            (4, Rank::Own, "2107"),
        ] {
            names.add(&tokens(name), entry, rank);
        }
        names
    }

    #[test]
    fn the_strictest_form_counts() {
        let found = |name: &str| names().find(&tokens(name), |_| true);
        assert_eq!(found("c-70").unwrap().how, How::Normalised);
        assert_eq!(found("САMRY").unwrap().entries, [3], "half in Cyrillic");
        assert_eq!(found("Patriot").unwrap().how, How::Transliterated);
        assert_eq!(found("21074").unwrap().entries, [4]);
        assert_eq!(found("2109"), None);
        assert_eq!(found("Camri"), None);
        assert_eq!(names().heard(&tokens("Камри"), |_| true).unwrap().entries, [3]);
        assert_eq!(names().find(&tokens("Camry"), |entry| entry != 3), None);
    }

    #[test]
    fn a_short_name_that_reads_two_ways_leads_to_both() {
        let found = names().find(&tokens("С70"), |_| true).unwrap();
        assert_eq!((found.entries.as_slice(), found.single()), ([0, 1].as_slice(), None));
    }
}

//! Names that lead to entries, in four forms.

use std::{borrow::Cow, collections::HashMap};

use super::How;
use crate::names::{Token, shape_of, sound};

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
    /// Beginnings of longer index numbers.
    versions: Index,
}

type Index = HashMap<Box<str>, Vec<(u32, Rank)>>;

/// What only sounds the same is a little less sure than what is spelled by the table.
const HEARD: u8 = How::Transliterated.confidence() - 2;
/// An index number whose last digits say the version: `21074` of `2107`.
const VERSION: u8 = 95;
/// The same where other versions are other vehicles.
const DOUBTFUL: u8 = 85;
/// As many digits has an index number.
const INDEX: usize = 4;
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
        put(&mut self.text, text(name), entry, rank);
        put(&mut self.shape, shape(name), entry, rank);
        put(&mut self.latin, latin(name), entry, rank);
        put(&mut self.sound, heard(name), entry, rank);
        if let Some(number) = index_number(name) {
            for digits in INDEX..number.len() {
                put(&mut self.versions, number[..digits].to_owned(), entry, rank);
            }
        }
    }

    /// What `name` leads to among those `allowed`, by the strictest form that leads anywhere.
    pub fn find(&self, name: &[Token], allowed: impl Fn(u32) -> bool) -> Option<Found> {
        let found = |entries, rank, how: How| Found { entries, how, confidence: how.confidence(), rank };
        let how = |rank| if rank == Rank::Own { How::Normalised } else { How::Synonym };
        if let Some((entries, rank)) = best(&self.text, &text(name), &allowed) {
            let looks = self.mistaken(name, &self.shape, shape, &allowed);
            return Some(found(both(entries, looks), rank, how(rank)));
        }
        // `PX` is no Russian spelling of anything.
        let latin_only = is_short(name) && name.iter().all(|token| token.text == token.shape);
        let likely = |found: &(Vec<u32>, Rank)| found.1 == Rank::Own || !latin_only;
        if let Some((entries, rank)) = best(&self.shape, &shape(name), &allowed).filter(likely) {
            let read = self.mistaken(name, &self.latin, latin, &allowed);
            let said = self.mistaken(name, &self.shape, said, &allowed);
            return Some(found(both(both(entries, read), said), rank, how(rank)));
        }
        if let Some((entries, rank)) = best(&self.latin, &latin(name), &allowed).filter(likely) {
            return Some(found(entries, rank, How::Transliterated));
        }
        self.version(name, &allowed)
    }

    /// What sounds like `name`.
    pub fn heard(&self, name: &[Token], allowed: impl Fn(u32) -> bool) -> Option<Found> {
        if !name.iter().any(|token| !token.is_number() && token.latin.len() >= SHORTEST_SOUND) {
            return None;
        }
        let (entries, rank) = best(&self.sound, &heard(name), &allowed)?;
        Some(Found { entries, how: How::Transliterated, confidence: HEARD, rank })
    }

    /// Which names of one or two letters a Cyrillic one may have been meant for: `С70` is the Russian spelling of
    /// one model and looks like another.
    fn mistaken(
        &self,
        name: &[Token],
        index: &Index,
        form: fn(&[Token]) -> String,
        allowed: &impl Fn(u32) -> bool,
    ) -> Option<Vec<u32>> {
        let doubtful = is_short(name) && name.iter().any(|token| token.text != token.shape);
        let (entries, _) = doubtful.then(|| best(index, &form(name), allowed))??;
        Some(entries)
    }

    /// Index numbers of Soviet and Russian vehicles: four digits say which one, what follows says the version,
    /// unless a longer number with the same beginning is another vehicle's.
    fn version(&self, name: &[Token], allowed: &impl Fn(u32) -> bool) -> Option<Found> {
        let number = index_number(name)?;
        let (digits, (entries, rank)) = (INDEX..number.len())
            .rev()
            .find_map(|digits| Some((digits, best(&self.text, &number[..digits], allowed)?)))?;
        let versions = self.versions.get(&number[..digits]).into_iter().flatten();
        let sure = versions.clone().all(|(entry, _)| entries.contains(entry));
        Some(Found { entries, how: How::Synonym, confidence: if sure { VERSION } else { DOUBTFUL }, rank })
    }
}

/// The whole number that the name is, if it is longer than an index number need be.
fn index_number(name: &[Token]) -> Option<&str> {
    match name {
        [number] if number.is_whole() && (INDEX + 1..=INDEX + 3).contains(&number.text.len()) => {
            Some(&number.text)
        }
        _ => None,
    }
}

fn both(mut entries: Vec<u32>, more: Option<Vec<u32>>) -> Vec<u32> {
    entries.extend(more.unwrap_or_default());
    entries.sort_unstable();
    entries.dedup();
    entries
}

/// Whether it is a letter or two and a number, at most.
fn is_short(name: &[Token]) -> bool {
    name.len() <= 2
        && name
            .iter()
            .filter(|token| !token.is_number() && token.text != "class")
            .all(|token| token.text.chars().count() <= 2)
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
    key(name, |token| Cow::Borrowed(&*token.text))
}

/// The name as one word, look-alike letters made one.
pub(super) fn shape(name: &[Token]) -> String {
    key(name, |token| Cow::Borrowed(&*token.shape))
}

/// The name as one word in Latin letters.
pub(super) fn latin(name: &[Token]) -> String {
    key(name, |token| Cow::Borrowed(&*token.latin))
}

/// The same with `В` as it is said: `В 250` looks like one model and is said like another. The other letters
/// that look Latin are typed for what they look like.
fn said(name: &[Token]) -> String {
    key(name, |token| Cow::Owned(shape_of(&token.text.replace('в', "v"))))
}

/// The name as it sounds. Words of a few letters and numbers are codes, and sound as they are written.
fn heard(name: &[Token]) -> String {
    key(name, |token| {
        let roman = token.latin.bytes().all(|letter| matches!(letter, b'i' | b'v' | b'x'));
        let code = token.is_number() || roman || token.latin.len() < SHORTEST_SOUND;
        if code { Cow::Borrowed(&*token.latin) } else { Cow::Owned(sound(&token.latin)) }
    })
}

/// A letter alone behind a word stays alone: `Astra L` is not `Astral`.
fn key<'a>(name: &'a [Token], form: impl Fn(&'a Token) -> Cow<'a, str>) -> String {
    let letters = |token: &Token| if token.is_number() { 0 } else { token.text.chars().count() };
    let mut key = String::new();
    for (at, token) in name.iter().enumerate() {
        if at > 0 && letters(token) == 1 && letters(&name[at - 1]) > 2 {
            key.push(' ');
        }
        key.push_str(&form(token));
    }
    key
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::names::tokens;

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

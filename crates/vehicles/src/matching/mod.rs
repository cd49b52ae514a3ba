//! What an insurer's name for a vehicle stands for.
//!
//! First the brand, then the model within it: every step looks only at the models of one brand that are
//! registered in the row's category. What is found for sure is used at once, the rest waits for a person, so
//! a wrong model costs much more than a missed one: an offer for another car is worse than none. Hence steps
//! go from the strictest to the loosest and the first that finds anything decides; a name that could mean two
//! models, or that leaves a word unexplained, is never sure.
//!
//! | file | what it knows |
//! |---|---|
//! | `brands` | which brand a column names, in all its spellings |
//! | `models` | the models of a brand by every name, and what tells them from their neighbours |
//! | `names` | the index under both: four forms of a name, from as written to as it sounds |
//! | `search` | the steps from a text to a model |
//! | `fuzzy` | which names are alike |
//! | `synonyms` | names that the catalogue has not |
//! | [`labelled`] | how good it is |

mod brands;
mod candidate;
mod fuzzy;
pub mod labelled;
mod models;
mod names;
mod search;
mod synonyms;

use std::collections::HashMap;

use veer_contract::domain::{InsurerVehicle, VehicleCategory};

use super::{
    catalogue::{Catalogue, Categories, EntryId},
    names::{Token, says_other, tokens},
};
use brands::{Brands, Column, Read};
use models::Models;
use search::Search;

pub use candidate::{Candidate, How};

/// Knows the names of a catalogue.
#[derive(Debug, Clone, Default)]
pub struct Matcher {
    brands: Brands,
    lines: Vec<Line>,
    /// In which brands there is a model of that name.
    everywhere: HashMap<String, Vec<u32>>,
    /// Words of models and what they stand for.
    words: HashMap<String, String>,
}

/// A brand and its models.
#[derive(Debug, Clone)]
struct Line {
    id: EntryId,
    name: String,
    categories: Categories,
    models: Models,
}

/// As many candidates as one is shown.
const MOST: usize = 5;
/// What is as sure as this is used without asking, unless the operator wants it surer.
pub const SURE: u8 = 93;
/// As sure as one can be where the row names one brand and its model another.
const OTHER_BRAND: u8 = 85;
/// As sure as one can be where nothing names the brand.
const NO_BRAND: u8 = 80;
/// As sure as one can be where words beside the brand are unexplained.
const UNEXPLAINED: u8 = 90;
/// A model's name of fewer letters says nothing about the brand.
const TELLING: usize = 4;

// === impl Matcher ===

impl Matcher {
    /// Of this catalogue.
    pub fn new(catalogue: &Catalogue) -> Self {
        let brands = Brands::new(catalogue);
        let lines = catalogue.brands().iter().enumerate().map(|(number, brand)| Line {
            id: brand.id,
            name: brand.name.clone(),
            categories: brand.categories,
            models: Models::new(brand, |name| brands.is(name, number as u32)),
        });
        let lines = lines.collect();
        let mut everywhere: HashMap<String, Vec<u32>> = HashMap::new();
        for (number, brand) in catalogue.brands().iter().enumerate() {
            for name in brand.models.iter().flat_map(|model| model.names()) {
                let of = everywhere.entry(names::shape(&tokens(name))).or_default();
                if !of.contains(&(number as u32)) {
                    of.push(number as u32);
                }
            }
        }
        let words = synonyms::words().map(|word| (word.name.to_owned(), word.canonical.to_owned())).collect();
        Self { brands, lines, everywhere, words }
    }

    /// Best first, at most 5, each entry once. Empty: nothing like it.
    pub fn candidates(&self, row: &InsurerVehicle) -> Vec<Candidate> {
        let column = tokens(&row.brand);
        let model = tokens(&row.model);
        let mut found = match self.brands.column(&column) {
            Column::Nothing => self.without_brand(&model, row.category),
            Column::Brand(read, rest) if rest.is_empty() => self
                .of_longer_name(read, &column, &model, row.category)
                .unwrap_or_else(|| self.of_brand(read, &model, row.category)),
            Column::Brand(read, rest) => self.with_rest(read, &rest, &model, row.category),
            Column::Either(one, other) => {
                let mut both = self.of_brand(one, &model, row.category);
                both.extend(self.of_brand(other, &model, row.category));
                both
            }
            Column::Unknown => self.unknown_brand(&column, &model, row.category),
        };
        self.note_exact(row, &mut found);
        best(found)
    }

    /// The brand alone.
    pub fn brand(&self, name: &str) -> Option<EntryId> {
        match self.brands.column(&tokens(name)) {
            Column::Brand(read, rest) if rest.is_empty() && read.confidence >= SURE => {
                Some(self.line(read).id)
            }
            _ => None,
        }
    }

    fn line(&self, read: Read) -> &Line {
        &self.lines[read.brand as usize]
    }

    /// The models of a brand that a text names, or the brand's others.
    fn of_brand(&self, read: Read, text: &[Token], category: Option<VehicleCategory>) -> Vec<Candidate> {
        let line = self.line(read);
        let bare = self.bare(read.brand, text);
        if says_other(text) || bare.as_ref().is_some_and(|bare| says_other(bare)) {
            let is_in = category.is_none_or(|category| line.categories.has(category));
            let others = Candidate { entry: line.id, how: read.how, confidence: read.confidence };
            return is_in.then_some(others).into_iter().collect();
        }
        let search = Search { models: &line.models, category };
        let mut found = Vec::new();
        let reworded = self.in_words(bare.as_deref().unwrap_or(text)).map(|text| (text, How::Synonym));
        let texts = [Some((text.to_vec(), read.how)), bare.map(|bare| (bare, read.how)), reworded];
        for (text, how) in texts.into_iter().flatten() {
            let hits = search.run(&text).into_iter().map(|hit| Candidate {
                entry: line.models.models[hit.model as usize].entry,
                how: hit.how.max(read.how).max(how),
                confidence: hit.confidence.min(read.confidence).min(how.confidence()),
            });
            found.extend(hits);
            if is_sure(&found) {
                return found;
            }
        }
        // Another brand's name in front of the model: brands are sold under each other's names.
        let other = self.brands.leading(text).filter(|(other, _)| other.brand != read.brand);
        if let Some((other, length)) = other {
            let search = Search { models: &self.line(other).models, category };
            let hits = search.run(&text[length..]).into_iter().map(|hit| Candidate {
                entry: self.line(other).models.models[hit.model as usize].entry,
                how: How::Fuzzy,
                confidence: hit.confidence.min(OTHER_BRAND),
            });
            found.extend(hits);
        }
        found
    }

    /// The brand column and the beginning of the model are one brand's name: `FAW` and `Bestune T77`.
    fn of_longer_name(
        &self,
        read: Read,
        column: &[Token],
        model: &[Token],
        category: Option<VehicleCategory>,
    ) -> Option<Vec<Candidate>> {
        let joined = join(column, model);
        let (longer, length) = self.brands.leading(&joined)?;
        let other = longer.brand != read.brand && length > column.len() && length < joined.len();
        let found = self.of_brand(longer, joined.get(length..).filter(|_| other)?, category);
        is_sure(&found).then_some(found)
    }

    /// `text` without the brand's names in front and behind; `None` where it has none.
    fn bare(&self, brand: u32, text: &[Token]) -> Option<Vec<Token>> {
        let mut bare = text;
        let longest = |bare: &[Token]| bare.len().saturating_sub(1).min(4);
        while let Some(length) =
            (1..=longest(bare)).rev().find(|length| self.brands.is(&bare[..*length], brand))
        {
            bare = &bare[length..];
        }
        let at_end = |bare: &[Token], length: &usize| self.brands.is(&bare[bare.len() - length..], brand);
        while let Some(length) = (1..=longest(bare)).rev().find(|length| at_end(bare, length)) {
            bare = &bare[..bare.len() - length];
        }
        // 219010 LADA GRANTA: in the middle, too.
        let mut bare = bare.to_vec();
        let telling = |token: &Token| !token.is_number() && token.text.chars().count() > 2;
        let named = |bare: &[Token]| {
            (1..bare.len()).find(|at| telling(&bare[*at]) && self.brands.is(&bare[*at..=*at], brand))
        };
        while let Some(at) = named(&bare) {
            bare.remove(at);
        }
        (bare.len() < text.len()).then_some(bare)
    }

    /// `text` with words in the spelling that the catalogue uses; `None` where it has none of them.
    fn in_words(&self, text: &[Token]) -> Option<Vec<Token>> {
        let known = text.iter().any(|token| self.words.contains_key(&token.text));
        let renamed = |token: &Token| {
            self.words.get(&token.text).map_or_else(|| token.clone(), |word| token.renamed(word))
        };
        known.then(|| text.iter().map(renamed).collect())
    }

    /// The brand column has words beside the brand: `LADA GRANTA`, `BMW Motorrad`.
    fn with_rest(
        &self,
        read: Read,
        rest: &[Token],
        model: &[Token],
        category: Option<VehicleCategory>,
    ) -> Vec<Candidate> {
        let mut found = self.of_brand(read, &join(rest, model), category);
        if !is_sure(&found) {
            let other = self.brands.whole(rest).is_some();
            let most = if other { OTHER_BRAND } else { UNEXPLAINED };
            let doubtful = Read { confidence: read.confidence.min(most), ..read };
            found.extend(self.of_brand(doubtful, model, category));
        }
        found
    }

    /// The brand stands in the model, or nowhere.
    fn without_brand(&self, text: &[Token], category: Option<VehicleCategory>) -> Vec<Candidate> {
        if says_other(text) {
            return Vec::new();
        }
        let senses = super::names::senses(text);
        let start = senses.iter().position(|sense| *sense == super::names::Sense::Name).unwrap_or_default();
        for start in [0, start] {
            if let Some((read, length)) = self.brands.leading(&text[start..text.len().max(start + 1) - 1]) {
                return self.of_brand(read, &text[start + length..], category);
            }
        }
        self.of_some_brand(text, category)
    }

    /// The brand column says something that is no brand of the catalogue.
    fn unknown_brand(
        &self,
        column: &[Token],
        text: &[Token],
        category: Option<VehicleCategory>,
    ) -> Vec<Candidate> {
        if super::names::senses(column).contains(&super::names::Sense::Machine) {
            return Vec::new();
        }
        let telling = text
            .iter()
            .map(|token| if token.is_number() { 0 } else { token.text.chars().count() })
            .sum::<usize>();
        if let Some(read) = self.brands.misspelt(column).filter(|_| telling >= TELLING) {
            let mut found = self.of_brand(read, text, category);
            // A wrong letter in the brand and another in the model is too much.
            let line = self.line(read);
            let clear = Search { models: &line.models, category }
                .run(text)
                .first()
                .is_some_and(|hit| hit.how < How::Fuzzy);
            for candidate in found.iter_mut().filter(|_| !clear) {
                candidate.confidence = candidate.confidence.min(OTHER_BRAND);
            }
            return found;
        }
        match self.brands.leading(text) {
            Some((read, length)) => {
                let read = Read { how: How::Fuzzy, confidence: OTHER_BRAND, ..read };
                self.of_brand(read, &text[length..], category)
            }
            None => Vec::new(),
        }
    }

    /// Models of any brand with that name, if there are few.
    fn of_some_brand(&self, text: &[Token], category: Option<VehicleCategory>) -> Vec<Candidate> {
        let Some(brands) = self.everywhere.get(&names::shape(text)).filter(|brands| brands.len() <= 3) else {
            return Vec::new();
        };
        let read = |brand: &u32| Read { brand: *brand, how: How::Fuzzy, confidence: NO_BRAND };
        brands.iter().flat_map(|brand| self.of_brand(read(brand), text, category)).collect()
    }

    /// What is written letter for letter as in the catalogue.
    fn note_exact(&self, row: &InsurerVehicle, found: &mut [Candidate]) {
        for candidate in found.iter_mut().filter(|it| it.how == How::Normalised && it.confidence >= SURE) {
            let brand = self.lines.iter().find(|line| line.name == row.brand);
            let model =
                brand.and_then(|line| line.models.models.iter().find(|model| model.entry == candidate.entry));
            let others = brand.is_some_and(|line| line.id == candidate.entry);
            if others || model.is_some_and(|model| model.name == row.model) {
                *candidate = Candidate { how: How::Exact, confidence: How::Exact.confidence(), ..*candidate };
            }
        }
    }
}

/// Both as one text.
fn join(column: &[Token], model: &[Token]) -> Vec<Token> {
    let words = column.last().map_or(0, |last| last.word + 1);
    let behind = model.iter().map(|token| Token { word: token.word + words, ..token.clone() });
    column.iter().cloned().chain(behind).collect()
}

fn is_sure(found: &[Candidate]) -> bool {
    found.iter().any(|candidate| candidate.confidence >= SURE)
}

/// The best of them, each entry once.
fn best(mut found: Vec<Candidate>) -> Vec<Candidate> {
    found.sort_by(|one, other| {
        other.confidence.cmp(&one.confidence).then(one.how.cmp(&other.how)).then(one.entry.cmp(&other.entry))
    });
    let mut best: Vec<Candidate> = Vec::new();
    for candidate in found {
        if best.len() < MOST && best.iter().all(|known| known.entry != candidate.entry) {
            best.push(candidate);
        }
    }
    best
}

#[cfg(test)]
mod tests;

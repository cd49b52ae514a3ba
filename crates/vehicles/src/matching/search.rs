//! Finding the model that a text names among the models of a brand.
//!
//! The whole text first, then the text without words that say nothing of the model, then the longest name that
//! the text begins with if nothing else is left unexplained. What is found otherwise is for a person to judge.

use veer_contract::domain::VehicleCategory;

use super::{
    How,
    fuzzy::Like,
    models::{Models, with_bodies},
    names::{Found, Rank},
};
use crate::{
    catalogue::Categories,
    names::{Sense, Token, senses},
};

/// A model that a text may name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Hit {
    pub model: u32,
    pub how: How,
    pub confidence: u8,
}

/// What leaving words out costs.
const LEFT_OUT: u8 = 3;
/// As sure as one can be where the same text means two models.
const AMBIGUOUS: u8 = 85;
/// As sure as one can be of a name with something unexplained behind it.
const UNEXPLAINED: u8 = 80;
/// As sure as one can be where only the words' order is another.
const OTHER_ORDER: u8 = 94;
/// What a guess about the rest costs: a version of an index number, a weight class, a body's code.
const GUESSED: u8 = 4;
const MOST: usize = 5;

/// What may be left out, step by step.
const STEPS: [fn(Sense) -> bool; 3] = [
    |sense| sense == Sense::Filler,
    |sense| matches!(sense, Sense::Filler | Sense::Trim),
    |sense| matches!(sense, Sense::Filler | Sense::Trim | Sense::Body(_)),
];

/// The models of a brand in one category.
#[derive(Clone, Copy)]
pub(super) struct Search<'a> {
    pub models: &'a Models,
    pub category: Option<VehicleCategory>,
}

/// A name that a text begins with.
struct Beginning {
    found: Found,
    /// Where the name ends.
    end: usize,
    /// What the words behind it cost; `None` where one is unexplained.
    cost: Option<u8>,
}

// === impl Search ===

impl Search<'_> {
    /// The models that `text` may name, best first.
    pub fn run(self, text: &[Token]) -> Vec<Hit> {
        if text.is_empty() {
            return Vec::new();
        }
        let senses = senses(text);
        if let Some(hits) = self.whole(text, &senses) {
            return hits;
        }
        if senses.contains(&Sense::Machine) {
            return Vec::new();
        }
        let beginning = self.beginning(text, &senses);
        let mut hits = Vec::new();
        if let Some(Beginning { found, end, cost }) = beginning {
            let sure = self.hits(&found, cost.unwrap_or_default(), &[]);
            if cost.is_some() && sure[0].confidence > AMBIGUOUS {
                return sure;
            }
            // The catalogue's own word for what the text begins with may make a longer name of it.
            let known =
                found.single().filter(|_| found.rank != Rank::Own || found.how == How::Transliterated);
            if let Some(model) = known {
                let renamed = [&self.models.models[model as usize].own, &text[end..]].concat();
                let senses = self::senses(&renamed);
                if let Some(hits) = self.whole(&renamed, &senses) {
                    let how = How::Synonym.max(found.how);
                    let weaker = |hit: Hit| Hit {
                        how: hit.how.max(how),
                        confidence: hit.confidence.min(found.confidence),
                        ..hit
                    };
                    return hits.into_iter().map(weaker).collect();
                }
            }
            hits = sure;
            for hit in &mut hits {
                hit.how = How::Fuzzy;
                hit.confidence = hit.confidence.min(UNEXPLAINED);
            }
        }
        for likely in self.like(text, &senses) {
            match hits.iter_mut().find(|hit| hit.model == likely.model) {
                Some(hit) if hit.confidence < likely.confidence => *hit = likely,
                Some(_) => {}
                None => hits.push(likely),
            }
        }
        hits.sort_by(|one, other| other.confidence.cmp(&one.confidence).then(one.how.cmp(&other.how)));
        hits.truncate(MOST);
        hits
    }

    /// What the text names as a whole, or without words that say nothing.
    fn whole(self, text: &[Token], senses: &[Sense]) -> Option<Vec<Hit>> {
        if let Some(found) = self.models.find(text, self.category) {
            return Some(self.hits(&found, 0, &[]));
        }
        if senses.contains(&Sense::Machine) {
            return None;
        }
        let mut tried = text.len();
        for step in STEPS {
            let (kept, left_out) = without(text, senses, step);
            if kept.is_empty() || kept.len() == tried || !is_around(text, senses, step) {
                continue;
            }
            tried = kept.len();
            let found = self.models.find(&kept, self.category).or_else(|| {
                let bodies = with_bodies(&kept)?;
                self.models.find(&bodies, self.category)
            });
            if let Some(found) = found {
                return Some(self.hits(&found, LEFT_OUT, &left_out));
            }
        }
        let bodies = with_bodies(text).and_then(|bodies| self.models.find(&bodies, self.category));
        if let Some(found) = bodies {
            return Some(self.hits(&found, 1, &[]));
        }
        let (kept, left_out) = without(text, senses, STEPS[0]);
        let heard = self.models.heard(text, self.category).map(|found| (found, 0, Vec::new()));
        let heard = heard.or_else(|| Some((self.models.heard(&kept, self.category)?, 1, left_out.clone())));
        if let Some((found, cost, left_out)) = heard {
            return Some(self.hits(&found, cost, &left_out));
        }
        let model = self.models.in_other_order(&kept, self.category)?;
        let rival = self.models.models[model as usize].has_rival(&left_out);
        let confidence = if rival { AMBIGUOUS } else { OTHER_ORDER };
        Some(vec![Hit { model, how: How::Normalised, confidence }])
    }

    fn hits(self, found: &Found, cost: u8, left_out: &[(Token, Sense)]) -> Vec<Hit> {
        let single = found.single().is_some();
        let hits = found.entries.iter().map(|model| {
            let sure = single && !self.models.models[*model as usize].has_rival(left_out);
            let confidence = found.confidence - cost;
            Hit {
                model: *model,
                how: found.how,
                confidence: if sure { confidence } else { confidence.min(AMBIGUOUS) },
            }
        });
        hits.collect()
    }

    /// The longest name that the text begins with, behind words that say nothing.
    fn beginning(self, text: &[Token], senses: &[Sense]) -> Option<Beginning> {
        let mut starts = vec![0];
        starts.extend(senses.iter().position(|sense| !matches!(sense, Sense::Filler)));
        starts.extend(senses.iter().position(|sense| *sense == Sense::Name));
        starts.dedup();
        for start in starts {
            if !says_nothing_before(&text[..start], senses) {
                continue;
            }
            let mut ends = (start + 1..=text.len()).rev();
            let first = ends.find_map(|end| Some((end, self.models.find(&text[start..end], self.category)?)));
            if let Some((end, found)) = first {
                let before = if start > 0 { LEFT_OUT } else { 0 };
                let rest = found.single().and_then(|model| self.rest(model, text, end, senses));
                return Some(Beginning { found, end, cost: rest.map(|cost| cost.max(before)) });
            }
        }
        None
    }

    /// What the words behind a name cost; `None` if one says that it is, or may be, another model.
    fn rest(self, model: u32, text: &[Token], end: usize, senses: &[Sense]) -> Option<u8> {
        let known = &self.models.models[model as usize];
        let commercial =
            known.categories.meets(Categories::from_iter([VehicleCategory::C, VehicleCategory::D]))
                && known.own.iter().any(|token| !token.is_number() && token.text.chars().count() >= 3);
        let car = known.categories.has(VehicleCategory::B);
        let mut cost = 0;
        let mut at = end;
        while at < text.len() {
            let token = &text[at];
            let more = (at + 1..=text.len()).rev().find(|to| {
                let tail = &text[at..*to];
                known.tails.contains(&super::names::shape(tail)) || self.models.is(tail, model)
            });
            if let Some(to) = more {
                cost = cost.max(1);
                at = to;
                continue;
            }
            if known.has_rival(&[(token.clone(), senses[at])]) {
                return None;
            }
            let guessed = match senses[at] {
                Sense::Filler | Sense::Trim | Sense::Body(_) => {
                    cost = cost.max(LEFT_OUT);
                    at += 1;
                    continue;
                }
                Sense::Machine => return None,
                Sense::Name => {
                    is_version(text, at) && (token.is_number() || known.is_indexed())
                        || commercial && is_weight(text, at, if known.numbered { 3 } else { 2 })
                        || is_code(text, at)
                            && token.word != text[end - 1].word
                            && (token.aside || car && known.is_told_by_letters())
                }
            };
            if !guessed {
                return None;
            }
            cost = cost.max(GUESSED);
            at += 1;
        }
        Some(cost)
    }

    fn like(self, text: &[Token], senses: &[Sense]) -> Vec<Hit> {
        let (kept, left_out) = without(text, senses, STEPS[2]);
        let allowed = |model: u32| self.models.models[model as usize].is_in(self.category);
        let mut likely = self.models.spellings.like(text, allowed);
        if likely.first().is_none_or(|like| like.confidence <= AMBIGUOUS) && !left_out.is_empty() {
            let around = is_around(text, senses, STEPS[2]);
            let sure = |like: Like| Like {
                confidence: if around { like.confidence } else { like.confidence.min(AMBIGUOUS) },
                ..like
            };
            likely.extend(self.models.spellings.like(&kept, allowed).into_iter().map(sure));
        }
        let hits = likely.into_iter().map(|like| {
            let rival = self.models.models[like.model as usize].has_rival(&left_out);
            let confidence = if rival { like.confidence.min(AMBIGUOUS) } else { like.confidence };
            Hit { model: like.model, how: How::Fuzzy, confidence }
        });
        hits.collect()
    }
}

/// What is kept, and what is left out.
fn without(text: &[Token], senses: &[Sense], leave: fn(Sense) -> bool) -> (Vec<Token>, Vec<(Token, Sense)>) {
    let mut kept = Vec::new();
    let mut left_out = Vec::new();
    for (token, sense) in text.iter().zip(senses) {
        if leave(*sense) {
            left_out.push((token.clone(), *sense));
        } else {
            kept.push(token.clone());
        }
    }
    (kept, left_out)
}

/// Whether levels of equipment and bodies would be left out behind the name only: in its middle they are part of it,
/// and before it unless they are Russian words (`седан Веста`, but `Touring Hiace`).
fn is_around(text: &[Token], senses: &[Sense], leave: fn(Sense) -> bool) -> bool {
    let kept = |sense: &Sense| !leave(*sense);
    let (Some(first), Some(last)) = (senses.iter().position(kept), senses.iter().rposition(kept)) else {
        return false;
    };
    says_nothing_before(&text[..first], senses)
        && senses[first..=last].iter().all(|sense| kept(sense) || *sense == Sense::Filler)
}

/// Whether what stands before a name says nothing of the model.
fn says_nothing_before(text: &[Token], senses: &[Sense]) -> bool {
    text.iter().zip(senses).all(|(token, sense)| match sense {
        Sense::Filler => true,
        Sense::Trim | Sense::Body(_) => !token.text.is_ascii(),
        Sense::Name | Sense::Machine => false,
    })
}

/// The version behind an index number: `3302-288`, `53215К`, `21093i`.
fn is_version(text: &[Token], at: usize) -> bool {
    let short = |token: &Token| {
        if token.is_number() { token.text.len() <= 4 } else { token.text.chars().count() <= 2 }
    };
    let mut from = at;
    while from > 0 && text[from].joined && short(&text[from]) {
        from -= 1;
    }
    from < at && text[from].is_whole() && text[from].text.len() >= 4
}

/// Weight and power behind a lorry's name: `Transit 350`, `Daily 35C15`, `Actros 1841`.
fn is_weight(text: &[Token], at: usize, shortest: usize) -> bool {
    let is_number = |token: &Token| token.is_number() && token.text.len() >= shortest;
    let first = text.iter().find(|token| token.word == text[at].word);
    // Actros 1844 LS: letters behind the number belong to it.
    let behind = at > 0 && !text[at].is_number() && is_number(&text[at - 1]);
    let short = text[at].is_number() || text[at].text.chars().count() <= 2;
    short && (behind || first.is_some_and(is_number))
}

/// The code of a body: `N16`, `XV40`, and `FX` in brackets.
fn is_code(text: &[Token], at: usize) -> bool {
    let word = text.iter().filter(|token| token.word == text[at].word);
    let letters = word.clone().filter(|token| !token.is_number()).count();
    let digits = word.clone().filter(|token| token.is_number()).map(|token| token.text.len()).sum::<usize>();
    let length: usize = word.map(|token| token.text.chars().count()).sum();
    let told = if text[at].aside { digits > 0 || length <= 3 } else { digits >= 2 };
    letters > 0 && length <= 5 && told
}

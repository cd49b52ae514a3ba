//! The models of one brand, by all their names.

use std::collections::{HashMap, HashSet};

use veer_contract::domain::VehicleCategory;

use super::{
    fuzzy::Spellings,
    names::{Found, Names, Rank, shape, text},
};
use crate::{
    catalogue::{Brand, Categories, EntryId, Model},
    names::{Body, Sense, Token, senses, tokens},
};

/// The models of a brand.
#[derive(Debug, Clone, Default)]
pub(super) struct Models {
    pub models: Vec<Known>,
    pub spellings: Spellings,
    names: Names,
    /// Names by their words in alphabetic order.
    shuffled: HashMap<String, Vec<u32>>,
}

/// What is known of a model beside its names.
#[derive(Debug, Clone)]
pub(super) struct Known {
    pub entry: EntryId,
    pub name: String,
    pub categories: Categories,
    /// Its name in tokens.
    pub own: Vec<Token>,
    /// What may stand behind a name of it: `200` of `Land Cruiser 200`.
    pub tails: HashSet<String>,
    /// Words that make it another model: `cross` of `Vesta`.
    pub rivals: HashSet<String>,
    /// Whether a code or a number behind its name makes it another model: `H5` of `Hover`.
    pub numbered: bool,
}

// === impl Known ===

impl Known {
    fn new(model: &Model) -> Self {
        Self {
            entry: model.id,
            name: model.name.clone(),
            categories: model.categories,
            own: tokens(&model.name),
            tails: HashSet::new(),
            rivals: HashSet::new(),
            numbered: false,
        }
    }

    /// Whether the model is registered there, or may be.
    pub fn is_in(&self, category: Option<VehicleCategory>) -> bool {
        category.is_none_or(|category| self.categories.has(category))
    }

    /// Whether it has a long name that no number tells from its neighbours'.
    pub fn is_told_by_letters(&self) -> bool {
        let long = |token: &Token| !token.is_number() && token.text.chars().count() >= 5;
        self.own.iter().any(long) && !self.own.iter().any(Token::is_number) && !self.numbered
    }

    /// Whether it goes by an index number.
    pub fn is_indexed(&self) -> bool {
        self.own.iter().all(|token| !token.text.bytes().any(|byte| byte.is_ascii_alphabetic()))
    }

    /// Whether one of the left-out tokens makes it another model.
    pub fn has_rival(&self, left_out: &[(Token, Sense)]) -> bool {
        left_out.iter().any(|(token, sense)| {
            self.rivals.contains(&token.shape)
                || matches!(sense, Sense::Body(body) if self.rivals.contains(&body_word(*body)))
        })
    }
}

// === impl Models ===

impl Models {
    /// Of this brand. `is_brand` says what its names are.
    pub fn new(brand: &Brand, is_brand: impl Fn(&[Token]) -> bool) -> Self {
        let mut models = Self { models: brand.models.iter().map(Known::new).collect(), ..Self::default() };
        let mut names: Vec<(u32, Vec<Token>)> = Vec::new();
        for (number, model) in brand.models.iter().enumerate() {
            for name in model.names() {
                let rank = if name == model.name { Rank::Own } else { Rank::Other };
                let name = tokens(name);
                models.names.add(&name, number as u32, rank);
                models.spellings.add(&name, number as u32);
                names.push((number as u32, name));
            }
        }
        models.compare(&names);
        for (model, name) in &names {
            for derived in derived(name, &is_brand) {
                models.names.add(&derived, *model, Rank::Derived);
            }
            if is_of_words(name) {
                let of = models.shuffled.entry(shuffled(name)).or_default();
                if !of.contains(model) {
                    of.push(*model);
                }
            }
        }
        models
    }

    /// Learns which words behind a name belong to the model, and which make it another.
    fn compare(&mut self, names: &[(u32, Vec<Token>)]) {
        for (model, name) in names {
            let senses = senses(name);
            for length in 1..name.len() {
                let (head, tail) = name.split_at(length);
                let Some(found) = self.names.find(head, |_| true).filter(|it| it.rank != Rank::Derived)
                else {
                    continue;
                };
                for other in found.entries {
                    let extends =
                        self.models[*model as usize].own.starts_with(&self.models[other as usize].own);
                    if other == *model
                        || text(&self.models[*model as usize].own).starts_with(&text(head)) && extends
                    {
                        self.models[*model as usize].tails.insert(shape(tail));
                    }
                    if other != *model {
                        self.add_rivals(other, tail, &senses[length..]);
                    }
                }
            }
        }
    }

    fn add_rivals(&mut self, of: u32, tail: &[Token], senses: &[Sense]) {
        let known = &mut self.models[of as usize];
        let code = tail.first().is_some_and(|first| first.text.chars().count() <= 2)
            && tail.get(1).is_some_and(Token::is_number);
        known.numbered |= code || tail.first().is_some_and(Token::is_number);
        let alone = tail.len() == 1 || senses.iter().all(|sense| *sense != Sense::Name);
        let rivals = &mut known.rivals;
        rivals.insert(shape(tail));
        for (token, sense) in tail.iter().zip(senses) {
            if alone || *sense != Sense::Filler {
                rivals.insert(token.shape.clone());
            }
            if let Sense::Body(body) = sense {
                rivals.insert(body_word(*body));
            }
        }
    }

    /// What a name leads to in a category.
    pub fn find(&self, name: &[Token], category: Option<VehicleCategory>) -> Option<Found> {
        self.names.find(name, |model| self.models[model as usize].is_in(category))
    }

    /// What sounds like it there.
    pub fn heard(&self, name: &[Token], category: Option<VehicleCategory>) -> Option<Found> {
        self.names.heard(name, |model| self.models[model as usize].is_in(category))
    }

    /// Whether this is a name of that model.
    pub fn is(&self, name: &[Token], model: u32) -> bool {
        self.names.find(name, |it| it == model).is_some()
    }

    /// The only model that has these words in another order.
    pub fn in_other_order(&self, name: &[Token], category: Option<VehicleCategory>) -> Option<u32> {
        let of = self.shuffled.get(&shuffled(name)).filter(|_| is_of_words(name))?;
        let mut of = of.iter().filter(|model| self.models[**model as usize].is_in(category));
        let model = of.next()?;
        of.next().is_none().then_some(*model)
    }
}

/// Names made of `name`: without the word for a class, what stands in brackets, a brand in front; with one word
/// for every body.
fn derived(name: &[Token], is_brand: &impl Fn(&[Token]) -> bool) -> Vec<Vec<Token>> {
    let without = |left_out: &dyn Fn(&Token) -> bool| -> Vec<Token> {
        name.iter().filter(|token| !left_out(token)).cloned().collect()
    };
    let mut derived = vec![without(&|token| token.text == "class"), without(&|token| token.aside)];
    derived.extend(
        (1..name.len()).filter(|length| is_brand(&name[..*length])).map(|length| name[length..].to_vec()),
    );
    derived.extend(with_bodies(name));
    derived.retain(|derived| {
        derived.len() < name.len() && !derived.is_empty() || derived.len() == name.len() && derived != name
    });
    derived
}

/// `name` with one word for every shape of body, if it has such words behind the first.
pub(super) fn with_bodies(name: &[Token]) -> Option<Vec<Token>> {
    let senses = senses(name);
    let mut changed = false;
    let bodies = name.iter().zip(senses).enumerate().map(|(at, (token, sense))| match sense {
        Sense::Body(body) if at > 0 => {
            changed = true;
            token.renamed(&body_word(body))
        }
        _ => token.clone(),
    });
    let bodies = bodies.collect();
    changed.then_some(bodies)
}

fn body_word(body: Body) -> String {
    format!("<{body:?}>").to_lowercase()
}

/// Whether its words can change places: letters and numbers of a code cannot.
fn is_of_words(name: &[Token]) -> bool {
    let long = |token: &Token| token.text.chars().count() >= 3;
    name.len() > 1 && name.iter().all(long) && name.iter().any(|token| !token.is_number())
}

fn shuffled(name: &[Token]) -> String {
    let mut words: Vec<&str> = name.iter().map(|token| &*token.shape).collect();
    words.sort_unstable();
    words.join(" ")
}

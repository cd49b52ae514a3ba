//! The small pages of one model, in one piece of memory.

use std::collections::HashMap;

use bytes::Bytes;

use super::{page::Page, render};
use crate::dictionary::catalogue::{Brand, Model, Power};

/// A model's years, its powers by year, its modifications by year and power.
pub struct ModelPages {
    years: Page,
    /// Ascending.
    powers: Vec<(i16, Page)>,
    /// Ascending; the same list of modifications is one page.
    modifications: Vec<((i16, Power), usize)>,
    lists: Vec<Page>,
}

/// Pages one behind the other.
#[derive(Default)]
struct Pieces {
    text: Vec<u8>,
    ends: Vec<usize>,
}

// === impl ModelPages ===

impl ModelPages {
    /// Draws them all.
    pub fn new(brand: &Brand, model: &Model, last_year: i16) -> Self {
        let mut pieces = Pieces::default();
        pieces.add(&render::years(model.id, brand, model, Some(last_year)));
        let years: Vec<i16> = model.engines.years(last_year).collect();
        for year in &years {
            pieces.add(&render::powers(model.id, model, *year, last_year));
        }
        let mut lists = HashMap::new();
        let mut modifications = Vec::new();
        for (year, power) in
            years.iter().flat_map(|year| model.engines.powers(*year).iter().map(|it| (*year, *it)))
        {
            let found: Vec<_> = model.modifications(year, power).collect();
            if found.is_empty() {
                continue;
            }
            let next = lists.len();
            let ids: Vec<_> = found.iter().map(|modification| modification.id).collect();
            let list = *lists.entry(ids).or_insert_with(|| {
                pieces.add(&render::modifications(&found));
                next
            });
            modifications.push(((year, power), list));
        }
        let mut pages = pieces.into_pages();
        // There is a first piece: the years are always drawn.
        let of_years = pages.next().unwrap_or_else(|| Page::plain(Bytes::new()));
        let powers: Vec<_> = years.into_iter().zip(&mut pages).collect();
        let lists = pages.collect();
        modifications.shrink_to_fit();
        Self { years: of_years, powers, modifications, lists }
    }

    /// The years.
    pub fn years(&self) -> Page {
        self.years.clone()
    }

    /// The powers of a year in which it was made.
    pub fn powers(&self, year: i16) -> Option<Page> {
        let place = self.powers.binary_search_by_key(&year, |(year, _)| *year).ok()?;
        self.powers.get(place).map(|(_, page)| page.clone())
    }

    /// The modifications of a year and power, where there are any.
    pub fn modifications(&self, year: i16, power: Power) -> Option<Page> {
        let place = self.modifications.binary_search_by_key(&(year, power), |(of, _)| *of).ok()?;
        let (_, list) = self.modifications.get(place)?;
        self.lists.get(*list).cloned()
    }

    /// How much memory they take.
    pub fn bytes(&self) -> usize {
        let powers: usize = self.powers.iter().map(|(_, page)| size_of::<i16>() + page.bytes()).sum();
        let lists: usize = self.lists.iter().map(Page::bytes).sum();
        self.years.bytes() + powers + lists + size_of_val(&*self.modifications)
    }
}

// === impl Pieces ===

impl Pieces {
    fn add(&mut self, piece: &[u8]) {
        self.text.extend_from_slice(piece);
        self.ends.push(self.text.len());
    }

    fn into_pages(mut self) -> impl Iterator<Item = Page> {
        self.text.shrink_to_fit();
        let text = Bytes::from(self.text.into_boxed_slice());
        let mut start = 0;
        self.ends
            .into_iter()
            .map(move |end| Page::packed(text.slice(std::mem::replace(&mut start, end)..end)))
    }
}

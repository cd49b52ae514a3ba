//! The answers of a published version, made once and kept.
//!
//! A scheduler reads the whole dictionary again and again, and what it reads changes only when a version is
//! published. So a page is drawn and compressed once, and everybody after that gets the same bytes; nobody
//! waits for a lock. Pages are made when they are first asked for, or all at once by [`Answers::warm`]
//! before a version is served. A page is named by its content, so a version that changes nothing on it
//! leaves everybody's copy good, and so does a restart.
//!
//! A merged entry's id is answered like the entry that it became, under the id that was asked for. Lists
//! name only what stands. Pages of merged ids that carry the id are drawn for each question: they are small
//! and rarely asked for.

mod model_pages;
mod page;
mod render;

#[cfg(test)]
mod tests;

use std::{
    collections::HashMap,
    sync::{Arc, OnceLock},
};

use veer_contract::domain::VehicleCategory;

use self::model_pages::ModelPages;
pub use self::page::{Coding, Page};
use super::catalogue::{Brand, Catalogue, Categories, EntryId, Power};

/// The pages of one published version.
pub struct Answers {
    catalogue: Arc<Catalogue>,
    brands: [Slot; FILTERS],
    models: HashMap<EntryId, [Slot; FILTERS]>,
    of_models: HashMap<EntryId, OnceLock<ModelPages>>,
    sync_all: [Slot; Categories::SETS],
}

/// One question that the dictionary answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Question {
    /// The brands that have a model in the category; all of them without one.
    Brands {
        /// The filter.
        category: Option<VehicleCategory>,
    },
    /// A brand's models in the category; all of them without one.
    Models {
        /// The brand.
        brand: EntryId,
        /// The filter.
        category: Option<VehicleCategory>,
    },
    /// The years in which a model was made; none where it is not registered in the category.
    Years {
        /// The model.
        model: EntryId,
        /// The filter.
        category: Option<VehicleCategory>,
    },
    /// A model's engine powers; none in a year in which it was not made.
    Powers {
        /// The model.
        model: EntryId,
        /// The year.
        year: i16,
    },
    /// A model's modifications; none where it was not made in that year with that power.
    Modifications {
        /// The model.
        model: EntryId,
        /// The year.
        year: i16,
        /// The power.
        power: Power,
    },
    /// Everything, or what is registered in one of the categories.
    SyncAll {
        /// The filter; empty for everything.
        categories: Categories,
    },
}

/// Why a question has no page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NoPage {
    /// The id names no brand.
    #[error("no brand has that id")]
    UnknownBrand,
    /// The id names no model.
    #[error("no model has that id")]
    UnknownModel,
}

/// A page that is made once.
type Slot = OnceLock<Page>;

/// One category, or none.
const FILTERS: usize = Categories::ALL.len() + 1;

// === impl Answers ===

impl Answers {
    /// The answers about that catalogue. Nothing is drawn yet.
    pub fn new(catalogue: Arc<Catalogue>) -> Self {
        let models = catalogue.brands().iter().map(|brand| (brand.id, Default::default()));
        let of_models = catalogue.models().map(|(_, model)| (model.id, OnceLock::new()));
        Self {
            brands: Default::default(),
            models: models.collect(),
            of_models: of_models.collect(),
            sync_all: Default::default(),
            catalogue,
        }
    }

    /// The page. It may take long where it is not [`at_hand`](Self::at_hand).
    pub fn page(&self, question: &Question) -> Result<Page, NoPage> {
        let catalogue = &*self.catalogue;
        match *question {
            Question::Brands { category } => {
                Ok(kept(&self.brands[filter(category)], || render::brands(catalogue, category)))
            }
            Question::Models { brand: id, category } => {
                let brand = catalogue.brand(id).ok_or(NoPage::UnknownBrand)?;
                let draw = || render::models(id, brand, category);
                let slot = self.models.get(&id).map(|slots| &slots[models_filter(brand, category)]);
                Ok(slot.map_or_else(|| Page::plain(draw().into()), |slot| kept(slot, draw)))
            }
            Question::Years { model: id, category } => {
                let (brand, model) = catalogue.model(id).ok_or(NoPage::UnknownModel)?;
                let is_registered = category.is_none_or(|category| model.categories.has(category));
                let last = is_registered.then(|| catalogue.last_year());
                let page = last.and_then(|_| self.of_model(id)).map(ModelPages::years);
                Ok(page.unwrap_or_else(|| Page::plain(render::years(id, brand, model, last).into())))
            }
            Question::Powers { model: id, year } => {
                let (_, model) = catalogue.model(id).ok_or(NoPage::UnknownModel)?;
                let page = self.of_model(id).and_then(|pages| pages.powers(year));
                let draw = || render::powers(id, model, year, catalogue.last_year());
                Ok(page.unwrap_or_else(|| Page::plain(draw().into())))
            }
            Question::Modifications { model: id, year, power } => {
                let (_, model) = catalogue.model(id).ok_or(NoPage::UnknownModel)?;
                let page = self.of_model(model.id).and_then(|pages| pages.modifications(year, power));
                Ok(page.unwrap_or_else(|| Page::plain(render::modifications(&[]).into())))
            }
            Question::SyncAll { categories } => {
                Ok(kept(&self.sync_all[categories.index()], || render::sync_all(catalogue, categories)))
            }
        }
    }

    /// Whether the page is there already or made in no time, so that an async worker may take it.
    pub fn at_hand(&self, question: &Question) -> bool {
        match *question {
            Question::Brands { category } => self.brands[filter(category)].get().is_some(),
            Question::Models { brand: id, category } => {
                let slots = self.models.get(&id).zip(self.catalogue.brand(id));
                slots.is_none_or(|(slots, brand)| slots[models_filter(brand, category)].get().is_some())
            }
            Question::Years { .. } | Question::Powers { .. } | Question::Modifications { .. } => true,
            Question::SyncAll { categories } => self.sync_all[categories.index()].get().is_some(),
        }
    }

    /// Makes every page, but for sync-all of several categories: those are made when somebody asks. It takes
    /// seconds; not for an async worker.
    pub fn warm(&self) {
        let catalogue = &*self.catalogue;
        let single = Categories::ALL.into_iter().map(Some);
        for category in std::iter::once(None).chain(single) {
            let categories = category.into_iter().collect();
            // A page that nobody takes is kept all the same, and these two always have one.
            let _ = self.page(&Question::SyncAll { categories });
            let _ = self.page(&Question::Brands { category });
            for brand in catalogue.brands() {
                let _ = self.page(&Question::Models { brand: brand.id, category });
            }
        }
        catalogue.models().for_each(|(_, model)| {
            self.of_model(model.id);
        });
    }

    /// How much memory the pages made so far take, in bytes.
    pub fn bytes(&self) -> usize {
        let of_brands = self.models.values().flatten();
        let slots = self.brands.iter().chain(&self.sync_all).chain(of_brands);
        let pages: usize = slots.filter_map(OnceLock::get).map(Page::bytes).sum();
        pages + self.of_models.values().filter_map(OnceLock::get).map(ModelPages::bytes).sum::<usize>()
    }

    /// The pages of a model that stands; none for a merged model's id.
    fn of_model(&self, id: EntryId) -> Option<&ModelPages> {
        let slot = self.of_models.get(&id)?;
        let (brand, model) = self.catalogue.model(id)?;
        Some(slot.get_or_init(|| ModelPages::new(brand, model, self.catalogue.last_year())))
    }
}

fn kept(slot: &Slot, draw: impl FnOnce() -> Vec<u8>) -> Page {
    slot.get_or_init(|| Page::packed(draw().into())).clone()
}

fn filter(category: Option<VehicleCategory>) -> usize {
    category.map_or(0, |category| category as usize + 1)
}

/// Where the filter lets every model through, the page is the one without a filter.
fn models_filter(brand: &Brand, category: Option<VehicleCategory>) -> usize {
    let leaves_out =
        |category: &VehicleCategory| brand.models.iter().any(|model| !model.categories.has(*category));
    filter(category.filter(leaves_out))
}

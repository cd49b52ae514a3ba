//! What one would write first: names that are equal, and names that are alike.

use std::{collections::HashMap, num::NonZero, thread};

use veer::dictionary::{
    catalogue::{Brand, Catalogue, Categories, EntryId, Model},
    matching::labelled::Labelled,
};
use veer_contract::domain::{InsurerVehicle, VehicleCategory};

/// Less alike than this is not the same.
pub(crate) const ALIKE: f64 = 0.93;

/// Every name of the catalogue in small letters, and the models that have it.
pub(crate) struct Equality(HashMap<(String, String), Vec<(EntryId, Categories)>>);

/// Brand and model in one text, as the catalogue writes them and in Russian.
pub(crate) struct Likeness(Vec<(String, EntryId, Categories)>);

// === impl Equality ===

impl Equality {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let mut names: HashMap<_, Vec<_>> = HashMap::new();
        for (brand, model) in catalogue.models() {
            for of_brand in brand.names() {
                for name in model.names() {
                    let models = names.entry((of_brand.to_lowercase(), name.to_lowercase())).or_default();
                    if !models.contains(&(model.id, model.categories)) {
                        models.push((model.id, model.categories));
                    }
                }
            }
        }
        Self(names)
    }

    /// The only model of that name.
    pub(crate) fn entry(&self, row: &InsurerVehicle) -> Option<EntryId> {
        let models = self.0.get(&(row.brand.to_lowercase(), row.model.to_lowercase()))?;
        let mut fitting = models.iter().filter(|(_, categories)| fits(*categories, row.category));
        let (entry, _) = fitting.next()?;
        fitting.next().is_none().then_some(*entry)
    }
}

// === impl Likeness ===

impl Likeness {
    pub(crate) fn new(catalogue: &Catalogue) -> Self {
        let texts = catalogue
            .models()
            .flat_map(|(brand, model)| written(brand, model).map(|text| (text, model.id, model.categories)));
        Self(texts.collect())
    }

    /// For each name what is most like it. It takes millions of comparisons, so every processor helps.
    pub(crate) fn entries(&self, names: &[Labelled]) -> Vec<Option<EntryId>> {
        let threads = thread::available_parallelism().map_or(1, NonZero::get);
        let share = names.len().div_ceil(threads).max(1);
        let entries = |names: &[Labelled]| names.iter().map(|name| self.entry(&name.row)).collect::<Vec<_>>();
        thread::scope(|scope| {
            let parts: Vec<_> =
                names.chunks(share).map(|names| scope.spawn(move || entries(names))).collect();
            parts.into_iter().flat_map(|part| part.join().unwrap_or_default()).collect()
        })
    }

    fn entry(&self, row: &InsurerVehicle) -> Option<EntryId> {
        let text = format!("{} {}", row.brand, row.model).to_lowercase();
        let fitting = self.0.iter().filter(|(_, _, categories)| fits(*categories, row.category));
        let scored = fitting.map(|(name, entry, _)| (strsim::jaro_winkler(&text, name), *entry));
        let best = scored.max_by(|(one, _), (other, _)| one.total_cmp(other));
        best.filter(|(score, _)| *score >= ALIKE).map(|(_, entry)| entry)
    }
}

fn written<'c>(brand: &'c Brand, model: &'c Model) -> impl Iterator<Item = String> + use<'c> {
    let russian = model.name_ru.as_deref();
    let russian = russian.map(|name| (brand.name_ru.as_deref().unwrap_or(&brand.name), name));
    let names = std::iter::once((&*brand.name, &*model.name)).chain(russian);
    names.map(|(brand, model)| format!("{brand} {model}").to_lowercase())
}

fn fits(categories: Categories, category: Option<VehicleCategory>) -> bool {
    category.is_none_or(|category| categories.has(category))
}

//! The catalogue as it is served.

use std::collections::HashMap;

use super::{
    Categories, Engines, EntryId, Power, Years,
    records::{BrandRecord, ModelRecord, Records, SheetProblem},
};

/// A brand with its models.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Brand {
    /// Its id.
    pub id: EntryId,
    /// Its name.
    pub name: String,
    /// Its Russian name.
    pub name_ru: Option<String>,
    /// Its other names, and all names of brands that became part of it.
    pub also: Vec<String>,
    /// In which categories it has a model.
    pub categories: Categories,
    /// Its models, by name.
    pub models: Vec<Model>,
}

/// A model.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Model {
    /// Its id.
    pub id: EntryId,
    /// Its name, without the brand.
    pub name: String,
    /// Its Russian name.
    pub name_ru: Option<String>,
    /// Its other names, and all names of models that became part of it.
    pub also: Vec<String>,
    /// In which categories it is registered.
    pub categories: Categories,
    /// Its engine powers by year.
    pub engines: Engines,
    /// Its modifications, by name.
    pub modifications: Vec<Modification>,
}

/// A modification.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Modification {
    /// Its id.
    pub id: EntryId,
    /// Its name.
    pub name: String,
    /// When it was made.
    pub years: Years,
    /// With this engine power.
    pub power: Power,
}

/// All brands, and where each id leads.
#[derive(Debug, Clone, Default)]
pub struct Catalogue {
    brands: Vec<Brand>,
    places: HashMap<EntryId, Place>,
    last_year: i16,
}

/// What an id names. A merged entry's id names the one that it became.
#[derive(Debug, Clone, Copy)]
pub enum Entry<'a> {
    /// A brand.
    Brand(&'a Brand),
    /// A model of a brand.
    Model(&'a Brand, &'a Model),
    /// A modification of a model.
    Modification(&'a Brand, &'a Model, &'a Modification),
}

#[derive(Debug, Clone, Copy)]
struct Place {
    brand: usize,
    model: Option<usize>,
    modification: Option<usize>,
}

// === impl Catalogue ===

impl Catalogue {
    /// Builds the tree of records that keep the [rules](Records::problems); what is still made is made until
    /// `last_year`. Every record must have its id.
    pub fn build(records: &Records, last_year: i16) -> Result<Self, Vec<SheetProblem>> {
        let problems = records.problems();
        if problems.is_empty() { Ok(Self::of(records, last_year)) } else { Err(problems) }
    }

    /// The tree of records that were held against the rules before. Of others, what breaks a rule is left out.
    pub fn of(records: &Records, last_year: i16) -> Self {
        let brand_of: HashMap<EntryId, EntryId> =
            targets(records.brands.iter().map(|it| (it.id, it.merged_into)));
        let model_of: HashMap<EntryId, EntryId> =
            targets(records.models.iter().map(|it| (it.id, it.merged_into)));
        let mut modifications: HashMap<EntryId, Vec<Modification>> = HashMap::new();
        for record in &records.modifications {
            let Some(id) = record.id else { continue };
            let model = model_of.get(&record.model).copied().unwrap_or(record.model);
            let modification =
                Modification { id, name: record.name.clone(), years: record.years, power: record.power };
            modifications.entry(model).or_default().push(modification);
        }
        let mut merged_models: HashMap<EntryId, Vec<&ModelRecord>> = HashMap::new();
        for record in &records.models {
            if let Some(into) = record.merged_into {
                merged_models.entry(into).or_default().push(record);
            }
        }
        let mut models: HashMap<EntryId, Vec<Model>> = HashMap::new();
        for record in records.models.iter().filter(|record| record.merged_into.is_none()) {
            let Some(id) = record.id else { continue };
            let brand = brand_of.get(&record.brand).copied().unwrap_or(record.brand);
            let merged = merged_models.remove(&id).unwrap_or_default();
            let mut model = model(id, record, &merged);
            model.modifications = modifications.remove(&id).unwrap_or_default();
            model.modifications.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
            models.entry(brand).or_default().push(model);
        }
        let mut brands = Vec::new();
        for record in records.brands.iter().filter(|record| record.merged_into.is_none()) {
            let Some(id) = record.id else { continue };
            let merged = records.brands.iter().filter(|other| other.merged_into == Some(id));
            let mut models = models.remove(&id).unwrap_or_default();
            models.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
            brands.push(brand(id, record, merged, models));
        }
        brands.sort_by(|one, other| (&one.name, one.id).cmp(&(&other.name, other.id)));
        let mut catalogue = Self { places: HashMap::new(), brands, last_year };
        catalogue.index();
        let merged = brand_of.iter().chain(&model_of).filter(|(id, into)| id != into);
        for (id, into) in merged {
            if let Some(place) = catalogue.places.get(into).copied() {
                catalogue.places.insert(*id, place);
            }
        }
        catalogue
    }

    fn index(&mut self) {
        for (brand, entry) in self.brands.iter().enumerate() {
            self.places.insert(entry.id, Place { brand, model: None, modification: None });
            for (model, entry) in entry.models.iter().enumerate() {
                let model = Some(model);
                self.places.insert(entry.id, Place { brand, model, modification: None });
                for (modification, entry) in entry.modifications.iter().enumerate() {
                    let modification = Some(modification);
                    self.places.insert(entry.id, Place { brand, model, modification });
                }
            }
        }
    }

    /// The brands, by name.
    pub fn brands(&self) -> &[Brand] {
        &self.brands
    }

    /// The last year of what is still made.
    pub fn last_year(&self) -> i16 {
        self.last_year
    }

    /// What `id` names.
    pub fn entry(&self, id: EntryId) -> Option<Entry<'_>> {
        let place = self.places.get(&id)?;
        let brand = self.brands.get(place.brand)?;
        let Some(model) = place.model else { return Some(Entry::Brand(brand)) };
        let model = brand.models.get(model)?;
        let Some(modification) = place.modification else { return Some(Entry::Model(brand, model)) };
        Some(Entry::Modification(brand, model, model.modifications.get(modification)?))
    }

    /// The id under which what `id` names is listed; `id` itself where it names nothing.
    pub fn standing(&self, id: EntryId) -> EntryId {
        match self.entry(id) {
            Some(Entry::Brand(brand)) => brand.id,
            Some(Entry::Model(_, model)) => model.id,
            Some(Entry::Modification(_, _, modification)) => modification.id,
            None => id,
        }
    }

    /// The brand with that id.
    pub fn brand(&self, id: EntryId) -> Option<&Brand> {
        match self.entry(id)? {
            Entry::Brand(brand) => Some(brand),
            Entry::Model(..) | Entry::Modification(..) => None,
        }
    }

    /// The model with that id, and its brand.
    pub fn model(&self, id: EntryId) -> Option<(&Brand, &Model)> {
        match self.entry(id)? {
            Entry::Model(brand, model) => Some((brand, model)),
            Entry::Brand(_) | Entry::Modification(..) => None,
        }
    }

    /// Every model, with its brand.
    pub fn models(&self) -> impl Iterator<Item = (&Brand, &Model)> {
        self.brands.iter().flat_map(|brand| brand.models.iter().map(move |model| (brand, model)))
    }
}

/// What each id stands for now.
fn targets(entries: impl Iterator<Item = (Option<EntryId>, Option<EntryId>)>) -> HashMap<EntryId, EntryId> {
    entries.filter_map(|(id, into)| id.map(|id| (id, into.unwrap_or(id)))).collect()
}

fn brand<'a>(
    id: EntryId,
    record: &BrandRecord,
    merged: impl Iterator<Item = &'a BrandRecord>,
    models: Vec<Model>,
) -> Brand {
    let mut also = record.also.clone();
    for other in merged {
        also.extend(super::names(&other.name, &other.name_ru, &other.also).map(str::to_owned));
    }
    Brand {
        id,
        name: record.name.clone(),
        name_ru: some(&record.name_ru),
        also,
        categories: models.iter().fold(Categories::none(), |all, model| all.or(model.categories)),
        models,
    }
}

fn model(id: EntryId, record: &ModelRecord, merged: &[&ModelRecord]) -> Model {
    let mut also = record.also.clone();
    for other in merged {
        also.extend(super::names(&other.name, &other.name_ru, &other.also).map(str::to_owned));
    }
    Model {
        id,
        name: record.name.clone(),
        name_ru: some(&record.name_ru),
        also,
        categories: record.categories,
        engines: record.engines.clone(),
        modifications: Vec::new(),
    }
}

fn some(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

// === impl Brand ===

impl Brand {
    /// Every name that it goes by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        super::names(&self.name, self.name_ru.as_deref().unwrap_or_default(), &self.also)
    }
}

// === impl Model ===

impl Model {
    /// Every name that it goes by.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        super::names(&self.name, self.name_ru.as_deref().unwrap_or_default(), &self.also)
    }

    /// Its modifications of that year and power.
    pub fn modifications(&self, year: i16, power: Power) -> impl Iterator<Item = &Modification> {
        self.modifications.iter().filter(move |it| it.years.has(year) && it.power == power)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::catalogue::Sheets;

    #[test]
    fn a_merged_entry_is_not_listed_and_its_id_lives_on() {
        let sheets = Sheets {
            brands: "brand_id,name,name_ru,also,merged_into\n1,LADA,Лада,,\n2,ВАЗ,,VAZ,1\n".into(),
            models: "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n\
                     3,1,Granta,,B,,2011- 87,\n4,2,2190,,B,,2011- 87,3\n5,2,2107,,B,,1982-2012 74,\n"
                .into(),
            modifications: "modification_id,model_id,name,years,power\n6,4,1.6,2011-2015,87\n".into(),
        };
        let catalogue = Catalogue::build(&Records::read(&sheets).unwrap(), 2026).unwrap();
        let listed: Vec<u32> = catalogue.brands().iter().map(|brand| brand.id.0).collect();
        assert_eq!(listed, [1]);
        let lada = catalogue.brand(EntryId(2)).unwrap();
        assert_eq!(lada.names().collect::<Vec<_>>(), ["LADA", "Лада", "ВАЗ", "VAZ"]);
        let models: Vec<u32> = lada.models.iter().map(|model| model.id.0).collect();
        assert_eq!(models, [5, 3], "by name, the merged one not listed");
        let (_, granta) = catalogue.model(EntryId(4)).unwrap();
        assert_eq!(granta.id, EntryId(3));
        assert_eq!(granta.modifications(2012, "87".parse().unwrap()).count(), 1);
        assert!(catalogue.model(EntryId(1)).is_none() && catalogue.brand(EntryId(3)).is_none());
        assert!(matches!(catalogue.entry(EntryId(6)), Some(Entry::Modification(..))));
    }
}

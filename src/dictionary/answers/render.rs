//! From the catalogue to the bytes of an answer.

use serde::Serialize;
use veer_contract::domain::VehicleCategory;

use crate::{
    dictionary::catalogue::{Brand, Catalogue, Categories, EntryId, Model, Modification},
    partner::wire,
};

pub fn brands(catalogue: &Catalogue, category: Option<VehicleCategory>) -> Vec<u8> {
    let brands = catalogue.brands().iter().filter(|brand| passes(brand.categories, category));
    json(&wire::BrandsAnswer { brands: brands.map(Into::into).collect() })
}

pub fn models(asked: EntryId, brand: &Brand, category: Option<VehicleCategory>) -> Vec<u8> {
    let models = brand.models.iter().filter(|model| passes(model.categories, category));
    json(&wire::ModelsAnswer { brand_id: asked.to_string(), models: models.map(Into::into).collect() })
}

/// The years up to `last`; none without it.
pub fn years(asked: EntryId, brand: &Brand, model: &Model, last: Option<i16>) -> Vec<u8> {
    let years = last.into_iter().flat_map(|last| model.engines.years(last));
    json(&wire::YearsAnswer {
        brand_id: brand.id.to_string(),
        model_id: asked.to_string(),
        years: years.collect(),
    })
}

/// None behind `last`, though it may be made then as well.
pub fn powers(asked: EntryId, model: &Model, year: i16, last: i16) -> Vec<u8> {
    let powers = if year <= last { model.engines.powers(year) } else { &[] };
    json(&wire::PowersAnswer { model_id: asked.to_string(), powers, year })
}

pub fn modifications(modifications: &[&Modification]) -> Vec<u8> {
    let modifications = modifications.iter().map(|modification| (*modification).into());
    json(&wire::ModificationsAnswer { modifications: modifications.collect() })
}

/// Without a category: everything, brands without models among it.
pub fn sync_all(catalogue: &Catalogue, categories: Categories) -> Vec<u8> {
    let passes = |it: Categories| categories.is_empty() || it.meets(categories);
    let brands = catalogue.brands().iter().filter(|brand| passes(brand.categories));
    let brand = |brand| sync_brand(brand, passes, catalogue.last_year());
    json(&wire::SyncAllAnswer { brands: brands.map(brand).collect() })
}

fn sync_brand(brand: &Brand, passes: impl Fn(Categories) -> bool, last: i16) -> wire::VehicleBrand<'_> {
    let models = brand.models.iter().filter(|model| passes(model.categories));
    wire::VehicleBrand {
        brand_id: brand.id.to_string(),
        name: &brand.name,
        name_ru: brand.name_ru.as_deref(),
        models: models.map(|model| sync_model(model, last)).collect(),
    }
}

fn sync_model(model: &Model, last: i16) -> wire::VehicleModel<'_> {
    let year = |year| wire::ModelYear { year, engine_powers: model.engines.powers(year) };
    wire::VehicleModel {
        model_id: model.id.to_string(),
        name: &model.name,
        name_ru: model.name_ru.as_deref(),
        vehicle_types: model.categories,
        years: model.engines.years(last).map(year).collect(),
    }
}

fn passes(categories: Categories, category: Option<VehicleCategory>) -> bool {
    category.is_none_or(|category| categories.has(category))
}

/// Answers are plain structures with text keys, which always have a JSON form.
fn json(answer: &impl Serialize) -> Vec<u8> {
    let mut bytes = serde_json::to_vec(answer).expect("a structure with text keys has a JSON form");
    // It is kept for as long as the version is served.
    bytes.shrink_to_fit();
    bytes
}

//! The dictionary whole: brands, models, years, engine powers.

use serde::Serialize;
use utoipa::ToSchema;

use super::{Horsepower, VehicleCategory, dictionary_letters::letters};
use crate::dictionary::catalogue::{Categories, Power};

/// The unified dictionary from brands to engine powers.
#[derive(Serialize, ToSchema)]
pub struct SyncAllAnswer<'a> {
    /// The brands, by name.
    pub brands: Vec<VehicleBrand<'a>>,
}

/// A brand with its models.
#[derive(Serialize, ToSchema)]
pub struct VehicleBrand<'a> {
    /// Its id.
    pub brand_id: String,
    /// Its name.
    pub name: &'a str,
    /// Its Russian name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<&'a str>,
    /// Its models, by name.
    #[schema(inline)]
    pub models: Vec<VehicleModel<'a>>,
}

/// A model with its years.
#[derive(Serialize, ToSchema)]
pub struct VehicleModel<'a> {
    /// Its id.
    pub model_id: String,
    /// Its name, without the brand.
    pub name: &'a str,
    /// Its Russian name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<&'a str>,
    /// All categories in which it is registered, whichever were asked for. Their name is in the plural
    /// here, as documented.
    #[serde(serialize_with = "letters")]
    #[schema(value_type = Vec<VehicleCategory>)]
    pub vehicle_types: Categories,
    /// The years in which it was made, ascending.
    #[schema(inline)]
    pub years: Vec<ModelYear<'a>>,
}

/// A year with its engine powers.
#[derive(Serialize, ToSchema)]
pub struct ModelYear<'a> {
    /// The year.
    pub year: i16,
    /// Horsepower, ascending.
    #[schema(inline, value_type = Vec<Horsepower>)]
    pub engine_powers: &'a [Power],
}

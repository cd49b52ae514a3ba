//! The dictionary's models of one brand.

use serde::Serialize;
use utoipa::ToSchema;

use super::{VehicleCategory, dictionary_letters::letters};
use crate::dictionary::catalogue::{Categories, Model};

/// A brand's models, by name.
#[derive(Serialize, ToSchema)]
pub struct ModelsAnswer<'a> {
    /// The brand's id, as it was asked for.
    pub brand_id: String,
    /// The models.
    #[schema(inline)]
    pub models: Vec<ListedModel<'a>>,
}

/// A model in a list.
#[derive(Serialize, ToSchema)]
pub struct ListedModel<'a> {
    /// Its id.
    pub model_id: String,
    /// Its name, without the brand.
    pub name: &'a str,
    /// Its Russian name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<&'a str>,
    /// The categories in which it is registered. Their name is in the singular here, as documented.
    #[serde(serialize_with = "letters")]
    #[schema(required = false, value_type = Vec<VehicleCategory>)]
    pub vehicle_type: Categories,
}

// === impl ListedModel ===

impl<'a> From<&'a Model> for ListedModel<'a> {
    fn from(model: &'a Model) -> Self {
        Self {
            model_id: model.id.to_string(),
            name: &model.name,
            name_ru: model.name_ru.as_deref(),
            vehicle_type: model.categories,
        }
    }
}

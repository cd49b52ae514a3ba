//! Entries of the unified vehicle dictionary, as a vehicle names them.

use serde::Serialize;
use utoipa::ToSchema;
use veer_contract::domain::Named;

use crate::partner::fields::Fields;

/// A brand.
#[derive(Serialize, ToSchema)]
pub struct BrandInfo {
    /// Its id in the unified dictionary.
    pub brand_id: String,
    /// Its name.
    pub name: String,
    /// Its Russian name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<String>,
}

/// A model.
#[derive(Serialize, ToSchema)]
pub struct ModelInfo {
    /// Its id in the unified dictionary.
    pub model_id: String,
    /// Its name.
    pub name: String,
    /// Its Russian name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<String>,
}

/// A modification.
#[derive(Serialize, ToSchema)]
pub struct ModificationInfo {
    /// Its id in the unified dictionary.
    pub modification_id: String,
    /// Its name.
    pub name: String,
}

// === impl BrandInfo, ModelInfo, ModificationInfo ===

impl BrandInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            brand_id: fields.text("brand_id"),
            name: fields.text("name"),
            name_ru: fields.optional_text("name_ru"),
        }
    }
}

impl ModelInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            model_id: fields.text("model_id"),
            name: fields.text("name"),
            name_ru: fields.optional_text("name_ru"),
        }
    }
}

impl ModificationInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self { modification_id: fields.text("modification_id"), name: fields.text("name") }
    }
}

impl From<&Named> for BrandInfo {
    fn from(brand: &Named) -> Self {
        Self { brand_id: brand.id.clone(), name: brand.name.clone(), name_ru: brand.name_ru.clone() }
    }
}

impl From<&Named> for ModelInfo {
    fn from(model: &Named) -> Self {
        Self { model_id: model.id.clone(), name: model.name.clone(), name_ru: model.name_ru.clone() }
    }
}

impl From<&Named> for ModificationInfo {
    fn from(modification: &Named) -> Self {
        Self { modification_id: modification.id.clone(), name: modification.name.clone() }
    }
}

//! Entries of the unified vehicle dictionary, as a request names them.

use utoipa::ToSchema;

use crate::partner::fields::Fields;

/// A brand.
#[derive(ToSchema)]
pub struct BrandInfo {
    /// Its id in the unified dictionary.
    pub brand_id: String,
    /// Its name.
    pub name: String,
    /// Its Russian name.
    pub name_ru: Option<String>,
}

/// A model.
#[derive(ToSchema)]
pub struct ModelInfo {
    /// Its id in the unified dictionary.
    pub model_id: String,
    /// Its name.
    pub name: String,
    /// Its Russian name.
    pub name_ru: Option<String>,
}

/// A modification.
#[derive(ToSchema)]
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

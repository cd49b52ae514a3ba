//! The dictionary's brands.

use serde::Serialize;
use utoipa::ToSchema;

use super::BrandInfo;
use crate::dictionary::catalogue::Brand;

/// Brands of the unified dictionary, by name.
#[derive(Serialize, ToSchema)]
pub struct BrandsAnswer<'a> {
    /// The brands.
    #[schema(value_type = Vec<BrandInfo>)]
    pub brands: Vec<ListedBrand<'a>>,
}

/// A brand in a list; [`BrandInfo`] as it is sent.
#[derive(Serialize)]
pub struct ListedBrand<'a> {
    /// Its id.
    pub brand_id: String,
    /// Its name.
    pub name: &'a str,
    /// Its Russian name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name_ru: Option<&'a str>,
}

// === impl ListedBrand ===

impl<'a> From<&'a Brand> for ListedBrand<'a> {
    fn from(brand: &'a Brand) -> Self {
        Self { brand_id: brand.id.to_string(), name: &brand.name, name_ru: brand.name_ru.as_deref() }
    }
}

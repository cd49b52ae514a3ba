//! The dictionary's years of one model.

use serde::Serialize;
use utoipa::ToSchema;

/// The years in which a model was made.
#[derive(Serialize, ToSchema)]
pub struct YearsAnswer {
    /// The id of the model's brand.
    #[schema(required = false)]
    pub brand_id: String,
    /// The model's id, as it was asked for.
    pub model_id: String,
    /// Ascending; none where the model is not registered in the category.
    pub years: Vec<i16>,
}

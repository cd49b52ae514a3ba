//! The dictionary's engine powers of one model and year.

use serde::Serialize;
use utoipa::ToSchema;

use crate::dictionary::catalogue::Power;

/// The engine powers that a model was made with in one year.
#[derive(Serialize, ToSchema)]
pub struct PowersAnswer<'a> {
    /// The model's id, as it was asked for.
    pub model_id: String,
    /// Ascending; none where the model was not made in that year.
    #[schema(inline, value_type = Vec<Horsepower>)]
    pub powers: &'a [Power],
    /// The year.
    pub year: i16,
}

/// An engine's power in horsepower. It only describes the answer.
#[derive(ToSchema)]
#[schema(value_type = f64, minimum = 0)]
pub struct Horsepower(#[expect(dead_code, reason = "powers are sent as they are")] Power);

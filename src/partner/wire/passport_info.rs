//! A passport.

use jiff::civil::Date;
use utoipa::ToSchema;

use crate::partner::fields::Fields;

/// A passport.
#[derive(ToSchema)]
pub struct PassportInfo {
    /// Series.
    pub series: String,
    /// Number.
    pub number: String,
    /// Issue date.
    #[schema(value_type = String, format = Date)]
    pub issue_date: Date,
    /// Who issued it.
    pub issuer: Option<String>,
    /// The issuing unit's code.
    #[schema(examples("770-001"))]
    pub subdivision: Option<String>,
}

// === impl PassportInfo ===

impl PassportInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            series: fields.text("series"),
            number: fields.text("number"),
            issue_date: fields.date("issue_date"),
            issuer: fields.optional_text("issuer"),
            subdivision: fields.optional_text("subdivision"),
        }
    }
}

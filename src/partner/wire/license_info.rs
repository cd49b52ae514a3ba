//! Driving licences.

use jiff::civil::Date;
use utoipa::ToSchema;

use crate::partner::fields::Fields;

/// A driving licence.
#[derive(ToSchema)]
pub struct LicenseInfo {
    /// Series; may be empty on a foreign licence, many of which have none.
    pub series: String,
    /// Number.
    pub number: String,
    /// Issue date, or the date driving experience starts.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
}

/// A licence under an earlier name.
#[derive(ToSchema)]
pub struct PreviousLicenseInfo {
    /// Фамилия then.
    pub last_name: String,
    /// Имя then.
    pub first_name: String,
    /// Отчество then.
    pub middle_name: Option<String>,
    /// The licence then.
    pub license: LicenseInfo,
}

// === impl LicenseInfo ===

impl LicenseInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self { series: fields.text("series"), number: fields.text("number"), date: fields.date("date") }
    }

    pub(super) fn read_foreign(fields: &mut Fields<'_>) -> Self {
        let series = fields.text_or_empty("series");
        Self { series, number: fields.text("number"), date: fields.date("date") }
    }
}

// === impl PreviousLicenseInfo ===

impl PreviousLicenseInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            last_name: fields.text("last_name"),
            first_name: fields.text("first_name"),
            middle_name: fields.optional_text("middle_name"),
            // The earlier licence may have been a foreign one.
            license: fields.object("license", LicenseInfo::read_foreign),
        }
    }
}

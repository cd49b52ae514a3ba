//! Who may drive.

use utoipa::ToSchema;

use super::PersonInfo;
use crate::partner::fields::Fields;

/// Who may drive.
#[derive(ToSchema)]
pub struct DriversInfo {
    /// Anybody may.
    pub is_unlimited_drivers: bool,
    /// These may; empty or absent where anybody may.
    pub drivers: Vec<PersonInfo>,
}

// === impl DriversInfo ===

impl DriversInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        let is_unlimited_drivers = fields.flag("is_unlimited_drivers");
        if is_unlimited_drivers {
            let drivers = fields.optional_list("drivers", PersonInfo::read);
            return Self { is_unlimited_drivers, drivers };
        }
        let before = fields.wrong_so_far();
        let drivers = fields.list("drivers", PersonInfo::read_driver);
        if drivers.is_empty() && fields.wrong_so_far() == before {
            fields.wrong(
                "drivers",
                "must name at least one driver; where anybody may drive, set is_unlimited_drivers to true",
            );
        }
        Self { is_unlimited_drivers, drivers }
    }
}

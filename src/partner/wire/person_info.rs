//! A person: driver, owner or policyholder.

use jiff::civil::Date;
use utoipa::ToSchema;

use super::{AddressInfo, ContactInfo, LicenseInfo, PassportInfo, PreviousLicenseInfo};
use crate::partner::fields::Fields;

/// A driver, the owner or the policyholder.
#[derive(ToSchema)]
pub struct PersonInfo {
    /// Фамилия.
    pub last_name: String,
    /// Имя.
    pub first_name: String,
    /// Отчество.
    pub middle_name: Option<String>,
    /// Birth date.
    #[schema(value_type = String, format = Date)]
    pub birth_date: Date,
    /// Russian licence; a driver may leave it out where foreign_license is given.
    pub license: Option<LicenseInfo>,
    /// Foreign licence; a driver needs it where there is no Russian one.
    pub foreign_license: Option<LicenseInfo>,
    /// Licence under an earlier name.
    pub previous_license: Option<PreviousLicenseInfo>,
    /// Passport.
    pub passport: Option<PassportInfo>,
    /// Addresses.
    #[schema(required = false)]
    pub addresses: Vec<AddressInfo>,
    /// Phone and e-mail.
    pub contact: Option<ContactInfo>,
}

// === impl PersonInfo ===

impl PersonInfo {
    /// A person who need not drive.
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self {
            last_name: fields.text("last_name"),
            first_name: fields.text("first_name"),
            middle_name: fields.optional_text("middle_name"),
            birth_date: fields.date("birth_date"),
            license: fields.optional_object("license", LicenseInfo::read),
            foreign_license: fields.optional_object("foreign_license", LicenseInfo::read_foreign),
            previous_license: fields.optional_object("previous_license", PreviousLicenseInfo::read),
            passport: fields.optional_object("passport", PassportInfo::read),
            addresses: fields.optional_list("addresses", AddressInfo::read),
            contact: fields.optional_object("contact", ContactInfo::read),
        }
    }

    /// A named driver, who needs a licence.
    pub(super) fn read_driver(fields: &mut Fields<'_>) -> Self {
        if !fields.has("license") && !fields.has("foreign_license") {
            fields.wrong(
                "license",
                "is required for a named driver; without a Russian licence send foreign_license",
            );
        }
        Self::read(fields)
    }
}

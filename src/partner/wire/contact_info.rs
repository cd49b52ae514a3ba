//! How to reach a person.

use utoipa::ToSchema;

use crate::partner::fields::Fields;

/// Phone and e-mail.
#[derive(ToSchema)]
pub struct ContactInfo {
    /// Phone with its country code; 8, +7 and punctuation are understood.
    #[schema(examples("79161234567"))]
    pub phone: String,
    /// E-mail; the domain may be internationalised.
    #[schema(examples("user@Пример.com"))]
    pub email: String,
}

// === impl ContactInfo ===

impl ContactInfo {
    pub(super) fn read(fields: &mut Fields<'_>) -> Self {
        Self { phone: fields.phone("phone"), email: fields.email("email") }
    }
}

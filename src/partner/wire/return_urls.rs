//! Where a payment page sends the user back to.

use utoipa::ToSchema;

use crate::partner::fields::Fields;

/// Where a payment page sends the user back to; internationalised hosts are understood.
#[derive(ToSchema)]
pub struct ReturnUrls {
    /// After payment.
    pub success_url: String,
    /// After a failure.
    pub failure_url: String,
}

// === impl ReturnUrls ===

impl ReturnUrls {
    pub(in crate::partner) fn read(fields: &mut Fields<'_>) -> Self {
        Self { success_url: fields.url("success_url"), failure_url: fields.url("failure_url") }
    }
}

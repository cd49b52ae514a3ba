//! A company by its code: the aggregator itself, or an offer's insurer.

use serde::Serialize;
use utoipa::ToSchema;

/// A company.
#[derive(Debug, Clone, Copy, Serialize, ToSchema)]
pub struct PartnerInfo<'a> {
    /// Its code at the partner.
    pub code: i64,
    /// Its name.
    pub name: &'a str,
    /// Its logo.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(examples("//partner.ru/ugc/logo_135x85.gif"))]
    pub logo_url: Option<&'a str>,
}

//! What the front door works with.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::{PartnerRender, body::BodyLimits, credentials::Accounts, error::ApiError, relay::Relay};
use crate::{
    calculation::Calculations,
    dictionary::{Dictionary, VehicleLookUp},
    offers::{Offers, links::FileLinks},
};

/// Built once, before the server starts its workers, and shared by all of them.
pub struct PartnerState {
    /// Where calculations go and come from.
    pub calculations: Calculations,
    /// What becomes of offers.
    pub offers: Offers,
    /// Writes offers.
    pub render: PartnerRender,
    /// Checks the addresses of files.
    pub links: FileLinks,
    /// The vehicle dictionary.
    pub dictionary: Dictionary,
    /// Knows vehicles by their numbers.
    pub look_up: VehicleLookUp,
    /// Who may come in.
    pub accounts: Accounts,
    /// How much of a body is read, and for how long.
    pub limits: BodyLimits,
    /// The way to the other replicas; none where there can be none.
    pub relay: Option<Relay>,
}

// === impl PartnerState ===

impl PartnerState {
    /// The account that asks.
    pub(super) fn account(&self, request: &HttpRequest) -> Result<&Arc<str>, ApiError> {
        self.accounts.identify(request.headers()).ok_or(ApiError::Forbidden)
    }
}

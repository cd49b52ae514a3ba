//! After the quote: final price, confirmation, payment, draft, policy, and the sale confirmed to the partner.
//!
//! ```text
//! GET  /osago/offer ──► finalise ──┐
//! POST /osago/offer ──► confirm ───┼─► errand ──► upstream::driver
//! GET  …/draft, …/policy ──► files ┤      │
//! the insurer's own call ──► hint  │      ▼
//!                            payment ──► desk: board, rows, answer ──► the next errand
//!                                          │
//!                                          └─► sales (outbox, in the payment's own transaction)
//! ```
//!
//! | module | what it does |
//! |---|---|
//! | `desk` | one change of one offer: made, durable, then shown |
//! | `errand` | one operation about one offer, from its first call or from where it was cut off |
//! | `kept`, `row`, `notebook` | how far it is in the store: read, written, written while it runs |
//! | `trail` | the way it has gone, and where a next try goes on |
//! | `under_way` | one of a kind an offer at a time |
//! | `finalise` | the final price |
//! | [`selection`] | which cross-sales may be taken together |
//! | [`confirm`] | the user takes the offer: the payment link |
//! | `decision`, `outcome` | what a confirmation comes to, and what its end means |
//! | `payment` | whether it is paid: asked patiently, and at once when the insurer calls |
//! | `policy`, `files` | the policy and the draft, fetched once and kept |
//! | [`links`] | addresses of files that a browser can open |
//! | `expiry` | offers that nobody took in time |
//! | `resume` | after a restart |
//! | [`callback`] | an insurer's own call |
//! | [`sales`] | the outbox of sales, and the partner's `/confirm` |
//! | `shown` | an offer as the partner is shown it |
//! | `error` | why a request about an offer comes to nothing |
//! | `message` | what users are told |
//!
//! The states and their moves are [`calculation::moves`](crate::calculation::moves).

pub mod callback;
pub mod confirm;
mod decision;
mod desk;
mod errand;
mod error;
mod expiry;
mod files;
mod finalise;
mod kept;
pub mod links;
mod message;
mod notebook;
mod outcome;
mod payment;
mod policy;
mod resume;
mod row;
pub mod sales;
pub mod selection;
mod shown;
mod trail;
mod under_way;

use std::sync::Arc;

use dashmap::DashMap;
use tokio::sync::Notify;
use veer_contract::OperationKind;

pub use confirm::Wish;
pub use error::{OfferError, Refusal};
pub use files::FileAnswer;
pub use shown::Shown;

use crate::{
    calculation::{Calculations, Services},
    config::OffersConfig,
    store::OfferKey,
};

/// The offers of this gateway after their quote. Cheap to clone.
#[derive(Clone)]
pub struct Offers(Arc<Inner>);

struct Inner {
    calculations: Calculations,
    config: OffersConfig,
    /// Operations under way: one of a kind an offer.
    under_way: DashMap<(OfferKey, OperationKind), ()>,
    /// Those who wait for payments, to be woken.
    hints: DashMap<OfferKey, Arc<Notify>>,
    /// When a file was last asked for in vain.
    in_vain: moka::sync::Cache<(OfferKey, OperationKind), ()>,
    /// Told when a sale was written down.
    sold: Arc<Notify>,
}

// === impl Offers ===

impl Offers {
    /// Offers of `calculations`. `sold` is told of every sale.
    pub fn new(calculations: Calculations, config: OffersConfig, sold: Arc<Notify>) -> Self {
        let in_vain =
            moka::sync::Cache::builder().max_capacity(100_000).time_to_live(files::PAUSE_IN_VAIN).build();
        Self(Arc::new(Inner {
            calculations,
            config,
            under_way: DashMap::new(),
            hints: DashMap::new(),
            in_vain,
            sold,
        }))
    }

    fn services(&self) -> &Arc<Services> {
        self.0.calculations.services()
    }

    fn config(&self) -> &OffersConfig {
        &self.0.config
    }
}

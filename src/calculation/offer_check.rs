//! Every offer is looked at before it is shown: a price far outside the tariff is a mistake of reading
//! (kopecks for roubles, a thousands separator), not a bargain.

use veer_contract::domain::{Kopecks, Offer};

use crate::config::UpstreamConfig;

/// Why an offer is not shown.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferProblem {
    /// The price.
    #[error("the price of {price} roubles is outside upstream.offer_range ({min} to {max})")]
    Price {
        /// What it says.
        price: Kopecks,
        /// The least.
        min: Kopecks,
        /// The most.
        max: Kopecks,
    },
    /// A cross-sale's price.
    #[error("an option of a cross-sale has the negative price {0}")]
    CrossSalePrice(Kopecks),
    /// Two options of a cross-sale share an id.
    #[error("two options of one cross-sale have the id {0}")]
    OptionTwice(i64),
}

/// Looks at `offer`.
pub fn check(offer: &Offer, config: &UpstreamConfig) -> Result<(), OfferProblem> {
    let (price, range) = (offer.premium.amount(), &config.offer_range);
    if price < range.min_price || price > range.max_price {
        return Err(OfferProblem::Price { price, min: range.min_price, max: range.max_price });
    }
    for cross_sale in &offer.cross_sales {
        let mut seen = std::collections::BTreeSet::new();
        for option in &cross_sale.options {
            if option.price < Kopecks::ZERO {
                return Err(OfferProblem::CrossSalePrice(option.price));
            }
            if !seen.insert(option.id) {
                return Err(OfferProblem::OptionTwice(option.id));
            }
        }
    }
    Ok(())
}

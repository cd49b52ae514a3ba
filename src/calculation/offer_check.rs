//! Every offer is looked at before it is shown: a price far outside the tariff is a mistake of reading
//! (kopecks for roubles, a thousands separator), not a bargain.

use veer_contract::domain::{Kopecks, Offer};

use crate::{config::UpstreamConfig, upstream::NoCompany};

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
    /// It is of a company that the manifest does not name.
    #[error("the adapter's manifest has no company `{0}`; add it to `[companies]` there")]
    UnknownCompany(String),
    /// It is of a company that the operator has switched off.
    #[error(
        "the company `{0}` is switched off by its `enabled = false`, and the adapter offered it all the same"
    )]
    SwitchedOff(String),
}

/// An offer is of a company that is not offered here. Of the company's code only what looks like one is told:
/// whatever stands there comes from the insurer's reply.
pub fn company(offer: &Offer, why: NoCompany) -> OfferProblem {
    let code = offer.company.as_deref().unwrap_or_default();
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
    let shown = if code.len() <= 40 && code.bytes().all(is_plain) { code } else { "…" };
    match why {
        NoCompany::Unknown => OfferProblem::UnknownCompany(shown.to_owned()),
        NoCompany::SwitchedOff => OfferProblem::SwitchedOff(shown.to_owned()),
    }
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

#[cfg(test)]
mod tests {
    use veer_contract::domain::{OfferRef, Premium};

    use super::*;

    #[test]
    fn of_an_unknown_company_only_what_looks_like_a_code_is_told() {
        let of = |company: &str| {
            let premium = Premium::Final(Kopecks::from_roubles(1));
            let offer =
                Offer { company: Some(company.into()), ..Offer::priced("a", OfferRef::default(), premium) };
            self::company(&offer, NoCompany::Unknown).to_string()
        };
        assert!(of("alfa-2").contains("`alfa-2`"));
        for odd in ["Иванов Иван", "a b", &"x".repeat(41)] {
            assert!(of(odd).contains("`…`"), "{odd}");
        }
    }
}

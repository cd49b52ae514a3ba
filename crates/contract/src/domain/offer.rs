//! What an insurer offers.

use serde::{Deserialize, Serialize};

use super::{Coefficients, CrossSale, Kopecks};

/// One offer. Emitted again under the same key, it replaces the earlier one.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Offer {
    /// Tells several offers of one conversation apart; an insurer with one offer uses any constant.
    pub key: String,
    /// What the insurer calls it, for every later operation.
    pub reference: OfferRef,
    /// The price of the policy without cross-sales.
    pub premium: Premium,
    /// What the price was made of, for the policy as a whole.
    pub coefficients: Coefficients,
    /// What differs by driver, in the order of the request's drivers; empty where the insurer does not
    /// say.
    pub driver_coefficients: Vec<Coefficients>,
    /// It prolongs a policy of the same insurer.
    pub is_prolongation: bool,
    /// It prolongs another insurer's policy.
    pub is_external_prolongation: bool,
    /// It goes to the reinsurance pool: every cross-sale is mandatory.
    pub is_reinsurance_pool: Option<bool>,
    /// Whose offer it is, where an aggregator hands on offers of several insurers: a key of the manifest's
    /// [`companies`](crate::Manifest::companies).
    #[serde(default)]
    pub company: Option<String>,
    /// What the user should know; Russian.
    pub message: Option<String>,
    /// Other insurances that can or must be bought with it.
    pub cross_sales: Vec<CrossSale>,
}

/// A price, and how firm it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Premium {
    /// The insurer may still change it after its checks.
    Preliminary(Kopecks),
    /// The insurer sells at this price.
    Final(Kopecks),
}

/// What an insurer calls its offer: the adapter's own names and values.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct OfferRef(pub std::collections::BTreeMap<String, String>);

impl Premium {
    /// The amount.
    pub const fn amount(self) -> Kopecks {
        match self {
            Premium::Preliminary(amount) | Premium::Final(amount) => amount,
        }
    }
}

impl Offer {
    /// An offer with a reference and a price and nothing else.
    pub fn priced(key: &str, reference: OfferRef, premium: Premium) -> Self {
        Self {
            key: key.into(),
            reference,
            premium,
            coefficients: Coefficients::default(),
            driver_coefficients: Vec::new(),
            is_prolongation: false,
            is_external_prolongation: false,
            is_reinsurance_pool: None,
            company: None,
            message: None,
            cross_sales: Vec::new(),
        }
    }
}

impl OfferRef {
    /// One name and its value.
    pub fn of(name: &str, value: impl Into<String>) -> Self {
        Self([(name.to_owned(), value.into())].into())
    }

    /// The value of `name`; empty where it is not there.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

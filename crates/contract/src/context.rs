//! All that an adapter may know about the world, besides its input.

use std::{collections::BTreeMap, time::Duration};

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

/// Values, not services: no clock, no randomness and no I/O stands behind any of them, so a fixture can
/// give them exactly.
pub struct Context<'a> {
    /// What is left of the budget.
    pub remaining: Duration,
    /// Today in Moscow, whose time every insurer uses.
    pub today: Date,
    /// A fresh UUID. Keep in the state what must stay the same after a restart.
    pub new_id: &'a dyn Fn() -> String,
    /// The vehicle in the insurer's own codes.
    pub vehicle: &'a VehicleCodes,
    /// The account's settings that are no secrets, as the manifest names them.
    pub settings: &'a Settings,
}

/// A vehicle in one insurer's own dictionary.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct VehicleCodes {
    /// The brand as the insurer writes it.
    pub brand: String,
    /// The model as the insurer writes it.
    pub model: String,
    /// The insurer's code of the brand, where it has codes of brands.
    pub brand_code: Option<String>,
    /// The insurer's code of the model, where it has codes.
    pub code: Option<String>,
}

/// The settings of one account at one insurer: every name of the manifest's schema is there, with the
/// manifest's default where the operator set nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Settings(pub BTreeMap<String, String>);

impl Settings {
    /// The setting `name`; empty where the manifest does not declare it.
    pub fn get(&self, name: &str) -> &str {
        self.0.get(name).map_or("", String::as_str)
    }
}

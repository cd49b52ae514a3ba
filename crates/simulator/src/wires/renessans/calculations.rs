//! Calculations that were created and are polled for.

use jiff::civil::Date;

use crate::{
    company::{Price, Refusal},
    recent::Recent,
    risk::RiskId,
    sale::Wait,
};

/// One calculation.
#[derive(Clone, Copy)]
pub(super) struct Calculation {
    pub(super) risk: RiskId,
    /// First day of the policy.
    pub(super) start: Date,
    /// What it will come to,
    pub(super) result: Result<Price, Refusal>,
    /// and when.
    pub(super) wait: Wait,
    /// Whether КБМ was asked for.
    pub(super) full: bool,
}

/// The calculations of one insurer by number.
pub(super) type Calculations = Recent<u64, Calculation>;

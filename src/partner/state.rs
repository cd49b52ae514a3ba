//! What the front door works with.

use super::{body::BodyLimits, credentials::Accounts};
use crate::calculation::Calculations;

/// Built once, before the server starts its workers, and shared by all of them.
pub struct PartnerState {
    /// Where calculations go and come from.
    pub calculations: Calculations,
    /// Who may come in.
    pub accounts: Accounts,
    /// How much of a body is read, and for how long.
    pub limits: BodyLimits,
}

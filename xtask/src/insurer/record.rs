//! `cargo xtask insurer record <code> …`: an insurer's own words as fixtures.

use crate::run::{self, cargo};

/// Runs `veer record`, which has the real driver.
pub(super) fn run(more: &[&str]) -> Result<(), String> {
    run::passing(cargo(&[&["run", "--quiet", "--", "record"], more].concat()))
}

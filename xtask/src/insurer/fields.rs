//! `cargo xtask insurer fields`: which insurer needs which field of the partner's request, into
//! `docs/INSURER-FIELDS.md`.

use crate::run::{self, cargo};

/// Writes the page; the test that keeps it current does the work.
pub(super) fn run() -> Result<(), String> {
    let mut test = cargo(&["test", "--quiet", "--package", "veer-insurers", "--test", "fields"]);
    test.env("VEER_WRITE", "1");
    run::passing(test)
}

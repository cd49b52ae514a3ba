//! `cargo xtask insurer fields`: writes `docs/INSURER-FIELDS.md`, which tells which insurer needs which field of the
//! partner's request, and `insurers/README.md`, which lists the insurers.
//!
//! The pages are written by the tests that keep them current, so this command needs neither adapters nor kit.

use crate::run;

/// Says to those tests that they are to write.
const WRITE: &str = "VEER_WRITE";

/// Writes the pages.
pub(super) fn run() -> Result<(), String> {
    let mut test = run::cargo(&["test", "--package", "veer-insurers", "--test", "fields", "--test", "list"]);
    test.env(WRITE, "1");
    run::passing(test)
}

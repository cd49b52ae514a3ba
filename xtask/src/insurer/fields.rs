//! `cargo xtask insurer fields`: writes `docs/INSURER-FIELDS.md`, which tells which insurer needs which field of the
//! partner's request.
//!
//! The page is written by the test that keeps it current, so this command needs neither adapters nor kit.

use crate::run;

/// Says to that test that it is to write the page.
const WRITE: &str = "VEER_WRITE";

/// Writes the page.
pub(crate) fn run() -> Result<(), String> {
    let mut test = run::cargo(&["test", "--package", "veer-insurers", "--test", "fields"]);
    test.env(WRITE, "1");
    run::passing(test)
}

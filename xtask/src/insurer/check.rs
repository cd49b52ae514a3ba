//! `cargo xtask insurer check <code>`: the kit for one insurer, while it is being written.

use crate::run::{self, cargo};

/// Runs the kit's test for that insurer alone.
pub(super) fn run(code: &str) -> Result<(), String> {
    let mut test =
        cargo(&["test", "--quiet", "--package", "veer-insurers", "--test", "kit", "--", "the_kit"]);
    test.env("VEER_INSURER", code).env("RUST_BACKTRACE", "0");
    run::passing(test)
}

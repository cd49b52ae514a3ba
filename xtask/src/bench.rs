//! `cargo xtask bench`: the gateway beside a bare client, in one run.

use crate::run;

/// Runs the bench with its data file.
pub(crate) fn run() -> Result<(), String> {
    run::passing(run::cargo(&[
        "bench",
        "--package",
        "veer",
        "--bench",
        "gateway",
        "--",
        "benches/gateway.toml",
    ]))
}

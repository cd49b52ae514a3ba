//! `cargo xtask bench`: what the gateway costs beside something simpler, in one run.

use crate::run;

/// A bench and its data file.
pub(crate) type Bench = (&'static str, &'static str);

/// The gateway beside a bare client.
pub(crate) const GATEWAY: Bench = ("gateway", "benches/gateway.toml");
/// The dictionary: how well names are mapped, and its answers beside a fixed body.
pub(crate) const DICTIONARY: Bench = ("dictionary", "benches/dictionary.toml");

/// Runs a bench with its data file.
pub(crate) fn run((name, data): Bench) -> Result<(), String> {
    run::passing(run::cargo(&["bench", "--package", "veer", "--bench", name, "--", data]))
}

//! `cargo xtask test`: all tests of the workspace.

use crate::{debian, run};

/// Runs them with cargo-nextest where it is installed, which runs them side by side; its blind spot, the
/// examples in documentation, is run by cargo itself.
pub(crate) fn run() -> Result<(), String> {
    debian::bring_what_is_missing()?;
    if run::reading(run::cargo(&["nextest", "--version"])).is_ok() {
        run::passing(run::cargo(&["nextest", "run", "--workspace"]))?;
        run::passing(run::cargo(&["test", "--workspace", "--doc"]))
    } else {
        run::passing(run::cargo(&["test", "--workspace"]))
    }
}

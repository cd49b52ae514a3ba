//! `cargo xtask insurer check <code>`: the kit for one insurer, while it is being written.

use crate::run::{self, cargo};

/// Runs that insurer's test alone.
pub(super) fn run(code: &str) -> Result<(), String> {
    let kit = ["test", "--quiet", "--package", "veer-insurers", "--test", "kit", "--"];
    let mut list = cargo(&kit);
    list.arg("--list");
    if !run::reading(list)?.lines().any(|line| line == format!("{code}: test")) {
        return Err(format!("insurers/lib.rs has no line for `{code}`"));
    }
    let mut test = cargo(&kit);
    test.args(["--exact", code]).env("RUST_BACKTRACE", "0");
    run::passing(test)
}

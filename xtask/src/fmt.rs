//! `cargo xtask fmt`: formats everything. The insurers' folders become modules in a macro, where `cargo fmt` does
//! not find them.

use std::process::Command;

use crate::run::{self, cargo, command, root};

/// Formats everything.
pub(crate) fn run() -> Result<(), String> {
    run::passing(crates(false))?;
    run::passing(insurers(false)?)
}

/// Fails where something is not formatted.
pub(crate) fn check() -> Result<(), String> {
    let checked = run::passing(crates(true)).and_then(|()| run::passing(insurers(true)?));
    checked.map_err(|problem| format!("{problem}; `cargo xtask fmt` puts it right"))
}

/// All that `cargo fmt` finds.
fn crates(check: bool) -> Command {
    let mut command = cargo(&["fmt", "--all"]);
    command.args(check.then_some("--check"));
    command
}

/// The insurers' folders, each from its `mod.rs`.
fn insurers(check: bool) -> Result<Command, String> {
    let folder = root().join("insurers");
    let entries = std::fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut found: Vec<_> = entries.flatten().map(|entry| entry.path().join("mod.rs")).collect();
    found.retain(|path| path.is_file());
    found.sort();
    if found.is_empty() {
        return Err(format!("{} holds no insurer's mod.rs", folder.display()));
    }
    let mut command = command("rustfmt", &["--edition", "2024"]);
    command.args(check.then_some("--check")).args(found);
    Ok(command)
}

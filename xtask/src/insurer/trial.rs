//! `cargo xtask insurer trial`: the generator's own output, proven as an author would: one folder of each kind is made,
//! compiled, checked by the kit and sold in the demo, and removed again.
//!
//! It works in the tree that it stands in, so that nothing is built twice; whether it succeeds or fails, the folders
//! and their lines are gone afterwards, and those of a trial that was killed go at the beginning of the next.

use std::{fs, process::Command, time::Duration};

use super::{
    check,
    new::{self, Tier},
    registration,
};
use crate::run::{self, cargo, command, root};

const TRIALS: [(&str, Tier); 2] = [("trial_rust", Tier::Rust), ("trial_spec", Tier::Spec)];
/// The demo takes half a minute; a debug build on a busy machine some more.
const PATIENCE: Duration = Duration::from_secs(240);

/// Whether a folder of that code belongs to the trial, which removes it.
pub(super) fn is_trial(code: &str) -> bool {
    TRIALS.iter().any(|(own, _)| *own == code)
}

/// Removes the trials' folders and lines when it goes.
struct Cleared;

/// Makes, checks, sells and removes.
pub(crate) fn run() -> Result<(), String> {
    clear()?;
    let cleared = Cleared;
    for (code, tier) in TRIALS {
        new::make(root(), code, tier)?;
    }
    println!("Both kinds are made; the kit looks at them.");
    for (code, _) in TRIALS {
        check::run(code)?;
    }
    run::passing(cargo(&["build", "--quiet"]))?;
    for (code, _) in TRIALS {
        sells(code)?;
    }
    drop(cleared);
    // What comes next finds the binary as the tree has it.
    clear()
}

/// The demo buys this insurer's offer.
fn sells(code: &str) -> Result<(), String> {
    println!("The demo sells {code}.");
    let seconds = PATIENCE.as_secs().to_string();
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    let demo = [
        seconds.as_str(),
        &cargo,
        "run",
        "--quiet",
        "--",
        "demo",
        "--once",
        "--insurers",
        "1",
        "--sell",
        code,
    ];
    let demo: Command = command("timeout", &demo);
    let shown = run::reading(demo)?;
    let sold = shown.contains("sale confirmed") && shown.contains("policy ");
    if sold { Ok(()) } else { Err(format!("the demo did not sell {code}:\n{shown}")) }
}

/// Removes every trial's folder and line; fine where there is none.
fn clear() -> Result<(), String> {
    let list = root().join("insurers/lib.rs");
    let mut text = fs::read_to_string(&list).map_err(|error| format!("{}: {error}", list.display()))?;
    let before = text.clone();
    for (code, _) in TRIALS {
        let folder = root().join("insurers").join(code);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
        }
        text = registration::without(&text, code)?;
    }
    if text != before {
        fs::write(&list, text).map_err(|error| format!("{}: {error}", list.display()))?;
    }
    Ok(())
}

// === impl Cleared ===

impl Drop for Cleared {
    fn drop(&mut self) {
        if let Err(problem) = clear() {
            eprintln!("xtask: the trial could not be removed: {problem}");
        }
    }
}

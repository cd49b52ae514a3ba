//! `cargo xtask insurer …`: what an adapter author needs.

mod fields;
mod name;
mod new;
mod registration;
mod trial;

use crate::help;

/// Runs the command of these words.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    match *words {
        ["new", code] => new::run(code, new::Tier::Spec),
        ["new", code, "--from", tier] | ["new", "--from", tier, code] => new::run(code, new::Tier::of(tier)?),
        ["fields"] => fields::run(),
        ["trial"] => trial::run(),
        _ => Err(help::unknown(&[&["insurer"], words].concat())),
    }
}

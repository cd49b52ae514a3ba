//! `cargo xtask insurer …`: what an adapter author needs.

mod check;
mod fields;
mod name;
mod new;
mod record;
mod registration;
pub(crate) mod trial;

use crate::help;

/// Runs the command of these words.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    match *words {
        ["new", code] => new::run(code, new::Tier::Spec),
        ["new", code, "--from", tier] | ["new", "--from", tier, code] => new::run(code, new::Tier::of(tier)?),
        ["check", code] => check::run(code),
        ["fields"] => fields::run(),
        ["record", ref more @ ..] if !more.is_empty() => record::run(more),
        ["trial"] => trial::run(),
        _ => Err(help::unknown(&[&["insurer"], words].concat())),
    }
}

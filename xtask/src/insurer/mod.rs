//! `cargo xtask insurer`: what an author of an insurer's folder runs.

mod fields;

/// Runs one of its commands.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    match words {
        ["fields"] => fields::run(),
        _ => Err(crate::help::unknown(&[&["insurer"], words].concat())),
    }
}

//! What a check found.

use std::{fmt, path::Path};

/// Every problem at once, and how much was done to find them.
#[derive(Debug, Default)]
pub struct Report {
    /// The folder that was checked.
    pub insurer: String,
    /// What is wrong, each with the place where it is.
    pub problems: Vec<String>,
    /// Fixtures replayed.
    pub replayed: usize,
    /// Failures derived from them.
    pub failures: usize,
    /// Expected values falsified.
    pub flips: usize,
    /// Replies lost, to see how the adapter asks after them.
    pub losses: usize,
    /// Fields left out of the request, to see what the adapter makes of it.
    pub probes: usize,
}

// === impl Report ===

impl Report {
    pub(crate) fn of(folder: &Path) -> Self {
        let insurer = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        Self { insurer, ..Self::default() }
    }

    pub(crate) fn add(&mut self, place: &str, problem: impl fmt::Display) {
        self.problems.push(format!("{place}: {problem}"));
    }

    /// Whether nothing is wrong.
    pub fn is_clean(&self) -> bool {
        self.problems.is_empty()
    }
}

impl fmt::Display for Report {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { insurer, problems, replayed, failures, flips, losses, probes } = self;
        writeln!(
            f,
            "{insurer}: {} problems ({replayed} fixtures replayed, {failures} failures derived, {flips} values \
             falsified, {losses} replies lost, {probes} fields left out)",
            problems.len()
        )?;
        problems.iter().try_for_each(|problem| writeln!(f, "  {insurer}/{problem}"))
    }
}

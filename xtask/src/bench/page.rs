//! `docs/BENCHES.md`: all kept figures on one page, the bounds first.

use std::{fmt::Write as _, fs, path::Path};

use super::{
    plot,
    report::{FOLDER, Kept, Row, Section, shown},
};

const PAGE: &str = "docs/BENCHES.md";
/// In the page's order.
const GROUPS: [&str; 8] = ["calls", "nginx", "polls", "visible", "memory", "limits", "offers", "build"];

const INTRODUCTION: &str = "\
# Measured

Written by `cargo xtask bench --write` from the figures in [`benches/`](benches); not by hand. Each figure stands beside
one that tells what it is worth, taken in the same run: the real binary, the simulators and the other side are
processes of their own on one machine, in turns or, where they compete for a quota, at the same time. Loads of calculations are
open: they begin when a schedule from a seed says so, and latency counts from that moment; polls come over so many
connections, each again when it has its answer. The workload is
[`benches/gateway.toml`](../benches/gateway.toml); what each group does is told in
[`benches/gateway/`](../benches/gateway/main.rs). Figures are never asserted in tests.

Take them anew on a quiet machine: `cargo xtask bench --write --date 2026-12-01 --machine \"two quiet cores\"`; single groups
by their names, as in `cargo xtask bench limits offers --write …`; `cargo xtask bench build --write …` is long and
goes by itself.
";

/// Draws the page and its plots from what is kept below `root`.
pub(crate) fn draw(root: &Path) -> Result<(), String> {
    for (file, text) in files(root)? {
        fs::write(root.join(&file), text).map_err(|error| format!("{file}: {error}"))?;
    }
    println!("{PAGE} is drawn");
    Ok(())
}

/// Every file that follows from the kept figures, and its text.
fn files(root: &Path) -> Result<Vec<(String, String)>, String> {
    let mut kept = Vec::new();
    for group in GROUPS {
        kept.extend(Kept::read(root, group)?);
    }
    let mut files = vec![(PAGE.to_owned(), page(&kept))];
    for plot in kept.iter().flat_map(|kept| &kept.report.plots) {
        files.push((format!("{FOLDER}/{}.svg", plot.name), plot::draw(plot)));
    }
    Ok(files)
}

fn page(kept: &[Kept]) -> String {
    let mut text = INTRODUCTION.to_owned();
    if kept.is_empty() {
        text.push_str("\nNo figures are kept yet.\n");
        return text;
    }
    text.push_str("\n## What is to hold\n\n| what | measured | bound | |\n|---|---|---|---|\n");
    // Writing to a string cannot fail.
    for Kept { report, .. } in kept {
        for section in &report.sections {
            for row in &section.rows {
                let Some(bound) = row.bound else { continue };
                let word = if bound.is_kept_by(row.median) { "kept" } else { "**missed**" };
                let of = format!("[{}](#{}): {}; {}", report.group, report.group, section.title, row.name);
                let _ = writeln!(text, "| {} | {} | {bound} | {word} |", cell(&of), figure(row, row.median));
            }
        }
    }
    for Kept { taken, report } in kept {
        let _ = write!(
            text,
            "\n## {}\n\n{}. Measured on {}, {}.\n",
            report.group, report.title, taken.date, taken.machine
        );
        for section in &report.sections {
            write_section(&mut text, section);
        }
        for plot in &report.plots {
            let _ = write!(text, "\n![{}](benches/{}.svg)\n", plot.title, plot.name);
        }
    }
    text
}

fn write_section(text: &mut String, Section { title, notes, rows }: &Section) {
    let _ = write!(text, "\n### {title}\n");
    if !notes.is_empty() {
        let _ = write!(text, "\n{}\n", notes.join("\n"));
    }
    if rows.is_empty() {
        return;
    }
    let several = rows.iter().any(|row| row.min < row.max);
    text.push_str(if several {
        "\n| what | median | from | to |\n|---|---|---|---|\n"
    } else {
        "\n| what | |\n|---|---|\n"
    });
    for row in rows {
        let _ = write!(text, "| {} | {} |", cell(&row.name), figure(row, row.median));
        if several {
            let _ = write!(text, " {} | {} |", shown(row.min), shown(row.max));
        }
        text.push('\n');
    }
}

fn figure(Row { unit, .. }: &Row, value: f64) -> String {
    let value = shown(value);
    if unit.is_empty() { value } else { format!("{value} {unit}") }
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::run;

    #[test]
    fn page_and_plots_are_what_the_kept_figures_make() {
        let hint = "is not what docs/benches/*.json make; run: cargo xtask bench page";
        for (file, text) in files(run::root()).unwrap() {
            let there = fs::read_to_string(run::root().join(&file)).unwrap_or_default();
            assert!(there == text, "{file} {hint}");
        }
    }

    #[test]
    fn a_missed_bound_is_said_plainly() {
        let report = |median: f64| {
            let row = serde_json::json!({
                "name": "ours / theirs", "unit": "×", "median": median, "min": 1.0, "max": 3.0,
                "bound": {"at_most": 1.5},
            });
            let section = serde_json::json!({"title": "ten insurers", "notes": [], "rows": [row]});
            let report =
                serde_json::json!({"group": "calls", "title": "Calls", "sections": [section], "plots": []});
            let taken = serde_json::json!({"date": "2026-12-01", "machine": "two cores"});
            page(&[serde_json::from_value(serde_json::json!({"taken": taken, "report": report})).unwrap()])
        };
        assert!(report(1.5).contains("| 1.50 × | ≤ 1.5 | kept |"), "{}", report(1.5));
        assert!(report(2.5).contains("| 2.50 × | ≤ 1.5 | **missed** |"), "{}", report(2.5));
    }
}

//! The rows as text: each printed when it is done, failures once more at the end.

use std::{
    fmt::Write as _,
    io::{IsTerminal, Write as _},
    sync::LazyLock,
    time::Duration,
};

use super::{
    fault::Verdict,
    report::{Report, Row},
};

/// Columns of the call and of the time; names come last and may be long.
const CALL: usize = 32;
const TIME: usize = 8;
/// Faults of one row that are printed; the document has all.
const FAULTS: usize = 5;

/// Colours, where somebody sees them.
struct Paint(bool);

static PAINT: LazyLock<Paint> =
    LazyLock::new(|| Paint(std::io::stdout().is_terminal() && std::env::var_os("NO_COLOR").is_none()));

/// Prints a row, and its chapter's title where that opens.
pub(super) fn print(row: &Row, opens: bool) {
    let title = if opens { format!("\n{}\n", PAINT.bold(row.chapter)) } else { String::new() };
    write(&format!("{title}{}", line(row, &PAINT)));
}

/// Prints what came of it all.
pub(super) fn print_summary(report: &Report) {
    write(&summary(report, &PAINT));
}

fn write(text: &str) {
    let mut out = std::io::stdout().lock();
    // A terminal that is gone needs no rows.
    let _ = out.write_all(text.as_bytes()).and_then(|()| out.flush());
}

fn line(row: &Row, paint: &Paint) -> String {
    let call = row.call.as_ref().map(|call| format!("{} {}", call.method, call.path)).unwrap_or_default();
    let took = if row.took.is_zero() { String::new() } else { time(row.took) };
    let mut name = row.name.clone();
    let (mark, notes) = match &row.verdict {
        Verdict::Pass(note) => {
            name.extend(note.iter().flat_map(|note| [": ", note.as_str()]));
            (paint.colour(GREEN, "pass"), Vec::new())
        }
        Verdict::Skip(why) => (paint.colour(YELLOW, "skip"), vec![why.clone()]),
        Verdict::Fail(faults) => {
            let mut notes: Vec<String> = faults.iter().take(FAULTS).map(ToString::to_string).collect();
            if faults.len() > FAULTS {
                notes.push(format!("and {} more", faults.len() - FAULTS));
            }
            (paint.colour(RED, "FAIL"), notes)
        }
    };
    let mut text = format!("  {mark}  {call:<CALL$}  {took:>TIME$}  {name}\n");
    let colour = if let Verdict::Fail(_) = row.verdict { RED } else { DIM };
    for note in notes {
        let _ = writeln!(text, "        {}", paint.colour(colour, &note));
    }
    text
}

fn summary(report: &Report, paint: &Paint) -> String {
    let count = report.count();
    let mut text = String::new();
    if count.failed > 0 {
        let _ = writeln!(text, "\n{}", paint.bold("what failed"));
        let failed = report.rows().iter().filter(|row| matches!(row.verdict, Verdict::Fail(_)));
        failed.for_each(|row| text.push_str(&line(row, paint)));
    }
    let (colour, outcome) = if count.failed == 0 { (GREEN, "passed") } else { (RED, "FAILED") };
    let _ = writeln!(
        text,
        "\n{}: {} checks passed, {} failed, {} skipped, in {}",
        paint.colour(colour, outcome),
        count.passed,
        count.failed,
        count.skipped,
        time(report.took()).trim(),
    );
    text
}

/// `12 ms`, `3.4 s`, `2 min 05 s`.
fn time(took: Duration) -> String {
    match took.as_millis() {
        ms @ 0..1000 => format!("{ms} ms"),
        ms @ 1000..60_000 => format!("{}.{} s", ms / 1000, ms % 1000 / 100),
        ms => format!("{} min {:02} s", ms / 60_000, ms / 1000 % 60),
    }
}

// === impl Paint ===

const GREEN: &str = "32";
const RED: &str = "31";
const YELLOW: &str = "33";
const DIM: &str = "2";

impl Paint {
    fn colour(&self, code: &str, text: &str) -> String {
        if self.0 { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(&self, text: &str) -> String {
        self.colour("1", text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cli::rehearse::{fault::Fault, report::tests::row};

    #[test]
    fn a_failure_is_told_with_its_fields() {
        let faults = (0..7).map(|index| Fault::of(format!("offers[{index}].price"), "must be there"));
        let text = line(&row("prices are there", Verdict::Fail(faults.collect())), &Paint(false));
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines[0], "  FAIL  GET /osago/offer                     12 ms  prices are there");
        assert_eq!(lines[1], "        offers[0].price: must be there");
        assert_eq!(lines.last(), Some(&"        and 2 more"));
    }

    #[test]
    fn what_passed_is_one_line() {
        let text = line(&row("it is finished", Verdict::told("CALCULATION_READY")), &Paint(true));
        assert_eq!(text.lines().count(), 1);
        assert!(
            text.starts_with("  \x1b[32mpass\x1b[0m  ") && text.contains("it is finished: CALCULATION_READY")
        );
    }

    #[test]
    fn the_summary_repeats_failures_only() {
        let mut report = Report::new(false);
        report.add(row("fine", Verdict::Pass(None)));
        report.add(row("left out", Verdict::Skip("no draft".into())));
        let text = summary(&report, &Paint(false));
        assert!(text.starts_with("\npassed: 1 checks passed, 0 failed, 1 skipped, in "), "{text}");
        report.add(row("broken", Verdict::failed("no")));
        let text = summary(&report, &Paint(false));
        assert!(
            text.contains("  broken\n") && !text.contains("  fine\n") && text.contains("\nFAILED: "),
            "{text}"
        );
    }

    #[test]
    fn times_are_short() {
        let told = |ms| time(Duration::from_millis(ms));
        assert_eq!([told(0), told(3456), told(125_000)], ["0 ms", "3.4 s", "2 min 05 s"]);
    }
}

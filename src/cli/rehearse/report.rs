//! Everything that was checked, one row a check.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::time::Instant;

use super::{exchange::Call, fault::Verdict, table};

/// One check.
#[derive(Debug)]
pub(super) struct Row {
    /// The part of the play that it belongs to.
    pub chapter: &'static str,
    /// What must hold, as a sentence.
    pub name: String,
    /// Whether it does.
    pub verdict: Verdict,
    /// The call that showed it, if one did.
    pub call: Option<Call>,
    /// The answer's status.
    pub status: Option<u16>,
    /// The answer's `X-Request-Id`.
    pub correlation: Option<String>,
    /// How long it took, with its polls.
    pub took: Duration,
}

/// The rows so far.
#[derive(Debug)]
pub(super) struct Report {
    rows: Vec<Row>,
    aloud: bool,
    start: Instant,
}

/// How many checks came out how.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Count {
    pub passed: usize,
    pub failed: usize,
    pub skipped: usize,
}

// === impl Report ===

impl Report {
    /// No rows yet; `aloud` prints each as it comes.
    pub fn new(aloud: bool) -> Self {
        Self { rows: Vec::new(), aloud, start: Instant::now() }
    }

    /// One more row.
    pub fn add(&mut self, row: Row) {
        if self.aloud {
            let opens = self.rows.last().is_none_or(|last| last.chapter != row.chapter);
            table::print(&row, opens);
        }
        self.rows.push(row);
    }

    /// All rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// How they came out.
    pub fn count(&self) -> Count {
        let count = |of: fn(&Verdict) -> bool| self.rows.iter().filter(|row| of(&row.verdict)).count();
        Count {
            passed: count(Verdict::is_pass),
            failed: count(|verdict| matches!(verdict, Verdict::Fail(_))),
            skipped: count(|verdict| matches!(verdict, Verdict::Skip(_))),
        }
    }

    /// How long the play has lasted.
    pub fn took(&self) -> Duration {
        self.start.elapsed()
    }

    /// The whole as one document; `problem` says why it is not the whole.
    pub fn document(&self, url: &str, problem: Option<&str>) -> Value {
        let count = self.count();
        let outcome = match (problem, count.failed) {
            (Some(_), _) => "not_rehearsed",
            (None, 0) => "passed",
            (None, _) => "failed",
        };
        json!({
            "url": url,
            "outcome": outcome,
            "problem": problem,
            "passed": count.passed,
            "failed": count.failed,
            "skipped": count.skipped,
            "took_ms": millis(self.took()),
            "checks": self.rows.iter().map(Row::document).collect::<Vec<_>>(),
        })
    }
}

// === impl Row ===

impl Row {
    fn document(&self) -> Value {
        let (outcome, reason, field) = match &self.verdict {
            Verdict::Pass(note) => ("pass", note.clone(), None),
            Verdict::Skip(why) => ("skip", Some(why.clone()), None),
            Verdict::Fail(faults) => {
                let first = faults.first();
                let field = first.and_then(|fault| fault.field.clone());
                ("fail", first.map(|fault| fault.reason.clone()), field)
            }
        };
        let mut document = json!({
            "chapter": self.chapter,
            "name": self.name,
            "outcome": outcome,
            "reason": reason,
            "field": field,
            "method": self.call.as_ref().map(|call| &call.method),
            "path": self.call.as_ref().map(|call| &call.path),
            "status": self.status,
            "x_request_id": self.correlation,
            "took_ms": millis(self.took),
        });
        if let Verdict::Fail(faults) = &self.verdict {
            let faults = faults.iter().map(|fault| json!({ "field": fault.field, "reason": fault.reason }));
            document["faults"] = faults.collect();
        }
        document
    }
}

fn millis(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;
    use crate::cli::rehearse::fault::Fault;

    pub(in crate::cli::rehearse) fn row(name: &str, verdict: Verdict) -> Row {
        Row {
            chapter: "offer",
            name: name.to_owned(),
            verdict,
            call: Some(Call::new("GET", "/osago/offer")),
            status: Some(200),
            correlation: None,
            took: Duration::from_millis(12),
        }
    }

    #[test]
    fn the_document_tells_every_check_with_its_field_and_reason() {
        let mut report = Report::new(false);
        report.add(row("fine", Verdict::told("3 offers")));
        assert_eq!(report.document("http://a.example/", None)["outcome"], "passed");
        report.add(row("not there", Verdict::Skip("no cross-sale".into())));
        let faults = vec![Fault::of("price", "must be there"), Fault::new("also")];
        report.add(row("wrong", Verdict::Fail(faults)));

        assert_eq!(report.count(), Count { passed: 1, failed: 1, skipped: 1 });
        let document = report.document("http://a.example/", None);
        assert_eq!(document["outcome"], "failed");
        assert_eq!(document["passed"], 1);
        assert_eq!(document["checks"][0]["reason"], "3 offers");
        assert_eq!(document["checks"][1]["outcome"], "skip");
        assert_eq!(document["checks"][1]["reason"], "no cross-sale");
        assert_eq!(
            document["checks"][2],
            json!({
                "chapter": "offer",
                "name": "wrong",
                "outcome": "fail",
                "reason": "must be there",
                "field": "price",
                "method": "GET",
                "path": "/osago/offer",
                "status": 200,
                "x_request_id": null,
                "took_ms": 12,
                "faults": [
                    { "field": "price", "reason": "must be there" },
                    { "field": null, "reason": "also" },
                ],
            })
        );
        let document = report.document("http://a.example/", Some("nobody answers"));
        assert_eq!(
            (&document["outcome"], &document["problem"]),
            (&"not_rehearsed".into(), &"nobody answers".into())
        );
    }
}

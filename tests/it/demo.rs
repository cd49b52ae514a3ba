//! The README's first command shows the main job, and with the same seed the same.

use std::process::{Command, Output, Stdio};

/// One row of the table, without the time.
#[derive(Debug, PartialEq)]
struct Row {
    insurer: String,
    status: String,
    price: String,
    verdict: String,
}

#[test]
fn the_demo_shows_offers_and_reasons_and_the_same_seed_shows_the_same_twice() {
    let start = || {
        let mut demo = Command::new(env!("CARGO_BIN_EXE_veer"));
        demo.args(["demo", "--once", "--seed", "7"]).stdout(Stdio::piped()).stderr(Stdio::piped());
        demo.spawn().expect("the binary")
    };
    let played = [start(), start()].map(|demo| demo.wait_with_output().expect("an end"));
    let [first, second] = played.each_ref().map(rows);
    assert_eq!(first, second);
    assert_eq!(first.len(), 5, "{first:#?}");
    let priced = first.iter().filter(|row| row.verdict == "0 offered");
    assert!(priced.clone().count() >= 2, "{first:#?}");
    for row in &first {
        let offered = row.verdict == "0 offered";
        assert_eq!(row.status == "PRE_CALC_READY" && row.price != "–", offered, "{row:?}");
        let (number, reason) = row.verdict.split_once(' ').expect("a verdict");
        assert!(number.parse::<u16>().is_ok() && (offered || reason.len() > 10), "{row:?}");
    }
}

fn rows(output: &Output) -> Vec<Row> {
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8_lossy(&output.stdout);
    let mut lines = text.lines().filter_map(|line| line.strip_prefix('│')?.strip_suffix('│'));
    let heads = lines.next().expect("a table");
    let column = |head: &str| heads[..heads.find(head).expect("a column")].chars().count();
    let (status, verdict) = (column("Status"), column("Verdict"));
    let mut rows: Vec<Row> = Vec::new();
    for line in lines {
        let cut = |from: usize, to: usize| -> String {
            let cell: String = line.chars().skip(from).take(to - from).collect();
            cell.trim().to_owned()
        };
        let (insurer, reason) = (cut(0, status), cut(verdict, usize::MAX));
        match rows.last_mut() {
            // A long reason goes on in the next line.
            Some(row) if insurer.is_empty() => row.verdict = format!("{} {reason}", row.verdict),
            _ => {
                let between = cut(status, verdict);
                let mut cells = between.split("  ").map(str::trim).filter(|cell| !cell.is_empty());
                let mut next = || cells.next().unwrap_or_default().to_owned();
                rows.push(Row { insurer, status: next(), price: next(), verdict: reason });
            }
        }
    }
    rows
}

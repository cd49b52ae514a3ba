//! The README's first command shows the main job, and with the same seed the same.

use std::process::{Command, Output, Stdio};

use veer_contract::{Adapter, OperationKind};

use crate::harness::VEER;

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
        let mut demo = Command::new(VEER);
        demo.args(["demo", "--once", "--no-sale", "--seed", "7"]);
        demo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().expect("the binary")
    };
    let played = [start(), start()].map(|demo| demo.wait_with_output().expect("an end"));
    let [first, second] = played.each_ref().map(rows);
    assert_eq!(first, second);
    let priced = first.iter().filter(|row| row.verdict.starts_with("0 offered"));
    assert!(priced.clone().count() >= 2, "{first:#?}");
    for row in &first {
        let offered = row.verdict.starts_with("0 offered");
        let is_priced = ["PRE_CALC_READY", "APPROVED"].contains(&row.status.as_str()) && row.price != "–";
        assert_eq!(is_priced, offered, "{row:?}");
        let (number, reason) = row.verdict.split_once(' ').expect("a verdict");
        assert!(number.parse::<u16>().is_ok() && (offered || reason.len() > 10), "{row:?}");
    }
    every_insurer_is_in(&first);
}

#[test]
fn an_insurer_that_is_named_sells_and_one_that_is_not_there_is_refused_at_once() {
    let sell = |code: &str| {
        let mut demo = Command::new(VEER);
        demo.args(["demo", "--once", "--seed", "7", "--sell", code]).output().expect("the binary")
    };
    // It has no code of its own: all of it is a spec.
    let sold = sell("obrazets");
    assert!(sold.status.success(), "{sold:?}");
    let text = String::from_utf8_lossy(&sold.stdout);
    let step = |name: &str| {
        let told = text.lines().find_map(|line| line.strip_prefix("  ")?.strip_prefix(name));
        told.unwrap_or_else(|| panic!("no `{name}` in\n{text}")).trim()
    };
    assert!(step("taken").starts_with("Образец Страхование, "), "{text}");
    assert!(step("policy").starts_with("ХХХ "), "{text}");
    assert!(step("sale confirmed").starts_with("the partner has counted "), "{text}");

    let refused = sell("obrazec");
    assert_eq!((refused.status.code(), refused.stdout.as_slice()), (Some(1), &b""[..]), "{refused:?}");
    let told = String::from_utf8_lossy(&refused.stderr);
    assert!(told.starts_with("--sell: no insurer `obrazec` sells here; there are "), "{told}");
    for adapter in sellers() {
        assert!(told.contains(&adapter.manifest().code), "{told}");
    }
}

/// In its own name, or in those of the companies that it sells for.
fn every_insurer_is_in(rows: &[Row]) {
    for adapter in sellers() {
        let manifest = adapter.manifest();
        let namesakes = sellers().filter(|other| other.manifest().name == manifest.name).count();
        let shown = match namesakes {
            1 => manifest.name.clone(),
            _ => format!("{} ({})", manifest.name, manifest.code),
        };
        let through = format!("0 offered through {}", manifest.name);
        let companies: Vec<&str> = manifest.companies.values().map(|company| company.name.as_str()).collect();
        let is_its = |row: &&Row| match row.verdict == through {
            true => companies.contains(&row.insurer.as_str()),
            false => row.insurer == shown && !row.verdict.starts_with("0 offered through "),
        };
        let own = rows.iter().filter(is_its).count();
        let most = companies.len().max(1);
        assert!((1..=most).contains(&own), "{own} rows of {}: {rows:#?}", manifest.code);
    }
}

fn sellers() -> impl Iterator<Item = &'static dyn Adapter> {
    let all = veer_insurers::all().iter().copied();
    all.filter(|adapter| adapter.manifest().operations.contains(&OperationKind::Quote))
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

//! `cargo xtask bench`: what the gateway costs beside something simpler, in one run.
//!
//! The measuring is done by the benches themselves, in an optimised build; here their figures are kept and drawn.

mod asked;
mod build;
mod page;
mod plot;
mod report;
mod skeleton;

use std::fs;

use crate::run;
use asked::Asked;
use report::{Kept, Report};

/// A bench and its data file.
type Bench = (&'static str, &'static str);

/// The gateway beside what does the same without it.
const GATEWAY: Bench = ("gateway", "benches/gateway.toml");
/// The same, roughly.
const SHORT: Bench = ("gateway", "benches/gateway-short.toml");
/// The dictionary: how well names are mapped, and its answers beside a fixed body.
const DICTIONARY: Bench = ("dictionary", "benches/dictionary.toml");

/// Measures what the words after `bench` ask for.
pub(crate) fn run(words: &[&str]) -> Result<(), String> {
    match words {
        ["dictionary"] => return measure(DICTIONARY, &[]),
        ["page"] => return page::draw(run::root()),
        _ => {}
    }
    let asked = Asked::read(words)?;
    let reports = if asked.groups == ["build"] {
        vec![build::measure()?]
    } else {
        let file = run::root().join("target/bench.json");
        let name = file.display().to_string();
        let mut arguments = asked.groups.clone();
        arguments.extend(["--json", &name]);
        measure(if asked.short { SHORT } else { GATEWAY }, &arguments)?;
        let text = fs::read_to_string(&file).map_err(|error| format!("{name}: {error}"))?;
        serde_json::from_str::<Vec<Report>>(&text).map_err(|error| format!("{name}: {error}"))?
    };
    let Some(taken) = asked.write else { return Ok(()) };
    for report in reports {
        Kept { taken: taken.clone(), report }.write(run::root())?;
    }
    page::draw(run::root())
}

fn measure((name, data): Bench, arguments: &[&str]) -> Result<(), String> {
    let mut line = vec!["bench", "--package", "veer", "--bench", name, "--", data];
    line.extend(arguments);
    run::passing(run::cargo(&line))
}

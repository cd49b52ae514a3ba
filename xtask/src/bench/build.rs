//! A clean release build of the gateway, beside one of its dependencies alone.

use std::{fs, path::Path, time::Instant};

use super::{
    report::{Bound, Kind, Plot, Report, Row, Section, Series},
    skeleton,
};
use crate::run;

/// All of it, in builds of its dependencies.
const BOUND: f64 = 1.3;

/// Builds both, each into a new folder, one after the other with all cores.
pub(super) fn measure() -> Result<Report, String> {
    let scratch = run::root().join("target/bench-build");
    if scratch.exists() {
        fs::remove_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    }
    let bare = scratch.join("skeleton");
    skeleton::make(run::root(), &bare)?;
    run::passing(run::cargo(&["fetch", "--locked"]))?;
    let dependencies = timed(&bare, &scratch.join("dependencies"))?;
    let whole = timed(run::root(), &scratch.join("whole"))?;
    fs::remove_dir_all(&scratch).map_err(|error| format!("{}: {error}", scratch.display()))?;
    Ok(report(dependencies, whole))
}

/// Seconds of a release build of the binary of the workspace at `workspace`.
fn timed(workspace: &Path, target: &Path) -> Result<f64, String> {
    let manifest = workspace.join("Cargo.toml").display().to_string();
    let line = [
        "build",
        "--release",
        "--locked",
        "--package",
        "veer",
        "--bin",
        "veer",
        "--manifest-path",
        &manifest,
    ];
    let mut build = run::cargo(&line);
    build.env("CARGO_TARGET_DIR", target);
    let start = Instant::now();
    run::passing(build)?;
    Ok(start.elapsed().as_secs_f64())
}

fn report(dependencies: f64, whole: f64) -> Report {
    let ratio = Row {
        bound: Some(Bound::AtMost(BOUND)),
        ..Row::once("whole / dependencies", "×", whole / dependencies)
    };
    let rows = vec![
        Row::once("the whole gateway", "s", whole),
        Row::once("its dependencies alone", "s", dependencies),
        ratio,
    ];
    for row in &rows {
        println!("{}: {:.2} {}", row.name, row.median, row.unit);
    }
    let notes = vec![
        "Both are built once, clean, with all cores, nothing shared. The dependencies alone are the same workspace and".to_owned(),
        "lock file with every target of its own left empty, so that they have the same features.".to_owned(),
    ];
    let plot = Plot {
        name: "build".into(),
        title: "A clean release build".into(),
        kind: Kind::Bars,
        x: String::new(),
        y: "s".into(),
        ticks: vec!["the whole gateway".into(), "its dependencies alone".into()],
        series: vec![Series { name: "s".into(), values: vec![whole, dependencies] }],
        bound: None,
    };
    let section = Section { title: "`cargo build --release`".into(), notes, rows };
    let title = "A clean release build, beside its dependencies alone".into();
    Report { group: "build".into(), title, sections: vec![section], plots: vec![plot] }
}

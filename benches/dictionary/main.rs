//! The vehicle dictionary, in one run: how well names are mapped, how long that takes, what the published
//! version costs and how fast it is served. `cargo xtask bench dictionary`.
//!
//! Each figure stands beside one that tells what it is worth: the matcher beside two simple comparisons, the
//! gateway's answers beside servers that do nothing but send the same bytes. What is compared in time is
//! measured in turns, so that a machine that slows down slows all sides. Figures are printed beside their
//! bounds; none is asserted.
//!
//! `cargo bench --package veer --bench dictionary -- benches/dictionary.toml [--json FILE]`

mod asker;
mod baseline;
mod fixed;
mod import;
mod kept;
mod memory;
mod names;
mod nginx;
mod pages;
mod published;
mod quality;
mod server;
mod spelling;
mod workload;

// What the gateway's bench measures with.
#[path = "../gateway/figure.rs"]
#[expect(dead_code, reason = "no figure of this bench has a bound above it")]
mod figure;
#[path = "../gateway/house.rs"]
#[expect(dead_code, reason = "the gateway's bench does more with its insurers")]
mod house;
#[path = "../gateway/http.rs"]
mod http;
#[path = "../gateway/process.rs"]
mod process;

use std::{path::Path, process::ExitCode, time::Duration};

use figure::Section;
use tokio::signal::unix::{SignalKind, signal};
use veer::dictionary::catalogue::{Catalogue, shipped};
use workload::Workload;

// The gateway's own, for all that is held against it.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: dictionary WORKLOAD.toml [--json FILE]";

fn main() -> ExitCode {
    // Cargo says `--bench` to every bench.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["published"] => published::run(),
        ["fixed", folder, workers] => match workers.parse() {
            Ok(workers) => fixed::run(Path::new(folder), workers),
            Err(_) => Err(USAGE.into()),
        },
        [workload] => run(Path::new(workload), None),
        [workload, "--json", file] => run(Path::new(workload), Some(Path::new(file))),
        _ => Err(USAGE.into()),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(problem) => {
            eprintln!("bench: {problem}");
            ExitCode::FAILURE
        }
    }
}

fn run(workload: &Path, json: Option<&Path>) -> Result<(), String> {
    let workload = Workload::read(workload)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let limit = Duration::from_secs(workload.limit_seconds);
    // Whichever way it ends, what is dropped here kills the processes that were started.
    let sections = runtime.block_on(async {
        tokio::select! {
            measured = measure(&workload) => measured,
            () = tokio::time::sleep(limit) => {
                Err(format!("given up after {} s; see limit_seconds", workload.limit_seconds))
            }
            stopped = told_to_stop() => Err(stopped),
        }
    })?;
    if let Some(file) = json {
        let text = serde_json::to_string_pretty(&sections).map_err(|error| error.to_string())?;
        std::fs::write(file, text).map_err(|error| format!("{}: {error}", file.display()))?;
    }
    Ok(())
}

/// Returns what to say when a signal has come.
async fn told_to_stop() -> String {
    let Ok(mut terminate) = signal(SignalKind::terminate()) else { return std::future::pending().await };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = tokio::signal::ctrl_c() => {}
    }
    "stopped by a signal".into()
}

async fn measure(workload: &Workload) -> Result<Vec<Section>, String> {
    // On the disk that the build is on: a store in memory would commit for nothing.
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
    let folder = scratch.path();
    let catalogue = Catalogue::of(&shipped(), veer::telemetry::moscow_today().year());
    println!(
        "{} brands and {} models, on {} processors, {} build",
        catalogue.brands().len(),
        catalogue.models().count(),
        std::thread::available_parallelism().map_or(0, usize::from),
        if cfg!(debug_assertions) { "unoptimised" } else { "optimised" }
    );
    let mut sections = Vec::new();
    told(&mut sections, quality::measure(&catalogue)?);
    told(&mut sections, import::measure(&workload.import, &catalogue, folder).await?);
    told(&mut sections, memory::measure(&workload.memory, folder).await?);
    for section in pages::measure(&workload.pages, &workload.log, folder).await? {
        told(&mut sections, section);
    }
    Ok(sections)
}

/// Shown as soon as it is there.
fn told(sections: &mut Vec<Section>, section: Section) {
    section.print();
    sections.push(section);
}

/// What an operator has who changes nothing.
fn shipped_config() -> Result<veer::config::Config, String> {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/config/veer.toml");
    let manifests: Vec<_> = veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
    veer::config::Config::load(Path::new(path), std::iter::empty(), &manifests)
        .map_err(|problems| problems.to_string())
}

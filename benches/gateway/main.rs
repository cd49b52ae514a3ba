//! The gateway beside a bare client, and its polls beside a fixed body, in one run: `cargo xtask bench`.
//!
//! Everything runs in processes of its own on loopback: the real binary as gateway and as simulated
//! insurers, this one as the load, as the bare client and as the server with the fixed body. What is
//! compared is measured in turns, so that a machine that slows down slows both sides. Figures are printed
//! beside their bounds; none is asserted, for they say as much about the machine as about the gateway.
//!
//! `cargo bench --package veer --bench gateway -- benches/gateway.toml [--json FILE]`

mod bare;
mod calls;
mod figure;
mod fixed;
mod house;
mod http;
mod insurer;
mod load;
mod memory;
mod polls;
mod process;
mod relay;
mod sample;
mod visible;
mod workload;

use std::{path::Path, process::ExitCode, time::Duration};

use figure::Section;
use tokio::signal::unix::{SignalKind, signal};
use workload::Workload;

// The gateway's own, for all that is held against it.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: gateway WORKLOAD.toml [--json FILE]";

fn main() -> ExitCode {
    // Cargo says `--bench` to every bench.
    let words: Vec<String> = std::env::args().skip(1).filter(|word| word != "--bench").collect();
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    let done = match words[..] {
        ["bare", config] => bare::run(Path::new(config)),
        ["fixed", size, workers] => match (size.parse(), workers.parse()) {
            (Ok(size), Ok(workers)) => fixed::run(size, workers),
            _ => Err(USAGE.into()),
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
    let Workload { rounds, log, .. } = workload;
    // On the disk that the build is on: a store in memory would commit for nothing.
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
    let folder = scratch.path();
    println!(
        "{rounds} rounds on {} processors, {} build",
        std::thread::available_parallelism().map_or(0, usize::from),
        if cfg!(debug_assertions) { "unoptimised" } else { "optimised" }
    );
    let mut sections = Vec::new();
    for calls in &workload.calls {
        let mut section = calls::measure(calls, *rounds, log, folder).await?;
        if !sections.is_empty() {
            // The same as of the first.
            section.notes.clear();
        }
        told(&mut sections, section);
    }
    told(&mut sections, polls::measure(&workload.polls, *rounds, log, folder).await?);
    told(&mut sections, memory::measure(&workload.memory, log, folder).await?);
    told(&mut sections, visible::measure(&workload.visible, log, folder).await?);
    Ok(sections)
}

/// Shown as soon as it is there.
fn told(sections: &mut Vec<Section>, section: Section) {
    section.print();
    sections.push(section);
}

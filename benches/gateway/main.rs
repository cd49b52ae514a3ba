//! The gateway beside what does the same without it, in one run: `cargo xtask bench`.
//!
//! Everything runs in processes of its own on loopback: the real binary as gateway and as simulated
//! insurers, this one as the load, as the bare client and as the server with the fixed body. What is
//! compared is measured in turns, so that a machine that slows down slows both sides; contenders for a quota run
//! at the same time. Figures are printed beside their bounds; none is asserted, for they say as much about the
//! machine as about the gateway.
//!
//! `cargo bench --package veer --bench gateway -- benches/gateway.toml [GROUP ...] [--json FILE]`
//!
//! | group | what is compared |
//! |---|---|
//! | [`calls`] | processor time of a call to an insurer, beside a bare client, as insurers grow more |
//! | [`polls`] | polls of a running calculation, beside a fixed body |
//! | [`memory`] | memory of calculations in flight |
//! | [`visible`] | from the last insurer's answer to visible in a poll, at half load |
//! | [`limits`] | calls over an insurer's limit and the share of it that was used, beside naive limiters |
//! | [`offers`] | the share of the quota that became an offer in time, beside first come first served |
//! | [`fan_out`] (`nginx`) | processor time of a call, beside nginx with Lua |

mod bare;
mod calls;
mod fan_out;
mod figure;
mod fixed;
mod house;
mod http;
mod insurer;
mod limits;
mod load;
mod memory;
mod naive;
mod nginx;
mod offers;
mod polls;
mod pool;
mod process;
mod relay;
mod report;
mod sample;
mod schedule;
mod side;
mod visible;
mod workload;

use std::{path::Path, process::ExitCode, time::Duration};

use report::Report;
use tokio::signal::unix::{SignalKind, signal};
use workload::Workload;

// The gateway's own, for all that is held against it.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

const USAGE: &str = "usage: gateway WORKLOAD.toml [GROUP ...] [--json FILE]";
/// In the order in which they are measured.
const GROUPS: [&str; 7] = ["calls", "nginx", "polls", "memory", "visible", "limits", "offers"];

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
        [workload, ref groups @ .., "--json", file] => {
            run(Path::new(workload), groups, Some(Path::new(file)))
        }
        [workload, ref groups @ ..] => run(Path::new(workload), groups, None),
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

fn run(workload: &Path, groups: &[&str], json: Option<&Path>) -> Result<(), String> {
    if let Some(unknown) = groups.iter().find(|group| !GROUPS.contains(group)) {
        return Err(format!("there is no group `{unknown}`; there are {}", GROUPS.join(", ")));
    }
    // Fails only where a provider is installed already, and then there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let workload = Workload::read(workload)?;
    let runtime = tokio::runtime::Runtime::new().map_err(|error| error.to_string())?;
    let limit = Duration::from_secs(workload.limit_seconds);
    // Whichever way it ends, what is dropped here kills the processes that were started.
    let reports = runtime.block_on(async {
        tokio::select! {
            measured = measure(&workload, groups) => measured,
            () = tokio::time::sleep(limit) => {
                Err(format!("given up after {} s; see limit_seconds", workload.limit_seconds))
            }
            stopped = told_to_stop() => Err(stopped),
        }
    })?;
    if let Some(file) = json {
        let text = serde_json::to_string_pretty(&reports).map_err(|error| error.to_string())?;
        std::fs::write(file, text + "\n").map_err(|error| format!("{}: {error}", file.display()))?;
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

/// Measures the groups that are named, or all; each figure is printed as soon as it is there.
async fn measure(workload: &Workload, groups: &[&str]) -> Result<Vec<Report>, String> {
    // On the disk that the build is on: a store in memory would commit for nothing.
    let scratch = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).map_err(|error| error.to_string())?;
    let folder = scratch.path();
    println!(
        "{} rounds on {} processors, {} build",
        workload.rounds,
        std::thread::available_parallelism().map_or(0, usize::from),
        if cfg!(debug_assertions) { "unoptimised" } else { "optimised" }
    );
    let mut reports = Vec::new();
    for group in GROUPS.into_iter().filter(|group| groups.is_empty() || groups.contains(group)) {
        println!("\n== {group} ==");
        let report = match group {
            "calls" => calls::measure(workload, folder).await,
            "nginx" => fan_out::measure(workload, folder).await,
            "polls" => polls::measure(workload, folder).await,
            "memory" => memory::measure(workload, folder).await,
            "visible" => visible::measure(workload, folder).await,
            "limits" => limits::measure(workload, folder).await,
            _ => offers::measure(workload, folder).await,
        };
        reports.push(report.map_err(|problem| format!("{group}: {problem}"))?);
    }
    Ok(reports)
}

//! `veer serve`: the gateway, until it is told to stop.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{BAD_CONFIGURATION, check, failed};
use crate::{Gateway, config::Config, specs::Adapters, telemetry::logs};

/// Adapters' steps run on them, at most 8 an insurer, and name look-ups.
const BLOCKING_THREADS: usize = 1024;

/// Run the gateway.
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration file.
    #[arg(long, default_value = "config/veer.toml")]
    config: PathBuf,
}

impl Serve {
    pub(super) fn run(self) -> ExitCode {
        let (config, adapters) = match check::load_with_adapters(&self.config) {
            Ok(read) => read,
            Err(problems) => return failed(BAD_CONFIGURATION, &problems),
        };
        if let Err(error) = logs::start(&config.telemetry) {
            return failed(BAD_CONFIGURATION, &error);
        }
        block_on(serve(config, adapters))
    }
}

/// Runs a command on the runtime that calculations run on. What still hangs on it at the end (an
/// adapter's endless loop) does not hold the process.
pub(super) fn block_on(command: impl Future<Output = ExitCode>) -> ExitCode {
    let built = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .thread_name("veer")
        .max_blocking_threads(BLOCKING_THREADS)
        .build();
    match built {
        Ok(runtime) => {
            let code = runtime.block_on(command);
            runtime.shutdown_background();
            code
        }
        Err(error) => failed(1, &format!("no runtime could be started: {error}")),
    }
}

async fn serve(config: Config, adapters: Adapters) -> ExitCode {
    // Before anything is bound, so that no signal finds nobody.
    let (mut terminate, mut interrupt) =
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
            (Err(error), _) | (_, Err(error)) => {
                return failed(1, &format!("signals cannot be waited for: {error}"));
            }
        };
    loop {
        let gateway = match Gateway::start(config.clone(), adapters.clone()).await {
            Ok(gateway) => gateway,
            Err(error) => return failed(1, &error),
        };
        let is_deposed = tokio::select! {
            _ = terminate.recv() => false,
            _ = interrupt.recv() => false,
            () = gateway.deposed() => true,
        };
        if !is_deposed {
            gateway.stop().await;
            return ExitCode::SUCCESS;
        }
        // Its work is another's, and its name is used up. Under a new one it is a replica like any other that has just
        // started: the process has nothing in it that must be thrown away.
        gateway.abandon().await;
        tracing::warn!("starting again as a new replica");
    }
}

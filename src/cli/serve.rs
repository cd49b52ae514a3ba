//! `veer serve`: the gateway, until it is told to stop.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use tokio::signal::unix::{SignalKind, signal};

use super::{BAD_CONFIGURATION, check, failed};
use crate::{Gateway, config::Config, telemetry::logs};

/// Run the gateway.
#[derive(Debug, Args)]
pub struct Serve {
    /// The configuration file.
    #[arg(long, default_value = "config/veer.toml")]
    config: PathBuf,
}

impl Serve {
    pub(super) fn run(self) -> ExitCode {
        let config = match check::load(&self.config) {
            Ok(config) => config,
            Err(problems) => return failed(BAD_CONFIGURATION, &problems),
        };
        if let Err(error) = logs::start(&config.telemetry) {
            return failed(BAD_CONFIGURATION, &error);
        }
        match runtime() {
            Ok(runtime) => runtime.block_on(serve(config)),
            Err(error) => failed(1, &format!("no runtime could be started: {error}")),
        }
    }
}

/// The runtime that calculations run on.
pub(super) fn runtime() -> std::io::Result<tokio::runtime::Runtime> {
    tokio::runtime::Builder::new_multi_thread().enable_all().thread_name("veer").build()
}

async fn serve(config: Config) -> ExitCode {
    // Before anything is bound, so that no signal finds nobody.
    let (mut terminate, mut interrupt) =
        match (signal(SignalKind::terminate()), signal(SignalKind::interrupt())) {
            (Ok(terminate), Ok(interrupt)) => (terminate, interrupt),
            (Err(error), _) | (_, Err(error)) => {
                return failed(1, &format!("signals cannot be waited for: {error}"));
            }
        };
    let gateway = match Gateway::start(config, veer_insurers::all()).await {
        Ok(gateway) => gateway,
        Err(error) => return failed(1, &error),
    };
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    gateway.stop().await;
    ExitCode::SUCCESS
}

//! `veer check`: everything that is wrong with a configuration, at once.

use std::{path::PathBuf, process::ExitCode};

use clap::Args;
use veer_contract::Manifest;

use super::{BAD_CONFIGURATION, failed};
use crate::{
    config::{self, Config, Problems},
    dictionary::VehicleMapping,
    upstream::exchange,
};

/// Tell everything that is wrong with a configuration, and start nothing.
#[derive(Debug, Args)]
pub struct Check {
    /// The configuration file.
    #[arg(long, default_value = "config/veer.toml")]
    config: PathBuf,
}

impl Check {
    pub(super) fn run(self) -> ExitCode {
        let config = match load(&self.config) {
            Ok(config) => config,
            Err(problems) => return failed(BAD_CONFIGURATION, &problems),
        };
        let problems = in_files(&config);
        if !problems.is_empty() {
            return failed(BAD_CONFIGURATION, &problems.join("\n"));
        }
        let enabled: Vec<&str> = config
            .insurers
            .iter()
            .filter(|insurer| insurer.enabled)
            .map(|insurer| insurer.code.as_str())
            .collect();
        println!(
            "{} is in order: {} partner account(s), insurers enabled: {}",
            self.config.display(),
            config.partner.accounts.len(),
            if enabled.is_empty() { "none".to_owned() } else { enabled.join(", ") }
        );
        ExitCode::SUCCESS
    }
}

/// What is wrong in the files that the configuration names.
fn in_files(config: &Config) -> Vec<String> {
    let mut problems = Vec::new();
    if let Some(Err(error)) = config.dictionary.vehicles.as_deref().map(VehicleMapping::read) {
        problems.push(format!("dictionary.vehicles: {error}"));
    }
    for insurer in &config.insurers {
        if let Some(Err(error)) = insurer.ca_file.as_deref().map(exchange::certificates) {
            problems.push(format!("insurers.{}.ca_file: {error}", insurer.code));
        }
    }
    problems
}

/// Reads the configuration as every command does: file, environment, built-in manifests.
pub(super) fn load(path: &std::path::Path) -> Result<Config, Problems> {
    let manifests: Vec<&Manifest> = veer_insurers::all().iter().map(|adapter| adapter.manifest()).collect();
    Config::load(path, config::variables(), &manifests)
}

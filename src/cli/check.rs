//! `veer check`: everything that is wrong with a configuration, at once.

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
    sync::Arc,
};

use clap::Args;
use veer_spec::Spec;

use super::{BAD_CONFIGURATION, failed};
use crate::{
    config::{self, Config, Problems},
    dictionary::{self, import},
    specs::{Adapters, Compiled, Texts},
    tuning,
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
            .filter(|insurer| insurer.standing.enabled)
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
    if let Err(error) = dictionary::check_catalogue(config.dictionary.catalogue.as_deref()) {
        problems.push(format!("dictionary.catalogue: {error}"));
    }
    if let Some(path) = &config.dictionary.vehicles {
        problems.extend(in_vehicles(path, config).into_iter().map(|it| format!("dictionary.vehicles: {it}")));
    }
    problems.extend(tuning::check_file(&config.tuning.file, &config.insurers));
    // Fails only where a provider is installed already, and then there is one.
    let _ = rustls::crypto::ring::default_provider().install_default();
    for insurer in &config.insurers {
        if let Some(Err(error)) = insurer.client_certificate_file.as_deref().map(exchange::identity) {
            problems.push(format!("insurers.{}.client_certificate_file: {error}", insurer.code));
        }
        if let Some(Err(error)) = insurer.ca_file.as_deref().map(exchange::certificates) {
            problems.push(format!("insurers.{}.ca_file: {error}", insurer.code));
        }
    }
    problems
}

/// What is wrong in the file with insurers' dictionaries.
fn in_vehicles(path: &Path, config: &Config) -> Vec<String> {
    let shown = path.display();
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) => return vec![format!("{shown}: {error}")],
    };
    let dictionaries = match import::read_sheets(&text) {
        Ok(dictionaries) => dictionaries,
        Err(error) => return vec![format!("{shown}: {error}")],
    };
    let is_spoken = |adapter: &str| config.insurers.iter().any(|insurer| insurer.adapter == adapter);
    let unused = dictionaries.keys().filter(|adapter| !is_spoken(adapter));
    unused.map(|adapter| format!("{shown}: no insurer speaks through the adapter `{adapter}`")).collect()
}

/// Reads the configuration as every command does: file, environment, all adapters' manifests.
pub(super) fn load(path: &Path) -> Result<Config, Problems> {
    load_with_adapters(path).map(|(config, _)| config)
}

/// The same, with the adapters that it was read against: those of its folder of specs among them.
pub(super) fn load_with_adapters(path: &Path) -> Result<(Config, Adapters), Problems> {
    let mut adapters = adapters();
    let config = Config::load_with(path, config::variables(), &mut adapters)?;
    Ok((config, adapters))
}

/// The adapters of this program.
pub(super) fn adapters() -> Adapters {
    let shipped = veer_insurers::specs();
    let texts =
        shipped.map(|(manifest, spec)| Texts { manifest: manifest.to_owned(), spec: spec.to_owned() });
    Adapters::from(veer_insurers::all()).with_specs(compile, texts)
}

fn compile(manifest: &str, spec: &str) -> Result<Compiled, Vec<String>> {
    match Spec::compile(manifest, spec) {
        Ok(spec) => Ok(Compiled { revision: spec.revision(), adapter: Arc::new(spec) }),
        Err(problems) => Err(problems.0.iter().map(ToString::to_string).collect()),
    }
}

//! The configuration: one TOML file, with overrides from the environment.
//!
//! `config/veer.toml` is the manual: every key with its default and what it is for. Here each concern has
//! a struct in a file of its own, where the defaults stand, once. A configuration is read whole before
//! anything is bound or opened, and everything that is wrong with it is told at once: file and line (or
//! the environment variable), key, rule, and what to do.
//!
//! | module | what is in it |
//! |---|---|
//! | `tree`, `environment` | the file and the variables as one tree whose values know their place |
//! | `section`, `form`, `nearest` | reading the tree: keys with defaults, how values are written, suggestions |
//! | `problem`, `secret` | what is wrong, and what must not be shown |
//! | all others | a concern each |
//!
//! Secrets are given as `password = "…"` or as `password_file = "…"`, whose trailing line breaks are cut
//! off; giving both is a problem. Files are named relative to the configuration's folder, the store
//! relative to the folder that the gateway runs in.

mod account;
mod breaker;
mod calculation;
mod company;
mod complete;
mod dictionary;
mod environment;
mod form;
mod insurer;
mod lane;
mod manifests;
mod nearest;
mod offers;
mod operations;
mod outage;
mod partner;
mod problem;
mod replicas;
mod sales;
mod secret;
mod section;
mod server;
mod standing;
mod store;
mod telemetry;
#[cfg(test)]
mod tests;
mod tree;
mod tuning;
mod upstream;

use std::{collections::BTreeSet, fs, path::Path};

use veer_contract::Manifest;

pub(crate) use self::nearest::hint;
use self::section::{Asked, Reading, Section};
pub(crate) use self::tuning::{TuningLine, duration, rate_limit, tuning_lines};
pub use self::{
    account::AccountConfig,
    breaker::BreakerConfig,
    calculation::CalculationConfig,
    company::CompanyConfig,
    complete::CompleteConfig,
    dictionary::DictionaryConfig,
    environment::variables,
    form::{Hours, Maintenance, Mode, RateLimit, Share, Weekly, Window},
    insurer::InsurerConfig,
    lane::LaneConfig,
    manifests::Manifests,
    offers::OffersConfig,
    operations::{OperationsConfig, OperatorConfig},
    outage::OutageConfig,
    partner::PartnerConfig,
    problem::{Place, Problem, Problems},
    replicas::ReplicasConfig,
    sales::{ConfirmConfig, ConfirmMethod, SalesConfig},
    secret::Secret,
    server::ServerConfig,
    standing::StandingConfig,
    store::{PostgresConfig, SqliteConfig, StoreConfig, Synchronous},
    telemetry::{LogFormat, TelemetryConfig},
    tuning::TuningConfig,
    upstream::{OfferRange, UpstreamConfig},
};

/// Everything that an operator can set.
#[derive(Debug, Clone, PartialEq)]
pub struct Config {
    /// The partner API.
    pub partner: PartnerConfig,
    /// The operations port.
    pub operations: OperationsConfig,
    /// The process.
    pub server: ServerConfig,
    /// Calculations.
    pub calculation: CalculationConfig,
    /// Offers after the quote.
    pub offers: OffersConfig,
    /// Confirming sales to the partner.
    pub sales: SalesConfig,
    /// The store.
    pub store: StoreConfig,
    /// Several gateways on one store.
    pub replicas: ReplicasConfig,
    /// The vehicle dictionary.
    pub dictionary: DictionaryConfig,
    /// Logs.
    pub telemetry: TelemetryConfig,
    /// What operators change while the gateway runs.
    pub tuning: TuningConfig,
    /// Calls to all insurers.
    pub upstream: UpstreamConfig,
    /// The insurers, by code.
    pub insurers: Vec<InsurerConfig>,
}

// === impl Config ===

impl Config {
    /// Reads the file at `path`, with the variables of `env` (see [`variables`]) laid over it. The
    /// manifests are those of every adapter that is built in; a folder of specs is not looked at.
    pub fn load(
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
        manifests: &[&Manifest],
    ) -> Result<Self, Problems> {
        Self::load_with(path, env, &mut manifests::BuiltIn(manifests))
    }

    /// The same, with whatever adapters `manifests` knows or finds in the folder of specs.
    pub fn load_with(
        path: &Path,
        env: impl Iterator<Item = (String, String)>,
        manifests: &mut dyn Manifests,
    ) -> Result<Self, Problems> {
        let text = fs::read_to_string(path).map_err(|error| {
            let place = Place::File { name: path.display().to_string().into(), line: None };
            let rule = format!("cannot be read: {error}");
            Problems::new(vec![Problem { place, key: String::new(), rule }])
        })?;
        Self::parse_asking(&text, path, env, manifests).map(|(config, _)| config)
    }

    /// Reads `text` as if it stood in the file `origin`, which need not exist.
    pub fn parse(
        text: &str,
        origin: &Path,
        env: impl Iterator<Item = (String, String)>,
        manifests: &[&Manifest],
    ) -> Result<Self, Problems> {
        let mut manifests = manifests::BuiltIn(manifests);
        Self::parse_asking(text, origin, env, &mut manifests).map(|(config, _)| config)
    }

    fn parse_asking(
        text: &str,
        origin: &Path,
        env: impl Iterator<Item = (String, String)>,
        manifests: &mut dyn Manifests,
    ) -> Result<(Self, BTreeSet<Asked>), Problems> {
        let name = origin.display().to_string();
        // After a mistake of syntax what else could be said would be guesses, so only those are told.
        let mut tree = tree::read(text, &name).map_err(Problems::new)?;
        let problems = environment::overlay(&mut tree, env);
        let reading = Reading::new(origin.parent().unwrap_or(Path::new("")), problems);
        let place = Place::File { name: name.into(), line: None };
        let config = reading.root(&tree, place, |root| Self::read(root, manifests));
        let (problems, asked) = reading.finish();
        if problems.is_empty() { Ok((config, asked)) } else { Err(Problems::new(problems)) }
    }

    fn read(root: &Section<'_>, manifests: &mut dyn Manifests) -> Self {
        let upstream = root.child("upstream", UpstreamConfig::read);
        if let Some(folder) = upstream.specs.as_deref().filter(|folder| folder.is_dir()) {
            for (place, rule) in manifests.read_folder(folder) {
                root.reading().note(Place::Spec(place), String::new(), rule);
            }
        }
        let config = Self {
            partner: root.child("partner", PartnerConfig::read),
            operations: root.child("operations", OperationsConfig::read),
            server: root.child("server", ServerConfig::read),
            calculation: root.child("calculation", CalculationConfig::read),
            offers: root.child("offers", OffersConfig::read),
            sales: root.child("sales", SalesConfig::read),
            store: root.child("store", StoreConfig::read),
            replicas: root.child("replicas", ReplicasConfig::read),
            dictionary: root.child("dictionary", DictionaryConfig::read),
            telemetry: root.child("telemetry", TelemetryConfig::read),
            insurers: InsurerConfig::read_all(root, manifests, &upstream.breaker),
            tuning: root.child("tuning", TuningConfig::read),
            upstream,
        };
        config.check(root);
        config
    }

    /// The rules between sections; each section has checked its own.
    fn check(&self, root: &Section<'_>) {
        root.child("calculation", |section| {
            section.accept_all();
            let calculation = &self.calculation;
            // Where its own section has something against it, that is said there.
            let is_wrong =
                calculation.keep < calculation.keep_answers || calculation.keep < calculation.budget;
            section.rule(
                is_wrong || calculation.keep >= self.offers.valid,
                "keep",
                "must be at least `offers.valid`: an offer that can be taken must be in the store",
            );
            // A source of vehicle data has no code at the partner.
            let mut quoting = self.insurers.iter().filter(|insurer| insurer.partner_code != 0).peekable();
            let nobody_is_fast = quoting.peek().is_some() && quoting.all(|insurer| insurer.slow);
            section.child("complete", |section| {
                section.accept_all();
                section.rule(
                    !(calculation.complete.fast_answered && nobody_is_fast),
                    "fast_answered",
                    "every insurer says `slow = true`, so the first offer would end each calculation; leave at least \
                     one of them fast, or set `offers = 1`",
                );
            });
        });
        let operations = self.operations.listen;
        root.child("operations", |section| {
            // The keys are known to the section's own reader, which ran before.
            section.accept_all();
            section.rule(
                operations.port() == 0 || operations != self.partner.listen,
                "listen",
                format!("`partner.listen` is {operations} too; operations need a port of their own"),
            );
        });
    }
}

//! The vehicle dictionary.

use std::{path::PathBuf, time::Duration};

use veer_vehicles::matching::SURE;

use super::section::Section;

/// `[dictionary]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DictionaryConfig {
    /// A folder with the catalogue to begin with, already found from the configuration's folder; without it,
    /// the catalogue that the gateway ships.
    pub catalogue: Option<PathBuf>,
    /// A CSV file with insurers' dictionaries, already found from the configuration's folder.
    pub vehicles: Option<PathBuf>,
    /// Insurers' dictionaries are read so often; never by themselves where it is zero.
    pub import_every: Duration,
    /// How long one insurer may take for its dictionary.
    pub import_budget: Duration,
    /// From this confidence on, in percent, a found mapping is used at once.
    pub sure: u8,
    /// How long the answer about one vehicle is remembered,
    pub remember: Duration,
    /// and how long that nobody knows it.
    pub remember_unknown: Duration,
    /// How many vehicles are remembered.
    pub remembered: u64,
    /// How long the sources together may take for one vehicle.
    pub look_up: Duration,
}

// === impl DictionaryConfig ===

impl DictionaryConfig {
    pub(super) fn read(section: &Section<'_>) -> Self {
        let config = Self {
            catalogue: section.folder("catalogue", &["brands.csv", "models.csv", "modifications.csv"]),
            vehicles: section.file("vehicles"),
            import_every: section.or("import_every", Duration::from_secs(86_400)),
            import_budget: section.or("import_budget", Duration::from_secs(900)),
            sure: section.or("sure", SURE),
            remember: section.or("remember", Duration::from_secs(86_400)),
            remember_unknown: section.or("remember_unknown", Duration::from_secs(600)),
            remembered: section.or("remembered", 100_000),
            look_up: section.or("look_up", Duration::from_secs(20)),
        };
        section.rule(
            config.import_every.is_zero() || config.import_every >= Duration::from_secs(60),
            "import_every",
            "must be at least 1m; 0s reads dictionaries by command only",
        );
        for (key, value) in [("import_budget", config.import_budget), ("look_up", config.look_up)] {
            section.rule(!value.is_zero(), key, "must be longer than nothing");
        }
        section.rule(
            (1..=100).contains(&config.sure),
            "sure",
            "must be from 1 to 100 percent; 93 lets through what is safe, 100 only names that are the same",
        );
        config
    }
}

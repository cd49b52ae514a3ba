//! What a group of measurements came to, as the bench writes it and as it is kept.

use std::{fs, path::Path};

use serde::{Deserialize, Serialize};

/// Where kept figures and plots are.
pub(super) const FOLDER: &str = "docs/benches";

/// A group with when and where it was measured: a file each.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Kept {
    pub(super) taken: Taken,
    pub(super) report: Report,
}

/// When and where, in the words of whoever measured.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Taken {
    pub(super) date: String,
    pub(super) machine: String,
}

/// A group of measurements.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Report {
    pub(super) group: String,
    pub(super) title: String,
    pub(super) sections: Vec<Section>,
    pub(super) plots: Vec<Plot>,
}

/// One measurement: what was done, and its figures.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Section {
    pub(super) title: String,
    pub(super) notes: Vec<String>,
    pub(super) rows: Vec<Row>,
}

/// One figure over all rounds.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) median: f64,
    pub(super) min: f64,
    pub(super) max: f64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bound: Option<Bound>,
}

/// What a median is held against.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// A plot, as data.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Plot {
    /// Its file, without the ending.
    pub(super) name: String,
    pub(super) title: String,
    pub(super) kind: Kind,
    pub(super) x: String,
    pub(super) y: String,
    pub(super) ticks: Vec<String>,
    pub(super) series: Vec<Series>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) bound: Option<f64>,
}

/// How a plot is drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Kind {
    Bars,
    Lines,
}

/// One colour's values, one a tick.
#[derive(Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Series {
    pub(super) name: String,
    pub(super) values: Vec<f64>,
}

// === impl Kept ===

impl Kept {
    /// Writes it below the workspace's `root`, over what was there of that group.
    pub(super) fn write(&self, root: &Path) -> Result<(), String> {
        let (folder, file) = (root.join(FOLDER), format!("{FOLDER}/{}.json", self.report.group));
        let text = serde_json::to_string_pretty(self).map_err(|error| format!("{file}: {error}"))?;
        fs::create_dir_all(folder).map_err(|error| format!("{FOLDER}: {error}"))?;
        fs::write(root.join(&file), text + "\n").map_err(|error| format!("{file}: {error}"))
    }

    /// The kept figures of `group`; none where nobody has measured it yet.
    pub(super) fn read(root: &Path, group: &str) -> Result<Option<Self>, String> {
        let file = format!("{FOLDER}/{group}.json");
        match fs::read_to_string(root.join(&file)) {
            Ok(text) => serde_json::from_str(&text).map(Some).map_err(|error| format!("{file}: {error}")),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(None),
            Err(error) => Err(format!("{file}: {error}")),
        }
    }
}

// === impl Row ===

impl Row {
    /// A figure that was taken once.
    pub(super) fn once(name: &str, unit: &str, value: f64) -> Self {
        Self { name: name.into(), unit: unit.into(), median: value, min: value, max: value, bound: None }
    }
}

// === impl Bound ===

impl Bound {
    /// Whether a figure keeps it.
    pub(super) fn is_kept_by(self, figure: f64) -> bool {
        match self {
            Bound::AtMost(bound) => figure <= bound,
            Bound::AtLeast(bound) => figure >= bound,
        }
    }
}

impl std::fmt::Display for Bound {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Bound::AtMost(bound) => write!(f, "≤ {bound}"),
            Bound::AtLeast(bound) => write!(f, "≥ {bound}"),
        }
    }
}

/// A figure with as many digits as it is worth.
pub(super) fn shown(value: f64) -> String {
    match value.abs() {
        _ if value.fract() == 0.0 => format!("{value:.0}"),
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

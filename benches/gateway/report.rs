//! What one group of measurements comes to: sections for people, and what is drawn of them.

use serde::Serialize;

use crate::figure::Section;

/// One group.
#[derive(Debug, Serialize)]
pub(crate) struct Report {
    /// The name that it is chosen by.
    pub(crate) group: &'static str,
    /// The question that it answers.
    pub(crate) title: &'static str,
    pub(crate) sections: Vec<Section>,
    pub(crate) plots: Vec<Plot>,
}

/// A plot, as data: who draws it chooses the colours.
#[derive(Debug, Serialize)]
pub(crate) struct Plot {
    /// Its file, without the ending.
    pub(crate) name: &'static str,
    pub(crate) title: String,
    pub(crate) kind: Kind,
    /// What is told below and beside it.
    pub(crate) x: &'static str,
    pub(crate) y: &'static str,
    /// The places from left to right.
    pub(crate) ticks: Vec<String>,
    pub(crate) series: Vec<Series>,
    /// A line across: the bound.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<f64>,
}

/// How a plot is drawn.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Kind {
    Bars,
    Lines,
}

/// One colour's values, one a tick.
#[derive(Debug, Serialize)]
pub(crate) struct Series {
    pub(crate) name: String,
    pub(crate) values: Vec<f64>,
}

// === impl Series ===

impl Series {
    /// These values under that name.
    pub(crate) fn new(name: impl Into<String>, values: Vec<f64>) -> Self {
        Self { name: name.into(), values }
    }
}

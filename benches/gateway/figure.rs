//! What is measured several times, and how it is shown.

use serde::Serialize;

/// A figure over all rounds.
#[derive(Debug, Clone, Copy, Serialize)]
pub(crate) struct Figure {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

/// One line of the report.
#[derive(Debug, Serialize)]
pub(crate) struct Row {
    pub(crate) name: String,
    pub(crate) unit: &'static str,
    #[serde(flatten)]
    pub(crate) figure: Figure,
    /// The bound that the figure is to be held against.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) bound: Option<Bound>,
}

/// What a figure is held against; its median counts.
#[derive(Debug, Clone, Copy, Serialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Bound {
    AtMost(f64),
    AtLeast(f64),
}

/// One measurement: what was done, and its figures.
#[derive(Debug, Serialize)]
pub(crate) struct Section {
    pub(crate) title: String,
    pub(crate) notes: Vec<String>,
    pub(crate) rows: Vec<Row>,
}

// === impl Figure ===

impl Figure {
    /// Of at least one value.
    pub(crate) fn of(values: &[f64]) -> Self {
        let mut sorted = values.to_vec();
        sorted.sort_by(f64::total_cmp);
        let (min, max) = (*sorted.first().unwrap_or(&f64::NAN), *sorted.last().unwrap_or(&f64::NAN));
        Self { median: percentile(&sorted, 0.5), min, max }
    }
}

/// The value that a share of `sorted` does not exceed.
pub(crate) fn percentile(sorted: &[f64], share: f64) -> f64 {
    let rank = (sorted.len() as f64 * share).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

/// Each of `left` beside its partner of the same round.
pub(crate) fn ratios(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(left, right)| left / right).collect()
}

// === impl Row ===

impl Row {
    /// A line without a bound.
    pub(crate) fn new(name: impl Into<String>, unit: &'static str, values: &[f64]) -> Self {
        Self { name: name.into(), unit, figure: Figure::of(values), bound: None }
    }

    /// The same with a bound.
    pub(crate) fn bounded(mut self, bound: Bound) -> Self {
        self.bound = Some(bound);
        self
    }
}

// === impl Bound ===

impl Bound {
    /// The bound, and whether the figure keeps it.
    fn told(self, figure: f64) -> String {
        let (bound, keeps) = match self {
            Bound::AtMost(bound) => (format!("<= {bound}"), figure <= bound),
            Bound::AtLeast(bound) => (format!(">= {bound}"), figure >= bound),
        };
        if keeps { bound } else { format!("{bound}: missed") }
    }
}

// === impl Section ===

impl Section {
    /// For people.
    pub(crate) fn print(&self) {
        println!("\n{}", self.title);
        for note in &self.notes {
            println!("  {note}");
        }
        println!("\n  {:<52} {:>12} {:>27}   bound", "", "median", "min .. max");
        for Row { name, unit, figure: Figure { median, min, max }, bound } in &self.rows {
            let range = format!("{} .. {}", shown(*min), shown(*max));
            let name = if unit.is_empty() { name.clone() } else { format!("{name} [{unit}]") };
            let line = format!(
                "  {name:<52} {:>12} {range:>27}   {}",
                shown(*median),
                bound.map(|bound| bound.told(*median)).unwrap_or_default()
            );
            println!("{}", line.trim_end());
        }
    }
}

fn shown(value: f64) -> String {
    match value.abs() {
        size if size >= 1000.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

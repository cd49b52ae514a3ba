//! How good the matcher is: names as insurers write them, each with what a person says it stands for.
//!
//! Precision is the share of right ones among what is mapped without asking; recall is the share of what has an
//! entry that is mapped rightly without asking.

use veer_contract::domain::InsurerVehicle;

use super::{Candidate, Matcher};
use crate::catalogue::{Catalogue, Categories, EntryId};

/// A name and what it stands for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Labelled {
    /// The row as the insurer has it.
    pub row: InsurerVehicle,
    /// The entry; `None` where it must not be mapped without asking.
    pub expected: Option<EntryId>,
    /// `tune`, or `hold` for what the matcher was not made with.
    pub part: String,
}

/// A line of the labelled set is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("line {line}: {problem}")]
pub struct LabelProblem {
    /// Which line.
    pub line: usize,
    /// What is wrong and what to do.
    pub problem: String,
}

/// What came of it.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Measured {
    /// How many have an entry.
    pub wanted: usize,
    /// How many were mapped without asking.
    pub automatic: usize,
    /// How many of those were right.
    pub right: usize,
    /// Those mapped wrongly, and those that should have been mapped and were not.
    pub misses: Vec<Miss>,
}

/// A name that was mapped wrongly or not at all.
#[derive(Debug, Clone, PartialEq)]
pub struct Miss {
    /// The name.
    pub labelled: Labelled,
    /// The best that the matcher found.
    pub best: Option<Candidate>,
    /// Whether that was used.
    pub automatic: bool,
}

// === impl Labelled ===

impl Labelled {
    /// The lines of a labelled set: `category,brand,model,expected_brand,expected_model,part`, the first line being
    /// that header. `expected_model` is `*` for the brand's others; both are empty for what must not be mapped.
    pub fn read(text: &str, catalogue: &Catalogue) -> Result<Vec<Labelled>, Vec<LabelProblem>> {
        let mut labelled = Vec::new();
        let mut problems = Vec::new();
        let mut reader = csv::ReaderBuilder::new().comment(Some(b'#')).from_reader(text.as_bytes());
        for record in reader.records() {
            let read = match &record {
                Ok(record) => Self::of(record, catalogue),
                Err(error) => Err(error.to_string()),
            };
            let line = record
                .ok()
                .and_then(|record| record.position().map(|at| at.line() as usize))
                .unwrap_or_default();
            match read {
                Ok(name) => labelled.push(name),
                Err(problem) => problems.push(LabelProblem { line, problem }),
            }
        }
        if problems.is_empty() { Ok(labelled) } else { Err(problems) }
    }

    fn of(record: &csv::StringRecord, catalogue: &Catalogue) -> Result<Self, String> {
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let category = Categories::ALL.into_iter().find(|category| cell(0) == category.letter().to_string());
        if category.is_none() && !cell(0).is_empty() {
            return Err(format!("`{}` is no category", cell(0)));
        }
        let row = InsurerVehicle {
            brand: cell(1).to_owned(),
            model: cell(2).to_owned(),
            category,
            ..InsurerVehicle::default()
        };
        let brand = catalogue.brands().iter().find(|brand| brand.name == cell(3));
        let expected = match (brand, cell(4)) {
            (None, "") if cell(3).is_empty() => None,
            (None, _) => return Err(format!("the catalogue has no brand {}", cell(3))),
            (Some(brand), "*") => Some(brand.id),
            (Some(brand), name) => {
                let is_it = |model: &&crate::catalogue::Model| {
                    model.name == name && category.is_none_or(|category| model.categories.has(category))
                };
                let model = brand.models.iter().find(is_it);
                Some(
                    model
                        .ok_or_else(|| format!("{} has no model {name} in category {}", brand.name, cell(0)))?
                        .id,
                )
            }
        };
        Ok(Self { row, expected, part: cell(5).to_owned() })
    }
}

// === impl Measured ===

impl Measured {
    /// What the matcher makes of them, where `threshold` percent are enough to map without asking.
    pub fn of<'a>(matcher: &Matcher, names: impl IntoIterator<Item = &'a Labelled>, threshold: u8) -> Self {
        let mut measured = Self::default();
        for labelled in names {
            let best = matcher.candidates(&labelled.row).first().copied();
            let used = best.filter(|best| best.confidence >= threshold);
            let right = used.map(|best| best.entry) == labelled.expected;
            measured.wanted += usize::from(labelled.expected.is_some());
            measured.automatic += usize::from(used.is_some());
            measured.right += usize::from(right && used.is_some());
            if !right {
                measured.misses.push(Miss { labelled: labelled.clone(), best, automatic: used.is_some() });
            }
        }
        measured
    }

    /// The share of right ones among those mapped without asking, from 0 to 1.
    pub fn precision(&self) -> f64 {
        self.right as f64 / self.automatic.max(1) as f64
    }

    /// The share mapped rightly without asking of those that have an entry, from 0 to 1.
    pub fn recall(&self) -> f64 {
        self.right as f64 / self.wanted.max(1) as f64
    }
}

//! What is different in an insurer's dictionary since it was read last.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use veer_contract::domain::InsurerVehicle;

use crate::store::{InsurerVehicleRow, RowName};

/// Rows by what they name.
pub type Rows = BTreeMap<RowName, Vec<InsurerVehicle>>;

/// The difference between two readings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The rows of the new reading, each once.
    pub rows: Rows,
    /// Names that are new.
    pub added: Vec<RowName>,
    /// Names that are gone.
    pub gone: Vec<RowName>,
    /// Names that stayed while their codes or years changed.
    pub recoded: Vec<RowName>,
    /// Rows that stood in the reading more than once, and rows without a name.
    pub dropped: usize,
}

// === impl Changes ===

impl Changes {
    /// Compares a reading with what was known.
    pub fn between(known: &Rows, read: Vec<InsurerVehicle>) -> Self {
        let mut changes = Self::default();
        let given = read.len();
        let named =
            |vehicle: &InsurerVehicle| !vehicle.brand.trim().is_empty() || !vehicle.model.trim().is_empty();
        let read: BTreeSet<InsurerVehicle> = read.into_iter().filter(named).map(plain).collect();
        changes.dropped = given - read.len();
        for vehicle in read {
            changes.rows.entry(RowName::of(&vehicle)).or_default().push(vehicle);
        }
        for (name, rows) in &changes.rows {
            match known.get(name) {
                None => changes.added.push(name.clone()),
                Some(known) if known != rows => changes.recoded.push(name.clone()),
                Some(_) => {}
            }
        }
        changes.gone = known.keys().filter(|name| !changes.rows.contains_key(*name)).cloned().collect();
        changes
    }

    /// What the store must write: rows that begin and rows that end.
    pub fn to_write(&self, dictionary: &str, known: &Rows, now: Timestamp) -> Vec<InsurerVehicleRow> {
        let row = |vehicle: &InsurerVehicle, gone| InsurerVehicleRow {
            dictionary: dictionary.to_owned(),
            vehicle: vehicle.clone(),
            first: now,
            gone,
        };
        let mut rows = Vec::new();
        for name in self.added.iter().chain(&self.recoded).chain(&self.gone) {
            let before = known.get(name).map_or(&[][..], Vec::as_slice);
            let after = self.rows.get(name).map_or(&[][..], Vec::as_slice);
            rows.extend(before.iter().filter(|it| !after.contains(it)).map(|it| row(it, Some(now))));
            rows.extend(after.iter().filter(|it| !before.contains(it)).map(|it| row(it, None)));
        }
        rows
    }

    /// Why the reading is rather broken than new: it is empty, or more than half of the names or of the
    /// codes that were there are gone.
    pub fn suspicion(&self, known: &Rows) -> Option<String> {
        let coded =
            |rows: &Rows| rows.values().filter(|rows| rows.iter().any(|row| row.code.is_some())).count();
        let (codes, before) = (coded(&self.rows), coded(known));
        if self.rows.is_empty() {
            Some("it came without a single row".to_owned())
        } else if self.gone.len() * 2 > known.len() {
            Some(format!(
                "{} of its {} names are gone, which is more than half",
                self.gone.len(),
                known.len()
            ))
        } else if codes * 2 < before {
            Some(format!("{codes} of its names have a code, where {before} had one"))
        } else {
            None
        }
    }
}

/// As the store keeps it: what is empty is not there.
fn plain(vehicle: InsurerVehicle) -> InsurerVehicle {
    let some = |text: Option<String>| text.filter(|text| !text.is_empty());
    InsurerVehicle {
        brand_code: some(vehicle.brand_code),
        code: some(vehicle.code),
        years: vehicle.years.filter(|years| *years != (0, 0)),
        ..vehicle
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(model: &str, code: &str) -> InsurerVehicle {
        InsurerVehicle {
            brand: "Kia".into(),
            model: model.into(),
            code: Some(code.into()),
            ..InsurerVehicle::default()
        }
    }

    #[test]
    fn a_reading_is_compared_by_names() {
        let known =
            Changes::between(&Rows::new(), vec![row("Rio", "1"), row("Ceed", "2"), row("K5", "3")]).rows;
        let read = vec![row("Rio", "7"), row("Ceed", "2"), row("Ceed", "2"), row("Soul", "3"), row(" ", "4")];
        let unnamed = InsurerVehicle { brand: String::new(), ..row(" ", "5") };
        let changes = Changes::between(&known, read.into_iter().chain([unnamed]).collect());
        let models = |names: &[RowName]| names.iter().map(|name| name.model.clone()).collect::<Vec<_>>();
        assert_eq!(models(&changes.added), [" ", "Soul"]);
        assert_eq!(models(&changes.gone), ["K5"]);
        assert_eq!(models(&changes.recoded), ["Rio"]);
        assert_eq!(changes.dropped, 2);
        assert_eq!(changes.suspicion(&known), None);
        let written = changes.to_write("kia", &known, Timestamp::UNIX_EPOCH);
        let written: Vec<(&str, bool)> = written
            .iter()
            .map(|row| (row.vehicle.code.as_deref().unwrap_or_default(), row.gone.is_some()))
            .collect();
        assert_eq!(written, [("4", false), ("3", false), ("1", true), ("7", false), ("3", true)]);
    }

    #[test]
    fn a_reading_that_lost_most_is_suspicious() {
        let known =
            Changes::between(&Rows::new(), vec![row("Rio", "1"), row("Ceed", "2"), row("K5", "3")]).rows;
        let why = |known: &Rows, read| Changes::between(known, read).suspicion(known).unwrap_or_default();
        assert!(why(&known, vec![row("Rio", "1")]).contains("2 of its 3 names are gone"));
        assert!(why(&Rows::new(), Vec::new()).contains("without a single row"));
        let bare = ["Rio", "Ceed", "K5"].map(|model| InsurerVehicle { code: None, ..row(model, "") });
        assert!(why(&known, bare.to_vec()).contains("0 of its names have a code, where 3 had one"));
    }
}

//! The rows of `data/vehicles.csv` and `data/renames.csv`.

use std::sync::LazyLock;

use veer_contract::domain::VehicleCategory;

use crate::Wire;

/// One vehicle.
pub(crate) struct Known {
    /// An invented number.
    pub(crate) isn: u32,
    /// Category; none for tractors.
    pub(crate) category: Option<VehicleCategory>,
    /// How each wire writes it, by [`Wire`]; none where it lacks the vehicle.
    names: Vec<Option<Name>>,
    /// How a wire writes it from a revision on, the latest last.
    renames: Vec<(u32, Wire, Name)>,
}

/// How a wire writes a vehicle.
pub(crate) struct Name {
    pub(crate) brand: String,
    pub(crate) model: String,
}

/// Stands in the files for a blank at the end of a name, where nobody would see one.
const BLANK: char = '␣';
/// A wire whose brand is this lacks the vehicle.
const LACKING: &str = "-";

static KNOWN: LazyLock<Vec<Known>> = LazyLock::new(|| {
    let mut lines = include_str!("../../data/vehicles.csv").lines();
    let head: Vec<&str> = lines.next().unwrap_or_default().split(',').collect();
    let mut all: Vec<Known> = lines.filter_map(|line| Known::read(&head, line)).collect();
    for line in include_str!("../../data/renames.csv").lines().skip(1) {
        if let Some((isn, rename)) = rename(line)
            && let Some(known) = all.iter_mut().find(|known| known.isn == isn)
        {
            known.renames.push(rename);
        }
    }
    all
});

/// Every vehicle in the order of the file.
pub(super) fn all() -> &'static [Known] {
    &KNOWN
}

/// `revision,wire,isn,brand,model`
fn rename(line: &str) -> Option<(u32, (u32, Wire, Name))> {
    let [revision, wire, isn, brand, model] = line.split(',').collect::<Vec<_>>().try_into().ok()?;
    let wire = Wire::all().find(|known| known.name() == wire)?;
    Some((isn.parse().ok()?, (revision.parse().ok()?, wire, Name { brand: text(brand), model: text(model) })))
}

fn text(cell: &str) -> String {
    cell.replace(BLANK, " ")
}

// === impl Known ===

impl Known {
    /// How a wire writes it at a revision; none where it lacks it.
    pub(super) fn name(&self, wire: Wire, revision: u32) -> Option<&Name> {
        let renamed = self.renames.iter().rfind(|(since, of, _)| *of == wire && *since <= revision);
        match renamed {
            Some((_, _, name)) => Some(name),
            None => self.names.get(wire as usize)?.as_ref(),
        }
    }

    /// `isn,category,brand,model`, then brand and model of the wires that have names of their own, as the head says;
    /// an empty cell, and a wire without columns, is the wire's plain way.
    fn read(head: &[&str], line: &str) -> Option<Self> {
        let cells: Vec<&str> = line.split(',').collect();
        let [isn, category, brand, model, ..] = cells[..] else { return None };
        let name = |wire: Wire| {
            let plain =
                |word: &str| if wire.writing().capitals { word.to_uppercase() } else { word.to_owned() };
            let cell = |part: &str, word: &str| {
                let column = format!("{}_{part}", wire.name());
                let own = head.iter().position(|name| *name == column).and_then(|at| cells.get(at));
                own.filter(|cell| !cell.is_empty()).map_or_else(|| plain(word), |cell| text(cell))
            };
            let name = Name { brand: cell("brand", brand), model: cell("model", model) };
            (name.brand != LACKING).then_some(name)
        };
        Some(Self {
            isn: isn.parse().ok()?,
            category: super::category(category),
            names: Wire::all().map(name).collect(),
            renames: Vec::new(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_is_read_and_every_number_is_its_own() {
        let lines = include_str!("../../data/vehicles.csv").lines().skip(1);
        assert!(lines.clone().all(|line| line.split(',').count() == 10));
        assert_eq!(all().len(), lines.count());
        let numbers: std::collections::BTreeSet<_> = all().iter().map(|known| known.isn).collect();
        assert_eq!(numbers.len(), all().len());
        let renames = all().iter().map(|known| known.renames.len()).sum::<usize>();
        assert_eq!(renames, include_str!("../../data/renames.csv").lines().count() - 1);
    }

    #[test]
    fn the_latest_rename_up_to_a_revision_holds() {
        let rexton = all().iter().find(|known| known.isn == 100_006_704).unwrap();
        let name = |wire, revision| rexton.name(wire, revision).unwrap();
        assert_eq!(name(Wire::Ingosstrakh, 1).model, "Rexton ");
        assert_eq!(name(Wire::Ingosstrakh, 3).brand, "KGM (SsangYong)");
        assert_eq!(name(Wire::Renessans, 3).brand, "Санг Йонг");
    }
}

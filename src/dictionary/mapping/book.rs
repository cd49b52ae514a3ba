//! One insurer's dictionary, and what its names stand for.

use std::{
    cmp::Reverse,
    collections::{BTreeMap, HashMap},
};

use veer_contract::{
    VehicleCodes,
    domain::{InsurerVehicle, VehicleCategory},
};

use super::MappingState;
use crate::{
    dictionary::catalogue::{Catalogue, Entry, EntryId},
    store::{ImportRow, MappingRow, RowName},
};

/// One insurer's dictionary.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// The last reading; `None` before the first.
    pub last: Option<ImportRow>,
    /// What it says, by name: several rows where years have codes of their own.
    pub rows: BTreeMap<RowName, Vec<InsurerVehicle>>,
    /// What its names stand for now.
    pub mappings: HashMap<RowName, Vec<MappingRow>>,
    /// The version whose matcher has seen every name, in this process.
    pub matched_with: Option<u32>,
    targets: HashMap<EntryId, Vec<Target>>,
}

/// A row to which an entry leads. The smallest of those that fit is taken.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Target {
    /// Rows for a time before rows for all times, what persons said before what was found, the surer before
    /// the less sure; of equals the shorter name, which is the plainer one.
    rank: (bool, bool, Reverse<u8>, usize),
    vehicle: InsurerVehicle,
}

/// What an insurer calls a vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mapped {
    /// This.
    Codes(VehicleCodes),
    /// It has no word for the model; this stands for the brand's others.
    Other(VehicleCodes),
    /// It has none.
    Nothing,
}

// === impl Book ===

impl Book {
    /// Puts rows and mappings to use, after either has changed. Ids of merged entries count for what they
    /// became.
    pub fn index(&mut self, catalogue: &Catalogue) {
        let mut targets: HashMap<EntryId, Vec<Target>> = HashMap::new();
        for (name, rows) in &self.rows {
            let Some((mapping, state)) = self.holding(name) else { continue };
            let entry = match catalogue.entry(EntryId(mapping.entry)) {
                Some(Entry::Brand(brand)) => brand.id,
                Some(Entry::Model(_, model) | Entry::Modification(_, model, _)) => model.id,
                None => continue,
            };
            let is_found = state != MappingState::Confirmed;
            for vehicle in rows {
                let length = vehicle.brand.chars().count() + vehicle.model.chars().count();
                let rank = (vehicle.years.is_none(), is_found, Reverse(mapping.confidence), length);
                targets.entry(entry).or_default().push(Target { rank, vehicle: vehicle.clone() });
            }
        }
        targets.values_mut().for_each(|targets| targets.sort_unstable());
        self.targets = targets;
    }

    /// The mapping of `name` that calls are made with.
    pub fn holding(&self, name: &RowName) -> Option<(&MappingRow, MappingState)> {
        self.current(name).find(|(_, state)| state.holds())
    }

    /// Whether a person said that `name` stands for nothing of the catalogue.
    pub fn stands_for_nothing(&self, name: &RowName) -> bool {
        self.current(name)
            .any(|(row, state)| state == MappingState::Refused && row.entry == EntryId::NOTHING.0)
    }

    /// Whether a person said that `name` does not stand for `entry`, or for nothing at all. What was said of a
    /// merged entry was said of what it became.
    pub fn refuses(&self, name: &RowName, entry: EntryId, catalogue: &Catalogue) -> bool {
        let entry = catalogue.standing(entry);
        let mut refused = self.current(name).filter(|(_, state)| *state == MappingState::Refused);
        refused.any(|(row, _)| [EntryId::NOTHING, entry].contains(&catalogue.standing(EntryId(row.entry))))
    }

    /// What is said of `name` now.
    pub fn current(&self, name: &RowName) -> impl Iterator<Item = (&MappingRow, MappingState)> {
        let mappings = self.mappings.get(name).map_or(&[][..], Vec::as_slice);
        mappings.iter().filter_map(|row| MappingState::parse(row.state).map(|state| (row, state)))
    }

    /// Takes in what ended and what began.
    pub fn apply(&mut self, changes: &[MappingRow]) {
        for change in changes {
            let current = self.mappings.entry(change.name.clone()).or_default();
            current.retain(|row| !(row.entry == change.entry && row.state == change.state));
            if change.to.is_none() {
                current.push(change.clone());
            }
        }
    }

    /// What the insurer calls a model in that category and year.
    pub fn model(&self, model: EntryId, category: VehicleCategory, year: i16) -> Option<VehicleCodes> {
        let fits = |vehicle: &InsurerVehicle| {
            vehicle.category.is_none_or(|its| its == category)
                && vehicle.years.is_none_or(|(from, to)| (from..=to).contains(&year))
        };
        let targets = self.targets.get(&model)?;
        // A row of the category itself says more than one of none.
        let of_category = targets.iter().find(|it| it.vehicle.category.is_some() && fits(&it.vehicle));
        of_category.or_else(|| targets.iter().find(|it| fits(&it.vehicle))).map(|it| codes(&it.vehicle))
    }

    /// How many models the insurer has a word for.
    pub fn known_models(&self, catalogue: &Catalogue) -> usize {
        self.targets.keys().filter(|id| catalogue.model(**id).is_some()).count()
    }
}

fn codes(vehicle: &InsurerVehicle) -> VehicleCodes {
    VehicleCodes {
        brand: vehicle.brand.clone(),
        model: vehicle.model.clone(),
        brand_code: vehicle.brand_code.clone(),
        code: vehicle.code.clone(),
    }
}

// === impl Mapped ===

impl Mapped {
    /// What to send, if anything.
    pub fn codes(self) -> Option<VehicleCodes> {
        match self {
            Mapped::Codes(codes) | Mapped::Other(codes) => Some(codes),
            Mapped::Nothing => None,
        }
    }
}

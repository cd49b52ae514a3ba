//! The vehicles that the simulated insurers know, each wire in its own writing.
//!
//! An insurer's dictionary has revisions. From one to the next every vehicle gets another number (one half a number
//! that nobody had, the other half each other's), and some are called otherwise. Only what the dictionary says at
//! this moment is accepted in a calculation, so who keeps a number for longer is refused, or has another vehicle
//! insured.

mod known;

use std::collections::HashMap;

use veer_contract::domain::{InsurerVehicle, VehicleCategory};

use crate::Wire;

/// The dictionary of the insurers that speak one wire, at one revision.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Dictionary {
    wire: Wire,
    revision: u32,
}

/// A vehicle as the dictionary has it.
#[derive(Clone, Copy)]
pub(crate) struct Entry {
    /// The number of the model.
    pub(crate) isn: u32,
    /// The category; none for tractors.
    pub(crate) category: Option<VehicleCategory>,
    /// The brand.
    pub(crate) brand: &'static str,
    /// The model.
    pub(crate) model: &'static str,
}

/// A brand as the dictionary has it.
pub(crate) struct Brand {
    /// The number of the brand.
    pub(crate) number: u32,
    /// The brand.
    pub(crate) name: &'static str,
    /// Its vehicles; of renessans' with the row for all others.
    pub(crate) entries: Vec<Entry>,
}

/// The model that renessans has under every brand for those that it does not list.
pub(crate) const OTHER: &str = "Прочие";
/// The categories in the order of ingosstrakh's tree.
pub(crate) const CATEGORIES: [Option<VehicleCategory>; 6] = [
    Some(VehicleCategory::A),
    Some(VehicleCategory::B),
    Some(VehicleCategory::C),
    Some(VehicleCategory::D),
    Some(VehicleCategory::E),
    None,
];
/// By how many places a revision moves numbers; a prime, so that they come home late.
const MOVED: usize = 37;
/// How much larger a revision makes numbers.
const RAISED: u32 = 1_000_000;

/// Years of production with numbers of their own.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Run {
    /// The first year and the last.
    pub(crate) years: (i16, i16),
    /// How much larger its numbers are than those of the newest years.
    raised: u32,
}

/// The runs of wires whose numbers depend on the year, the newest first. No vehicle of another year is listed.
pub(crate) const RUNS: [Run; 2] =
    [Run { years: (2015, 2027), raised: 0 }, Run { years: (1996, 2014), raised: 2_000_000_000 }];

/// The dictionary of an insurer that speaks `wire`, as it would export it, in its order: alfastrah in capitals
/// with numbers of marks and models, ingosstrakh with ISNs, renessans in words alone and with `Прочие` under
/// every brand, tinkoff with two numbers for each model, by years. A source has none.
pub fn vehicles(wire: Wire) -> Vec<InsurerVehicle> {
    vehicles_at(wire, 0)
}

/// The same at a revision, as the knob `dictionary_revision` sets it.
pub fn vehicles_at(wire: Wire, revision: u32) -> Vec<InsurerVehicle> {
    let brands = Dictionary::new(wire, revision).brands();
    let rows = |of: &dyn Fn(&Entry) -> bool| -> Vec<InsurerVehicle> {
        let of_brand = |brand: &Brand| {
            let entries = brand.entries.iter().filter(|entry| of(entry));
            entries.flat_map(|entry| of_entry(wire, brand, entry)).collect::<Vec<_>>()
        };
        brands.iter().flat_map(of_brand).collect()
    };
    if wire.writing().by_category {
        return CATEGORIES
            .into_iter()
            .flat_map(|category| rows(&|entry| entry.category == category))
            .collect();
    }
    rows(&|_| true)
}

fn of_entry(wire: Wire, brand: &Brand, entry: &Entry) -> Vec<InsurerVehicle> {
    if !wire.writing().by_year {
        return vec![row(wire, brand, entry)];
    }
    let of_run = |run: &Run| InsurerVehicle {
        code: Some(run.number(entry).to_string()),
        years: Some(run.years),
        ..row(wire, brand, entry)
    };
    if entry.is_on_the_road() { RUNS.iter().map(of_run).collect() } else { Vec::new() }
}

fn row(wire: Wire, brand: &Brand, entry: &Entry) -> InsurerVehicle {
    let numbered = wire.writing().numbered;
    InsurerVehicle {
        brand: brand.name.to_owned(),
        model: entry.model.to_owned(),
        category: entry.category,
        brand_code: numbered.then(|| brand.number.to_string()),
        code: numbered.then(|| entry.isn.to_string()),
        years: None,
    }
}

// === impl Run ===

impl Run {
    /// The number of a vehicle of these years.
    pub(crate) fn number(self, entry: &Entry) -> u32 {
        entry.isn + self.raised
    }

    /// The run that has a year.
    pub(crate) fn of(year: i16) -> Option<Self> {
        RUNS.into_iter().find(|run| (run.years.0..=run.years.1).contains(&year))
    }
}

// === impl Entry ===

impl Entry {
    /// Whether it is of the categories A to D.
    pub(crate) fn is_on_the_road(&self) -> bool {
        self.category.is_some_and(|category| category != VehicleCategory::E)
    }
}

// === impl Dictionary ===

impl Dictionary {
    pub(crate) fn new(wire: Wire, revision: u32) -> Self {
        Self { wire, revision }
    }

    /// Every vehicle that is listed, in the order of the file.
    pub(crate) fn entries(self) -> impl Iterator<Item = Entry> {
        (0..known::all().len()).filter_map(move |place| self.entry(place))
    }

    /// The vehicle at that place of the file, where it is listed.
    fn entry(self, place: usize) -> Option<Entry> {
        let known = &known::all()[place];
        let name = known.name(self.wire, self.revision)?;
        let isn = self.number(place);
        Some(Entry { isn, category: known.category, brand: &name.brand, model: &name.model })
    }

    /// The number of the vehicle at that place of the file.
    fn number(self, place: usize) -> u32 {
        let all = known::all();
        if place.is_multiple_of(2) {
            return all[place].isn + self.revision * RAISED;
        }
        let others = all.len() / 2;
        let other = (place / 2 + self.revision as usize * MOVED) % others;
        all[2 * other + 1].isn
    }

    /// The brands in the order of the file, each once.
    pub(crate) fn brands(self) -> Vec<Brand> {
        let all = known::all();
        let mut brands: Vec<Brand> = Vec::new();
        let mut places: HashMap<&str, usize> = HashMap::new();
        for (known, entry) in (0..all.len()).filter_map(|place| Some((&all[place], self.entry(place)?))) {
            let place = *places.entry(entry.brand).or_insert(brands.len());
            if place == brands.len() {
                let number = match self.wire.writing().one_numbering {
                    true => known.isn / 100 * 100,
                    false => brands.len() as u32 + 1,
                };
                brands.push(Brand { number, name: entry.brand, entries: Vec::new() });
            }
            brands[place].entries.push(entry);
        }
        let numbers: Vec<u32> = brands.iter().map(|brand| brand.number).collect();
        let moved = self.revision as usize * MOVED;
        for (place, brand) in brands.iter_mut().enumerate() {
            brand.number = numbers[(place + moved) % numbers.len()];
            if self.wire.writing().others {
                brand.entries.push(Entry { model: OTHER, ..brand.entries[0] });
            }
        }
        brands
    }
}

/// A category by its letter, whatever follows it.
pub(crate) fn category(text: &str) -> Option<VehicleCategory> {
    match text.trim().chars().next()? {
        'A' | 'А' => Some(VehicleCategory::A),
        'B' | 'В' => Some(VehicleCategory::B),
        'C' | 'С' => Some(VehicleCategory::C),
        'D' => Some(VehicleCategory::D),
        'E' | 'Е' => Some(VehicleCategory::E),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn listed(wire: Wire, brand: &str, model: &str) -> Option<InsurerVehicle> {
        vehicles(wire).into_iter().find(|row| row.brand == brand && row.model == model)
    }

    #[test]
    fn every_wire_has_its_own_writing() {
        assert!(listed(Wire::Alfastrah, "TOYOTA", "CAMRY").is_some());
        assert_eq!(listed(Wire::Ingosstrakh, "Toyota", "Camry").unwrap().code.as_deref(), Some("100000101"));
        assert!(listed(Wire::Renessans, "Toyota", "Camry").is_some());
        assert!(listed(Wire::Renessans, "Toyota", OTHER).is_some());
        assert!(listed(Wire::Alfastrah, "ВАЗ/LADA", "ВАЗ-2107").is_some());
        assert!(listed(Wire::Ingosstrakh, "Lada (ВАЗ)", "21074 ").is_some());
        assert!(listed(Wire::Renessans, "ВАЗ", "2107").is_some());
    }

    #[test]
    fn what_a_wire_lacks_is_not_listed() {
        let solaris = |wire| vehicles(wire).iter().filter(|row| row.model == "KRX").count();
        assert_eq!([Wire::Alfastrah, Wire::Ingosstrakh, Wire::Renessans].map(solaris), [1, 0, 1]);
    }

    #[test]
    fn in_one_category_a_name_stands_for_one_vehicle() {
        let folded = |text: &str| {
            let kept = text.chars().filter(|c| !c.is_whitespace() && *c != '-');
            kept.flat_map(char::to_lowercase).collect::<String>()
        };
        for (wire, revision) in Wire::INSURERS.iter().copied().flat_map(|wire| (0..4).map(move |r| (wire, r)))
        {
            let mut seen = BTreeSet::new();
            for row in vehicles_at(wire, revision) {
                let name = (row.category, folded(&row.brand), folded(&row.model), row.years);
                assert!(seen.insert(name), "{wire:?} {revision}: {row:?}");
            }
        }
    }

    #[test]
    fn all_categories_occur_and_some_vehicles_have_none() {
        let seen: BTreeSet<_> = vehicles(Wire::Ingosstrakh).iter().map(|row| row.category).collect();
        assert_eq!(seen, CATEGORIES.into_iter().collect());
    }

    #[test]
    fn no_number_is_given_twice_at_any_revision() {
        for (wire, revision) in Wire::INSURERS.iter().copied().flat_map(|wire| (0..4).map(move |r| (wire, r)))
        {
            let dictionary = Dictionary::new(wire, revision);
            let models: Vec<u32> = dictionary.entries().map(|entry| entry.isn).collect();
            let brands: Vec<u32> = dictionary.brands().iter().map(|brand| brand.number).collect();
            for numbers in [models, brands] {
                assert_eq!(
                    numbers.iter().collect::<BTreeSet<_>>().len(),
                    numbers.len(),
                    "{wire:?} {revision}"
                );
            }
        }
    }

    #[test]
    fn a_new_revision_gives_every_vehicle_another_number_and_renames_some() {
        for wire in [Wire::Alfastrah, Wire::Ingosstrakh] {
            let (before, after) = (vehicles(wire), vehicles_at(wire, 1));
            let names = |rows: &[InsurerVehicle]| -> BTreeSet<(String, String)> {
                rows.iter().map(|row| (row.brand.clone(), row.model.clone())).collect()
            };
            let renamed = names(&before).difference(&names(&after)).count();
            assert!((1..10).contains(&renamed), "{wire:?}: {renamed}");
            assert_eq!(before.len(), after.len());
            for row in &before {
                let same = after.iter().find(|other| other.code == row.code);
                assert!(same.is_none_or(|other| other.model != row.model), "{wire:?}: {row:?}");
                let same = after.iter().find(|other| other.brand_code == row.brand_code);
                assert!(same.is_none_or(|other| other.brand != row.brand), "{wire:?}: {row:?}");
            }
        }
        assert!(vehicles_at(Wire::Alfastrah, 1).iter().any(|row| row.brand == "KGM"));
    }
}

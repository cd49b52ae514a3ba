//! The vehicles that the simulated insurers know, each in its own writing.

use std::sync::LazyLock;

use veer_contract::domain::{InsurerVehicle, VehicleCategory};

use crate::Wire;

/// One row of `data/vehicles.csv`.
pub(crate) struct Known {
    /// An invented code.
    pub(crate) isn: u32,
    /// Category.
    pub(crate) category: VehicleCategory,
    /// Brand, as its maker writes it.
    pub(crate) brand: &'static str,
    /// Model.
    pub(crate) model: &'static str,
}

/// The model that renessans has under every brand for those that it does not list.
pub(crate) const OTHER: &str = "Прочие";

static KNOWN: LazyLock<Vec<Known>> =
    LazyLock::new(|| include_str!("../data/vehicles.csv").lines().skip(1).filter_map(Known::read).collect());

/// The dictionary of an insurer that speaks `wire`, as it would export it: alfastrah in capitals,
/// ingosstrakh with its ISN as the code, renessans in plain words and with `Прочие` under every brand.
pub fn vehicles(wire: Wire) -> Vec<InsurerVehicle> {
    let row = |known: &Known, model: &str| InsurerVehicle {
        brand: known.brand.to_owned(),
        model: model.to_owned(),
        category: Some(known.category),
        ..InsurerVehicle::default()
    };
    let rows = all().iter();
    match wire {
        Wire::Alfastrah => rows
            .map(|known| InsurerVehicle {
                brand: known.brand.to_uppercase(),
                ..row(known, &known.model.to_uppercase())
            })
            .collect(),
        Wire::Ingosstrakh => rows
            .map(|known| InsurerVehicle { code: Some(known.isn.to_string()), ..row(known, known.model) })
            .collect(),
        Wire::Renessans => brands()
            .into_iter()
            .flat_map(|brand| {
                let of_brand: Vec<_> = all().iter().filter(|known| known.brand == brand).collect();
                let other = of_brand.first().map(|known| row(known, OTHER));
                of_brand.iter().map(|known| row(known, known.model)).chain(other).collect::<Vec<_>>()
            })
            .collect(),
    }
}

pub(crate) fn all() -> &'static [Known] {
    &KNOWN
}

/// The brands in the order of the file, each once.
pub(crate) fn brands() -> Vec<&'static str> {
    let mut brands: Vec<&'static str> = Vec::new();
    for known in all() {
        if !brands.contains(&known.brand) {
            brands.push(known.brand);
        }
    }
    brands
}

// === impl Known ===

impl Known {
    fn read(line: &'static str) -> Option<Self> {
        let mut cells = line.split(',');
        let isn = cells.next()?.parse().ok()?;
        let category = category(cells.next()?)?;
        Some(Self { isn, category, brand: cells.next()?, model: cells.next()? })
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
    use super::*;

    #[test]
    fn every_row_is_read_and_every_code_is_its_own() {
        let lines = include_str!("../data/vehicles.csv").lines().count() - 1;
        assert_eq!(all().len(), lines);
        let codes: std::collections::BTreeSet<_> = all().iter().map(|known| known.isn).collect();
        assert_eq!(codes.len(), lines);
    }

    #[test]
    fn every_wire_has_its_own_writing() {
        let has = |wire, brand: &str, model: &str| {
            vehicles(wire).into_iter().find(|row| row.brand == brand && row.model == model)
        };
        assert!(has(Wire::Alfastrah, "TOYOTA", "CAMRY").is_some());
        assert_eq!(has(Wire::Ingosstrakh, "Toyota", "Camry").unwrap().code.as_deref(), Some("100000101"));
        assert!(has(Wire::Renessans, "Toyota", "Camry").is_some());
        assert!(has(Wire::Renessans, "Toyota", OTHER).is_some());
    }
}

//! The register: every number has its vehicle, always the same one, and some have none.
//!
//! A vehicle is drawn from its VIN, a VIN from the plate. So what is found by a plate is found once more by the
//! VIN that comes with it; the way back from a VIN to a plate is not known. `data/register.csv` has the numbers
//! whose vehicles tests rely on.

use std::sync::LazyLock;

use super::query::Query;
use crate::{draws::Draws, risk::plain};

/// A vehicle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Vehicle {
    pub(super) vin: String,
    /// Where it was asked for, or is in the file.
    pub(super) plate: Option<String>,
    /// The category's letter.
    pub(super) category: String,
    pub(super) brand: String,
    pub(super) model: String,
    pub(super) year: u64,
    /// Horsepower.
    pub(super) power: u64,
}

/// A row of `data/register.csv`; without a brand the register does not know the number.
struct Fixed {
    vin: &'static str,
    plate: &'static str,
    vehicle: Option<Vehicle>,
}

/// The share of numbers that the register does not know.
const UNKNOWN: f64 = 0.05;
/// The oldest vehicles, and over how many years the others are spread.
const OLDEST: u64 = 2005;
const YEARS: u64 = 20;
/// The weakest vehicles, and by how much the strongest are stronger.
const WEAKEST: u64 = 70;
const STRONGER: u64 = 180;

static FIXED: LazyLock<Vec<Fixed>> = LazyLock::new(|| {
    include_str!("../../../data/register.csv").lines().skip(1).filter_map(Fixed::read).collect()
});

/// Category, brand and model of every vehicle that there is.
static KINDS: LazyLock<Vec<[&str; 3]>> = LazyLock::new(|| {
    let rows = include_str!("../../../data/vehicles.csv").lines().skip(1);
    let kinds = rows.filter_map(|row| {
        let mut cells = row.split(',').skip(1);
        Some([cells.next()?, cells.next()?, cells.next()?])
    });
    // Tractors have no category and another register.
    kinds.filter(|[category, ..]| !category.is_empty()).collect()
});

/// The vehicle with that number, if the register knows it.
pub(super) fn find(world: &Draws, query: &Query) -> Option<Vehicle> {
    let number = plain(query.number());
    let is_asked_for = |fixed: &&Fixed| match query {
        Query::Vin(_) => plain(fixed.vin) == number,
        Query::Plate(_) => plain(fixed.plate) == number,
    };
    if let Some(fixed) = FIXED.iter().find(is_asked_for) {
        return fixed.vehicle.clone();
    }
    match query {
        Query::Vin(vin) => drawn(world, vin),
        Query::Plate(plate) => {
            let digits = world.with("plate").with(&number).hex("vin", 14).to_uppercase();
            let vehicle = drawn(world, &format!("ZZZ{digits}"))?;
            Some(Vehicle { plate: Some(plate.clone()), ..vehicle })
        }
    }
}

fn drawn(world: &Draws, vin: &str) -> Option<Vehicle> {
    let draws = world.with("register").with(&plain(vin));
    if draws.happens("unknown", UNKNOWN) {
        return None;
    }
    let kind = draws.below("kind", KINDS.len() as u64);
    let [category, brand, model] = KINDS.get(usize::try_from(kind).ok()?)?.map(str::to_owned);
    Some(Vehicle {
        vin: vin.to_owned(),
        plate: None,
        category,
        brand,
        model,
        year: OLDEST + draws.below("year", YEARS),
        power: WEAKEST + draws.below("power", STRONGER),
    })
}

// === impl Fixed ===

impl Fixed {
    /// `vin,plate,category,brand,model,year,power`
    fn read(line: &'static str) -> Option<Self> {
        let [vin, plate, category, brand, model, year, power] =
            line.split(',').collect::<Vec<_>>().try_into().ok()?;
        let vehicle = || {
            Some(Vehicle {
                vin: vin.to_owned(),
                plate: Some(plate.to_owned()),
                category: category.to_owned(),
                brand: brand.to_owned(),
                model: model.to_owned(),
                year: year.parse().ok()?,
                power: power.parse().ok()?,
            })
        };
        Some(Self { vin, plate, vehicle: if brand.is_empty() { None } else { Some(vehicle()?) } })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn by_vin(vin: &str) -> Option<Vehicle> {
        find(&Draws::new(1), &Query::Vin(vin.into()))
    }

    fn by_plate(plate: &str) -> Option<Vehicle> {
        find(&Draws::new(1), &Query::Plate(plate.into()))
    }

    #[test]
    fn the_documented_example_is_the_same_vehicle_by_either_number() {
        let camry = by_vin("XTA210990Y2765439").unwrap();
        assert_eq!((camry.brand.as_str(), camry.model.as_str()), ("Toyota", "Camry"));
        assert_eq!((camry.year, camry.power), (2020, 150));
        assert_eq!(by_plate("А123БВ777"), Some(camry));
        assert_eq!((by_vin("ZZZ00000000000000"), by_plate("А000АА000")), (None, None));
        assert_eq!(FIXED.len(), include_str!("../../../data/register.csv").lines().count() - 1);
    }

    #[test]
    fn what_is_found_by_a_plate_is_found_by_its_vin() {
        let known: Vec<Vehicle> = (100..400).filter_map(|n| by_plate(&format!("А{n}АА777"))).collect();
        assert!((270..300).contains(&known.len()), "{} of 300", known.len());
        for vehicle in known {
            assert_eq!(by_vin(&vehicle.vin), Some(Vehicle { plate: None, ..vehicle }));
        }
    }

    #[test]
    fn spelling_plays_no_part_and_the_seed_does() {
        assert_eq!(by_plate("a777aa77").map(|v| v.vin), by_plate("А 777 АА 77").map(|v| v.vin));
        let other = find(&Draws::new(2), &Query::Plate("А777АА77".into()));
        assert_ne!(other.map(|v| v.vin), by_plate("А777АА77").map(|v| v.vin));
    }
}

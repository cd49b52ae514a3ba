//! Dated corridors of the base rate.

use std::collections::BTreeMap;

use jiff::civil::Date;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::Deserialize;
use veer_contract::domain::VehicleCategory;

/// One directive's corridors.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Edition {
    /// The first day on which it held.
    pub(crate) from: Date,
    /// The directive's number.
    #[cfg_attr(
        not(test),
        expect(dead_code, reason = "tells the reader of the data, and tests, which it is")
    )]
    pub(crate) directive: String,
    base: BTreeMap<BaseRate, Corridor>,
}

/// The groups of vehicles that have a base rate of their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum BaseRate {
    /// Motorcycles.
    Motorcycle,
    /// Cars of organisations.
    CarLegal,
    /// Cars of persons.
    Car,
    /// Taxis.
    Taxi,
    /// Trucks up to 16 tonnes.
    TruckLight,
    /// Trucks above 16 tonnes.
    TruckHeavy,
}

/// Between which roubles an insurer chooses.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Corridor {
    /// The least.
    pub(crate) min: u32,
    /// The most.
    pub(crate) max: u32,
}

// === impl BaseRate ===

impl BaseRate {
    /// The group of a vehicle; none for categories whose rates are not known.
    pub(crate) fn of(category: VehicleCategory, taxi: bool, legal: bool, kilograms: u32) -> Option<Self> {
        match category {
            VehicleCategory::A => Some(Self::Motorcycle),
            VehicleCategory::B if taxi => Some(Self::Taxi),
            VehicleCategory::B if legal => Some(Self::CarLegal),
            VehicleCategory::B => Some(Self::Car),
            VehicleCategory::C if kilograms > 16_000 => Some(Self::TruckHeavy),
            VehicleCategory::C => Some(Self::TruckLight),
            VehicleCategory::D | VehicleCategory::E => None,
        }
    }

    /// Whether the vehicle is of category B.
    pub(crate) fn is_car(self) -> bool {
        matches!(self, Self::Car | Self::CarLegal | Self::Taxi)
    }
}

// === impl Edition ===

impl Edition {
    /// The corridor of a group.
    pub(crate) fn corridor(&self, base: BaseRate) -> Option<Corridor> {
        self.base.get(&base).copied()
    }
}

// === impl Corridor ===

impl Corridor {
    /// The whole number of roubles that stands at `part` of the corridor, 0 its least and 1 its most.
    pub(crate) fn at(&self, part: Decimal) -> Decimal {
        let (min, max) = (Decimal::from(self.min), Decimal::from(self.max));
        let roubles = min + (max - min) * part.clamp(Decimal::ZERO, Decimal::ONE);
        roubles.round_dp_with_strategy(0, RoundingStrategy::MidpointAwayFromZero)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_of_the_corridor_stays_inside() {
        let corridor = Corridor { min: 1399, max: 8665 };
        assert_eq!(corridor.at(Decimal::ZERO), Decimal::from(1399));
        assert_eq!(corridor.at(Decimal::ONE), Decimal::from(8665));
        assert_eq!(corridor.at(Decimal::new(5, 1)), Decimal::from(5032));
        assert_eq!(corridor.at(Decimal::TWO), Decimal::from(8665));
    }
}

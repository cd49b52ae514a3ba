//! The OSAGO tariff: a premium is a base rate times coefficients.
//!
//! The figures are data (`data/tariff.toml`, `data/territories.csv`), dated by edition, because the
//! Bank of Russia made four editions in four years. Which edition holds is decided by the policy's first
//! day; days before the first edition take the first one. The product is computed exactly and rounded
//! once, to kopecks, half up.

mod age_experience;
mod bonus_malus;
mod edition;
mod factors;
mod steps;
mod territory;

use std::sync::LazyLock;

use rust_decimal::Decimal;
use serde::Deserialize;

pub(crate) use age_experience::AgeExperience;
pub(crate) use bonus_malus::BonusMalus;
pub(crate) use edition::{BaseRate, Corridor, Edition};
pub(crate) use factors::Factors;
pub(crate) use territory::{Place, Territories};

use steps::Steps;

/// The whole tariff.
pub(crate) struct Tariff {
    editions: Vec<Edition>,
    /// КБМ.
    pub(crate) bonus_malus: BonusMalus,
    /// КВС.
    pub(crate) age_experience: AgeExperience,
    /// КТ.
    pub(crate) territories: Territories,
    /// КО.
    pub(crate) drivers: DriverFactors,
    power: Steps,
    season: Steps,
    trailer: TrailerFactors,
}

/// КО.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct DriverFactors {
    #[serde(with = "decimal")]
    pub(crate) named: Decimal,
    #[serde(with = "decimal")]
    pub(crate) unlimited: Decimal,
    #[serde(with = "decimal")]
    pub(crate) unlimited_legal: Decimal,
}

/// КПр.
#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(deny_unknown_fields)]
struct TrailerFactors {
    #[serde(with = "decimal")]
    truck_light: Decimal,
    #[serde(with = "decimal")]
    truck_heavy: Decimal,
    #[serde(with = "decimal")]
    motorcycle_or_car_legal: Decimal,
}

/// The file as it is written.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    edition: Vec<Edition>,
    bonus_malus: BonusMalus,
    age_experience: AgeExperience,
    drivers: DriverFactors,
    power: Steps,
    season: Steps,
    trailer: TrailerFactors,
}

static TARIFF: LazyLock<Tariff> = LazyLock::new(|| {
    #[expect(clippy::expect_used, reason = "the data is compiled in and a test reads all of it")]
    Tariff::read(include_str!("../../data/tariff.toml"), include_str!("../../data/territories.csv"))
        .expect("the embedded tariff reads")
});

// === impl Tariff ===

impl Tariff {
    /// The embedded one.
    pub(crate) fn embedded() -> &'static Tariff {
        &TARIFF
    }

    fn read(tariff: &str, territories: &str) -> Result<Self, String> {
        let written: Written = toml::from_str(tariff).map_err(|error| error.to_string())?;
        let mut editions = written.edition;
        editions.sort_by_key(|edition| edition.from);
        let dates: Vec<_> = editions.iter().map(|edition| edition.from).collect();
        Ok(Self {
            territories: Territories::read(territories, &dates)?,
            editions,
            bonus_malus: written.bonus_malus,
            age_experience: written.age_experience,
            drivers: written.drivers,
            power: written.power,
            season: written.season,
            trailer: written.trailer,
        })
    }

    /// The edition that holds on `day`; the first one for days before it.
    pub(crate) fn edition(&self, day: jiff::civil::Date) -> &Edition {
        let index = self.editions.partition_point(|edition| edition.from <= day).saturating_sub(1);
        &self.editions[index]
    }

    /// КМ; only for category B.
    pub(crate) fn power(&self, base: BaseRate, horsepower: Decimal) -> Decimal {
        if base.is_car() { self.power.value(horsepower) } else { Decimal::ONE }
    }

    /// КС for that many months of use.
    pub(crate) fn season(&self, months: u8) -> Decimal {
        self.season.value(months.into())
    }

    /// КПр.
    pub(crate) fn trailer(&self, base: BaseRate, with_trailer: bool, legal: bool) -> Decimal {
        match base {
            _ if !with_trailer => Decimal::ONE,
            BaseRate::TruckLight => self.trailer.truck_light,
            BaseRate::TruckHeavy => self.trailer.truck_heavy,
            BaseRate::Motorcycle | BaseRate::CarLegal | BaseRate::Taxi if legal => {
                self.trailer.motorcycle_or_car_legal
            }
            _ => Decimal::ONE,
        }
    }
}

/// Decimals are written as text: TOML's own numbers are binary fractions.
pub(crate) mod decimal {
    use rust_decimal::Decimal;
    use serde::{Deserialize, Deserializer, de::Error};

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Decimal, D::Error> {
        let text = String::deserialize(from)?;
        text.parse().map_err(|_| D::Error::custom(format!("`{text}` is no decimal number")))
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn the_edition_in_force_at_the_start_is_taken() {
        let directive = |day| Tariff::embedded().edition(day).directive.as_str();
        assert_eq!(directive(date(2021, 5, 1)), "6007-У");
        assert_eq!(directive(date(2022, 9, 12)), "6007-У");
        assert_eq!(directive(date(2022, 9, 13)), "6209-У");
        assert_eq!(directive(date(2023, 12, 1)), "6209-У");
        assert_eq!(directive(date(2025, 1, 27)), "6949-У");
        assert_eq!(directive(date(2025, 12, 8)), "6949-У");
        assert_eq!(directive(date(2026, 11, 20)), "7204-У");
    }

    #[test]
    fn corridors_are_the_published_ones() {
        let car = |day| {
            let corridor = Tariff::embedded().edition(day).corridor(BaseRate::Car).unwrap();
            (corridor.min, corridor.max)
        };
        assert_eq!(car(date(2022, 2, 1)), (2224, 5980));
        assert_eq!(car(date(2024, 2, 1)), (1646, 7535));
        assert_eq!(car(date(2026, 2, 1)), (1399, 8665));
    }

    #[test]
    fn power_steps_include_their_upper_bound() {
        let power = |hp: i64| Tariff::embedded().power(BaseRate::Car, hp.into()).to_string();
        assert_eq!(power(50), "0.6");
        assert_eq!(power(51), "1.0");
        assert_eq!(power(120), "1.2");
        assert_eq!(power(150), "1.4");
        assert_eq!(power(151), "1.6");
        assert_eq!(Tariff::embedded().power(BaseRate::TruckLight, 300.into()), Decimal::ONE);
    }

    #[test]
    fn a_shorter_use_costs_less() {
        let season = |months| Tariff::embedded().season(months).to_string();
        assert_eq!(season(3), "0.5");
        assert_eq!(season(6), "0.7");
        assert_eq!(season(10), "1");
        assert_eq!(season(12), "1");
    }
}

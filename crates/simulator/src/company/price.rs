//! What an insurer says of a risk: a price between the tariff's base rates, or a no.

use rust_decimal::Decimal;
use veer_contract::domain::Kopecks;

use super::Company;
use crate::{
    Knobs,
    draws::Draws,
    risk::{Driver, Risk, RiskId, full_years},
    tariff::{BaseRate, Corridor, Factors, Tariff},
};

/// A price and what it is made of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Price {
    pub(crate) premium: Kopecks,
    pub(crate) factors: Factors,
    /// Between which base rates it may move.
    pub(crate) corridor: Corridor,
    /// Ceded to the reinsurance pool.
    pub(crate) pooled: bool,
}

/// A no, in the insurer's words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Refusal(pub(crate) &'static str);

const REASONS: [&str; 4] = [
    "Заключение договора невозможно",
    "Отказ по результатам проверки страховщика",
    "Оформление электронного полиса недоступно для данного региона и транспортного средства",
    "Обратитесь в офис страховой компании",
];

// === impl Company ===

impl Company {
    /// The price of a risk that is asked for the `attempt`-th time.
    pub(crate) fn price(&self, risk: &Risk, id: RiskId, attempt: u64) -> Result<Price, Refusal> {
        self.price_by(&self.own, risk, id, attempt)
    }

    /// The same by another insurer's draws: an aggregator has prices of several.
    pub(crate) fn price_by(
        &self,
        own: &Draws,
        risk: &Risk,
        id: RiskId,
        attempt: u64,
    ) -> Result<Price, Refusal> {
        let knobs = self.knobs();
        let about = own.with("risk").with_number(id.0);
        let tariff = Tariff::embedded();
        let base = BaseRate::of(risk.category, risk.taxi, risk.legal, risk.kilograms);
        let (base, corridor) = base
            .and_then(|base| Some((base, tariff.edition(risk.start).corridor(base)?)))
            .ok_or(Refusal("Категория транспортного средства не страхуется"))?;
        if risk.taxi && !knobs.taxi {
            return Err(Refusal("Такси не страхуется"));
        }
        let territory = tariff
            .territories
            .value(&risk.place, risk.start)
            .ok_or(Refusal("Не удалось определить территорию по адресу собственника"))?;
        if about.happens("decline", knobs.decline) {
            let reason = about.below("reason", REASONS.len() as u64) as usize;
            return Err(Refusal(REASONS[reason]));
        }
        let drift = if attempt == 0 { Decimal::ONE } else { drift(&about.with_number(attempt), &knobs) };
        let pooled = about.happens("pool", knobs.pool);
        let factors = Factors {
            // Only the dearest risks may be ceded.
            base_rate: if pooled { corridor.max.into() } else { base_rate(own, risk, base, corridor, drift) },
            territory,
            drivers: match &risk.drivers {
                Some(_) => tariff.drivers.named,
                None if risk.legal => tariff.drivers.unlimited_legal,
                None => tariff.drivers.unlimited,
            },
            season: tariff.season(risk.months),
            power: tariff.power(base, risk.horsepower),
            trailer: tariff.trailer(base, risk.trailer, risk.legal),
            bonus_malus: self.largest_bonus_malus(risk),
            age_experience: largest_age_experience(risk),
        };
        Ok(Price { premium: factors.premium(), factors, corridor, pooled })
    }

    /// What the price has become at the `attempt`-th application.
    pub(crate) fn final_price(&self, price: Price, id: RiskId, attempt: u64) -> Price {
        if price.pooled {
            return price;
        }
        let drift = drift(&self.about(id).with("application").with_number(attempt), &self.knobs());
        let Corridor { min, max } = price.corridor;
        let base_rate = (price.factors.base_rate * drift).round().clamp(min.into(), max.into());
        let factors = Factors { base_rate, ..price.factors };
        Price { premium: factors.premium(), factors, ..price }
    }

    /// The largest among the drivers; without a list, the register's start.
    fn largest_bonus_malus(&self, risk: &Risk) -> Decimal {
        let classes = risk.drivers.iter().flatten().map(|driver| self.bonus_malus(&driver.licence));
        classes.max().unwrap_or(Tariff::embedded().bonus_malus.start)
    }
}

/// The largest among the drivers; without a list and for organisations, 1.
fn largest_age_experience(risk: &Risk) -> Decimal {
    if risk.legal {
        return Decimal::ONE;
    }
    let table = &Tariff::embedded().age_experience;
    let of = |driver: &Driver| {
        table.value(full_years(driver.born, risk.start), full_years(driver.drives_since, risk.start))
    };
    risk.drivers.iter().flatten().map(of).max().unwrap_or(Decimal::ONE)
}

/// Where in the corridor an insurer sells: a level of its own, moved by what it thinks of the
/// region, the driver's age, the engine and the purpose.
fn base_rate(own: &Draws, risk: &Risk, base: BaseRate, corridor: Corridor, drift: Decimal) -> Decimal {
    let youngest = risk.drivers.iter().flatten().map(|driver| driver.born).max().or(risk.owner_born);
    let age = youngest.map_or(0, |born| full_years(born, risk.start) / 10);
    let segment = own
        .with("segment")
        .with(&risk.place.region)
        .with_number(age.unsigned_abs().into())
        .with(&(risk.horsepower / Decimal::from(50)).floor().to_string())
        .with(&format!("{base:?}"));
    // In ten-thousandths of the corridor: a level of 0.30 to 0.70, moved by at most 0.20.
    let level = 3_000 + own.below("level", 4_000);
    let part = level + segment.below("base rate", 4_000);
    let part = Decimal::new(i64::try_from(part).unwrap_or(0) - 2_000, 4);
    let rate = corridor.at(part) * drift;
    rate.round().clamp(corridor.min.into(), corridor.max.into())
}

/// What the base rate is multiplied by when a risk is asked again.
fn drift(again: &Draws, knobs: &Knobs) -> Decimal {
    if !again.happens("drift", knobs.drift.share) {
        return Decimal::ONE;
    }
    // Between a half of the size and the whole of it, so that a drift is seen.
    let size = knobs.drift.size * (0.5 + again.fraction("drift size") / 2.0);
    let signed = if again.happens("drift down", 0.5) { 1.0 - size } else { 1.0 + size };
    Decimal::new((signed * 10_000.0).round() as i64, 4)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use veer_contract::domain::VehicleCategory;

    use std::sync::Arc;

    use super::*;
    use crate::{Drift, InsurerPlan, Plan, journal::Journal, tariff::Place};

    fn company(seed: u64, knobs: Knobs) -> Company {
        let mut plan = Plan::fast(seed).insurers.remove(0);
        plan.knobs = knobs;
        Company::new(seed, &plan, "http://localhost/".into(), Arc::new(Journal::new()))
    }

    fn risk() -> Risk {
        let driver =
            |licence: &str, born| Driver { licence: licence.into(), born, drives_since: date(2015, 6, 10) };
        Risk {
            vehicle: "XTA210990Y2765439".into(),
            owner: "ИВАНОВ ИВАН 1980-06-12".into(),
            owner_born: Some(date(1980, 6, 12)),
            start: date(2023, 12, 1),
            months: 12,
            category: VehicleCategory::B,
            taxi: false,
            legal: false,
            horsepower: 150.into(),
            kilograms: 0,
            trailer: false,
            place: Place::by_kladr("77"),
            drivers: Some(vec![
                driver("77АА 123456", date(1980, 6, 12)),
                driver("77АА 123457", date(1995, 6, 12)),
            ]),
        }
    }

    fn price(company: &Company, risk: &Risk, attempt: u64) -> Result<Price, Refusal> {
        company.price(risk, risk.id(&company.world), attempt)
    }

    #[test]
    fn a_price_is_the_product_of_its_factors_inside_the_corridor() {
        let company = company(1, Knobs::default());
        let factors = price(&company, &risk(), 0).unwrap().factors;
        assert!((Decimal::from(1646)..=Decimal::from(7535)).contains(&factors.base_rate));
        assert_eq!(factors.territory.to_string(), "1.8");
        assert_eq!(factors.age_experience.to_string(), "1.07", "28 years old and 8 behind the wheel");
        assert_eq!(factors.power.to_string(), "1.4");
        let classes = ["77АА 123456", "77АА 123457"].map(|licence| company.bonus_malus(licence));
        assert_eq!(factors.bonus_malus, classes[0].max(classes[1]));
    }

    #[test]
    fn without_a_list_of_drivers_the_fixed_coefficients_hold() {
        let unlimited = Risk { drivers: None, ..risk() };
        let factors = price(&company(1, Knobs::default()), &unlimited, 0).unwrap().factors;
        assert_eq!(factors.drivers.to_string(), "2.32");
        assert_eq!(factors.bonus_malus.to_string(), "1.17");
        assert_eq!(factors.age_experience, Decimal::ONE);
    }

    #[test]
    fn a_taxi_has_the_taxis_corridor_unless_it_is_not_insured() {
        let taxi = || Risk { taxi: true, ..risk() };
        let rate = price(&company(1, Knobs::default()), &taxi(), 0).unwrap().factors.base_rate;
        assert!((Decimal::from(1490)..=Decimal::from(15756)).contains(&rate));
        let none = Knobs { taxi: false, ..Knobs::default() };
        assert_eq!(price(&company(1, none), &taxi(), 0), Err(Refusal("Такси не страхуется")));
    }

    #[test]
    fn prices_repeat_by_seed_and_differ_between_insurers() {
        let of = |seed| price(&company(seed, Knobs::default()), &risk(), 0).unwrap().premium;
        assert_eq!(of(1), of(1));
        assert_ne!(of(1), of(2));
        let plan = Plan::fast(1);
        let premium = |p: &InsurerPlan| {
            let company = Company::new(1, p, String::new(), Arc::new(Journal::new()));
            price(&company, &risk(), 0).unwrap().premium
        };
        let premiums: std::collections::BTreeSet<_> = plan.insurers.iter().map(premium).collect();
        assert_eq!(premiums.len(), plan.insurers.len());
    }

    #[test]
    fn prices_drift_only_when_a_risk_is_asked_again() {
        let drift = Drift { share: 1.0, size: 0.1 };
        let (steady, drifting) =
            (company(1, Knobs::default()), company(1, Knobs { drift, ..Knobs::default() }));
        let first = price(&steady, &risk(), 0).unwrap();
        assert_eq!(price(&steady, &risk(), 1).unwrap(), first);
        assert_eq!(price(&drifting, &risk(), 0).unwrap(), first);
        let second = price(&drifting, &risk(), 1).unwrap();
        assert_ne!(second.premium, first.premium);
        let moved = second.premium.get() as f64 / first.premium.get() as f64;
        assert!((0.89..1.11).contains(&moved), "moved by {moved}");
        assert_eq!(price(&drifting, &risk(), 1).unwrap(), second);
    }

    #[test]
    fn the_price_of_an_application_drifts_from_the_quoted_one_inside_the_corridor() {
        let drift = Drift { share: 1.0, size: 0.1 };
        let (steady, drifting) =
            (company(1, Knobs::default()), company(1, Knobs { drift, ..Knobs::default() }));
        let id = risk().id(&steady.world);
        let quoted = price(&steady, &risk(), 0).unwrap();
        assert_eq!(steady.final_price(quoted, id, 0), quoted);
        let settled = drifting.final_price(quoted, id, 0);
        assert_ne!(settled.premium, quoted.premium);
        let Corridor { min, max } = quoted.corridor;
        assert!((Decimal::from(min)..=Decimal::from(max)).contains(&settled.factors.base_rate));
    }

    #[test]
    fn a_risk_of_the_pool_is_priced_at_the_ceiling_and_does_not_drift() {
        let drift = Drift { share: 1.0, size: 0.1 };
        let company = company(1, Knobs { pool: 1.0, drift, ..Knobs::default() });
        let pooled = price(&company, &risk(), 0).unwrap();
        assert!(pooled.pooled);
        assert_eq!(pooled.factors.base_rate, Decimal::from(pooled.corridor.max));
        assert_eq!(price(&company, &risk(), 1).unwrap(), pooled);
        assert_eq!(company.final_price(pooled, risk().id(&company.world), 0), pooled);
    }

    #[test]
    fn a_share_of_risks_is_declined_each_always() {
        let company = company(1, Knobs { decline: 0.3, ..Knobs::default() });
        let declined = |n: u32| {
            let risk = Risk { vehicle: n.to_string(), ..risk() };
            price(&company, &risk, 0).is_err()
        };
        let count = (0..500).filter(|n| declined(*n)).count();
        assert!((100..200).contains(&count), "{count} of 500");
        assert!((0..50).all(|n| declined(n) == declined(n)));
    }
}

//! What a premium is made of.

use rust_decimal::{Decimal, RoundingStrategy, prelude::ToPrimitive};
use veer_contract::domain::Kopecks;

/// The base rate and its coefficients; those that do not apply are 1.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Factors {
    /// ТБ, in roubles.
    pub(crate) base_rate: Decimal,
    /// КТ.
    pub(crate) territory: Decimal,
    /// КБМ.
    pub(crate) bonus_malus: Decimal,
    /// КВС.
    pub(crate) age_experience: Decimal,
    /// КО.
    pub(crate) drivers: Decimal,
    /// КС.
    pub(crate) season: Decimal,
    /// КМ.
    pub(crate) power: Decimal,
    /// КПр.
    pub(crate) trailer: Decimal,
}

impl Factors {
    /// The premium: the exact product, rounded once to kopecks, half up.
    pub(crate) fn premium(&self) -> Kopecks {
        let product: Decimal = self.named().into_iter().map(|(_, value)| value).product();
        let rounded = product.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero);
        Kopecks::new((rounded * Decimal::ONE_HUNDRED).to_i64().unwrap_or(i64::MAX))
    }

    /// Each with the abbreviation that the field uses.
    pub(crate) fn named(&self) -> [(&'static str, Decimal); 8] {
        [
            ("ТБ", self.base_rate),
            ("КТ", self.territory),
            ("КБМ", self.bonus_malus),
            ("КВС", self.age_experience),
            ("КО", self.drivers),
            ("КС", self.season),
            ("КМ", self.power),
            ("КПр", self.trailer),
        ]
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn factors(base: i64, values: [&str; 7]) -> Factors {
        let [territory, bonus_malus, age_experience, drivers, season, power, trailer] =
            values.map(|value| value.parse().unwrap());
        let base_rate = base.into();
        Factors { base_rate, territory, bonus_malus, age_experience, drivers, season, power, trailer }
    }

    #[test]
    fn premiums_equal_products_computed_by_hand() {
        // 4118 × 1.00 × 1.66 × 1.60 × 2.0 = 21874.816
        let rounded_up = factors(4118, ["2.0", "1.00", "1.66", "1", "1", "1.60", "1"]);
        assert_eq!(rounded_up.premium().to_string(), "21874.82");
        // 7535 × 1.8 × 1.17 × 1.50 × 1.4 = 33324.291
        let rounded_down = factors(7535, ["1.8", "1.17", "1.50", "1", "1", "1.4", "1"]);
        assert_eq!(rounded_down.premium().to_string(), "33324.29");
        // 5000 × 0.68 × 0.57 × 0.5 × 1.05 = 1017.45
        let exact = factors(5000, ["0.68", "0.57", "1.05", "1", "0.5", "1", "1"]);
        assert_eq!(exact.premium().to_string(), "1017.45");
    }

    #[test]
    fn half_a_kopeck_goes_up() {
        // 1399 × 1.17 × 1.5 = 2455.245
        let half = factors(1399, ["1.5", "1.17", "1", "1", "1", "1", "1"]);
        assert_eq!(half.premium().to_string(), "2455.25");
    }

    #[test]
    fn an_ordinary_car_in_moscow_stays_between_the_bounds_of_the_tariff() {
        // 1399 × 1.8 × 0.46 × 0.83 × 0.6 = 576.87… and 8665 × 1.8 × 3.92 × 2.27 × 1.6 = 222062.8…
        let least = factors(1399, ["1.8", "0.46", "0.83", "1", "1", "0.6", "1"]).premium();
        let most = factors(8665, ["1.8", "3.92", "2.27", "1", "1", "1.6", "1"]).premium();
        assert_eq!(least.to_string(), "576.87");
        assert_eq!(most.get() / 100_000, 222);
    }

    proptest! {
        #[test]
        fn a_dearer_base_never_makes_a_cheaper_premium(base in 1_i64..20_000, more in 0_i64..1_000) {
            let values = ["1.56", "0.63", "0.94", "1", "1", "1.4", "1"];
            prop_assert!(factors(base, values).premium() <= factors(base + more, values).premium());
        }
    }
}

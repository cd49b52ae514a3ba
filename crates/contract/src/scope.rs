//! What an insurer takes at all, so that a hopeless call is not made (verdict 101).
//!
//! The rules stand in the manifest, and each holds only where it is written. They are the insurer's own published
//! limits, not the gateway's opinion: what a rule cannot be checked against (a request without an address) is asked.

use jiff::civil::Date;
use serde::{Deserialize, Serialize};

use crate::domain::{Purpose, QuoteRequest, VehicleCategory};

/// What an insurer takes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Scope {
    /// Vehicle categories.
    pub categories: Vec<VehicleCategory>,
    /// Purposes of use.
    pub purposes: Vec<Purpose>,
    /// Regions of the owner's registration, by the first two digits of its КЛАДР code; all where empty.
    #[serde(default)]
    pub regions: Vec<String>,
    /// Regions of the owner's registration that are not taken.
    #[serde(default)]
    pub regions_except: Vec<String>,
    /// Full years that every named driver must have.
    #[serde(default)]
    pub least_age: Option<u8>,
    /// Full years that no named driver may exceed.
    #[serde(default)]
    pub greatest_age: Option<u8>,
    /// Calendar years since production that a vehicle may not exceed.
    #[serde(default)]
    pub greatest_vehicle_age: Option<u8>,
    /// Whether policyholder and owner may be legal entities. The partner API carries people only, so its
    /// requests never meet this rule.
    #[serde(default)]
    pub legal_entities: bool,
}

/// What the rules look at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Risk {
    /// The vehicle's category.
    pub category: VehicleCategory,
    /// What it is used for.
    pub purpose: Purpose,
    /// The owner's region, two digits, where the request has an address with a code.
    pub region: Option<String>,
    /// Full years of the named drivers.
    pub driver_ages: Vec<i16>,
    /// Calendar years since production.
    pub vehicle_age: i16,
    /// Policyholder or owner is a legal entity.
    pub legal_entity: bool,
}

// === impl Scope ===

impl Scope {
    /// Why a risk is not taken, for the user, in Russian; `None` where it is.
    pub fn refuses(&self, risk: &Risk) -> Option<String> {
        let Self { categories, purposes, regions, regions_except, .. } = self;
        if !categories.contains(&risk.category) {
            return Some(format!("Страховщик не страхует категорию {}", risk.category.letter()));
        }
        if !purposes.contains(&risk.purpose) {
            return Some("Страховщик не страхует автомобили с такой целью использования".into());
        }
        if let Some(region) = &risk.region
            && (regions_except.contains(region) || !(regions.is_empty() || regions.contains(region)))
        {
            return Some("Страховщик не страхует автомобили этого региона".into());
        }
        if let Some(least) = self.least_age
            && risk.driver_ages.iter().any(|age| *age < i16::from(least))
        {
            return Some(format!("Страховщик не страхует водителей младше {least} лет"));
        }
        if let Some(greatest) = self.greatest_age
            && risk.driver_ages.iter().any(|age| *age > i16::from(greatest))
        {
            return Some(format!("Страховщик не страхует водителей старше {greatest} лет"));
        }
        if let Some(greatest) = self.greatest_vehicle_age
            && risk.vehicle_age > i16::from(greatest)
        {
            return Some(format!("Страховщик не страхует автомобили старше {greatest} лет"));
        }
        if risk.legal_entity && !self.legal_entities {
            return Some("Страховщик не страхует юридических лиц".into());
        }
        None
    }
}

// === impl Risk ===

impl Risk {
    /// What the rules look at in `request`; ages are those on the policy's first day.
    pub fn of(request: &QuoteRequest) -> Self {
        let start = request.policy_start;
        let age = |birth: Date| full_years(birth, start);
        let driver_ages: Vec<i16> =
            request.drivers.named().iter().map(|driver| age(*driver.birth_date.reveal())).collect();
        let digits = |code: &str| {
            let digits: String = code.chars().filter(char::is_ascii_digit).take(2).collect();
            (digits.len() == 2).then_some(digits)
        };
        Self {
            category: request.vehicle.category(),
            purpose: request.purpose,
            region: request.owner.registration().and_then(|address| {
                digits(address.region_kladr.as_str()).or_else(|| digits(address.kladr.as_str()))
            }),
            driver_ages,
            vehicle_age: start.year() - request.vehicle.year,
            legal_entity: false,
        }
    }
}

fn full_years(birth: Date, day: Date) -> i16 {
    let had_birthday = (day.month(), day.day()) >= (birth.month(), birth.day());
    day.year() - birth.year() - i16::from(!had_birthday)
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    fn risk() -> Risk {
        Risk {
            category: VehicleCategory::B,
            purpose: Purpose::Personal,
            region: Some("77".into()),
            driver_ages: vec![19],
            vehicle_age: 12,
            legal_entity: false,
        }
    }

    #[test]
    fn each_rule_holds_where_it_is_written() {
        let open = Scope {
            categories: vec![VehicleCategory::B],
            purposes: vec![Purpose::Personal],
            ..Scope::default()
        };
        assert_eq!(open.refuses(&risk()), None);
        let one = |change: fn(&mut Scope)| {
            let mut scope = open.clone();
            change(&mut scope);
            scope.refuses(&risk()).unwrap_or_default()
        };
        assert!(one(|scope| scope.categories = vec![VehicleCategory::D]).contains("категорию B"));
        assert!(one(|scope| scope.purposes = vec![Purpose::Taxi]).contains("целью"));
        assert!(one(|scope| scope.regions = vec!["50".into()]).contains("региона"));
        assert_eq!(one(|scope| scope.regions = vec!["50".into(), "77".into()]), "");
        assert!(one(|scope| scope.regions_except = vec!["77".into()]).contains("региона"));
        assert!(one(|scope| scope.least_age = Some(21)).contains("младше 21"));
        assert_eq!(one(|scope| scope.least_age = Some(19)), "");
        assert!(one(|scope| scope.greatest_age = Some(18)).contains("старше 18"));
        assert_eq!(one(|scope| scope.greatest_age = Some(19)), "");
        assert!(one(|scope| scope.greatest_vehicle_age = Some(11)).contains("автомобили старше 11"));
        assert_eq!(one(|scope| scope.greatest_vehicle_age = Some(12)), "");
        assert!(open.refuses(&Risk { legal_entity: true, ..risk() }).is_some_and(|why| why.contains("юрид")));
        assert_eq!(
            Scope { legal_entities: true, ..open.clone() }.refuses(&Risk { legal_entity: true, ..risk() }),
            None
        );
        let nowhere = Risk { region: None, ..risk() };
        assert_eq!(Scope { regions: vec!["50".into()], ..open }.refuses(&nowhere), None);
    }

    #[test]
    fn a_year_is_full_on_the_birthday() {
        assert_eq!(full_years(date(2000, 5, 5), date(2026, 5, 4)), 25);
        assert_eq!(full_years(date(2000, 5, 5), date(2026, 5, 5)), 26);
    }
}

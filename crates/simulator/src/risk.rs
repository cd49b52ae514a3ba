//! What a simulated insurer is asked to price, whichever wire it came over.

use jiff::civil::Date;
use rust_decimal::Decimal;
use veer_contract::domain::{VehicleCategory, cyrillic_look_alike};

use crate::{draws::Draws, tariff::Place};

/// One risk. It holds personal data and so has no `Debug`.
pub(crate) struct Risk {
    /// VIN, else body, chassis or plate.
    pub(crate) vehicle: String,
    /// The owner's full name (or the organisation's) and birth date, as one text.
    pub(crate) owner: String,
    /// The owner's birth date; organisations have none.
    pub(crate) owner_born: Option<Date>,
    /// First day of the policy.
    pub(crate) start: Date,
    /// Months of use.
    pub(crate) months: u8,
    /// Category.
    pub(crate) category: VehicleCategory,
    /// Used as a taxi.
    pub(crate) taxi: bool,
    /// Owned by an organisation.
    pub(crate) legal: bool,
    /// Engine power.
    pub(crate) horsepower: Decimal,
    /// Permitted mass; 0 where the wire does not say.
    pub(crate) kilograms: u32,
    /// Used with a trailer.
    pub(crate) trailer: bool,
    /// Where the owner is registered.
    pub(crate) place: Place,
    /// Who may drive; none: anybody.
    pub(crate) drivers: Option<Vec<Driver>>,
}

/// A named driver.
pub(crate) struct Driver {
    /// Series and number.
    pub(crate) licence: String,
    /// Birth date.
    pub(crate) born: Date,
    /// Since when this person drives.
    pub(crate) drives_since: Date,
}

/// Names a risk without telling anything of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(crate) struct RiskId(pub(crate) u64);

// === impl Risk ===

impl Risk {
    /// The same for every insurer of a simulation, and for every asking of the same risk.
    pub(crate) fn id(&self, world: &Draws) -> RiskId {
        let parts = world.with("risk").with(&plain(&self.vehicle)).with(&plain(&self.owner));
        RiskId(parts.with(&self.start.to_string()).number("id"))
    }
}

// === impl RiskId ===

impl std::fmt::Display for RiskId {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:012x}", self.0 >> 16)
    }
}

/// Full years from `from` to `to`, at least 0.
pub(crate) fn full_years(from: Date, to: Date) -> i16 {
    let before_the_day = (to.month(), to.day()) < (from.month(), from.day());
    (to.year() - from.year() - i16::from(before_the_day)).max(0)
}

/// Months from `from` to the last day `to`, begun ones counted, at most 12.
pub(crate) fn months(from: Date, to: Date) -> u8 {
    let Ok(after) = to.tomorrow() else { return 12 };
    let whole = i32::from(after.year() - from.year()) * 12 + i32::from(after.month() - from.month());
    u8::try_from((whole + i32::from(after.day() > from.day())).clamp(0, 12)).unwrap_or(12)
}

/// Text as a key: upper case, letters and digits only, look-alike Latin letters as Cyrillic ones. Wires
/// disagree about all of that.
pub(crate) fn plain(text: &str) -> String {
    let upper = text.to_uppercase();
    upper.chars().filter(|c| c.is_alphanumeric()).map(cyrillic).collect()
}

fn cyrillic(letter: char) -> char {
    if letter == 'Ё' { 'Е' } else { cyrillic_look_alike(letter) }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn years_are_full_on_the_day() {
        assert_eq!(full_years(date(1980, 6, 12), date(2023, 6, 11)), 42);
        assert_eq!(full_years(date(1980, 6, 12), date(2023, 6, 12)), 43);
        assert_eq!(full_years(date(2024, 1, 1), date(2023, 6, 12)), 0);
    }

    #[test]
    fn a_year_of_use_is_twelve_months_and_a_begun_month_counts() {
        assert_eq!(months(date(2026, 11, 20), date(2027, 11, 19)), 12);
        assert_eq!(months(date(2026, 11, 20), date(2027, 5, 19)), 6);
        assert_eq!(months(date(2026, 11, 20), date(2027, 5, 20)), 7);
        assert_eq!(months(date(2026, 11, 20), date(2020, 5, 20)), 0);
    }

    #[test]
    fn look_alike_letters_are_one_letter() {
        assert_eq!(plain("77ta 123-456"), plain("77 ТА 123456"));
        assert_eq!(plain("Семёнов"), plain("СЕМЕНОВ"));
    }
}

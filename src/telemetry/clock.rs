//! The time of day. UTC inside; Moscow where an insurer means it.

use jiff::{
    Timestamp,
    civil::{Date, DateTime},
    tz::Offset,
};

/// Moscow is at UTC+3 all year.
const MOSCOW: Offset = Offset::constant(3);

/// Now.
pub fn now() -> Timestamp {
    #[cfg(test)]
    if let Some(now) = crate::simulation::stage::with(|stage| stage.now()) {
        return now;
    }
    Timestamp::now()
}

/// Now, as exact as the store keeps it.
pub fn now_in_milliseconds() -> Timestamp {
    let now = now();
    Timestamp::from_millisecond(now.as_millisecond()).unwrap_or(now)
}

/// The day that `at` belongs to in Moscow.
pub fn moscow_date(at: Timestamp) -> Date {
    moscow_time(at).date()
}

/// What the clocks in Moscow show at `at`.
pub fn moscow_time(at: Timestamp) -> DateTime {
    MOSCOW.to_datetime(at)
}

/// When the day that `at` belongs to in Moscow is over.
pub fn next_moscow_midnight(at: Timestamp) -> Timestamp {
    let midnight = moscow_date(at).tomorrow().map(|tomorrow| tomorrow.at(0, 0, 0, 0));
    midnight.and_then(|midnight| MOSCOW.to_timestamp(midnight)).unwrap_or(Timestamp::MAX)
}

/// Today in Moscow.
pub fn moscow_today() -> Date {
    moscow_date(now())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_changes_at_moscow_midnight() {
        let at = |text: &str| moscow_date(text.parse().unwrap()).to_string();
        assert_eq!(at("2026-11-20T20:59:59Z"), "2026-11-20");
        assert_eq!(at("2026-11-20T21:00:00Z"), "2026-11-21");
    }

    #[test]
    fn midnight_is_the_next_one() {
        let after = |text: &str| next_moscow_midnight(text.parse().unwrap()).to_string();
        assert_eq!(after("2026-11-20T20:59:59.5Z"), "2026-11-20T21:00:00Z");
        assert_eq!(after("2026-11-20T21:00:00Z"), "2026-11-21T21:00:00Z");
    }
}

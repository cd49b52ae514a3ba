//! Rate limits: `5/s`, `200/min`, `1000/h`, `10000/day burst 50`.

use std::{fmt, time::Duration};

use super::Written;

/// At most `count` calls in any stretch of `per`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimit {
    /// Calls in one window.
    pub count: u32,
    /// The window's length.
    pub per: Duration,
    /// Calls that may leave at once after a pause; from 1 to `count`. A hundredth of `count`, rounded up,
    /// where nothing else is said.
    pub burst: u32,
}

const WINDOWS: [(&str, u64); 4] = [("s", 1), ("min", 60), ("h", 3_600), ("day", 86_400)];

impl RateLimit {
    /// The time after which one more call is allowed.
    ///
    /// After a pause `burst` calls leave at once and then one a period. The period is a little longer than
    /// `per / count`, so that the burst and what follows it are together never more than `count` in any
    /// window; what is lost is the sustained rate, by about the share that the burst is of `count`.
    pub fn period(&self) -> Duration {
        let steps = self.count.saturating_sub(self.burst) + 1;
        // Rounded up: a period too short by a nanosecond would let one call too many into a long window.
        let nanos = self.per.as_nanos().div_ceil(u128::from(steps));
        Duration::from_nanos(u64::try_from(nanos).unwrap_or(u64::MAX))
    }
}

impl Written for RateLimit {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no rate; write calls/window with s, min, h or day, as in \"5/s\" or \"10000/day burst 50\""
            )
        };
        let (rate, burst) = match text.split_once(" burst ") {
            Some((rate, burst)) => (rate, Some(burst.trim().parse::<u32>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let (count, window) = rate.split_once('/').ok_or_else(wrong)?;
        let count: u32 = count.trim().parse().map_err(|_| wrong())?;
        let (_, seconds) = WINDOWS.iter().find(|(name, _)| *name == window.trim()).ok_or_else(wrong)?;
        if count == 0 {
            return Err(format!("`{text}` allows no call at all; write at least 1, or `enabled = false`"));
        }
        let burst = burst.unwrap_or_else(|| count.div_ceil(100));
        if !(1..=count).contains(&burst) {
            return Err(format!(
                "`{text}`: a burst is at least 1 and at most the {count} calls of the window"
            ));
        }
        Ok(Self { count, per: Duration::from_secs(*seconds), burst })
    }
}

/// As it is written in the configuration, with the burst.
impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name =
            WINDOWS.iter().find(|(_, seconds)| *seconds == self.per.as_secs()).map_or("?", |(name, _)| name);
        write!(f, "{}/{name} burst {}", self.count, self.burst)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn windows_and_bursts_are_read() {
        let read =
            |text| RateLimit::parse(text).map(|limit| (limit.count, limit.per.as_secs(), limit.burst)).ok();
        assert_eq!(read("5/s"), Some((5, 1, 1)));
        assert_eq!(read("200/min"), Some((200, 60, 2)));
        assert_eq!(read("201/min"), Some((201, 60, 3)));
        assert_eq!(read("1000/h"), Some((1000, 3600, 10)));
        assert_eq!(read("10000/day burst 50"), Some((10_000, 86_400, 50)));
        assert_eq!(read("5/s burst 5"), Some((5, 1, 5)));
    }

    #[test]
    fn anything_else_is_refused() {
        for text in [
            "",
            "5",
            "5/",
            "/s",
            "5/sec",
            "5 per s",
            "-1/s",
            "5/s burst",
            "5/s burst x",
            "5.5/s",
            "0/s",
            "5/s burst 0",
            "5/s burst 6",
        ] {
            let rule = RateLimit::parse(text).unwrap_err();
            assert!(rule.contains("write") || rule.contains("a burst is"), "{text}: {rule}");
        }
    }

    proptest! {
        #[test]
        fn no_window_holds_more_than_its_count(count in 1_u32..5_000, share in 1_u32..=100, window in 0_usize..4) {
            let burst = (count * share / 100).max(1);
            let limit = RateLimit { count, per: Duration::from_secs(WINDOWS[window].1), burst };
            // The worst window begins with the burst: those calls, and one more each period before its end.
            let later = (limit.per.as_nanos() - 1) / limit.period().as_nanos();
            prop_assert!(u128::from(burst) + later <= u128::from(count));
        }

        #[test]
        fn the_default_burst_leaves_nearly_all_of_the_rate(count in 1_u32..100_000) {
            let limit = RateLimit::parse(&format!("{count}/h")).unwrap();
            let sustained = limit.per.as_secs_f64() / limit.period().as_secs_f64() / f64::from(count);
            prop_assert!(sustained >= 0.99, "{sustained} of {limit}");
        }

        #[test]
        fn what_is_written_is_read_again(count in 1_u32..100_000, window in 0_usize..4) {
            let limit = RateLimit::parse(&format!("{count}/{}", WINDOWS[window].0)).unwrap();
            prop_assert_eq!(RateLimit::parse(&limit.to_string()), Ok(limit));
        }
    }
}

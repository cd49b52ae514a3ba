//! Rate limits: `5/s`, `200/min burst 20`, `1000/h`, `10000/day`.

use std::{fmt, str::FromStr, time::Duration};

use super::Written;

/// At most `count` calls in any stretch of `per`; of a day, in a calendar day of Moscow.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct RateLimit {
    /// Calls in one window.
    pub count: u32,
    /// The window's length: a second, a minute, an hour or a day.
    pub per: Duration,
    /// Calls that may leave at once after a pause; from 1 to `count`. A hundredth of `count`, rounded up,
    /// where nothing else is said. A day's calls may leave at any time of it: there it is `count`.
    pub burst: u32,
}

const DAY: Duration = Duration::from_secs(86_400);

const WINDOWS: [(&str, Duration); 4] = [
    ("s", Duration::from_secs(1)),
    ("min", Duration::from_secs(60)),
    ("h", Duration::from_secs(3_600)),
    ("day", DAY),
];

// === impl RateLimit ===

impl RateLimit {
    /// The windows that there are, as they are written, shortest first.
    pub const WINDOWS: [&'static str; 4] = [WINDOWS[0].0, WINDOWS[1].0, WINDOWS[2].0, WINDOWS[3].0];

    /// Whether it counts the calls of a calendar day.
    pub fn is_daily(&self) -> bool {
        self.per >= DAY
    }

    /// Which of [`RateLimit::WINDOWS`] it counts in.
    pub fn window(&self) -> usize {
        WINDOWS.iter().position(|(_, length)| *length >= self.per).unwrap_or(WINDOWS.len() - 1)
    }

    fn usual_burst(count: u32, per: Duration) -> u32 {
        if per >= DAY { count } else { count.div_ceil(100) }
    }
}

impl Written for RateLimit {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no rate; write calls/window with s, min, h or day, as in \"5/s\", \"200/min burst 20\" \
                 or \"10000/day\""
            )
        };
        let (rate, burst) = match text.split_once(" burst ") {
            Some((rate, burst)) => (rate, Some(burst.trim().parse::<u32>().map_err(|_| wrong())?)),
            None => (text, None),
        };
        let (count, window) = rate.split_once('/').ok_or_else(wrong)?;
        let count: u32 = count.trim().parse().map_err(|_| wrong())?;
        let (_, per) = *WINDOWS.iter().find(|(name, _)| *name == window.trim()).ok_or_else(wrong)?;
        if count == 0 {
            return Err(format!("`{text}` allows no call at all; write at least 1, or `enabled = false`"));
        }
        if per >= DAY && burst.is_some() {
            return Err(format!(
                "`{text}`: a day has no burst, its calls may leave at any time of it; write \"{count}/day\", and a \
                 limit a second or a minute beside it to spread them"
            ));
        }
        let burst = burst.unwrap_or_else(|| Self::usual_burst(count, per));
        if !(1..=count).contains(&burst) {
            return Err(format!(
                "`{text}`: a burst is at least 1 and at most the {count} calls of the window"
            ));
        }
        Ok(Self { count, per, burst })
    }
}

/// As in the configuration. The error is a sentence that says what to write instead.
impl FromStr for RateLimit {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        Self::parse(text)
    }
}

/// As it is written in the configuration; the burst where it is not the usual one.
impl fmt::Display for RateLimit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.count, Self::WINDOWS.get(self.window()).unwrap_or(&"?"))?;
        if self.burst != Self::usual_burst(self.count, self.per) {
            write!(f, " burst {}", self.burst)?;
        }
        Ok(())
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
        assert_eq!(read("200/min burst 20"), Some((200, 60, 20)));
        assert_eq!(read("1000/h"), Some((1000, 3600, 10)));
        assert_eq!(read("10000/day"), Some((10_000, 86_400, 10_000)));
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
            "10000/day burst 50",
        ] {
            let rule = text.parse::<RateLimit>().unwrap_err();
            assert!(rule.contains("write") || rule.contains("a burst is"), "{text}: {rule}");
        }
    }

    #[test]
    fn a_day_has_no_burst() {
        let rule = RateLimit::parse("10000/day burst 50").unwrap_err();
        assert!(rule.contains("a day has no burst") && rule.contains("\"10000/day\""), "{rule}");
    }

    proptest! {
        #[test]
        fn what_is_written_is_read_again(count in 1_u32..100_000, burst in 1_u32..100_000, window in 0_usize..4) {
            let name = RateLimit::WINDOWS[window];
            let plain = RateLimit::parse(&format!("{count}/{name}")).unwrap();
            prop_assert_eq!((plain.window(), plain.is_daily()), (window, window == 3));
            prop_assert_eq!(plain.to_string(), format!("{count}/{name}"));
            if window < 3 {
                let burst = burst.min(count);
                let limit = RateLimit::parse(&format!("{count}/{name} burst {burst}")).unwrap();
                prop_assert_eq!(RateLimit::parse(&limit.to_string()), Ok(limit));
            }
        }
    }
}

//! Durations: `300ms`, `5s`, `2m`, `1h`, `10d`.

use std::time::Duration;

use super::Written;

const UNITS: [(&str, u64); 5] = [("ms", 1), ("s", 1_000), ("m", 60_000), ("h", 3_600_000), ("d", 86_400_000)];

impl Written for Duration {
    fn parse(text: &str) -> Result<Self, String> {
        let wrong = || {
            format!(
                "`{text}` is no duration; write a whole number and ms, s, m, h or d, as in \"5s\" or \"300ms\""
            )
        };
        let unit_at = text.find(|c: char| !c.is_ascii_digit()).ok_or_else(wrong)?;
        let (number, unit) = text.split_at(unit_at);
        let number: u64 = number.parse().map_err(|_| wrong())?;
        let (_, millis) = UNITS.iter().find(|(name, _)| *name == unit).ok_or_else(wrong)?;
        number.checked_mul(*millis).map(Duration::from_millis).ok_or_else(wrong)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_and_a_unit() {
        let read = |text| Duration::parse(text).ok();
        assert_eq!(read("300ms"), Some(Duration::from_millis(300)));
        assert_eq!(read("5s"), Some(Duration::from_secs(5)));
        assert_eq!(read("2m"), Some(Duration::from_secs(120)));
        assert_eq!(read("1h"), Some(Duration::from_secs(3600)));
        assert_eq!(read("10d"), Some(Duration::from_secs(864_000)));
        assert_eq!(read("0s"), Some(Duration::ZERO));
    }

    #[test]
    fn anything_else_is_refused_with_an_example() {
        for text in
            ["", "5", "s", "5 s", "1.5s", "-5s", "5sec", "5S", "99999999999999999999s", "9999999999999999d"]
        {
            let rule = Duration::parse(text).unwrap_err();
            assert!(rule.contains("as in \"5s\""), "{text}: {rule}");
        }
    }
}

//! Durations as people write them: `300ms`, `1.5s`, `20m`.

use std::time::Duration;

use serde::{Deserialize, Deserializer, de::Error};

/// For `#[serde(with = "…")]`-like use in the knobs.
pub(crate) fn deserialize<'de, D: Deserializer<'de>>(from: D) -> Result<Duration, D::Error> {
    let text = String::deserialize(from)?;
    parse(&text).ok_or_else(|| {
        D::Error::custom(format!(
            "`{text}` is no duration; write a number and a unit, as in 300ms, 1.5s, 20m"
        ))
    })
}

fn parse(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|c: char| c.is_ascii_alphabetic())?);
    let seconds = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3600.0,
        _ => return None,
    };
    Duration::try_from_secs_f64(number.trim().parse::<f64>().ok()? * seconds).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_are_a_number_and_a_unit() {
        assert_eq!(parse("300ms"), Some(Duration::from_millis(300)));
        assert_eq!(parse("1.5s"), Some(Duration::from_millis(1500)));
        assert_eq!(parse("20m"), Some(Duration::from_secs(1200)));
        assert_eq!(parse("20"), None);
        assert_eq!(parse("-1s"), None);
        assert_eq!(parse("1 day"), None);
    }
}

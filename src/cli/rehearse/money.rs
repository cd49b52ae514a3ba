//! Roubles on the wire, kopecks in comparisons.

use serde_json::{Number, Value};

/// A number of roubles in kopecks; none where it has more than two decimals.
pub(super) fn kopecks(number: &Number) -> Option<i64> {
    let text = number.to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let decimals = decimals.trim_end_matches('0');
    if decimals.len() > 2 {
        return None;
    }
    format!("{whole}{decimals:0<2}").parse().ok()
}

/// An offer's or an option's price in kopecks.
pub(super) fn price(of: &Value) -> Option<i64> {
    kopecks(of["price"].as_number()?)
}

/// `12345.60`.
pub(super) fn roubles(kopecks: i64) -> String {
    format!("{}.{:02} ₽", kopecks / 100, kopecks % 100)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn roubles_become_kopecks_exactly() {
        let kopecks = |value: Value| kopecks(value.as_number().unwrap());
        assert_eq!(kopecks(json!(12345.67)), Some(1_234_567));
        assert_eq!(kopecks(json!(0.1)), Some(10));
        assert_eq!(kopecks(json!(10.0)), Some(1000));
        assert_eq!(kopecks(json!(7)), Some(700));
        assert_eq!(kopecks(json!(10.005)), None);
        assert_eq!(kopecks(json!(0.1 + 0.2)), None);
        assert_eq!(kopecks(json!(1e300)), None);
        assert_eq!(roubles(1_234_560), "12345.60 ₽");
    }
}

//! Amounts, exactly.

use minijinja::Value;
use veer_contract::domain::{Coefficient, Kopecks};

use crate::value::{Absent, Why, items, text};

/// Kopecks of roubles.
pub(super) fn roubles(value: &Value) -> Result<Value, Why> {
    let amount = Kopecks::parse_roubles(&text(value)?);
    amount.map(|amount| Value::from(amount.get())).map_err(|_| Why::Unfit("it is no amount in roubles"))
}

/// Kopecks of a whole number of them.
pub(super) fn kopecks(value: &Value) -> Result<Value, Why> {
    let number: Result<i64, _> = text(value)?.trim().parse();
    number.map(Value::from).map_err(|_| Why::Unfit("it is no whole number of kopecks"))
}

/// `9123.45` of kopecks.
pub(super) fn as_roubles(value: &Value) -> Result<Value, Why> {
    match (Absent::why(value), value.as_i64()) {
        (Some(why), _) => Err(why),
        (None, Some(kopecks)) => Ok(Value::from(Kopecks::new(kopecks).to_string())),
        (None, None) => Err(Why::Unfit("it is no whole number of kopecks")),
    }
}

/// The sum of the items' roubles under `key`.
pub(super) fn sum(value: &Value, key: &str) -> Result<Value, Why> {
    let mut sum = Kopecks::ZERO;
    for item in items(value).ok_or(Why::Unfit("it is no list"))? {
        let amount = item.get_attr(key).map_err(|_| Why::Unfit("an item is no table"))?;
        let amount = Kopecks::parse_roubles(&text(&amount)?);
        sum = sum + amount.map_err(|_| Why::Unfit("an item has no amount in roubles"))?;
    }
    Ok(Value::from(sum.get()))
}

/// A number with at most four decimals.
pub(super) fn coefficient(value: &Value) -> Result<Value, Why> {
    let coefficient = Coefficient::parse(&text(value)?);
    let number = coefficient.map_err(|_| Why::Unfit("it is no number with at most four decimals"))?;
    Ok(crate::tree::json(&number.as_json_number().into()))
}

/// A number of a number or of a text, with a point or a comma.
pub(super) fn number(value: &Value) -> Result<Value, Why> {
    let text = text(value)?.trim().replace(',', ".");
    if let Ok(number) = text.parse::<i64>() {
        return Ok(Value::from(number));
    }
    let plain = text.bytes().all(|byte| byte.is_ascii_digit() || b"+-.".contains(&byte));
    let number = text.parse::<f64>().ok().filter(|number| plain && number.is_finite());
    number.map(Value::from).ok_or(Why::Unfit("it is no number"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_exact() {
        let read = |value: Value| roubles(&value).map(|value| value.as_i64().unwrap());
        assert_eq!(read(Value::from("9 123,45")), Ok(912_345));
        assert_eq!(read(Value::from(4.35)), Ok(435));
        assert_eq!(read(Value::from(1480)), Ok(148_000));
        assert!(read(Value::from("7.505")).is_err());
        assert!(read(Value::from(1e22)).is_err());
        assert_eq!(kopecks(&Value::from("912345")).unwrap().as_i64(), Some(912_345));
        assert!(kopecks(&Value::from(1.5)).is_err());
        assert_eq!(as_roubles(&Value::from(912_345)).unwrap().as_str(), Some("9123.45"));
    }

    #[test]
    fn numbers_are_plain() {
        assert_eq!(number(&Value::from("1,5")).unwrap().to_string(), "1.5");
        assert_eq!(number(&Value::from(" 7 ")).unwrap().as_i64(), Some(7));
        for odd in ["", "1e5", "inf", "nan", "x"] {
            assert!(number(&Value::from(odd)).is_err(), "{odd}");
        }
        assert_eq!(coefficient(&Value::from("1,80")).unwrap().to_string(), "1.8");
    }
}

//! Reading a call's fields by path, and naming all that is missing at once.

use std::str::FromStr;

use jiff::civil::Date;
use rust_decimal::Decimal;
use serde_json::Value;

type LookUp<'a> = Box<dyn Fn(&str) -> Option<String> + 'a>;

/// A call's fields. What is missing is noted and stood in for, so that reading can go on to the end.
pub(super) struct Fields<'a> {
    look_up: LookUp<'a>,
    problems: Vec<String>,
}

// === impl Fields ===

impl<'a> Fields<'a> {
    /// Over whatever finds a text by its path.
    pub(super) fn new(look_up: impl Fn(&str) -> Option<String> + 'a) -> Self {
        Self { look_up: Box::new(look_up), problems: Vec::new() }
    }

    /// Over a JSON tree; paths as in `drivers.0.license.series`.
    pub(super) fn of_json(tree: &'a Value) -> Self {
        Self::new(move |path| text(at(tree, path)?))
    }

    /// A field that may be absent; blank counts as absent.
    pub(super) fn maybe(&self, path: &str) -> Option<String> {
        (self.look_up)(path).map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
    }

    /// A field that must be there.
    pub(super) fn need(&mut self, path: &str) -> String {
        self.maybe(path).unwrap_or_else(|| {
            self.missing(path);
            String::new()
        })
    }

    /// One of several fields must be there: the first that is.
    pub(super) fn need_any(&mut self, paths: &[&str]) -> String {
        paths.iter().find_map(|path| self.maybe(path)).unwrap_or_else(|| {
            self.missing(&paths.join(" | "));
            String::new()
        })
    }

    /// A date that must be there, with or without a time behind it.
    pub(super) fn need_day(&mut self, paths: &[&str]) -> Date {
        let text = self.need_any(paths);
        let day = text.get(..10).and_then(|day| day.parse().ok());
        day.unwrap_or_else(|| {
            if !text.is_empty() {
                self.wrong(paths[0]);
            }
            Date::default()
        })
    }

    /// A number above zero that must be there.
    pub(super) fn need_number(&mut self, path: &str) -> Decimal {
        let text = self.need(path);
        match Decimal::from_str(&text) {
            Ok(number) if number > Decimal::ZERO => number,
            _ if text.is_empty() => Decimal::ONE,
            _ => {
                self.wrong(path);
                Decimal::ONE
            }
        }
    }

    /// How many items a list has.
    pub(super) fn count(&self, probe: impl Fn(usize) -> String) -> usize {
        (0..).take_while(|index| self.maybe(&probe(*index)).is_some()).count()
    }

    /// Notes a missing field.
    pub(super) fn missing(&mut self, path: &str) {
        self.problems.push(format!("Не заполнено обязательное поле {path}"));
    }

    /// Notes a field whose value cannot be.
    pub(super) fn wrong(&mut self, path: &str) {
        self.problems.push(format!("Неверное значение поля {path}"));
    }

    /// Everything that was found wrong.
    pub(super) fn problems(self) -> Vec<String> {
        self.problems
    }
}

/// The value at a path; list items by number, also where a form made the list an object.
pub(super) fn at<'v>(tree: &'v Value, path: &str) -> Option<&'v Value> {
    path.split('.').try_fold(tree, |value, part| match value {
        Value::Array(items) => items.get(part.parse::<usize>().ok()?),
        other => other.get(part),
    })
}

/// The text of a leaf, whatever its type.
pub(super) fn text(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(flag) => Some(flag.to_string()),
        _ => None,
    }
}

/// A decimal as a JSON number.
pub(super) fn number(value: Decimal) -> Value {
    value.normalize().to_string().parse::<serde_json::Number>().map_or(Value::Null, Value::Number)
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn lists_are_read_the_same_from_json_and_from_forms() {
        let json = json!({"drivers": [{"name": "Иван"}]});
        let form = json!({"drivers": {"0": {"name": "Иван"}}});
        for tree in [json, form] {
            assert_eq!(Fields::of_json(&tree).maybe("drivers.0.name").as_deref(), Some("Иван"));
        }
    }

    #[test]
    fn everything_missing_is_named() {
        let tree = json!({"a": null, "b": " ", "day": "2026-99-01", "hp": 0});
        let mut fields = Fields::of_json(&tree);
        fields.need("a");
        fields.need_any(&["b", "c"]);
        fields.need_day(&["day"]);
        fields.need_number("hp");
        assert_eq!(fields.problems().len(), 4);
    }
}

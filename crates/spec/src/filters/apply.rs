//! What each filter and test does.

use minijinja::{State, Value, value::ValueKind};

use super::{Filter, dates, money, people, texts};
use crate::{
    registry,
    value::{Absent, Items, Why, items, text},
    written,
};

/// Applies a filter.
pub(crate) fn apply(
    filter: &'static Filter,
    state: &State<'_, '_>,
    value: &Value,
    arguments: &[Value],
) -> Result<Value, Why> {
    // How many there are was checked at load.
    let argument = |at: usize| arguments.get(at).cloned().unwrap_or_else(Absent::value);
    let word = |at: usize| text(&argument(at));
    let changed = |change: &dyn Fn(&str) -> String| text(value).map(|text| Value::from(change(&text)));
    match filter.name {
        "as_path" => texts::as_path(value),
        "as_roubles" => money::as_roubles(value),
        "coefficient" => money::coefficient(value),
        "cut" => {
            let length = argument(0).as_usize().unwrap_or_default();
            changed(&|text| text.chars().take(length).collect())
        }
        "cyrillic" => changed(&|text| written::cyrillic(text)),
        "date" => dates::date(value, &word(0)?),
        "date_from" => dates::date_from(value, &word(0)?),
        "default" if is_there(value) => Ok(value.clone()),
        "default" => Ok(argument(0)),
        "digits" => changed(&|text| text.chars().filter(char::is_ascii_digit).collect()),
        "first" => Ok(match items(value) {
            Some(items) => items.into_iter().next().unwrap_or_else(Absent::value),
            None => value.clone(),
        }),
        "join" => {
            let texts: Result<Vec<_>, _> =
                items(value).ok_or(Why::Unfit("it is no list"))?.iter().map(text).collect();
            Ok(Value::from(texts?.join(&word(0)?)))
        }
        "kladr" => people::kladr(value, arguments),
        "kopecks" => money::kopecks(value),
        "length" => match value.kind() {
            ValueKind::String => Ok(Value::from(text(value)?.chars().count())),
            _ => items(value).map(|items| Value::from(items.len())).ok_or(Why::Unfit("it has no length")),
        },
        "list" => Ok(match items(value) {
            Some(items) => Value::from_object(Items(items)),
            None => Value::from_object(Items(vec![value.clone()])),
        }),
        "lower" => changed(&|text| text.to_lowercase()),
        "map" => texts::map(state, value, &word(0)?, arguments.get(1)),
        "number" => money::number(value),
        "phone" => people::phone(value, &word(0)?),
        "plain_id" => texts::plain(value),
        "roubles" => money::roubles(value),
        "sex" => people::sex(value, &argument(0), &argument(1)),
        "sum" => money::sum(value, &word(0)?),
        "text" => text(value).map(Value::from),
        "trim" => changed(&|text| text.trim().to_owned()),
        "truth" => texts::truth(value),
        "upper" => changed(&|text| text.to_uppercase()),
        "where" => matching(value, &word(0)?, &argument(1)),
        _ => Err(Why::Unfit("there is no such filter")),
    }
}

/// Whether a test holds.
pub(crate) fn holds(test: &str, value: &Value) -> bool {
    match test {
        "there" => is_there(value),
        "registry_outage" => text(value).is_ok_and(|text| registry::is_outage(&text)),
        "registry_refusal" => text(value).is_ok_and(|text| registry::is_failed_check(&text)),
        _ => false,
    }
}

fn is_there(value: &Value) -> bool {
    !Absent::is(value) && value.as_str().is_none_or(|text| !text.trim().is_empty())
}

fn matching(value: &Value, key: &str, wanted: &Value) -> Result<Value, Why> {
    let items = items(value).ok_or(Why::Unfit("it is no list"))?;
    let fits = |item: &Value| item.get_attr(key).is_ok_and(|it| !Absent::is(&it) && it == *wanted);
    Ok(Value::from_object(Items(items.into_iter().filter(fits).collect())))
}

//! Texts.

use minijinja::{State, Value};

use crate::{
    plain_id,
    value::{Absent, Why, text},
};

/// The word of the enum `name`; `otherwise` where it has none.
pub(super) fn map(
    state: &State<'_, '_>,
    value: &Value,
    name: &str,
    otherwise: Option<&Value>,
) -> Result<Value, Why> {
    let missing = |why: Why| otherwise.filter(|it| !Absent::is(it)).cloned().ok_or(why);
    let word = match text(value) {
        Ok(word) => word,
        Err(why) => return missing(why),
    };
    let table = state.lookup("enums").and_then(|enums| enums.get_attr(name).ok());
    let found = table.and_then(|table| table.get_attr(&word).ok()).filter(|found| !Absent::is(found));
    found.map_or_else(|| missing(Why::Unfit("it is a word that the enum does not have")), Ok)
}

/// A truth, as such or as the text or number that some make of it.
pub(super) fn truth(value: &Value) -> Result<Value, Why> {
    match text(value)?.trim().to_lowercase().as_str() {
        "true" | "1" => Ok(Value::from(true)),
        "false" | "0" | "" => Ok(Value::from(false)),
        _ => Err(Why::Unfit("it is neither true nor false")),
    }
}

/// An id that could stand in a path.
pub(super) fn plain(value: &Value) -> Result<Value, Why> {
    let text = text(value)?;
    let id = plain_id::check(&text, "it").map_err(|_| Why::Unfit("it is no plain id"))?;
    Ok(Value::from(id))
}

/// A setting that is a path of several parts: marked, so that a path takes it as it is.
pub(super) fn as_path(value: &Value) -> Result<Value, Why> {
    let text = text(value)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_./".contains(&byte);
    if !text.bytes().all(plain) || text.contains("..") || text.contains("//") || text.starts_with('/') {
        return Err(Why::Unfit("it is no path below the insurer's address"));
    }
    Ok(Value::from_safe_string(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_of_a_setting_leads_nowhere_else() {
        let path = |text: &str| as_path(&Value::from(text)).map(|value| value.to_string());
        assert_eq!(path("v1/osago/").as_deref(), Ok("v1/osago/"));
        for odd in ["/v1", "a//b", "../x", "a?b", "http://x", "a b"] {
            assert!(path(odd).is_err(), "{odd}");
        }
    }

    #[test]
    fn a_truth_is_one_in_every_spelling() {
        let read = |value: Value| truth(&value).map(|value| value.is_true());
        assert_eq!(read(Value::from("TRUE")), Ok(true));
        assert_eq!(read(Value::from(0)), Ok(false));
        assert!(read(Value::from("да")).is_err());
    }
}

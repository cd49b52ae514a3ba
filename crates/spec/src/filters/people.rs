//! What is told of a person and of an address.

use minijinja::Value;
use veer_contract::domain::PersonName;

use crate::{
    value::{Absent, Why, text},
    written,
};

/// Which of the two words a person's patronymic tells.
pub(super) fn sex(person: &Value, male: &Value, female: &Value) -> Result<Value, Why> {
    if let Some(why) = Absent::why(person) {
        return Err(why);
    }
    let middle = person.get_attr("middle").map_err(|_| Why::Unfit("it is no person"))?;
    let middle = if Absent::is(&middle) { None } else { Some(text(&middle)?.as_str().into()) };
    let name = PersonName { last: "".into(), first: "".into(), middle };
    Ok(match written::sex(&name) {
        Some(written::Sex::Male) => male.clone(),
        Some(written::Sex::Female) => female.clone(),
        None => Absent::value(),
    })
}

/// A phone number in one of the forms of [`PHONE_FORMS`](super::PHONE_FORMS).
pub(super) fn phone(value: &Value, form: &str) -> Result<Value, Why> {
    let digits: String = text(value)?.chars().filter(char::is_ascii_digit).collect();
    let russian = digits.strip_prefix(['7', '8']).filter(|national| national.len() == 10);
    Ok(Value::from(match (form, russian) {
        ("national", Some(national)) => national.to_owned(),
        ("plus", Some(national)) => format!("+7{national}"),
        ("plus", None) => format!("+{digits}"),
        ("digits", Some(national)) => format!("7{national}"),
        _ => digits,
    }))
}

/// The most precise КЛАДР code of one of these lengths that an address has.
pub(super) fn kladr(address: &Value, lengths: &[Value]) -> Result<Value, Why> {
    if let Some(why) = Absent::why(address) {
        return Err(why);
    }
    for name in ["kladr", "street_kladr", "settlement_kladr", "city_kladr", "region_kladr"] {
        let code = address.get_attr(name).map_err(|_| Why::Unfit("it is no address"))?;
        let code = if Absent::is(&code) { continue } else { text(&code)? };
        let code = code.trim();
        let fits = lengths.iter().any(|length| length.as_usize() == Some(code.len()));
        if fits && code.bytes().all(|byte| byte.is_ascii_digit()) {
            return Ok(Value::from(code));
        }
    }
    Ok(Absent::value())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_phone_has_three_forms() {
        let written = |phone: &str, form| super::phone(&Value::from(phone), form).unwrap().to_string();
        assert_eq!(written("79161234567", "plus"), "+79161234567");
        assert_eq!(written("8 (916) 123-45-67", "national"), "9161234567");
        assert_eq!(written("+79161234567", "digits"), "79161234567");
        assert_eq!(written("375291234567", "plus"), "+375291234567");
        assert_eq!(written("375291234567", "national"), "375291234567");
    }

    #[test]
    fn codes_are_chosen_by_length_and_a_patronymic_tells_the_sex() {
        let request = crate::view::request(&veer_kit::requests::standard());
        let owner = request.get_attr("owner").unwrap();
        let address = owner.get_attr("registration").unwrap();
        let code = |length: usize| kladr(&address, &[Value::from(length)]).unwrap();
        assert_eq!(code(17).as_str(), Some("77000000000999900"));
        assert_eq!(code(13).as_str(), Some("7700000000000"));
        assert!(Absent::is(&code(11)));
        assert_eq!(sex(&owner, &Value::from("M"), &Value::from("F")).unwrap().as_str(), Some("M"));
        assert!(kladr(&Absent::field("owner.addresses"), &[]).is_err());
    }
}

//! `subjectInfo`: a person with addresses and documents. Each gets an id with the first price, and a recalculation
//! names it again.

use crate::wires::{fields::Fields, ingosstrakh::soap::Node};

/// The ids of a set's people, as the answer tells them.
pub(super) fn ids(body: &Node, set: &str) -> String {
    let number = |index: usize| body.text_at(&format!("subjectInfo[{index}].subjectNumber"));
    (0..)
        .map_while(number)
        .filter(|number| number.bytes().all(|byte| byte.is_ascii_digit()))
        .map(|number| {
            let id = id(set, &number);
            format!("<subjectInfo><subjectNumber>{number}</subjectNumber><ID>{id}</ID></subjectInfo>")
        })
        .collect()
}

fn id(set: &str, number: &str) -> String {
    format!("{set}{number}")
}

/// The path of the person that a role refers to, with what every person has.
pub(super) fn of(fields: &mut Fields<'_>, role: &str) -> String {
    let number = fields.need(&format!("{role}.subjectNumber"));
    let path = |index: usize| format!("subjectInfo[{index}]");
    let count = fields.count(|index| format!("{}.subjectNumber", path(index)));
    let known = |index: &usize| {
        fields.maybe(&format!("{}.subjectNumber", path(*index))).as_deref() == Some(number.as_str())
    };
    let Some(index) = (0..count).find(known) else {
        fields.missing(&format!("subjectInfo[subjectNumber={number}]"));
        return format!("{}.subjectDetails", path(0));
    };
    format!("{}.subjectDetails", path(index))
}

/// Checks what everybody has; in a set that is calculated again the ids too.
pub(super) fn everybody(fields: &mut Fields<'_>, set: Option<&str>) {
    let count = fields.count(|index| format!("subjectInfo[{index}].subjectNumber"));
    if count == 0 {
        fields.missing("subjectInfo");
    }
    for index in 0..count {
        let subject = format!("subjectInfo[{index}]");
        for name in ["lastName", "firstName"] {
            fields.need(&format!("{subject}.subjectDetails.{name}"));
        }
        fields.need_day(&[&format!("{subject}.subjectDetails.birthdate")]);
        one_of(fields, &format!("{subject}.subjectDetails.citizenship"), &["RU"]);
        let gender = format!("{subject}.subjectDetails.gender");
        if fields.maybe(&gender).is_some() {
            one_of(fields, &gender, &["male", "female"]);
        }
        let phone = format!("{subject}.subjectDetails.phone");
        if fields.maybe(&format!("{phone}.numberPhone")).is_some() {
            one_of(fields, &format!("{phone}.isPrimary"), &["true"]);
            one_of(fields, &format!("{phone}.typePhone"), &["mobile"]);
        }
        if let Some(set) = set {
            let number = fields.need(&format!("{subject}.subjectNumber"));
            one_of(fields, &format!("{subject}.ID"), &[&id(set, &number)]);
        }
    }
}

/// Checks what insurant and owner have besides, and gives the code of the place of registration.
pub(super) fn at_home(fields: &mut Fields<'_>, person: &str) -> String {
    let mut place = String::new();
    for kind in ["registration", "home"] {
        let Some(address) = nth(fields, person, "address", "addressType", &[kind]) else {
            fields.missing(&format!("{person}.address[addressType={kind}]"));
            continue;
        };
        one_of(fields, &format!("{address}.country"), &["RU"]);
        let region = fields.need(&format!("{address}.region"));
        let code = fields.need(&format!("{address}.KLADR1"));
        if !code.is_empty() && (code.len() != 13 || code.get(..2) != Some(&region)) {
            fields.wrong(&format!("{address}.KLADR1"));
        }
        for level in 2..=6 {
            let path = format!("{address}.KLADR{level}");
            let fits =
                |code: &String| code.starts_with(&region) && code.bytes().all(|byte| byte.is_ascii_digit());
            if fields.maybe(&path).is_some_and(|code| !fits(&code)) {
                fields.wrong(&path);
            }
        }
        fields.need(&format!("{address}.building"));
        if place.is_empty() {
            place = code;
        }
    }
    document(fields, person, &["passport_russian", "passport_foreign"]);
    place
}

/// Series and number of the person's document of these types.
pub(super) fn document(fields: &mut Fields<'_>, person: &str, types: &[&str]) -> String {
    let Some(document) = nth(fields, person, "document", "documentType", types) else {
        fields.missing(&format!("{person}.document[documentType={}]", types[0]));
        return String::new();
    };
    fields.need_day(&[&format!("{document}.dateIssue")]);
    let series = fields.need(&format!("{document}.series"));
    if series.contains(char::is_whitespace) {
        fields.wrong(&format!("{document}.series"));
    }
    series + &fields.need(&format!("{document}.number"))
}

/// A field that has one of these values.
pub(super) fn one_of(fields: &mut Fields<'_>, path: &str, values: &[&str]) -> String {
    let text = fields.need(path);
    if !text.is_empty() && !values.contains(&text.as_str()) {
        fields.wrong(path);
    }
    text
}

/// The path of the person's element of that name whose field has one of these values.
fn nth(fields: &Fields<'_>, person: &str, name: &str, field: &str, values: &[&str]) -> Option<String> {
    let path = |index: usize| format!("{person}.{name}[{index}]");
    let count = fields.count(|index| format!("{}.{field}", path(index)));
    (0..count).map(path).find(|path| {
        fields.maybe(&format!("{path}.{field}")).is_some_and(|value| values.contains(&value.as_str()))
    })
}

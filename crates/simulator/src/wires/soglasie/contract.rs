//! The contract of a calculation: its parameters, read strictly.

use jiff::{ToSpan, civil::Date};
use rust_decimal::Decimal;
use veer_contract::domain::VehicleCategory;

use super::{soap::Data, year};
use crate::{
    dictionary::Dictionary,
    risk::{Driver, Risk},
    tariff::Place,
    wires::fields::Fields,
};

/// A calculation that was asked for.
pub(super) struct Asked {
    pub(super) risk: Risk,
    /// The КБМ request; none where anybody may drive.
    pub(super) request_id: Option<String>,
    /// The КБМ to calculate with.
    pub(super) bonus: Decimal,
}

/// The product, and what kind of contract it is.
const PRODUCT: &str = "ОСАГО";
const DOCUMENT: &str = "ДогСтрахЕОСАГО";
/// Parameters that have one value here: how it is entered (an electronic policy), the term (a year), months of
/// use, and that owner and policyholder are people.
const FIXED: [(&str, &str); 5] =
    [("1322", "24"), ("29", "8"), ("1129", "12"), ("961", "1001"), ("32", "1001")];
/// Parameters that are yes or no.
const FLAGS: [&str; 5] = ["1128", "1402", "722", "43", "763"];

impl Asked {
    /// Reads a calculation, or names everything that is wrong with it.
    pub(super) fn read(data: &Data, sub_user: &str, dictionary: Dictionary) -> Result<Self, Vec<String>> {
        let (params, coefficients) = (data.contract.params(), data.contract.coefficients());
        let mut fields = Fields::new(|path| match path {
            "subuser" => data.subuser.clone(),
            "product.brief" => data.product(),
            "calc.saveOnError" => data.save_on_error(),
            "datebeg" => data.contract.datebeg.clone(),
            "dateend" => data.contract.dateend.clone(),
            "datecalc" => data.contract.datecalc.clone(),
            "coeff.687" => coefficients.get("687")?.first().cloned(),
            _ => params.get(path)?.first().cloned(),
        });
        expect(&mut fields, "subuser", sub_user);
        expect(&mut fields, "product.brief", PRODUCT);
        expect(&mut fields, "ВидДокумента", DOCUMENT);
        FIXED.iter().for_each(|(path, value)| expect(&mut fields, path, value));
        for path in FLAGS {
            let flag = fields.need(path);
            if !["", "0", "1"].contains(&flag.as_str()) {
                fields.wrong(path);
            }
        }
        fields.need("calc.saveOnError");
        let start = year(&mut fields, "datebeg", "dateend");
        let today = fields.need_day(&["datecalc"]);
        fields.need("1162");
        let unlimited = fields.maybe("1128").as_deref() == Some("1");
        let request_id = fields.maybe("5823");
        if unlimited == request_id.is_some() {
            fields.wrong("5823");
        }
        let all = |path: &str| params.get(path).cloned().unwrap_or_default();
        let drivers = if unlimited {
            None
        } else {
            let licences = fields.need("2128");
            let names = fields.need("3206");
            let (licences, names) = (licences.split(';'), names.split(';').count());
            let drivers: Vec<Driver> = licences
                .zip(all("11").iter().zip(&all("31")))
                .map(|(licence, (age, experience))| Driver {
                    licence: licence.to_owned(),
                    born: years_before(today, age),
                    drives_since: years_before(today, experience),
                })
                .collect();
            if [names, all("11").len(), all("31").len()].iter().any(|count| *count != drivers.len()) {
                fields.wrong("2128, 3206, 11, 31");
            }
            Some(drivers)
        };
        let category = category(&mut fields, dictionary);
        let risk = Risk {
            vehicle: fields.maybe("1421").or_else(|| fields.maybe("761")).unwrap_or_default(),
            owner: String::new(),
            owner_born: None,
            start,
            months: 12,
            category,
            taxi: purpose(&mut fields) == "5",
            legal: false,
            horsepower: fields.need_number("3"),
            kilograms: 0,
            trailer: fields.maybe("1402").as_deref() == Some("1"),
            place: place(&mut fields),
            drivers,
        };
        let bonus = fields.need_number("coeff.687");
        let problems = fields.problems();
        if problems.is_empty() { Ok(Self { risk, request_id, bonus }) } else { Err(problems) }
    }
}

fn expect(fields: &mut Fields<'_>, path: &str, value: &str) {
    let sent = fields.need(path);
    if !sent.is_empty() && sent != value {
        fields.wrong(path);
    }
}

/// The model's number is one of the dictionary's, and its category is the one that is named.
fn category(fields: &mut Fields<'_>, dictionary: Dictionary) -> VehicleCategory {
    let named = match fields.need("642").as_str() {
        "1" => Some(VehicleCategory::A),
        "2" => Some(VehicleCategory::B),
        "3" => Some(VehicleCategory::C),
        "4" => Some(VehicleCategory::D),
        _ => None,
    };
    let model = fields.need("22").parse().ok();
    match dictionary.entries().find(|entry| Some(entry.isn) == model) {
        None => fields.wrong("22"),
        Some(entry) if entry.category != named => fields.wrong("642"),
        Some(_) => {}
    }
    named.unwrap_or(VehicleCategory::B)
}

fn purpose(fields: &mut Fields<'_>) -> String {
    let purpose = fields.need("846");
    let number: u8 = purpose.parse().unwrap_or_default();
    if !(1..=13).contains(&number) {
        fields.wrong("846");
    }
    purpose
}

fn place(fields: &mut Fields<'_>) -> Place {
    let code = fields.need("1122");
    if !code.is_empty() && (code.len() != 13 || !code.bytes().all(|byte| byte.is_ascii_digit())) {
        fields.wrong("1122");
    }
    Place::by_kladr(&code)
}

fn years_before(day: Date, years: &str) -> Date {
    day.saturating_sub(years.parse::<i16>().unwrap_or_default().clamp(0, 200).years())
}

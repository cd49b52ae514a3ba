//! The query parameters of the GET addresses.
//!
//! As in a body, everything that is wrong is named at once. A parameter must be there once, but for sync-all's
//! category; those that are not asked for are ignored.

use std::{borrow::Cow, str::FromStr};

use url::form_urlencoded;
use uuid::Uuid;
use veer_contract::domain::VehicleCategory;

use super::{
    error::ApiError,
    fields::{Choice, Violation, Violations, choose, parse_uuid},
};
use crate::dictionary::{
    catalogue::{Categories, EntryId, Power},
    info::Asked,
};

const REQUEST_ID: &str = "is required: add ?request_id= with the UUID of the calculation";
const OFFER_ID: &str = "is required: add &offer_id= with the id of one of the calculation's offers";
const BRAND_ID: &str = "is required: add ?brand_id= with the id of one of the brands of /dictionaries/brands";
const MODEL_ID: &str = "is required: add ?model_id= with the id of one of the models of /dictionaries/models";
const YEAR: &str = "is required: add &year= with the year of production";
const POWER: &str = "is required: add &power= with one of the powers of /dictionaries/powers";
const CATEGORY: &str = "must be one of A, B, C, D, E, in capital Latin letters";
const CATEGORIES: &str = "must be some of A, B, C, D, E, in capital Latin letters, repeated or with commas between them, as in A,B";
const NO_YEAR: &str = "must be a whole number from 1900 to 2100";
const NO_POWER: &str =
    "must be a number of horsepower from 0 to 10000 with at most two digits behind the point, as in 80.9";
const VIN_OR_PLATE: &str =
    "is required unless car_number is sent: add ?vin= with the VIN, or ?car_number= with the plate";
const NO_VIN: &str = "must be a VIN, which has 17 Latin letters and digits; O and Q are read as 0, I as 1, look-alikes as Latin";
const NO_PLATE: &str =
    "must be a registration plate of 5 to 12 Latin or Cyrillic letters and digits, in UTF-8";
const ONCE: &str = "must be there once";

/// A query under its reader's cursor. A wrong parameter leaves a note and a placeholder, as in
/// [`Fields`](super::fields::Fields).
pub struct Query<'a> {
    sent: &'a str,
    violations: Violations,
}

/// Reads a whole query: its value, or everything that is wrong with it.
pub fn read<T>(query: &str, read: impl FnOnce(&mut Query<'_>) -> T) -> Result<T, ApiError> {
    let mut query = Query { sent: query, violations: Violations::default() };
    let value = read(&mut query);
    if query.violations.count() == 0 { Ok(value) } else { Err(query.violations.into()) }
}

/// The one parameter of the addresses that know no other.
pub fn request_id(query: &str) -> Result<Uuid, ApiError> {
    read(query, |query| query.request_id())
}

// === impl Query ===

impl<'a> Query<'a> {
    /// `request_id`, a UUID.
    pub fn request_id(&mut self) -> Uuid {
        let id = self.required("request_id", REQUEST_ID, |text| parse_uuid(&text));
        id.unwrap_or_default()
    }

    /// `offer_id`, whatever it is: one that nobody knows is not found.
    pub fn offer_id(&mut self) -> String {
        let id = self.required("offer_id", OFFER_ID, |text| match text.is_empty() {
            true => Err(OFFER_ID),
            false => Ok(text.into_owned()),
        });
        id.unwrap_or_default()
    }

    /// One word of a closed list, perhaps.
    pub fn choice<C: Choice>(&mut self, name: &'static str) -> Option<C> {
        let sent = self.sent(name)?;
        self.kept(name, choose(&sent))
    }

    /// `brand_id`. None where no entry can have it: one that nobody knows is not found.
    pub fn brand_id(&mut self) -> Option<EntryId> {
        self.entry_id("brand_id", BRAND_ID)
    }

    /// `model_id`. None where no entry can have it: one that nobody knows is not found.
    pub fn model_id(&mut self) -> Option<EntryId> {
        self.entry_id("model_id", MODEL_ID)
    }

    /// `year`, of production.
    pub fn year(&mut self) -> i16 {
        let year = self.required("year", YEAR, |text| {
            text.parse().ok().filter(|year| (1900..=2100).contains(year)).ok_or(NO_YEAR)
        });
        year.unwrap_or_default()
    }

    /// `power`, of an engine.
    pub fn power(&mut self) -> Power {
        let power = self.required("power", POWER, |text| text.parse().map_err(|_| NO_POWER));
        power.unwrap_or(Power::from_hundredths(0))
    }

    /// `category`, perhaps.
    pub fn category(&mut self) -> Option<VehicleCategory> {
        let sent = self.sent("category")?;
        self.kept("category", category(&sent).ok_or(CATEGORY))
    }

    /// `category`, any number of times and with commas; none where it is not there.
    pub fn categories(&mut self) -> Categories {
        let sent = form_urlencoded::parse(self.sent.as_bytes()).filter(|(name, _)| name == "category");
        let read = sent.map(|(_, list)| list.split(',').map(category).collect::<Option<Categories>>());
        let all = read.reduce(|one, other| Some(one?.or(other?)));
        let read = all.unwrap_or(Some(Categories::none())).ok_or(CATEGORIES);
        self.kept("category", read).unwrap_or_default()
    }

    /// `vin`, `car_number`, or both; what is blank is not there. A VIN that is none is wrong unless there is a
    /// plate, which finds the vehicle alone then.
    pub fn vehicle(&mut self) -> Asked {
        let before = self.violations.count();
        let (vin, plate) = (self.number("vin", NO_VIN), self.number("car_number", NO_PLATE));
        let vin = match (vin, &plate) {
            (Some(Err(_)), Some(Ok(_))) => None,
            (vin, _) => vin.and_then(|read| self.kept("vin", read)),
        };
        let asked = Asked { vin, plate: plate.and_then(|read| self.kept("car_number", read)) };
        if asked == Asked::default() && self.violations.count() == before {
            self.kept::<()>("vin", Err(VIN_OR_PLATE));
        }
        asked
    }

    fn number<N: FromStr>(
        &mut self,
        name: &'static str,
        how: &'static str,
    ) -> Option<Result<N, &'static str>> {
        let sent = self.sent(name).filter(|text| !text.trim().is_empty())?;
        Some(sent.parse().map_err(|_| how))
    }

    fn entry_id(&mut self, name: &'static str, how: &'static str) -> Option<EntryId> {
        let id = self.required(name, how, |text| match text.is_empty() {
            true => Err(how),
            false => Ok(text.parse().ok()),
        });
        id.flatten()
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        how: &'static str,
        parse: impl FnOnce(Cow<'a, str>) -> Result<T, &'static str>,
    ) -> Option<T> {
        let before = self.violations.count();
        match self.sent(name) {
            Some(text) => self.kept(name, parse(text)),
            None if self.violations.count() > before => None,
            None => self.kept(name, Err(how)),
        }
    }

    /// What was sent under that name. A note is left where it was sent more than once.
    fn sent(&mut self, name: &'static str) -> Option<Cow<'a, str>> {
        let mut sent = form_urlencoded::parse(self.sent.as_bytes()).filter(|(sent, _)| sent == name);
        let (_, text) = sent.next()?;
        match sent.next() {
            Some(_) => self.kept(name, Err(ONCE)),
            None => Some(text),
        }
    }

    fn kept<T>(&mut self, name: &'static str, read: Result<T, impl Into<Cow<'static, str>>>) -> Option<T> {
        read.map_err(|rule| self.violations.note(Violation::new(name, rule))).ok()
    }
}

fn category(letter: &str) -> Option<VehicleCategory> {
    Categories::ALL.into_iter().find(|category| letter.chars().eq([category.letter()]))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::wire::FileFormat;

    const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

    fn wrong<T>(read: Result<T, ApiError>) -> Vec<String> {
        match read {
            Ok(_) => Vec::new(),
            Err(ApiError::Fields { wrong, .. }) => wrong.into_iter().map(|wrong| wrong.property).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_uuid_and_nothing_else_will_do() {
        let found = |query: &str| request_id(query).map(|id| id.to_string()).ok();
        assert_eq!(found(&format!("request_id={ID}")).as_deref(), Some(ID));
        assert_eq!(found(&format!("a=b&request_id={}&c", ID.replace('-', "%2D"))).as_deref(), Some(ID));
        for wrong in [
            "",
            "request_id",
            "request_id=",
            "request_id=17",
            "Request_Id=550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
        assert_eq!(found(&format!("request_id={ID}&request_id={ID}")), None);
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let named = |query: &str| {
            wrong(read(query, |query| {
                (query.request_id(), query.offer_id(), query.choice::<FileFormat>("format"))
            }))
        };
        assert_eq!(named(&format!("request_id={ID}&offer_id=a")), [""; 0]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&format=binary")), [""; 0]);
        assert_eq!(named(""), ["request_id", "offer_id"]);
        assert_eq!(named("format=pdf"), ["request_id", "offer_id", "format"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=")), ["offer_id"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&offer_id=a")), ["offer_id"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&format=")), ["format"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&format=base64&format=binary")), ["format"]);
    }

    #[test]
    fn an_entrys_id_must_be_there_and_may_be_anything() {
        let ids = |query: &str| wrong(read(query, |query| (query.brand_id(), query.model_id())));
        assert_eq!(ids(""), ["brand_id", "model_id"]);
        assert_eq!(ids("brand_id=&model_id=1&model_id=1"), ["brand_id", "model_id"]);
        let id = |query: &str| read(query, |query| query.brand_id()).unwrap();
        assert_eq!(id("brand_id=100001"), Some(EntryId(100_001)));
        for unknown in
            ["brand_id=LADA", "brand_id=007", "brand_id=-1", "brand_id=99999999999", "brand_id=1.0"]
        {
            assert_eq!(id(unknown), None, "{unknown}");
        }
    }

    #[test]
    fn years_and_powers_are_numbers() {
        let asked = |query: &str| read(query, |query| (query.year(), query.power()));
        for power in ["150", "150.0", "150.00", "0150"] {
            let (year, power) = asked(&format!("year=2015&power={power}")).unwrap();
            assert_eq!((year, power), (2015, Power::from_hundredths(15_000)));
        }
        assert_eq!(wrong(asked("")), ["year", "power"]);
        for year in ["", "1899", "2101", "20l5", "2015.0", "99999"] {
            assert_eq!(wrong(asked(&format!("year={year}&power=1"))), ["year"], "{year}");
        }
        for power in ["", "-1", "80,9", "1e3", "10001", "80.905", "150 hp", "NaN"] {
            assert_eq!(wrong(asked(&format!("year=2015&power={power}"))), ["power"], "{power}");
        }
        assert_eq!(wrong(asked("year=2015&year=2015&power=1&power=1")), ["year", "power"]);
    }

    #[test]
    fn a_vehicle_is_asked_for_by_vin_or_plate_in_any_writing() {
        let asked = |query: &str| read(query, |query| query.vehicle());
        let both = asked("vin=XTA210990Y2765439&car_number=A123BC777").unwrap();
        // The same in Cyrillic letters, and with what people put between them.
        let other = "vin=%D1%85%D1%82%D0%B0-21099-0%D1%832765439&car_number=%D0%90+123+%D0%92%D0%A1+777+RUS";
        assert_eq!(asked(other).unwrap(), both);
        assert!(both.vin.is_some() && both.plate.is_some());
        assert_eq!(asked("vin=&car_number=A123BC777").unwrap(), Asked { vin: None, ..both });
        for nothing in ["", "vin=", "vin=+&car_number="] {
            assert_eq!(wrong(asked(nothing)), ["vin"], "{nothing}");
        }
        assert_eq!(wrong(asked("vin=XTA210990Y276543&car_number=1")), ["vin", "car_number"]);
        assert_eq!(
            wrong(asked("vin=XTA210990Y2765439&car_number=%C0123%C2%D1777")),
            ["car_number"],
            "not UTF-8"
        );
        assert_eq!(wrong(asked("vin=XTA210990Y2765439&vin=XTA210990Y2765439")), ["vin"]);
    }

    #[test]
    fn what_is_no_vin_is_left_out_beside_a_plate_and_wrong_alone() {
        let asked = |query: &str| read(query, |query| query.vehicle());
        let by_plate = asked("car_number=A123BC777").unwrap();
        assert_eq!(asked("vin=LN130-0128818&car_number=A123BC777").unwrap(), by_plate);
        for alone in ["vin=LN130-0128818", "vin=LN130-0128818&car_number="] {
            assert_eq!(wrong(asked(alone)), ["vin"], "{alone}");
        }
        assert_eq!(wrong(asked("vin=LN130-0128818&vin=1&car_number=A123BC777")), ["vin"], "there twice");
    }

    #[test]
    fn categories_are_capital_letters() {
        let one = |query: &str| read(query, |query| query.category());
        assert_eq!(one("").unwrap(), None);
        assert_eq!(one("category=C").unwrap(), Some(VehicleCategory::C));
        let many = |query: &str| read(query, |query| query.categories());
        for query in ["category=A,C", "category=C&category=A", "category=C%2CA&x=1&category=C"] {
            assert_eq!(many(query).unwrap().to_string(), "AC", "{query}");
        }
        assert!(many("").unwrap().is_empty());
        // The last one is Cyrillic.
        for letter in ["", "b", "F", "AB", "В"] {
            assert_eq!(wrong(one(&format!("category={letter}"))), ["category"], "{letter}");
            assert_eq!(wrong(many(&format!("category={letter}"))), ["category"], "{letter}");
        }
        assert_eq!(wrong(one("category=A,B")), ["category"]);
        assert_eq!(wrong(one("category=A&category=B")), ["category"]);
        for query in ["category=A,", "category=,A", "category=A,,B", "category=A&category=", "category=A,b"] {
            assert_eq!(wrong(many(query)), ["category"], "{query}");
        }
    }
}

//! The tables of a request's fields.

use veer_contract::domain::{Address, Passport, Person, PreviousLicence, Vehicle};

/// An optional field of something: its name, whether it is there, and how it is left out.
pub(super) struct Optional<T> {
    pub(super) name: &'static str,
    pub(super) is_there: fn(&T) -> bool,
    pub(super) leave_out: fn(&mut T),
}

macro_rules! optional {
    ($of:ty: $($name:literal $($field:ident).+;)*) => {
        &[$(Optional {
            name: $name,
            is_there: |of: &$of| !of.$($field).+.is_absent(),
            leave_out: |of: &mut $of| of.$($field).+.make_absent(),
        }),*]
    };
}

/// What can be absent.
trait Absent {
    fn is_absent(&self) -> bool;
    fn make_absent(&mut self);
}

impl<T> Absent for Option<T> {
    fn is_absent(&self) -> bool {
        self.is_none()
    }
    fn make_absent(&mut self) {
        *self = None;
    }
}

impl<T> Absent for Vec<T> {
    fn is_absent(&self) -> bool {
        self.is_empty()
    }
    fn make_absent(&mut self) {
        self.clear();
    }
}

pub(super) const OF_A_PERSON: &[Optional<Person>] = optional! { Person:
    "middle_name" name.middle;
    "license" licence;
    "foreign_license" foreign_licence;
    "previous_license" previous_licence;
    "passport" passport;
    "addresses" addresses;
    "contact" contact;
};
pub(super) const OF_A_PASSPORT: &[Optional<Passport>] = optional! { Passport:
    "issuer" issuer;
    "subdivision" subdivision;
};
pub(super) const OF_A_PREVIOUS_LICENCE: &[Optional<PreviousLicence>] = optional! { PreviousLicence:
    "middle_name" name.middle;
};
pub(super) const OF_AN_ADDRESS: &[Optional<Address>] = optional! { Address:
    "country_code" country_code;
    "region_fias_code" region_fias;
    "district_name" district_name;
    "area_fias_code" area_fias;
    "city_name" city_name;
    "city_kladr_code" city_kladr;
    "city_fias_code" city_fias;
    "settlement_name" settlement_name;
    "settlement_type" settlement_type;
    "settlement_kladr_code" settlement_kladr;
    "settlement_fias_code" settlement_fias;
    "street_name" street_name;
    "street_type" street_type;
    "street_kladr_code" street_kladr;
    "street_fias_code" street_fias;
    "house" house;
    "house_fias_code" house_fias;
    "building" building;
    "block" block;
    "apartment" apartment;
    "fias_code" fias;
};
pub(super) const OF_A_VEHICLE: &[Optional<Vehicle>] = optional! { Vehicle:
    "car_number" plate;
    "category" category;
    "vin" vin;
    "body_number" body_number;
    "chassis_number" chassis_number;
    "modification" modification;
    "car_documents" documents;
    "brand.name_ru" brand.name_ru;
    "model.name_ru" model.name_ru;
};

/// Fields that a request always has, below the optional ones that hold them: an adapter may name one that
/// it cannot use.
pub(super) const REQUIRED: &[(&str, &[&str])] = &[
    ("", &["last_name", "first_name", "birth_date"]),
    ("license", &["series", "number", "date"]),
    ("foreign_license", &["series", "number", "date"]),
    ("previous_license", &["last_name", "first_name", "license"]),
    ("passport", &["series", "number", "issue_date"]),
    ("contact", &["phone", "email"]),
    (
        "addresses[0]",
        &["address", "addresses_kladr_code", "region_name", "region_type", "region_kladr_code", "city_type"],
    ),
];
/// The same of a request as a whole.
pub(super) const REQUIRED_OF_ALL: &[&str] = &[
    "purpose",
    "policy_start_date",
    "drivers_info.drivers",
    "vehicle.brand",
    "vehicle.model",
    "vehicle.year",
    "vehicle.engine_power",
];
/// The same below an optional field that is none of a person.
pub(super) const BELOW: &[(&str, &[&str])] = &[
    (
        "vehicle.car_documents",
        &[
            "vehicle.car_documents[0]",
            "vehicle.car_documents[0].series",
            "vehicle.car_documents[0].number",
            "vehicle.car_documents[0].date",
            "vehicle.car_documents[0].document_type",
        ],
    ),
    ("return_urls", &["return_urls.success_url", "return_urls.failure_url"]),
];

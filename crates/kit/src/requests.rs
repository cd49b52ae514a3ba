//! Invented requests, shared by all fixtures and tests.
//!
//! Nobody in them exists. Each value that must not leak is unlike every other text of a conversation, so
//! that finding it somewhere proves that it came from here.

use jiff::civil::{Date, date};
use veer_contract::domain::{
    Address, AddressKind, Coefficient, Contact, Drivers, Licence, Named, Passport, Person, PersonName,
    Personal, PreviousLicence, Purpose, QuoteRequest, ReturnUrls, Vehicle, VehicleCategory, VehicleDocument,
    VehicleDocumentKind,
};

/// A private car with two drivers; its owner insures it and drives.
pub fn standard() -> QuoteRequest {
    let owner = proverkin();
    QuoteRequest {
        purpose: Purpose::Personal,
        policy_start: date(2026, 11, 20),
        cross_sales_allowed: true,
        vehicle: rio(),
        drivers: Drivers::Named(vec![owner.clone(), obraztsova()]),
        policyholder: owner.clone(),
        owner,
        return_urls: Some(ReturnUrls {
            success: "https://shop.example/success".into(),
            failure: "https://shop.example/failure".into(),
        }),
    }
}

/// The example request of the partner API's documentation: a taxi, a plate with a letter that no plate
/// carries, Latin letters in series, КЛАДР codes of 19 digits, a start in the past.
pub fn documented() -> QuoteRequest {
    let licence = || licence("77AA", "123456", date(2015, 6, 10));
    let name = || name("Иванов", "Иван", "Иванович");
    let person = Person {
        name: name(),
        birth_date: Personal::new(date(1980, 6, 12)),
        licence: Some(licence()),
        foreign_licence: Some(licence()),
        previous_licence: Some(PreviousLicence { name: name(), licence: licence() }),
        passport: Some(Passport {
            series: "1234".into(),
            number: "567890".into(),
            issued_on: Personal::new(date(2010, 10, 5)),
            issuer: Some("ОУФМС России по г. Москве".into()),
            subdivision: Some("770-001".into()),
        }),
        addresses: vec![documented_address()],
        contact: Some(Contact { phone: "79161234567".into(), email: "user@Пример.com".into() }),
    };
    QuoteRequest {
        purpose: Purpose::Taxi,
        policy_start: date(2023, 12, 1),
        cross_sales_allowed: true,
        vehicle: Vehicle {
            plate: Some("А123БВ777".into()),
            category: Some(VehicleCategory::B),
            vin: Some("XTA210990Y2765439".into()),
            body_number: Some("ABC123456789".into()),
            chassis_number: Some("CHS987654321".into()),
            brand: named("1", "Toyota", "Тойота"),
            model: named("101", "Camry", "Камри"),
            modification: Some(Named {
                id: "5001".into(),
                name: "2.0 Turbo (249 л.с.)".into(),
                name_ru: None,
            }),
            year: 2020,
            engine_power: Coefficient::from_ten_thousandths(1_500_000),
            documents: vec![registration("77AA", "123456", date(2020, 5, 15))],
        },
        drivers: Drivers::Named(vec![person.clone()]),
        owner: person.clone(),
        policyholder: person,
        return_urls: Some(ReturnUrls {
            success: "https://Пример.com/osago/success".into(),
            failure: "https://Пример.com/osago/failure".into(),
        }),
    }
}

fn proverkin() -> Person {
    Person {
        name: name("Проверкин", "Испытан", "Тестович"),
        birth_date: Personal::new(date(1985, 3, 2)),
        licence: Some(licence("9901", "700001", date(2005, 5, 5))),
        foreign_licence: None,
        previous_licence: None,
        passport: Some(Passport {
            series: "4590".into(),
            number: "800001".into(),
            issued_on: Personal::new(date(2005, 4, 1)),
            issuer: Some("Отделом выдуманных документов".into()),
            subdivision: Some("990-001".into()),
        }),
        addresses: vec![standard_address()],
        contact: Some(Contact { phone: "79000000011".into(), email: "proverkin@mail.example".into() }),
    }
}

fn obraztsova() -> Person {
    Person {
        name: name("Образцова", "Проба", "Примеровна"),
        birth_date: Personal::new(date(1990, 7, 8)),
        licence: Some(licence("9902", "700002", date(2012, 9, 10))),
        foreign_licence: None,
        previous_licence: None,
        passport: None,
        addresses: Vec::new(),
        contact: None,
    }
}

fn rio() -> Vehicle {
    Vehicle {
        plate: Some("А001АА777".into()),
        category: Some(VehicleCategory::B),
        vin: Some("Z94C0000000000001".into()),
        body_number: None,
        chassis_number: None,
        brand: named("12", "Kia", "Киа"),
        model: named("345", "Rio", "Рио"),
        modification: None,
        year: 2019,
        engine_power: Coefficient::from_ten_thousandths(1_230_000),
        documents: vec![registration("9903", "700003", date(2019, 6, 1))],
    }
}

fn name(last: &str, first: &str, middle: &str) -> PersonName {
    PersonName { last: last.into(), first: first.into(), middle: Some(middle.into()) }
}

fn named(id: &str, name: &str, russian: &str) -> Named {
    Named { id: id.into(), name: name.into(), name_ru: Some(russian.into()) }
}

fn licence(series: &str, number: &str, day: Date) -> Licence {
    Licence { series: series.into(), number: number.into(), date: Personal::new(day) }
}

fn registration(series: &str, number: &str, day: Date) -> VehicleDocument {
    VehicleDocument {
        kind: VehicleDocumentKind::Sts,
        series: series.into(),
        number: number.into(),
        date: Personal::new(day),
    }
}

fn standard_address() -> Address {
    let fias = "00000000-0000-4000-8000-000000000001";
    Address {
        kind: AddressKind::Registration,
        text: "г. Москва, ул. Выдуманная, д. 11, кв. 22".into(),
        kladr: "77000000000999900".into(),
        country_code: Some("7".into()),
        region_name: "Москва".into(),
        region_type: "г".into(),
        region_kladr: "7700000000000".into(),
        region_fias: Some(fias.into()),
        district_name: None,
        area_fias: None,
        city_name: Some("Москва".into()),
        city_type: "г".into(),
        city_kladr: Some("7700000000000".into()),
        city_fias: Some(fias.into()),
        settlement_name: None,
        settlement_type: None,
        settlement_kladr: None,
        settlement_fias: None,
        street_name: Some("Выдуманная".into()),
        street_type: Some("ул".into()),
        street_kladr: Some("77000000000999900".into()),
        street_fias: Some(fias.into()),
        house: Some("11".into()),
        house_fias: None,
        building: None,
        block: None,
        apartment: Some("22".into()),
        fias: Some(fias.into()),
    }
}

fn documented_address() -> Address {
    let city_fias = || Some("0c5b2444-70a0-4932-980c-b4dc0d3f02b5".into());
    Address {
        kind: AddressKind::Registration,
        text: "Красноярский край, г. Красноярск, ул. Ленина, д. 1, кв. 1".into(),
        kladr: "7700000000000000001".into(),
        country_code: Some("7".into()),
        region_name: "Красноярский край".into(),
        region_type: "г".into(),
        region_kladr: "7700000000000".into(),
        region_fias: city_fias(),
        district_name: Some("Сибирский".into()),
        area_fias: city_fias(),
        city_name: Some("Красноярск".into()),
        city_type: "г".into(),
        city_kladr: Some("7700000000000".into()),
        city_fias: city_fias(),
        settlement_name: Some("Красноярск".into()),
        settlement_type: Some("г".into()),
        settlement_kladr: Some("string".into()),
        settlement_fias: city_fias(),
        street_name: Some("Ленина".into()),
        street_type: Some("ул".into()),
        street_kladr: Some("7700000000000010000".into()),
        street_fias: Some("95dbf7fb-0dd4-4a04-8100-4f6c847564b5".into()),
        house: Some("1".into()),
        house_fias: Some("00a77cd5-e431-46df-8832-f9f462c15205".into()),
        building: Some("string".into()),
        block: Some("string".into()),
        apartment: Some("1".into()),
        fias: Some("f26b876b-6857-4951-b060-ec6559f04a9a".into()),
    }
}

//! From the partner's words to the field's.
//!
//! Nothing is judged here: a date in the past or a strange plate is passed on, and the insurer decides. From
//! here on personal data is wrapped in [`Personal`].

use veer_contract::domain::{
    Address, AddressKind, Coefficient, Contact, Drivers, Licence, Named, Passport, Person, PersonName,
    Personal, PreviousLicence, Purpose, QuoteRequest, ReturnUrls, SelectedOption, Vehicle, VehicleCategory,
    VehicleDocument, VehicleDocumentKind,
};

use super::wire;
use crate::{offers::Wish, telemetry::clock::moscow_date};

/// The request as every insurer will be asked it.
pub fn quote_request(request: wire::CalculationRequest) -> QuoteRequest {
    let people = request.drivers_info.drivers.into_iter().map(person).collect();
    QuoteRequest {
        purpose: match request.purpose {
            wire::Purpose::Taxi => Purpose::Taxi,
            wire::Purpose::Personal => Purpose::Personal,
        },
        policy_start: moscow_date(request.policy_start_date),
        cross_sales_allowed: request.is_cross_allowed,
        vehicle: vehicle(request.vehicle),
        drivers: match request.drivers_info.is_unlimited_drivers {
            true => Drivers::Unlimited(people),
            false => Drivers::Named(people),
        },
        owner: person(request.owner),
        policyholder: person(request.insurer),
        return_urls: request.return_urls.map(return_urls),
    }
}

/// What the user wants of an offer.
pub fn wish(confirmation: wire::OfferConfirmation) -> Wish {
    let selected = |upsale: wire::SelectedUpsale| SelectedOption {
        cross_sale_id: upsale.upsale_id,
        option_id: upsale.option_id,
    };
    Wish {
        selected: confirmation.upsales.into_iter().map(selected).collect(),
        return_urls: confirmation.return_urls.map(return_urls),
    }
}

fn return_urls(urls: wire::ReturnUrls) -> ReturnUrls {
    ReturnUrls { success: urls.success_url, failure: urls.failure_url }
}

fn vehicle(vehicle: wire::VehicleInfo) -> Vehicle {
    let entry = |id, name, name_ru| Named { id, name, name_ru };
    Vehicle {
        plate: vehicle.car_number.map(Personal::new),
        category: vehicle.category.map(category),
        vin: vehicle.vin.map(Personal::new),
        body_number: vehicle.body_number.map(Personal::new),
        chassis_number: vehicle.chassis_number.map(Personal::new),
        brand: entry(vehicle.brand.brand_id, vehicle.brand.name, vehicle.brand.name_ru),
        model: entry(vehicle.model.model_id, vehicle.model.name, vehicle.model.name_ru),
        modification: vehicle.modification.map(|it| entry(it.modification_id, it.name, None)),
        year: vehicle.year,
        // Powers converted from kilowatts come with long fractions; four digits are kept.
        engine_power: Coefficient::from_ten_thousandths((vehicle.engine_power * 10_000.0).round() as i64),
        documents: vehicle.car_documents.into_iter().map(vehicle_document).collect(),
    }
}

fn category(category: wire::VehicleCategory) -> VehicleCategory {
    match category {
        wire::VehicleCategory::A => VehicleCategory::A,
        wire::VehicleCategory::B => VehicleCategory::B,
        wire::VehicleCategory::C => VehicleCategory::C,
        wire::VehicleCategory::D => VehicleCategory::D,
        wire::VehicleCategory::E => VehicleCategory::E,
    }
}

fn vehicle_document(document: wire::CarDocument) -> VehicleDocument {
    VehicleDocument {
        kind: match document.document_type {
            wire::DocumentType::Sts => VehicleDocumentKind::Sts,
            wire::DocumentType::Pts => VehicleDocumentKind::Pts,
            wire::DocumentType::Epts => VehicleDocumentKind::Epts,
        },
        series: Personal::new(document.series),
        number: Personal::new(document.number),
        date: Personal::new(document.date),
    }
}

fn person(person: wire::PersonInfo) -> Person {
    Person {
        name: name(person.last_name, person.first_name, person.middle_name),
        birth_date: Personal::new(person.birth_date),
        licence: person.license.map(licence),
        foreign_licence: person.foreign_license.map(licence),
        previous_licence: person.previous_license.map(|previous| PreviousLicence {
            name: name(previous.last_name, previous.first_name, previous.middle_name),
            licence: licence(previous.license),
        }),
        passport: person.passport.map(|passport| Passport {
            series: Personal::new(passport.series),
            number: Personal::new(passport.number),
            issued_on: Personal::new(passport.issue_date),
            issuer: passport.issuer.map(Personal::new),
            subdivision: passport.subdivision.map(Personal::new),
        }),
        addresses: person.addresses.into_iter().map(address).collect(),
        contact: person.contact.map(|contact| Contact {
            phone: Personal::new(contact.phone),
            email: Personal::new(contact.email),
        }),
    }
}

fn name(last: String, first: String, middle: Option<String>) -> PersonName {
    PersonName { last: Personal::new(last), first: Personal::new(first), middle: middle.map(Personal::new) }
}

fn licence(licence: wire::LicenseInfo) -> Licence {
    Licence {
        series: Personal::new(licence.series),
        number: Personal::new(licence.number),
        date: Personal::new(licence.date),
    }
}

fn address(address: wire::AddressInfo) -> Address {
    Address {
        kind: match address.r#type {
            wire::AddressType::Registration => AddressKind::Registration,
            wire::AddressType::Residence => AddressKind::Residence,
        },
        text: Personal::new(address.address),
        kladr: Personal::new(address.addresses_kladr_code),
        country_code: address.country_code.map(Personal::new),
        region_name: Personal::new(address.region_name),
        region_type: Personal::new(address.region_type),
        region_kladr: Personal::new(address.region_kladr_code),
        region_fias: address.region_fias_code.map(Personal::new),
        district_name: address.district_name.map(Personal::new),
        area_fias: address.area_fias_code.map(Personal::new),
        city_name: address.city_name.map(Personal::new),
        city_type: Personal::new(address.city_type),
        city_kladr: address.city_kladr_code.map(Personal::new),
        city_fias: address.city_fias_code.map(Personal::new),
        settlement_name: address.settlement_name.map(Personal::new),
        settlement_type: address.settlement_type.map(Personal::new),
        settlement_kladr: address.settlement_kladr_code.map(Personal::new),
        settlement_fias: address.settlement_fias_code.map(Personal::new),
        street_name: address.street_name.map(Personal::new),
        street_type: address.street_type.map(Personal::new),
        street_kladr: address.street_kladr_code.map(Personal::new),
        street_fias: address.street_fias_code.map(Personal::new),
        house: address.house.map(Personal::new),
        house_fias: address.house_fias_code.map(Personal::new),
        building: address.building.map(Personal::new),
        block: address.block.map(Personal::new),
        apartment: address.apartment.map(Personal::new),
        fias: address.fias_code.map(Personal::new),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::sample;

    #[test]
    fn the_sample_arrives_whole() {
        let quote = quote_request(sample::read(&sample::body()));
        assert_eq!(quote.purpose, Purpose::Taxi);
        assert_eq!(quote.policy_start, jiff::civil::date(2023, 12, 1));
        assert!(quote.cross_sales_allowed);
        assert_eq!(quote.vehicle.plate, Some("А123БВ777".into()));
        assert_eq!(quote.vehicle.engine_power.as_json_number().to_string(), "150");
        assert_eq!(quote.vehicle.modification.as_ref().map(|it| it.id.as_str()), Some("5001"));
        assert_eq!(quote.vehicle.documents[0].kind, VehicleDocumentKind::Sts);
        let [driver] = quote.drivers.named() else { panic!("one named driver") };
        assert_eq!(driver.name.full(), "Иванов Иван Иванович");
        assert_eq!(driver, &quote.owner);
        assert_eq!(driver, &quote.policyholder);
        assert_eq!(driver.contact.as_ref().map(Contact::phone_national), Some("9161234567"));
        let address = driver.registration().expect("an address");
        assert_eq!(address.house_fias, Some("00a77cd5-e431-46df-8832-f9f462c15205".into()));
        assert_eq!(
            quote.return_urls.map(|urls| urls.failure),
            Some("https://Пример.com/osago/failure".into())
        );
    }

    #[test]
    fn the_day_is_moscows() {
        let day = |text: &str| moscow_date(text.parse().unwrap()).to_string();
        assert_eq!(day("2023-11-30T20:59:59Z"), "2023-11-30");
        assert_eq!(day("2023-11-30T21:00:00Z"), "2023-12-01");
        assert_eq!(day("2023-12-01T00:00:00+03:00"), "2023-12-01");
        assert_eq!(day("2023-12-01T00:00:00+07:00"), "2023-11-30");
    }

    #[test]
    fn anybody_may_drive_when_unlimited() {
        let mut body = sample::body();
        body["drivers_info"] = serde_json::json!({"is_unlimited_drivers": true});
        let quote = quote_request(sample::read(&body));
        assert_eq!(quote.drivers, Drivers::Unlimited(Vec::new()));
    }
}

//! How a calculation is asked for.

use jiff::civil::Date;
use serde_json::{Map, Value, json};
use veer_contract::{
    Context, Decline, VehicleCodes,
    domain::{Address, Licence, Person, Personal, Purpose, QuoteRequest, Vehicle, VehicleDocumentKind},
};

use crate::{
    required::{self, Role, text},
    written::{self, Sex, cyrillic, licence_series},
};

/// The body of the calculation, or the field that it cannot do without.
pub(super) fn calculation(input: &QuoteRequest, cx: &Context<'_>) -> Result<Value, Decline> {
    required::vehicle_identity(input)?;
    let drivers = input.drivers.named().iter().enumerate();
    let drivers = drivers.map(|(place, person)| driver(Role::Driver(place), person, cx));
    let policyholder = &input.policyholder;
    let contact = Role::Policyholder.needs(policyholder.contact.as_ref(), "contact")?;
    let mut insurer = person(Role::Policyholder, policyholder)?;
    insurer.insert("email".into(), contact.email.as_str().into());
    insurer.insert(
        "phones".into(),
        json!([{"phone_type": "Сотовый", "phone_number": contact.phone_national()}]),
    );
    Ok(json!({
        "agent": agent(cx),
        "drivers": drivers.collect::<Result<Vec<_>, _>>()?,
        "insurance_contract": contract(input, cx),
        "transport_insurer": {"person": insurer},
        "transport_owner": {"person": person(Role::Owner, &input.owner)?},
        "vehicle": vehicle(input, cx)?,
    }))
}

/// Mark and model as the service's dictionary writes them, or the service answers 500. A vehicle with a code was
/// found in the dictionary, and its words stand. Other words are a user's, and all that is known of the
/// dictionary's is that they are in upper case.
pub(super) fn dictionary_names(vehicle: &VehicleCodes) -> (String, String) {
    let (brand, model) = (vehicle.brand.as_str(), vehicle.model.as_str());
    match vehicle.code {
        Some(_) => (brand.to_owned(), model.to_owned()),
        None => (brand.trim().to_uppercase(), model.trim().to_uppercase()),
    }
}

fn agent(cx: &Context<'_>) -> Value {
    let ids = ["agent_contract_id", "channel_sale_id", "department_id", "manager_id", "signer_id"];
    // Numbers on the wire; a setting that is none is passed on for the service to refuse.
    let value = |name: &str| {
        let text = cx.settings.get(name);
        text.parse::<i64>().map_or_else(|_| Value::from(text), Value::from)
    };
    ids.into_iter().map(|name| (name.to_owned(), value(name))).collect::<Map<_, _>>().into()
}

fn contract(input: &QuoteRequest, cx: &Context<'_>) -> Value {
    let begin = start_of(input.policy_start);
    let purpose = match input.purpose {
        Purpose::Personal => "Личная",
        Purpose::Taxi => cx.settings.get("purpose_taxi"),
    };
    json!({
        "begin_date": begin,
        "drivers_restriction": !input.drivers.is_unlimited(),
        "follow_to_registration": false,
        "is_rent": false,
        "operation_periods": [{
            "start_date": begin,
            "end_date": format!("{} 23:59:59", input.policy_end()),
        }],
        "purpose_of_use": purpose,
        "violations": false,
    })
}

fn start_of(day: Date) -> String {
    format!("{day} 00:00:00")
}

fn driver(role: Role, person: &Person, cx: &Context<'_>) -> Result<Value, Decline> {
    let (kind, licence) = match (&person.licence, &person.foreign_licence) {
        (Some(licence), _) => ("Водительское удостоверение РФ", licence),
        (None, Some(licence)) => (cx.settings.get("document_foreign_licence"), licence),
        (None, None) => return Err(role.lacks("license")),
    };
    let mut data = naming(person);
    data.insert("country".into(), "Россия".into());
    data.insert("driver_document".into(), driver_document(kind, licence_series(person, licence), licence));
    Ok(json!({"driver_data": data, "previous_driver_data": null}))
}

fn driver_document(kind: &str, series: String, licence: &Licence) -> Value {
    // The partner API has one date for issue and for the start of experience.
    let date = licence.date.reveal().to_string();
    json!({
        "document_type": kind,
        "document_series": series,
        "document_number": licence.number.as_str(),
        "issue_date": date,
        "driving_experience_date": date,
    })
}

fn person(role: Role, person: &Person) -> Result<Map<String, Value>, Decline> {
    let passport = role.needs(person.passport.as_ref(), "passport")?;
    let mut data = naming(person);
    data.insert("addresses".into(), json!([address(role.needs_registration(person)?)]));
    data.insert(
        "person_document".into(),
        json!({
            "document_type": "Паспорт гражданина РФ",
            "document_series": passport.series.as_str(),
            "document_number": passport.number.as_str(),
            "issue_date": passport.issued_on.reveal().to_string(),
        }),
    );
    Ok(data)
}

fn naming(person: &Person) -> Map<String, Value> {
    let sex = written::sex(&person.name).map(|sex| match sex {
        Sex::Male => "MALE",
        Sex::Female => "FEMALE",
    });
    let fields = [
        ("last_name", Some(person.name.last.as_str())),
        ("first_name", Some(person.name.first.as_str())),
        ("middle_name", person.name.middle.as_ref().map(Personal::as_str)),
        ("birth_date", Some(person.birth_date.reveal().to_string().as_str())),
        ("sex", sex),
    ]
    .map(|(name, value)| Some((name.to_owned(), value?.into())));
    fields.into_iter().flatten().collect()
}

fn address(address: &Address) -> Value {
    let place = address.settlement_name.as_ref().or(address.city_name.as_ref());
    let fields = [
        ("address_type", Some("Регистрации")),
        ("country", Some("Россия")),
        ("region", Some(address.region_name.as_str())),
        ("location_place", place.map(Personal::as_str)),
        ("street", address.street_name.as_ref().map(Personal::as_str)),
        ("house_number", address.house.as_ref().map(Personal::as_str)),
        ("apartment_number", address.apartment.as_ref().map(Personal::as_str)),
    ];
    let present = fields.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?.into())));
    present.collect::<Map<_, _>>().into()
}

fn vehicle(input: &QuoteRequest, cx: &Context<'_>) -> Result<Value, Decline> {
    let vehicle: &Vehicle = &input.vehicle;
    let document = required::vehicle_document(input)?;
    let (mark, model) = dictionary_names(cx.vehicle);
    let kind = match document.kind {
        VehicleDocumentKind::Sts => "Свидетельство о регистрации ТС",
        VehicleDocumentKind::Pts => cx.settings.get("document_pts"),
        VehicleDocumentKind::Epts => cx.settings.get("document_epts"),
    };
    Ok(json!({
        "category": "B - легковые",
        "mark": mark,
        "model": model,
        "production_year": vehicle.year,
        "power_hp": vehicle.engine_power.as_json_number(),
        "registration_country": "Россия",
        "use_with_trailer": false,
        "identity": {
            "licence_plate": vehicle.plate.as_ref().map(|plate| cyrillic(plate.as_str())).unwrap_or_default(),
            "vin": text(vehicle.vin.as_ref()),
            "body_number": text(vehicle.body_number.as_ref()),
            "chassis_number": text(vehicle.chassis_number.as_ref()),
        },
        "registration_documents": [{
            "document_type": kind,
            "document_series": cyrillic(document.series.as_str()),
            "document_number": document.number.as_str(),
            "issue_date": document.date.reveal().to_string(),
        }],
        "max_allowed_weight": null,
        "passenger_capacity": null,
    }))
}

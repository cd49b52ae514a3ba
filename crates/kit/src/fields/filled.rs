//! A request with every field that it lacks, for probing the fields that the kit's requests leave out.

use veer_contract::domain::{Address, Contact, Drivers, Licence, Person, Personal, QuoteRequest};

use crate::requests;

/// The same request with every optional field that it lacks.
pub(crate) fn filled(request: &QuoteRequest) -> QuoteRequest {
    let mut request = request.clone();
    let donor = requests::documented();
    let model = &donor.policyholder;
    fill_person(&mut request.policyholder, model);
    fill_person(&mut request.owner, model);
    let (Drivers::Named(people) | Drivers::Unlimited(people)) = &mut request.drivers;
    people.iter_mut().for_each(|driver| fill_person(driver, model));
    let (vehicle, other) = (&mut request.vehicle, donor.vehicle);
    vehicle.plate = vehicle.plate.take().or(other.plate);
    vehicle.category = vehicle.category.or(other.category);
    vehicle.vin = vehicle.vin.take().or(other.vin);
    vehicle.body_number = vehicle.body_number.take().or(other.body_number);
    vehicle.chassis_number = vehicle.chassis_number.take().or(other.chassis_number);
    vehicle.modification = vehicle.modification.take().or(other.modification);
    if vehicle.documents.is_empty() {
        vehicle.documents = other.documents;
    }
    request.return_urls = request.return_urls.or(donor.return_urls);
    request
}

fn fill_person(person: &mut Person, model: &Person) {
    person.name.middle = person.name.middle.take().or(model.name.middle.clone());
    person.licence = person.licence.take().or(model.licence.clone());
    person.foreign_licence = person.foreign_licence.take().or(foreign(model));
    person.previous_licence = person.previous_licence.take().or(model.previous_licence.clone());
    person.passport = person.passport.take().or(model.passport.clone());
    person.contact = person.contact.take().or(model.contact.clone().map(ascii));
    if person.addresses.is_empty() {
        person.addresses.clone_from(&model.addresses);
    }
    if let (Some(address), Some(model)) = (person.addresses.first_mut(), model.addresses.first()) {
        fill_address(address, model);
    }
}

fn fill_address(address: &mut Address, model: &Address) {
    let fill = |to: &mut Option<Personal<String>>, from: &Option<Personal<String>>| {
        *to = to.take().or(from.clone());
    };
    fill(&mut address.country_code, &model.country_code);
    fill(&mut address.region_fias, &model.region_fias);
    fill(&mut address.district_name, &model.district_name);
    fill(&mut address.area_fias, &model.area_fias);
    fill(&mut address.city_name, &model.city_name);
    fill(&mut address.city_kladr, &model.city_kladr);
    fill(&mut address.city_fias, &model.city_fias);
    fill(&mut address.settlement_name, &model.settlement_name);
    fill(&mut address.settlement_type, &model.settlement_type);
    fill(&mut address.settlement_kladr, &model.city_kladr);
    fill(&mut address.settlement_fias, &model.settlement_fias);
    fill(&mut address.street_name, &model.street_name);
    fill(&mut address.street_type, &model.street_type);
    fill(&mut address.street_kladr, &model.street_kladr);
    fill(&mut address.street_fias, &model.street_fias);
    fill(&mut address.house, &model.house);
    fill(&mut address.house_fias, &model.house_fias);
    fill(&mut address.building, &Some("2".into()));
    fill(&mut address.block, &Some("3".into()));
    fill(&mut address.apartment, &model.apartment);
    fill(&mut address.fias, &model.fias);
}

fn foreign(model: &Person) -> Option<Licence> {
    model.foreign_licence.clone().map(|licence| Licence { series: "".into(), ..licence })
}

/// An address that every mail system takes.
fn ascii(contact: Contact) -> Contact {
    Contact { email: "user@mail.example".into(), ..contact }
}

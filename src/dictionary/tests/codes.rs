//! What an insurer is sent for a request's vehicle.

use veer_contract::{
    domain::{InsurerVehicle, Vehicle, VehicleCategory},
    manifest::VehicleNames,
};

use super::{Bench, code, id, row, rows, vehicle};
use crate::dictionary::mapping::Mapped;

#[tokio::test]
async fn a_vehicle_is_found_by_its_id_else_by_its_names_and_sent_as_other_only_where_allowed() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let (open, strict) = (bench.insurer("renessans"), bench.insurer("alfastrah"));
    let ask = |insurer, vehicle: &Vehicle| dictionary.codes(insurer, VehicleNames::Codes, vehicle);
    let unknown = vehicle("101", "Тойота", "Камри");
    assert_eq!(ask(open, &unknown), Mapped::Nothing, "nothing was read yet");
    let words = dictionary.codes(open, VehicleNames::Names, &unknown).codes().unwrap();
    assert_eq!((&*words.brand, &*words.model), ("Тойота", "Камри"), "nothing was read yet");

    for insurer in ["renessans", "alfastrah"] {
        dictionary.import(insurer, rows(), "insurer", "veer", false).await.unwrap();
    }
    assert_eq!(code(ask(open, &unknown)).as_deref(), Some("70"));
    let rio = vehicle(&id(&dictionary, "Kia", "Rio").to_string(), "Kia", "Rio");
    assert!(matches!(ask(open, &rio), Mapped::Other(codes) if codes.model == "Прочие"));
    assert_eq!(ask(strict, &rio), Mapped::Nothing);
    let nobody = vehicle("5", "Nobody", "Nothing");
    assert_eq!(ask(open, &nobody), Mapped::Nothing);
    let truck = Vehicle { category: Some(VehicleCategory::C), ..unknown.clone() };
    assert_eq!(ask(open, &truck), Mapped::Nothing, "the category is part of the key");
}

#[tokio::test]
async fn an_insurer_with_codes_of_years_is_sent_that_of_the_vehicles_year() {
    let bench = Bench::new();
    let dictionary = bench.open().await;
    let of = |years, code| InsurerVehicle { years, ..row("TOYOTA", "CAMRY", code) };
    let read = vec![of(Some((2006, 2017)), "7"), of(Some((2018, 2020)), "8"), of(None, "9")];
    dictionary.import("renessans", read, "insurer", "veer", false).await.unwrap();
    for (year, expected) in [(2010, "7"), (2018, "8"), (2020, "8"), (2021, "9")] {
        let car = Vehicle { year, ..vehicle("", "Toyota", "Camry") };
        let mapped = dictionary.codes(bench.insurer("renessans"), VehicleNames::Codes, &car);
        assert_eq!(code(mapped).as_deref(), Some(expected), "{year}");
    }
}

//! The rules between fields, and those that a schema does not say.

use serde_json::{Value, json};

use crate::partner::sample;

/// What is wrong with the sample after a change.
fn after(change: impl FnOnce(&mut Value)) -> Vec<String> {
    let mut body = sample::body();
    change(&mut body);
    sample::wrong_paths(&body)
}

fn without(object: &mut Value, names: &[&str]) {
    for name in names {
        assert!(object.as_object_mut().unwrap().remove(*name).is_some(), "{name}");
    }
}

const NOTHING: [&str; 0] = [];

#[test]
fn the_documented_example_is_accepted_as_it_stands() {
    assert_eq!(after(|_| {}), NOTHING);
}

#[test]
fn a_vehicle_needs_one_of_three_numbers() {
    let numbers = ["vin", "body_number", "chassis_number"];
    assert_eq!(after(|body| without(&mut body["vehicle"], &numbers)), ["vehicle.vin"]);
    assert_eq!(
        after(|body| numbers.iter().for_each(|name| body["vehicle"][name] = json!(" "))),
        ["vehicle.vin"]
    );
    for kept in 0..numbers.len() {
        let dropped: Vec<_> = numbers.iter().copied().filter(|name| *name != numbers[kept]).collect();
        assert_eq!(after(|body| without(&mut body["vehicle"], &dropped)), NOTHING, "{}", numbers[kept]);
    }
    // One that is there and wrong is not called missing, too.
    let wrong = after(|body| {
        without(&mut body["vehicle"], &["body_number", "chassis_number"]);
        body["vehicle"]["vin"] = json!(17);
    });
    assert_eq!(wrong, ["vehicle.vin"]);
}

#[test]
fn a_registered_vehicle_needs_its_plate() {
    let unplated = |kind: &'static str| {
        after(move |body| {
            without(&mut body["vehicle"], &["car_number"]);
            body["vehicle"]["car_documents"][0]["document_type"] = json!(kind);
        })
    };
    assert_eq!(unplated("sts"), ["vehicle.car_number"]);
    assert_eq!(unplated("pts"), NOTHING);
    assert_eq!(unplated("epts"), NOTHING);
    assert_eq!(unplated("passport"), ["vehicle.car_documents[0].document_type"]);
}

#[test]
fn a_vehicle_needs_a_document() {
    assert_eq!(after(|body| body["vehicle"]["car_documents"] = json!([])), ["vehicle.car_documents"]);
}

#[test]
fn an_electronic_vehicle_passport_has_no_series() {
    let series = |kind: &'static str| {
        after(move |body| {
            body["vehicle"]["car_documents"][0]["document_type"] = json!(kind);
            body["vehicle"]["car_documents"][0]["series"] = json!("");
        })
    };
    assert_eq!(series("epts"), NOTHING);
    assert_eq!(series("sts"), ["vehicle.car_documents[0].series"]);
}

#[test]
fn a_named_driver_needs_a_licence_of_either_kind() {
    let left_out = |names: &'static [&'static str]| {
        after(move |body| without(&mut body["drivers_info"]["drivers"][0], names))
    };
    assert_eq!(left_out(&["license"]), NOTHING);
    assert_eq!(left_out(&["foreign_license"]), NOTHING);
    assert_eq!(left_out(&["license", "foreign_license"]), ["drivers_info.drivers[0].license"]);
    // Owner and policyholder need not drive.
    let others = after(|body| {
        without(&mut body["owner"], &["license", "foreign_license"]);
        without(&mut body["insurer"], &["license", "foreign_license"]);
    });
    assert_eq!(others, NOTHING);
}

#[test]
fn drivers_are_named_unless_anybody_may_drive() {
    let drivers = |unlimited: bool, drivers: Option<Value>| {
        after(move |body| {
            body["drivers_info"] = json!({"is_unlimited_drivers": unlimited});
            if let Some(drivers) = drivers {
                body["drivers_info"]["drivers"] = drivers;
            }
        })
    };
    assert_eq!(drivers(false, None), ["drivers_info.drivers"]);
    assert_eq!(drivers(false, Some(json!([]))), ["drivers_info.drivers"]);
    for nobody in [None, Some(Value::Null), Some(json!([]))] {
        assert_eq!(drivers(true, nobody), NOTHING);
    }
    let unlicensed = json!([{"last_name": "Иванов", "first_name": "Иван", "birth_date": "1980-06-12"}]);
    assert_eq!(drivers(true, Some(unlicensed.clone())), NOTHING);
    assert_eq!(drivers(false, Some(unlicensed)), ["drivers_info.drivers[0].license"]);
    assert_eq!(drivers(true, Some(json!([{"last_name": "Иванов"}]))).len(), 2);
}

#[test]
fn osago_is_the_only_product() {
    assert_eq!(after(|body| body["product_type"] = json!("kasko")), ["product_type"]);
}

#[test]
fn a_village_has_no_city_to_have_a_type() {
    let village = after(|body| {
        without(&mut body["owner"]["addresses"][0], &["city_name"]);
        body["owner"]["addresses"][0]["city_type"] = json!("");
    });
    assert_eq!(village, NOTHING);
    let city = after(|body| body["owner"]["addresses"][0]["city_type"] = json!(""));
    assert_eq!(city, ["owner.addresses[0].city_type"]);
}

#[test]
fn numbers_have_a_range() {
    for year in [json!(2020.0), json!(1900), json!(2100)] {
        assert_eq!(after(|body| body["vehicle"]["year"] = year), NOTHING);
    }
    for year in [json!(2020.5), json!(1899), json!(-1), json!(2101), json!(1e300)] {
        assert_eq!(after(|body| body["vehicle"]["year"] = year), ["vehicle.year"]);
    }
    for power in [json!(0), json!(149.6), json!(10_000)] {
        assert_eq!(after(|body| body["vehicle"]["engine_power"] = power), NOTHING);
    }
    for power in [json!(-0.1), json!(10_001), json!(1e300)] {
        assert_eq!(after(|body| body["vehicle"]["engine_power"] = power), ["vehicle.engine_power"]);
    }
}

#[test]
fn strange_plates_and_past_dates_are_passed_on() {
    let passed_on = after(|body| {
        body["vehicle"]["car_number"] = json!("ЯЯЯ 000 !");
        body["policy_start_date"] = json!("1999-01-01T00:00:00+03:00");
        body["owner"]["birth_date"] = json!("1800-01-01");
    });
    assert_eq!(passed_on, NOTHING);
}

#[test]
fn texts_are_plain_and_bounded() {
    assert_eq!(after(|body| body["owner"]["last_name"] = json!("Ива\u{0}нов")), ["owner.last_name"]);
    assert_eq!(after(|body| body["owner"]["middle_name"] = json!("\u{e000}")), ["owner.middle_name"]);
    assert_eq!(after(|body| body["owner"]["last_name"] = json!("я".repeat(500))), NOTHING);
    assert_eq!(after(|body| body["owner"]["last_name"] = json!("я".repeat(501))), ["owner.last_name"]);
    assert_eq!(after(|body| body["owner"]["addresses"][0]["address"] = json!("я".repeat(2000))), NOTHING);
}

#[test]
fn contact_and_return_addresses_are_checked() {
    let wrong = after(|body| {
        body["owner"]["contact"] = json!({"phone": "позвоните", "email": "user@"});
        body["return_urls"] = json!({"success_url": "javascript:alert(1)", "failure_url": "example.com"});
    });
    assert_eq!(
        wrong,
        ["owner.contact.phone", "owner.contact.email", "return_urls.success_url", "return_urls.failure_url"]
    );
}

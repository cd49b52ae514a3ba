//! The policy object, which the price and the application are asked for with alike: the price holds only where both
//! have the full data.
//!
//! Its outer parts are the platform's documented vocabulary. What stands in `insuredObject` for ОСАГО is not public
//! and mirrors the vehicle of the insurer's older bus.

use jiff::civil::Date;
use serde_json::{Value, json};
use veer_contract::{
    Context, Decline,
    domain::{Personal, Purpose, QuoteRequest, VehicleDocumentKind},
};

use super::people::{self, present};
use crate::{required, written::cyrillic};

/// The object, or the field that it cannot do without.
pub(super) fn policy(input: &QuoteRequest, cx: &Context<'_>) -> Result<Value, Decline> {
    required::vehicle_identity(input)?;
    let drivers = input.drivers.named().iter().enumerate();
    let drivers = drivers.map(|(place, person)| people::driver(place, person));
    let mut policy = json!({
        "product": {"code": "OSAGO"},
        "startDate": first_second(input.policy_start),
        "endDate": last_second(input.policy_end()),
        "issueDate": first_second(cx.today),
        "placeOfIssue": cx.settings.get("place_of_issue"),
        "currencyCode": "RUR",
        "policyHolder": people::policyholder(input)?,
        "insuredObject": {
            "vehicle": vehicle(input, cx)?,
            "unlimitedDrivers": input.drivers.is_unlimited(),
            "drivers": drivers.collect::<Result<Vec<_>, _>>()?,
        },
    });
    let pos = cx.settings.get("pos").trim();
    if !pos.is_empty() {
        policy["additionalProperties"] = json!({"pos": pos});
    }
    Ok(policy)
}

fn vehicle(input: &QuoteRequest, cx: &Context<'_>) -> Result<Value, Decline> {
    let vehicle = &input.vehicle;
    let document = required::vehicle_document(input)?;
    let kind = match document.kind {
        VehicleDocumentKind::Sts => "VEHICLE_REGISTRATION_CERTIFICATE",
        VehicleDocumentKind::Pts => "VEHICLE_PASSPORT",
        VehicleDocumentKind::Epts => cx.settings.get("document_epts"),
    };
    let purpose = match input.purpose {
        Purpose::Personal => "PERSONAL",
        Purpose::Taxi => cx.settings.get("purpose_taxi"),
    };
    let (mark, model) = (&cx.vehicle.brand, &cx.vehicle.model);
    let text = |number: &Option<Personal<String>>| number.as_ref().map(|number| number.as_str().to_owned());
    let mut fields = present([
        ("vin", text(&vehicle.vin)),
        ("bodyNumber", text(&vehicle.body_number)),
        ("chassisNumber", text(&vehicle.chassis_number)),
        ("licensePlate", vehicle.plate.as_ref().map(|plate| cyrillic(plate.as_str()))),
    ]);
    fields["mark"] = present([("name", Some(mark.clone())), ("code", cx.vehicle.brand_code.clone())]);
    fields["model"] = present([("name", Some(model.clone())), ("code", cx.vehicle.code.clone())]);
    fields["type"] = json!({"code": vehicle.category().letter().to_string()});
    fields["yearIssue"] = vehicle.year.into();
    fields["power"] = vehicle.engine_power.as_json_number().into();
    fields["purpose"] = json!({"code": purpose});
    fields["country"] = json!({"code": "RU"});
    fields["trailer"] = false.into();
    fields["transit"] = false.into();
    fields["lease"] = false.into();
    fields["period1BeginDate"] = input.policy_start.to_string().into();
    fields["period1EndDate"] = input.policy_end().to_string().into();
    fields["ownershipType"] = "INDIVIDUAL-OWNER".into();
    fields["owner"] = people::owner(&input.owner)?;
    fields["docs"] = json!([{
        "typeCode": kind,
        "serial": cyrillic(document.series.as_str()),
        "number": document.number.as_str(),
        "dateIssue": document.date.reveal().to_string(),
    }]);
    Ok(fields)
}

/// In Moscow, whose zone the platform writes out.
fn first_second(day: Date) -> String {
    format!("{day}T00:00:00+03:00")
}

fn last_second(day: Date) -> String {
    format!("{day}T23:59:59+03:00")
}

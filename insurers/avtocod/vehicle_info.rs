//! The report: made by one call, then asked for until it says enough.

use veer_contract::{
    Call, Context, CreateThenPoll, Decline, Effect, Fault, FaultKind, Lane, Method, Polled, Reply,
    create_then_poll::Refusal,
    domain::FoundVehicle,
    operation::{VehicleInfo, VehicleQuery},
    slot,
};

use super::{
    found,
    reply::{Answer, Progress},
    request, uid,
};

/// Looks a vehicle up.
pub(super) struct Report;

// === impl Report ===

impl CreateThenPoll<VehicleInfo> for Report {
    /// The report's name.
    type Handle = String;

    fn create(&self, input: &VehicleQuery, cx: &Context<'_>) -> Result<Call, Refusal> {
        let kind = uid::check(cx.settings.get("report_type"), "the setting `report_type`")?;
        let path = format!("user/reports/{kind}/_make");
        let call = Call::new("make", Lane::Create, Effect::Creates, Method::Post, path);
        // These come with words about the token and about the type of reports.
        Ok(signed(call).with_body(request::body(input)).accepting(&[400, 500]))
    }

    fn created(&self, _input: &VehicleQuery, reply: &Reply) -> Result<String, Refusal> {
        let answer = Answer::read(reply)?;
        let name = answer.first()?.get("uid").trimmed();
        Ok(uid::check(&name, "data[0].uid")?.to_owned())
    }

    fn poll(&self, _input: &VehicleQuery, report: &String) -> Call {
        let path = format!("user/reports/{report}");
        let call = Call::new("report", Lane::Poll, Effect::Read, Method::Get, path);
        signed(call).with_query("_content", "true").with_query("_detailed", "true").accepting(&[400])
    }

    fn polled(
        &self,
        input: &VehicleQuery,
        _report: &String,
        reply: &Reply,
    ) -> Result<Polled<FoundVehicle>, Refusal> {
        let answer = Answer::read(reply)?;
        let report = answer.first()?;
        let progress = Progress::of(report)?;
        let found = found::read(report.get("content"), input);
        // What a source has told stands in the report while the others are still asked.
        if progress.waiting && !is_enough(&found) {
            return Ok(Polled::Pending);
        }
        if !found.vehicle.brand.is_empty() {
            return Ok(Polled::Ready(found));
        }
        if progress.failed {
            let detail = "the report is ready without a vehicle, and some of its sources failed";
            return Err(Fault::new(FaultKind::InsurerError, detail).into());
        }
        Err(Decline::declined("Автокод не знает такого транспортного средства").into())
    }
}

/// Whether all is there that whoever asks must be told, in the words of the source's own dictionary.
fn is_enough(found: &FoundVehicle) -> bool {
    let FoundVehicle { vehicle, year, engine_power, vin, body_number, chassis_number, .. } = found;
    let is_named = vehicle.brand_code.is_some() && vehicle.code.is_some() && vehicle.category.is_some();
    let is_numbered = vin.is_some() || body_number.is_some() || chassis_number.is_some();
    is_named && is_numbered && year.is_some() && engine_power.is_some()
}

fn signed(call: Call) -> Call {
    call.with_header("authorization", format!("AR-REST {}", slot::secret("token")))
}

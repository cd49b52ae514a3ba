//! A source that sells nothing: its folder is one too, and its fixtures say what is looked up and found.

#![expect(clippy::unwrap_used, reason = "helpers of tests")]

use std::fs;

use veer_contract::{
    Adapter, AskOnce, Call, Context, Decline, Effect, Erased, ErasedFlow, Lane, Manifest, Method, Once,
    Reply,
    create_then_poll::Refusal,
    domain::{Coefficient, FoundVehicle, InsurerVehicle},
    operation::{VehicleInfo, VehicleQuery},
};
use veer_kit::Report;

const MANIFEST: &str = r#"
contract = 1
code = "register"
name = "Реестр"
protocol = "invented"
operations = ["vehicle_info"]
[lanes.dictionary]
concurrent = 1
first_byte = "5s"
total = "5s"
"#;

const README: &str = "# Реестр\n## Protocol\n## Quirks\n## How its facts are known\n## Unknown\n";

const FOUND: &str = r#"
about = "x"
[given]
today = 2026-11-16
vin = "Z94C0000000000001"
[[step]]
[[step.call]]
tag = "look"
lane = "dictionary"
effect = "read"
method = "GET"
path = "look"
query = [["vin", "Z94C0000000000001"]]
auth = "none"
reply.body = '{"name": "KIA"}'
[[outcome.result]]
vehicle = { brand = "KIA", model = "RIO", category = "B" }
year = 2019
engine_power = 1230000 # ten-thousandths
vin = "Z94C0000000000001"
documents = []
"#;

const UNKNOWN: &str = r#"
about = "x"
[given]
today = 2026-11-16
plate = "А001АА777"
[[step]]
[[step.call]]
tag = "look"
lane = "dictionary"
effect = "read"
method = "GET"
path = "look"
query = [["plate", "А001АА777"]]
auth = "none"
reply.body = '{}'
[outcome.decline]
kind = "declined"
message = "ТС не найдено"
"#;

/// A source of vehicles.
struct Register(Manifest, Erased<Once<Look>, VehicleInfo>);

struct Look;

impl AskOnce<VehicleInfo> for Look {
    fn ask(&self, input: &VehicleQuery, _cx: &Context<'_>) -> Result<Call, Refusal> {
        let (name, value) = match input {
            VehicleQuery::Vin(vin) => ("vin", vin),
            VehicleQuery::Plate(plate) => ("plate", plate),
        };
        let call = Call::new("look", Lane::Dictionary, Effect::Read, Method::Get, "look");
        Ok(call.with_query(name, value.as_str()))
    }

    fn answered(
        &self,
        input: &VehicleQuery,
        reply: &Reply,
        _cx: &Context<'_>,
    ) -> Result<FoundVehicle, Refusal> {
        let value: serde_json::Value = reply.json()?;
        let Some(brand) = value["name"].as_str() else {
            return Err(Decline::declined("ТС не найдено").into());
        };
        let VehicleQuery::Vin(vin) = input else {
            return Err(Decline::declined("ТС не найдено").into());
        };
        Ok(FoundVehicle {
            vehicle: InsurerVehicle {
                brand: brand.into(),
                model: "RIO".into(),
                category: Some(veer_contract::domain::VehicleCategory::B),
                ..InsurerVehicle::default()
            },
            year: Some(2019),
            engine_power: Some(Coefficient::from_ten_thousandths(1_230_000)),
            vin: Some(vin.clone()),
            ..FoundVehicle::default()
        })
    }
}

impl Adapter for Register {
    fn manifest(&self) -> &Manifest {
        &self.0
    }

    fn vehicle_info(&self) -> Option<&dyn ErasedFlow<VehicleInfo>> {
        Some(&self.1)
    }
}

fn check(manifest: &str, ok: &str) -> Report {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("register");
    let fixtures = folder.join("fixtures/vehicle_info");
    fs::create_dir_all(&fixtures).unwrap();
    for (path, text) in [
        (folder.join("README.md"), README),
        (folder.join("mod.rs"), ""),
        (folder.join("manifest.toml"), manifest),
        (fixtures.join("ok.toml"), ok),
        (fixtures.join("unknown.toml"), UNKNOWN),
    ] {
        fs::write(path, text).unwrap();
    }
    let adapter = Register(toml::from_str(manifest).unwrap(), Erased::new(Once(Look)));
    veer_kit::check(&adapter, &folder)
}

#[test]
fn a_vehicle_is_looked_up_and_what_is_found_is_compared_whole() {
    let report = check(MANIFEST, FOUND);
    assert!(report.is_clean(), "{report}");
    assert_eq!(report.replayed, 2);
    let report = check(MANIFEST, &FOUND.replace("year = 2019", "year = 2020"));
    assert!(report.problems[0].contains("result[0].year: the fixture says 2020"), "{report}");
}

#[test]
fn a_fixture_says_by_what_a_vehicle_is_looked_up() {
    for given in ["", "vin = 'x'\nplate = 'y'"] {
        let report = check(
            MANIFEST,
            &FOUND.replace("vin = \"Z94C0000000000001\"\n[[step]]", &format!("{given}\n[[step]]")),
        );
        assert!(report.problems[0].contains("write given.vin or given.plate"), "{report}");
    }
}

#[test]
fn a_source_without_quotes_has_no_scope() {
    let report = check(&format!("{MANIFEST}\n[scope]\ncategories = [\"B\"]\npurposes = []\n"), FOUND);
    assert!(report.problems[0].contains("[scope] is there without `quote`"), "{report}");
}

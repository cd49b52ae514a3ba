//! A state belongs to the revision that saved it.

use std::time::Duration;

use veer_contract::{Adapter, Context, Next, Settings, VehicleCodes, erased::StateError};
use veer_spec::Spec;

use crate::example;

#[test]
fn a_state_of_another_revision_is_refused() {
    let (manifest, spec) = example::texts();
    let one = example::example();
    let same = example::example();
    let other = Spec::compile(manifest, &format!("{spec}\n# another\n")).expect("it compiles");
    assert_eq!(one.revision(), same.revision());
    assert_ne!(one.revision(), other.revision());
    let vehicle = VehicleCodes { code: Some("K345".into()), ..VehicleCodes::default() };
    let settings = [("base", "osago/v2"), ("agent", ""), ("user", "partner")];
    let settings = Settings(settings.map(|(name, value)| (name.to_owned(), value.to_owned())).into());
    let cx = Context {
        remaining: Duration::from_secs(60),
        today: "2026-11-16".parse().expect("a date"),
        new_id: &|| "q-1".into(),
        vehicle: &vehicle,
        settings: &settings,
    };
    let request = veer_kit::requests::standard();
    let step = one.quote().expect("it quotes").start(&request, &cx).expect("it starts");
    let Next::Call { then, .. } = step.next else { panic!("it calls: {:?}", step.next) };
    let recovered =
        |spec: &Spec| spec.quote().expect("it quotes").recover(&request, &then, &cx).map(|it| it.is_some());
    assert_eq!(recovered(&same), Ok(true));
    let (saved, current) = (one.revision(), other.revision());
    assert_eq!(recovered(&other), Err(StateError::Version { saved, current }));
    let mut odd = then.clone();
    odd.json = "{\"at\": 99, \"phase\": \"asked\"}".into();
    assert_eq!(
        one.quote().expect("it quotes").recover(&request, &odd, &cx).map(|it| it.is_some()),
        Ok(false)
    );
    odd.json = "[]".into();
    assert!(one.quote().expect("it quotes").recover(&request, &odd, &cx).is_err());
}

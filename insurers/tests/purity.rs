//! Adapters are pure: they say what to call, and the host calls.

#[path = "../../crates/contract/tests/purity/dependencies.rs"]
mod dependencies;

#[test]
fn adapters_depend_on_no_io_clock_or_randomness() {
    dependencies::hold("veer-insurers");
}

#[test]
fn a_client_that_slips_in_is_named() {
    let mut found = dependencies::of("veer-insurers");
    found.insert("reqwest".into(), Vec::new());
    let complaints = dependencies::complaints(&found, &dependencies::allowed("veer-insurers"));
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].starts_with("`reqwest` is new among the dependencies."), "{complaints:?}");
}

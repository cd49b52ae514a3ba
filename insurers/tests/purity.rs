//! Adapters are pure: they say what to call, and the host calls.
#![expect(clippy::disallowed_types, reason = "the test asks cargo for the list; the crate itself may not")]

#[path = "../../crates/contract/tests/purity/dependencies.rs"]
mod dependencies;

/// Everything that the insurers are built from: the contract, and readers and writers of JSON, XML,
/// TOML and base64 that work on texts in memory; for specs, a template engine that was given no loader.
const ALLOWED: &[&str] = &[
    "base64",
    "itoa",
    "jiff",
    "jiff-core",
    "memchr",
    "minijinja",
    "proc-macro2",
    "quick-xml",
    "quote",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "serde_spanned",
    "strsim",
    "syn",
    "thiserror",
    "thiserror-impl",
    "toml",
    "toml_datetime",
    "toml_parser",
    "toml_writer",
    "unicode-ident",
    "veer-contract",
    "veer-insurers",
    "veer-spec",
    "veer-wire",
    "winnow",
    "zmij",
];

#[test]
fn adapters_depend_on_no_io_clock_or_randomness() {
    let complaints = dependencies::complaints(&dependencies::of("veer-insurers"), ALLOWED);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn dates_come_without_a_clock_and_a_time_zone_database() {
    let found = dependencies::of("veer-insurers");
    let more = dependencies::more_features(&found, "jiff", &["alloc", "serde"]);
    assert!(
        more.is_empty(),
        "the insurers ask for jiff with {more:?}; take today from `Context::today` and leave `std` and the `tz` features off"
    );
}

#[test]
fn a_client_that_slips_in_is_named() {
    let mut found = dependencies::of("veer-insurers");
    found.insert("reqwest".into(), Vec::new());
    let complaints = dependencies::complaints(&found, ALLOWED);
    assert_eq!(complaints.len(), 1, "{complaints:?}");
    assert!(complaints[0].starts_with("`reqwest` is new among the dependencies."), "{complaints:?}");
}

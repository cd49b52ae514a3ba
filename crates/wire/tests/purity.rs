//! What insurers share is pure: it reads and writes texts in memory.
#![expect(clippy::disallowed_types, reason = "the test asks cargo for the list; the crate itself may not")]

#[path = "../../contract/tests/purity/dependencies.rs"]
mod dependencies;

/// Everything that it is built from: the contract, and readers and writers of JSON, XML and base64.
const ALLOWED: &[&str] = &[
    "base64",
    "itoa",
    "jiff",
    "jiff-core",
    "memchr",
    "proc-macro2",
    "quick-xml",
    "quote",
    "serde",
    "serde_core",
    "serde_derive",
    "serde_json",
    "syn",
    "thiserror",
    "thiserror-impl",
    "unicode-ident",
    "veer-contract",
    "veer-wire",
    "zmij",
];

#[test]
fn what_insurers_share_depends_on_no_io_clock_or_randomness() {
    let complaints = dependencies::complaints(&dependencies::of("veer-wire"), ALLOWED);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn dates_come_without_a_clock_and_a_time_zone_database() {
    let found = dependencies::of("veer-wire");
    let more = dependencies::more_features(&found, "jiff", &["alloc", "serde"]);
    assert!(more.is_empty(), "what insurers share asks for jiff with {more:?}");
}

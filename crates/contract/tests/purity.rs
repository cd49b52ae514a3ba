//! The contract is pure, and so is every adapter that sees the world through it alone.
#![expect(clippy::disallowed_types, reason = "the test asks cargo for the list; the crate itself may not")]

#[path = "purity/dependencies.rs"]
mod dependencies;

/// Everything that the contract is built from. Data types, their (de)serialisation and derives: no I/O,
/// no clock, no randomness.
const ALLOWED: &[&str] = &[
    "itoa",
    "jiff",
    "jiff-core",
    "memchr",
    "proc-macro2",
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
    "zmij",
];

/// What the lints of all three must refuse: the standard library has all of it, so no list of crates helps.
const REFUSED: &[&str] = &[
    "std::time::SystemTime::now",
    "std::time::Instant::now",
    "jiff::Timestamp::now",
    "jiff::Zoned::now",
    "std::thread::sleep",
    "std::thread::spawn",
    "std::fs::read_to_string",
    "std::fs::read",
    "std::fs::File::open",
    "std::env::var",
    "std::net::TcpStream",
    "std::process::Command",
];

#[test]
fn the_contract_depends_on_no_io_clock_or_randomness() {
    let complaints = dependencies::complaints(&dependencies::of("veer-contract"), ALLOWED);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn dates_come_without_a_clock_and_a_time_zone_database() {
    let found = dependencies::of("veer-contract");
    let more = dependencies::more_features(&found, "jiff", &["alloc", "serde"]);
    assert!(
        more.is_empty(),
        "the contract asks for jiff with {more:?}. `std` brings `Timestamp::now`, and the `tz` features read files: \
         keep `default-features = false` with `alloc` and `serde`, and take today from `Context::today`"
    );
}

#[test]
fn the_lints_refuse_what_the_standard_library_has() {
    let lists = [
        ("crates/contract/clippy.toml", include_str!("../clippy.toml")),
        ("crates/wire/clippy.toml", include_str!("../../wire/clippy.toml")),
        ("insurers/clippy.toml", include_str!("../../../insurers/clippy.toml")),
    ];
    for (file, list) in lists {
        for path in REFUSED {
            let banned = list
                .lines()
                .any(|line| line.contains(&format!("path = \"{path}\"")) && line.contains("reason = "));
            assert!(
                banned,
                "{file} does not ban `{path}` with a reason; adapters and their contract must not use it"
            );
        }
    }
}

#[test]
fn a_stranger_is_named_with_what_to_do() {
    let tree = "veer-contract v0.1.0 (/somewhere)|\njiff v0.2.43|alloc,serde,std\n\ntokio v1.54.0|net,rt\ntokio v1.54.0|net,rt (*)\n";
    let found = dependencies::parse(tree);
    let complaints = dependencies::complaints(&found, &["veer-contract", "jiff", "serde"]);
    assert_eq!(complaints.len(), 2, "{complaints:?}");
    assert!(complaints[0].starts_with("`tokio` is new among the dependencies."), "{complaints:?}");
    assert!(complaints[1].starts_with("`serde` is not among the dependencies any more"), "{complaints:?}");
    assert_eq!(dependencies::more_features(&found, "jiff", &["alloc", "serde"]), ["std"]);
}

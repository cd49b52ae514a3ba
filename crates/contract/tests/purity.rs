//! The contract is pure, and so is every adapter that sees the world through it alone.

#[path = "purity/dependencies.rs"]
mod dependencies;

/// What the lints of all four must refuse: the standard library has all of it, so no list of crates helps.
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
    dependencies::hold("veer-contract");
}

#[test]
fn the_lints_refuse_what_the_standard_library_has() {
    let lists = [
        ("crates/contract/clippy.toml", include_str!("../clippy.toml")),
        ("crates/wire/clippy.toml", include_str!("../../wire/clippy.toml")),
        ("crates/spec/clippy.toml", include_str!("../../spec/clippy.toml")),
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

//! Specs are pure: what compiles and runs them has no I/O, no clock and no randomness.
#![expect(clippy::disallowed_types, reason = "the test asks cargo for the list; the crate itself may not")]

#[path = "../../contract/tests/purity/dependencies.rs"]
mod dependencies;

/// Everything that specs are built from: the contract, readers and writers of texts in memory, and a template
/// engine that was given no loader.
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
    "veer-spec",
    "veer-wire",
    "winnow",
    "zmij",
];

#[test]
fn specs_depend_on_no_io_clock_or_randomness() {
    let complaints = dependencies::complaints(&dependencies::of("veer-spec"), ALLOWED);
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn dates_come_without_a_clock_and_the_engine_without_its_own_functions() {
    let found = dependencies::of("veer-spec");
    let more = dependencies::more_features(&found, "jiff", &["alloc", "serde"]);
    assert!(more.is_empty(), "specs ask for jiff with {more:?}");
    let engine = ["debug", "fuel", "internal_debug", "serde", "unstable_machinery"];
    let more = dependencies::more_features(&found, "minijinja", &engine);
    assert!(
        more.is_empty(),
        "the engine has {more:?}: no built-in filter, macro or include belongs to the language"
    );
}

#[test]
fn the_lints_refuse_what_the_standard_library_has() {
    // The contract's test says why each stands there.
    let bans = |list: &str| {
        let lines = list.lines().filter_map(|line| line.split("path = \"").nth(1)?.split('"').next());
        lines.map(str::to_owned).collect::<Vec<_>>()
    };
    let here = bans(include_str!("../clippy.toml"));
    let missing: Vec<_> = bans(include_str!("../../contract/clippy.toml"))
        .into_iter()
        .filter(|path| !here.contains(path))
        .collect();
    assert!(missing.is_empty(), "crates/spec/clippy.toml does not ban {missing:?}");
}

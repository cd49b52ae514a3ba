//! What a crate really depends on, read from cargo, and held to a closed list.
//!
//! Adapters are pure because they *cannot* do anything else: no crate that they could reach brings I/O, a
//! clock or randomness. A dependency that slips in shows here, whoever brought it.
#![expect(clippy::disallowed_types, reason = "the test asks cargo for the list; the crate itself may not")]

use std::{collections::BTreeMap, iter, process::Command};

/// The normal dependencies of a crate, direct and not, each with the features that it alone asks for.
pub type Dependencies = BTreeMap<String, Vec<String>>;

/// Each crate, from the lowest to the highest, with what it may be built from besides all that is named above it.
const ALLOWED: [(&str, &[&str]); 4] = [
    // Data types, their (de)serialisation and derives.
    (
        "veer-contract",
        &[
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
            "zmij",
        ],
    ),
    // Readers and writers of XML and base64 in memory.
    ("veer-wire", &["base64", "quick-xml"]),
    // Readers of TOML in memory, and a template engine that was given no loader.
    (
        "veer-spec",
        &[
            "minijinja",
            "serde_spanned",
            "strsim",
            "toml",
            "toml_datetime",
            "toml_parser",
            "toml_writer",
            "winnow",
        ],
    ),
    ("veer-insurers", &[]),
];

/// Fails where `package` has a dependency that could do something, or asks jiff for its clock or its time zones.
pub fn hold(package: &str) {
    let found = of(package);
    let complaints = complaints(&found, &allowed(package));
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
    let more = more_features(&found, "jiff", &["alloc", "serde"]);
    assert!(
        more.is_empty(),
        "`{package}` asks for jiff with {more:?}. `std` brings `Timestamp::now`, and the `tz` features read files: \
         keep `default-features = false` with `alloc` and `serde`, and take today from `Context::today`"
    );
}

/// Everything that `package` may be built from, itself included.
pub fn allowed(package: &str) -> Vec<&'static str> {
    let place =
        ALLOWED.iter().position(|(name, _)| *name == package).expect("the crate has its place in the list");
    ALLOWED[..=place].iter().flat_map(|(name, more)| iter::once(*name).chain(more.iter().copied())).collect()
}

/// Reads the dependencies of `package` as it is built on its own: inside the workspace other crates switch on more.
pub fn of(package: &str) -> Dependencies {
    let arguments =
        ["tree", "--edges", "normal", "--prefix", "none", "--format", "{p}|{f}", "--locked", "--offline"];
    let output = Command::new(env!("CARGO"))
        .args(arguments)
        .args(["--package", package])
        .current_dir(env!("CARGO_MANIFEST_DIR"))
        .output()
        .expect("cargo runs, as it has started this test");
    assert!(output.status.success(), "cargo tree failed:\n{}", String::from_utf8_lossy(&output.stderr));
    parse(&String::from_utf8_lossy(&output.stdout))
}

/// Reads lines like `jiff v0.2.43|alloc,serde (*)`.
pub fn parse(tree: &str) -> Dependencies {
    let mut found = Dependencies::new();
    for line in tree.lines().filter(|line| !line.trim().is_empty()) {
        let (package, features) =
            line.trim_end_matches(" (*)").split_once('|').expect("the format has a bar");
        let name = package.split_whitespace().next().unwrap_or_default();
        let features = features.split(',').filter(|feature| !feature.is_empty()).map(str::to_owned);
        found.entry(name.to_owned()).or_default().extend(features);
    }
    found
}

/// Names that `found` has and `allowed` has not, and the other way round.
pub fn complaints(found: &Dependencies, allowed: &[&str]) -> Vec<String> {
    let strangers = found.keys().filter(|name| !allowed.contains(&name.as_str())).map(|name| {
        format!(
            "`{name}` is new among the dependencies. Adapters and their contract have no I/O, clock or randomness: \
             the host hands those in (`Context`, `Next::Call`, `Next::Wait`). If `{name}` is pure through and \
             through, add it to `ALLOWED` in crates/contract/tests/purity and say so in the commit; if not, find another \
             way."
        )
    });
    let gone = allowed.iter().filter(|name| !found.contains_key(**name)).map(|name| {
        format!("`{name}` is not among the dependencies any more; take it out of `ALLOWED` in crates/contract/tests/purity.")
    });
    strangers.chain(gone).collect()
}

/// Features of `package` beyond `allowed`.
pub fn more_features(found: &Dependencies, package: &str, allowed: &[&str]) -> Vec<String> {
    let features = found.get(package).unwrap_or_else(|| panic!("`{package}` is not among the dependencies"));
    features.iter().filter(|feature| !allowed.contains(&feature.as_str())).cloned().collect()
}

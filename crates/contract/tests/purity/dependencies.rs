//! What a crate really depends on, read from cargo, and held to a closed list.
//!
//! Adapters are pure because they *cannot* do anything else: no crate that they could reach brings I/O, a
//! clock or randomness. A dependency that slips in shows here, whoever brought it.

use std::{collections::BTreeMap, process::Command};

/// The normal dependencies of a crate, direct and not, each with the features that it alone asks for.
pub type Dependencies = BTreeMap<String, Vec<String>>;

/// Reads them for `package` as it is built on its own: inside the workspace other crates switch on more.
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
             through, add it to the list in this test and say so in the commit; if not, find another way."
        )
    });
    let gone = allowed.iter().filter(|name| !found.contains_key(**name)).map(|name| {
        format!("`{name}` is not among the dependencies any more; take it off the list in this test.")
    });
    strangers.chain(gone).collect()
}

/// Features of `package` beyond `allowed`.
pub fn more_features(found: &Dependencies, package: &str, allowed: &[&str]) -> Vec<String> {
    let features = found.get(package).unwrap_or_else(|| panic!("`{package}` is not among the dependencies"));
    features.iter().filter(|feature| !allowed.contains(&feature.as_str())).cloned().collect()
}

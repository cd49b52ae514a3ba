//! An insurer that does not exist passes the kit: its spec says everything that the language has.

use std::path::Path;

use veer_spec::Spec;

pub fn folder() -> &'static Path {
    Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/insurers/primer"))
}

/// The texts of `manifest.toml` and `insurer.toml`.
pub fn texts() -> (&'static str, &'static str) {
    (include_str!("../insurers/primer/manifest.toml"), include_str!("../insurers/primer/insurer.toml"))
}

/// The example, compiled.
pub fn example() -> Spec {
    let (manifest, spec) = texts();
    Spec::compile(manifest, spec).expect("the example has no problem")
}

#[test]
fn the_example_passes_the_kit() {
    let report = veer_kit::check(&example(), folder());
    assert!(report.is_clean(), "{report}");
    assert!(
        report.replayed > 20 && report.failures > 500 && report.flips > 200 && report.losses > 0,
        "{report}"
    );
}

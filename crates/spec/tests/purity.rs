//! Specs are pure: what compiles and runs them has no I/O, no clock and no randomness.

#[path = "../../contract/tests/purity/dependencies.rs"]
mod dependencies;

#[test]
fn specs_depend_on_no_io_clock_or_randomness() {
    dependencies::hold("veer-spec");
}

#[test]
fn the_engine_comes_without_its_own_functions() {
    let engine = ["debug", "fuel", "internal_debug", "serde", "unstable_machinery"];
    let more = dependencies::more_features(&dependencies::of("veer-spec"), "minijinja", &engine);
    assert!(
        more.is_empty(),
        "the engine has {more:?}: no built-in filter, macro or include belongs to the language"
    );
}

//! Every registered insurer passes the kit, and registration and folders agree.

#![expect(clippy::disallowed_methods, reason = "a test is told by the environment which insurer to look at")]

use std::path::Path;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_insurer_passes_the_kit() {
    let chosen = chosen();
    // Side by side: each takes some seconds.
    let reports: Vec<_> = std::thread::scope(|scope| {
        let checks = chosen.iter().map(|adapter| {
            scope.spawn(|| veer_kit::check(*adapter, &Path::new(ROOT).join(&adapter.manifest().code)))
        });
        let checks: Vec<_> = checks.collect();
        checks.into_iter().map(|check| check.join().expect("the kit catches panics of adapters")).collect()
    });
    for report in &reports {
        assert!(
            report.failures > 0 && report.flips > 0,
            "{report}nothing was derived: is a fixture missing?"
        );
    }
    let problems: String =
        reports.iter().filter(|report| !report.is_clean()).map(ToString::to_string).collect();
    assert!(problems.is_empty(), "\n{problems}");
}

/// All of them; while one is being written, that one alone, as `cargo xtask insurer check` asks.
fn chosen() -> Vec<&'static dyn veer_contract::Adapter> {
    let Ok(code) = std::env::var("VEER_INSURER") else { return veer_insurers::all().to_vec() };
    let found = veer_insurers::find(&code);
    vec![found.unwrap_or_else(|| panic!("insurers/lib.rs has no line for `{code}`"))]
}

#[test]
fn every_folder_is_registered_and_every_registration_has_a_folder() {
    let registered: Vec<_> =
        veer_insurers::all().iter().map(|adapter| adapter.manifest().code.clone()).collect();
    let folders = veer_kit::folders(Path::new(ROOT));
    assert_eq!(
        registered, folders,
        "left: the lines of `all()` in insurers/lib.rs; right: the folders with a manifest.toml, sorted. \
         A new insurer is a folder, a `mod` line and a line in `all()`, both at their sorted place"
    );
}

#[test]
fn an_insurer_is_found_by_its_code() {
    for adapter in veer_insurers::all() {
        let code = &adapter.manifest().code;
        assert_eq!(veer_insurers::find(code).map(|found| &found.manifest().code), Some(code));
    }
    assert!(veer_insurers::find("nobody").is_none());
}

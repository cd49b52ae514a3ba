//! The kit: one test for each insurer's folder, found by itself.
//!
//! A harness of its own, for folders are data: what `cargo test -p veer-insurers --test kit -- alfastrah` runs is no
//! function that somebody had to write.

use std::path::Path;

use libtest_mimic::{Arguments, Failed, Trial};
use veer_contract::Adapter;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

fn main() {
    let each = veer_insurers::all().iter().map(|adapter| {
        let adapter: &'static dyn Adapter = *adapter;
        Trial::test(adapter.manifest().code.clone(), move || passes(adapter))
    });
    let registration = Trial::test("every_folder_is_registered", every_folder_is_registered);
    libtest_mimic::run(&Arguments::from_args(), each.chain([registration]).collect()).exit();
}

fn passes(adapter: &'static dyn Adapter) -> Result<(), Failed> {
    let report = veer_kit::check(adapter, &Path::new(ROOT).join(&adapter.manifest().code));
    if !report.is_clean() {
        return Err(format!("\n{report}").into());
    }
    match report.failures > 0 && report.flips > 0 {
        true => Ok(()),
        false => Err(format!("{report}nothing was derived: is a fixture missing?").into()),
    }
}

/// A folder without a line would have no test.
fn every_folder_is_registered() -> Result<(), Failed> {
    let registered = veer_insurers::all().iter().map(|adapter| adapter.manifest().code.clone());
    let (registered, folders) = (registered.collect::<Vec<_>>(), veer_kit::folders(Path::new(ROOT)));
    if registered == folders {
        return Ok(());
    }
    Err(format!(
        "registered in insurers/lib.rs: {registered:?}; folders with a manifest: {folders:?}. A new insurer is a \
         folder and a line in `register!` at its sorted place"
    )
    .into())
}

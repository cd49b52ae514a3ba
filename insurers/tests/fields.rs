//! `docs/INSURER-FIELDS.md` tells which insurer needs which field of the partner's request, from the adapters' own
//! answers.

#![expect(clippy::disallowed_methods, reason = "a test reads the page")]

use std::{fs, path::Path};

use veer_kit::Finding;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn the_page_of_fields_is_current() {
    let probe = |adapter: &&'static dyn veer_contract::Adapter| {
        veer_kit::probe(*adapter, &Path::new(ROOT).join(&adapter.manifest().code))
    };
    let probes: Vec<_> = veer_insurers::all().iter().flat_map(probe).collect();
    let broken: Vec<_> = probes.iter().filter(|probe| probe.finding == Finding::Broken).collect();
    assert!(broken.is_empty(), "`cargo test -p veer-insurers --test kit` tells what is wrong: {broken:?}");
    let page = veer_kit::matrix(&probes);
    let path = Path::new(ROOT).join("../docs/INSURER-FIELDS.md");
    if std::env::var_os("VEER_WRITE").is_some_and(|write| write == "1") {
        fs::write(&path, &page).expect("docs/ can be written");
    }
    assert!(
        fs::read_to_string(&path).is_ok_and(|there| there == page),
        "docs/INSURER-FIELDS.md is not what the adapters do; `cargo xtask insurer fields` writes it"
    );
}

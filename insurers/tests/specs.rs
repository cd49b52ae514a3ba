//! Every insurer that is written as a spec compiles, and says all that is wrong where it does not.
#![expect(clippy::disallowed_methods, reason = "the test reads folders; adapters may not")]

use std::{fs, path::Path};

use veer_spec::Spec;

const ROOT: &str = env!("CARGO_MANIFEST_DIR");

#[test]
fn every_spec_compiles() {
    let mut complaints = String::new();
    for code in veer_kit::folders(Path::new(ROOT)) {
        let folder = Path::new(ROOT).join(&code);
        let read = |file: &str| fs::read_to_string(folder.join(file));
        if let (Ok(manifest), Ok(spec)) = (read("manifest.toml"), read("insurer.toml"))
            && let Err(problems) = Spec::compile(&manifest, &spec)
        {
            complaints.push_str(&format!("\n{code}:\n{problems}\n"));
        }
    }
    assert!(complaints.is_empty(), "{complaints}");
}

//! The workspace without its code: the same manifests and lock file, each target an empty one.
//!
//! Built, it builds the dependencies with exactly the features that the workspace asks of them, and nothing else.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::run;

/// What cargo tells of a workspace, as far as it matters.
#[derive(Deserialize)]
struct Metadata {
    packages: Vec<Package>,
}

#[derive(Deserialize)]
struct Package {
    manifest_path: PathBuf,
    targets: Vec<Target>,
}

#[derive(Deserialize)]
struct Target {
    kind: Vec<String>,
    src_path: PathBuf,
}

/// Makes it of the workspace at `root` in the folder `to`.
pub(super) fn make(root: &Path, to: &Path) -> Result<(), String> {
    let manifest = root.join("Cargo.toml").display().to_string();
    let told = run::reading(run::cargo(&[
        "metadata",
        "--no-deps",
        "--format-version",
        "1",
        "--locked",
        "--manifest-path",
        &manifest,
    ]))?;
    let metadata: Metadata =
        serde_json::from_str(&told).map_err(|error| format!("cargo metadata is not as expected: {error}"))?;
    for file in ["Cargo.toml", "Cargo.lock"] {
        copy(root, &root.join(file), to)?;
    }
    for package in metadata.packages {
        copy(root, &package.manifest_path, to)?;
        for Target { kind, src_path } in package.targets {
            let is_library = kind.iter().any(|kind| kind.ends_with("lib"));
            write(root, &src_path, to, if is_library { "" } else { "fn main() {}\n" })?;
        }
    }
    Ok(())
}

fn copy(root: &Path, file: &Path, to: &Path) -> Result<(), String> {
    let text = fs::read_to_string(file).map_err(|error| format!("{}: {error}", file.display()))?;
    write(root, file, to, &text)
}

/// Writes what stands for `file` of the workspace.
fn write(root: &Path, file: &Path, to: &Path, text: &str) -> Result<(), String> {
    let failed = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    let place = to.join(file.strip_prefix(root).map_err(|error| failed(&error))?);
    if let Some(folder) = place.parent() {
        fs::create_dir_all(folder).map_err(|error| failed(&error))?;
    }
    fs::write(place, text).map_err(|error| failed(&error))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_skeleton_is_a_workspace_that_the_lock_file_fits() {
        let to = tempfile::tempdir().unwrap();
        make(run::root(), to.path()).unwrap();
        let manifest = to.path().join("Cargo.toml").display().to_string();
        let arguments =
            ["tree", "--locked", "--offline", "--package", "veer", "--depth", "1", "--manifest-path"];
        let tree = run::reading(run::cargo(&[&arguments[..], &[&manifest]].concat())).unwrap();
        assert!(tree.contains("veer-contract") && tree.contains("actix-web"), "{tree}");
        assert_eq!(fs::read_to_string(to.path().join("src/main.rs")).unwrap(), "fn main() {}\n");
    }
}

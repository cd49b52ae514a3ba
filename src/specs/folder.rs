//! The operator's folder of specs.
//!
//! It holds a folder for each insurer, named by its code, with the two files of a shipped insurer.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use super::Texts;

/// The manifest's file.
pub const MANIFEST: &str = "manifest.toml";
/// The spec's file.
pub const SPEC: &str = "insurer.toml";

/// The folders of insurers below `folder`, sorted by code: those that hold a spec or a manifest.
pub fn insurers(folder: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned());
        // Kubernetes keeps what it mounts in folders that begin with a dot.
        let Some(code) = name.filter(|name| !name.starts_with('.')) else { continue };
        if path.join(SPEC).exists() || path.join(MANIFEST).exists() {
            found.push((code, path));
        }
    }
    found.sort();
    Ok(found)
}

/// Reads both files of one insurer; the error names the file.
pub fn read(folder: &Path) -> Result<Texts, String> {
    let text = |name: &str| {
        fs::read_to_string(folder.join(name)).map_err(|error| format!("{name}: cannot be read: {error}"))
    };
    Ok(Texts { manifest: text(MANIFEST)?, spec: text(SPEC)? })
}

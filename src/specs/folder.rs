//! The operator's folder of specs.
//!
//! It holds a folder for each insurer, named by its code, with the two files of a shipped insurer.

use std::{
    fs::{self, File},
    io::{self, Read},
    path::{Path, PathBuf},
};

use super::Texts;

/// The manifest's file.
pub const MANIFEST: &str = "manifest.toml";
/// The spec's file.
pub const SPEC: &str = "insurer.toml";
/// Each of them is shorter.
const MOST_BYTES: u64 = 1 << 20;

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
    let text = |name: &str| text(&folder.join(name)).map_err(|error| format!("{name}: {error}"));
    Ok(Texts { manifest: text(MANIFEST)?, spec: text(SPEC)? })
}

/// The file is looked at every second for as long as the gateway runs: what is no file (a pipe has no end) or is as
/// long as no spec is must not hold that up.
fn text(path: &Path) -> Result<String, String> {
    let unreadable = |error: io::Error| format!("cannot be read: {error}");
    if !fs::metadata(path).map_err(unreadable)?.is_file() {
        return Err("cannot be read: it is no file; put the text itself there, or a link to it".to_owned());
    }
    let mut text = String::new();
    File::open(path)
        .map_err(unreadable)?
        .take(MOST_BYTES + 1)
        .read_to_string(&mut text)
        .map_err(unreadable)?;
    if text.len() as u64 > MOST_BYTES {
        return Err(format!("is longer than {} KiB, which no insurer needs", MOST_BYTES >> 10));
    }
    Ok(text)
}

#[cfg(test)]
mod tests {
    use std::os::unix::fs::symlink;

    use super::*;

    #[test]
    fn links_are_followed_and_what_is_no_text_of_a_file_is_refused() {
        let home = tempfile::tempdir().unwrap();
        let (folder, linked) = (home.path().join("own"), home.path().join("linked"));
        fs::create_dir(&folder).unwrap();
        fs::write(folder.join(MANIFEST), "m").unwrap();
        assert!(read(&folder).unwrap_err().starts_with("insurer.toml: cannot be read: "));
        fs::write(home.path().join("elsewhere"), "s").unwrap();
        symlink("../elsewhere", folder.join(SPEC)).unwrap();
        symlink(&folder, &linked).unwrap();
        let expected = Texts { manifest: "m".into(), spec: "s".into() };
        assert_eq!((read(&folder), read(&linked)), (Ok(expected.clone()), Ok(expected)));
        let codes: Vec<String> = insurers(home.path()).unwrap().into_iter().map(|(code, _)| code).collect();
        assert_eq!(codes, ["linked", "own"]);
        // It would be read for ever.
        fs::remove_file(folder.join(SPEC)).unwrap();
        symlink("/dev/zero", folder.join(SPEC)).unwrap();
        assert!(read(&folder).unwrap_err().starts_with("insurer.toml: cannot be read: it is no file"));
        fs::remove_file(folder.join(SPEC)).unwrap();
        fs::write(folder.join(SPEC), " ".repeat(MOST_BYTES as usize + 1)).unwrap();
        assert_eq!(
            read(&folder).unwrap_err(),
            "insurer.toml: is longer than 1024 KiB, which no insurer needs"
        );
    }
}

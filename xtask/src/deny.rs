//! cargo-deny, in the one version that `deny.toml` is written for.
//!
//! Where that version is not installed, it is built once into the user's cache, outside the repository
//! and beside whatever other version there is.

use std::{env, path::PathBuf};

use crate::run;

const VERSION: &str = "0.20.2";

/// Checks licences, bans and sources. Advisories are left to whoever has a fresh database.
pub(crate) fn run() -> Result<(), String> {
    let program = program()?;
    run::passing(run::command(
        &program,
        &[
            "--workspace",
            "--all-features",
            "--locked",
            "check",
            "--hide-inclusion-graph",
            "licenses",
            "bans",
            "sources",
        ],
    ))
}

/// The program of that version, built now where it is nowhere.
fn program() -> Result<String, String> {
    let root = cache().join(format!("cargo-deny-{VERSION}"));
    let cached = root.join("bin").join("cargo-deny").display().to_string();
    let found = ["cargo-deny".to_owned(), cached.clone()].into_iter().find(|program| is_right(program));
    if let Some(program) = found {
        return Ok(program);
    }
    println!(
        "cargo-deny {VERSION} is not installed; building it into {}, which takes minutes once",
        root.display()
    );
    let root = root.display().to_string();
    let mut install = run::cargo(&[
        "install",
        "cargo-deny",
        "--version",
        VERSION,
        "--locked",
        "--root",
        &root,
        "--no-track",
    ]);
    // Its objects are of no use to the workspace.
    install.env_remove("CARGO_TARGET_DIR");
    run::passing(install)?;
    Ok(cached)
}

fn is_right(program: &str) -> bool {
    run::reading(run::command(program, &["--version"])).is_ok_and(|version| has_version(&version))
}

fn has_version(printed: &str) -> bool {
    printed.split_whitespace().nth(1) == Some(VERSION)
}

fn cache() -> PathBuf {
    let home = || env::var_os("HOME").map(|home| PathBuf::from(home).join(".cache"));
    let cache = env::var_os("XDG_CACHE_HOME").map(PathBuf::from).or_else(home);
    cache.unwrap_or_else(env::temp_dir).join("veer-tools")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_very_version_is_right() {
        assert!(has_version(&format!("cargo-deny {VERSION}\n")));
        assert!(!has_version("cargo-deny 0.20.1"));
        assert!(!has_version(""));
    }
}

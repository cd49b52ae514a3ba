//! Where the system keeps PostgreSQL's programs.

use std::{
    fs,
    path::{Path, PathBuf},
};

/// Debian's place, one folder a version.
const DEBIAN: &str = "/usr/lib/postgresql";
const NEEDED: [&str; 3] = ["initdb", "pg_ctl", "postgres"];

/// A folder with `initdb`, `pg_ctl` and `postgres`.
#[derive(Debug, Clone)]
pub struct Programs(PathBuf);

// === impl Programs ===

impl Programs {
    /// The newest version of Debian's, or what is in `PATH`; a sentence where there is none.
    pub fn find() -> Result<Self, String> {
        let versions = fs::read_dir(DEBIAN).into_iter().flatten().flatten().map(|entry| entry.path());
        let mut versions: Vec<(u32, PathBuf)> = versions
            .filter_map(|path| Some((path.file_name()?.to_str()?.parse().ok()?, path.join("bin"))))
            .collect();
        versions.sort_unstable();
        let newest_first = versions.into_iter().rev().map(|(_, folder)| folder);
        let in_path = std::env::var_os("PATH").unwrap_or_default();
        let folders = newest_first.chain(std::env::split_paths(&in_path));
        folders.into_iter().find(|folder| is_whole(folder)).map(Self).ok_or_else(|| {
            format!(
                "there is no PostgreSQL: neither {DEBIAN}/*/bin nor PATH has {}; on Debian: apt-get install \
                 postgresql",
                NEEDED.join(", ")
            )
        })
    }

    /// The path of one of them.
    pub(crate) fn path(&self, name: &str) -> PathBuf {
        self.0.join(name)
    }
}

fn is_whole(folder: &Path) -> bool {
    NEEDED.iter().all(|name| folder.join(name).is_file())
}

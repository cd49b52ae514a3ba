//! Programs that Debian brings, and where they are.

use std::path::{Path, PathBuf};

/// A program that somebody else ships.
#[derive(Debug, Clone, Copy)]
pub struct Program {
    /// Its name.
    pub name: &'static str,
    /// Debian's package of it.
    pub package: &'static str,
}

/// The load balancer.
pub const NGINX: Program = Program { name: "nginx", package: "nginx-light" };
/// What reads the metrics.
pub const PROMETHEUS: Program = Program { name: "prometheus", package: "prometheus" };
/// What judges its configuration.
pub const PROMTOOL: Program = Program { name: "promtool", package: "prometheus" };

/// Not in everybody's `PATH`.
const SYSTEM: [&str; 3] = ["/usr/local/sbin", "/usr/sbin", "/sbin"];

// === impl Program ===

impl Program {
    /// Its path, or a sentence that says what to install.
    pub fn find(self) -> Result<PathBuf, String> {
        let path = std::env::var_os("PATH").unwrap_or_default();
        let folders = std::env::split_paths(&path).chain(SYSTEM.iter().map(PathBuf::from));
        let found = folders.map(|folder| folder.join(self.name)).find(|path| path.is_file());
        let (name, package) = (self.name, self.package);
        found.ok_or_else(|| format!("there is no {name}; on Debian: apt-get install {package}"))
    }
}

/// The library that shows a process another clock, of Debian's package `libfaketime`.
pub fn faketime() -> Result<PathBuf, String> {
    let folders = std::fs::read_dir("/usr/lib").into_iter().flatten().flatten().map(|entry| entry.path());
    let folders = folders.chain([PathBuf::from("/usr/lib")]);
    let mut found = folders.map(|folder| folder.join(Path::new("faketime/libfaketime.so.1")));
    found
        .find(|path| path.is_file())
        .ok_or_else(|| "there is no libfaketime; on Debian: apt-get install libfaketime".into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_told_with_its_package() {
        let missing = Program { name: "no-such-program", package: "its-package" };
        let told = missing.find().unwrap_err();
        assert!(told.contains("no-such-program") && told.contains("apt-get install its-package"), "{told}");
        assert!(Program { name: "sh", package: "dash" }.find().is_ok());
    }
}

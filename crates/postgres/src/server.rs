//! The server.

use std::{
    fmt::Write,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use crate::{account::Account, guard::Guard, programs::Programs, scratch};

/// What a test's server is told: nothing of it must outlive the machine, and many speak to it at once.
const SETTINGS: &[(&str, &str)] = &[
    ("listen_addresses", ""),
    ("fsync", "off"),
    ("full_page_writes", "off"),
    ("shared_buffers", "64MB"),
    ("max_connections", "400"),
];

/// A PostgreSQL server that nobody else uses. Dropped, it is stopped and its folder removed.
pub struct Server {
    guard: Guard,
    folder: PathBuf,
}

// === impl Server ===

impl Server {
    /// Makes a server and starts it.
    pub fn start() -> Result<Self, String> {
        Self::furnished(&[], &[])
    }

    /// The same with more settings, and with `files` (names and texts) beside its data, readable to it alone.
    pub fn furnished(settings: &[(&str, &str)], files: &[(&str, &str)]) -> Result<Self, String> {
        let programs = Programs::find()?;
        let folder = scratch::folder()?;
        let account = Account::find(&folder)?;
        account.give(&folder)?;
        // From here on the guard removes the folder, whatever happens.
        let guard = Guard::over(&folder, account, &programs)?;
        let mut server = Self { guard, folder };
        let data = server.folder.join("data");
        run(account.command(&programs.path("initdb")).arg("--pgdata").arg(&data).args([
            "--username=veer",
            "--auth=trust",
            "--encoding=UTF8",
            "--no-locale",
            "--no-sync",
        ]))?;
        for (name, text) in files {
            let path = data.join(name);
            put(&path, text)?;
            account.give(&path)?;
        }
        let own = [("unix_socket_directories", server.folder.display().to_string())];
        let own = own.iter().map(|(name, value)| (*name, value.as_str()));
        let mut lines = String::new();
        for (name, value) in SETTINGS.iter().copied().chain(own).chain(settings.iter().copied()) {
            let _ = writeln!(lines, "{name} = '{value}'");
        }
        // Read after `postgresql.conf`, and over it.
        let path = data.join("postgresql.auto.conf");
        put(&path, &lines)?;
        account.give(&path)?;
        server.start_again()?;
        Ok(server)
    }

    /// Its own database, over its socket: `postgres://veer@…/postgres`.
    pub fn url(&self) -> String {
        let host: String = self.folder.display().to_string().replace('/', "%2F");
        format!("postgres://veer@{host}/postgres")
    }

    /// Where it listens.
    pub fn socket(&self) -> PathBuf {
        self.folder.join(".s.PGSQL.5432")
    }

    /// Stops it as an operator does: connections are cut, what was committed stays.
    pub fn stop(&mut self) -> Result<(), String> {
        self.tell("stop")
    }

    /// Stops it as a crash does.
    pub fn crash(&mut self) -> Result<(), String> {
        self.tell("crash")
    }

    /// Starts it after it was stopped.
    pub fn start_again(&mut self) -> Result<(), String> {
        self.tell("start")
    }

    fn tell(&mut self, word: &str) -> Result<(), String> {
        if self.guard.tell(word) {
            return Ok(());
        }
        let log = fs::read_to_string(self.folder.join("log")).unwrap_or_default();
        Err(format!("PostgreSQL does not {word}:\n{log}"))
    }
}

fn put(path: &Path, text: &str) -> Result<(), String> {
    let problem = |error: std::io::Error| format!("{}: {error}", path.display());
    fs::write(path, text).map_err(problem)?;
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).map_err(problem)
}

fn run(command: &mut Command) -> Result<(), String> {
    let output =
        command.current_dir("/").output().map_err(|error| format!("initdb does not start: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    Err(format!("initdb failed: {}", String::from_utf8_lossy(&output.stderr).trim_end()))
}

#[cfg(test)]
mod tests {
    use std::os::unix::net::UnixStream;

    use super::*;

    #[test]
    fn it_can_be_stopped_and_started_and_leaves_nothing_behind() {
        let mut server = Server::start().unwrap();
        let folder = server.folder.clone();
        let socket = server.socket();
        assert!(UnixStream::connect(&socket).is_ok());
        for word in ["stop", "crash"] {
            server.tell(word).unwrap();
            assert!(UnixStream::connect(&socket).is_err(), "after {word}");
            server.start_again().unwrap();
            assert!(UnixStream::connect(&socket).is_ok(), "after {word} and a start");
        }
        drop(server);
        assert!(!folder.exists() && UnixStream::connect(&socket).is_err());
    }

    #[test]
    fn a_setting_that_postgres_refuses_is_told_in_its_words() {
        let refused = Server::furnished(&[("no_such_setting", "1")], &[]).err().unwrap();
        assert!(refused.contains("does not start") && refused.contains("no_such_setting"), "{refused}");
    }
}

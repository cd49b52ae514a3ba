//! The store: where calculations survive a crash.

use std::path::PathBuf;

use super::{
    Secret,
    form::{Choice, Written, choose},
    nearest::hint,
    section::Section,
};

/// `[store]`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StoreConfig {
    /// A file.
    Sqlite(SqliteConfig),
    /// A server.
    Postgres(PostgresConfig),
}

/// A store in a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SqliteConfig {
    /// The SQLite file, relative to the folder that the gateway runs in. Made where it is not there.
    pub path: PathBuf,
    /// What a write survives.
    pub synchronous: Synchronous,
}

/// A store on a PostgreSQL server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostgresConfig {
    /// Where the database is and who we are there: `postgres://user:password@host:5432/veer?sslmode=verify-full`.
    /// Never shown.
    pub url: Secret,
    /// What a write survives.
    pub synchronous: Synchronous,
    /// Connections that read at once; one more writes, and one hears what other replicas write.
    pub connections: u32,
}

/// What a write survives before it counts as done.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Synchronous {
    /// A power failure: each group of writes waits for the disk.
    Full,
    /// A crash of the gateway, but the last moments may be lost with the machine's power.
    Normal,
}

/// The words of `engine`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Engine {
    Sqlite,
    Postgres,
}

/// What may stand behind the `?` of a url. The library that reads it ignores what it does not know, and writes its
/// value into the log.
const PARAMETERS: &[&str] = &[
    "sslmode",
    "sslrootcert",
    "sslcert",
    "sslkey",
    "host",
    "hostaddr",
    "port",
    "dbname",
    "user",
    "password",
    "application_name",
    "options",
    "statement-cache-capacity",
];

impl Choice for Synchronous {
    const WORDS: &'static [(&'static str, Self)] = &[("full", Self::Full), ("normal", Self::Normal)];
}

impl Written for Synchronous {
    fn parse(text: &str) -> Result<Self, String> {
        choose(text)
    }
}

impl Choice for Engine {
    const WORDS: &'static [(&'static str, Self)] = &[("sqlite", Self::Sqlite), ("postgres", Self::Postgres)];
}

impl Written for Engine {
    fn parse(text: &str) -> Result<Self, String> {
        choose(text)
    }
}

// === impl StoreConfig ===

impl StoreConfig {
    /// A store in the file `path`.
    pub fn sqlite(path: impl Into<PathBuf>, synchronous: Synchronous) -> Self {
        Self::Sqlite(SqliteConfig { path: path.into(), synchronous })
    }

    pub(super) fn read(section: &Section<'_>) -> Self {
        let engine = section.or("engine", Engine::Sqlite);
        let synchronous = section.or("synchronous", Synchronous::Full);
        match engine {
            Engine::Sqlite => {
                let rule = "is for a PostgreSQL server; set engine = \"postgres\", or leave the key out";
                section.rule(!section.has_secret("url"), spelling(section), rule);
                let connections: Option<u32> = section.maybe("connections");
                section.rule(connections.is_none(), "connections", rule);
                let path = section.or("path", PathBuf::from("veer.db"));
                section.secret("url");
                Self::Sqlite(SqliteConfig { path, synchronous })
            }
            Engine::Postgres => {
                let rule = "is an SQLite file's; set engine = \"sqlite\", or leave the key out";
                section.rule(section.maybe::<PathBuf>("path").is_none(), "path", rule);
                let url =
                    section.required_secret("url", "where the database is, postgres://user@host/database");
                let connections = section.maybe("connections").unwrap_or(8);
                section.rule((1..=1000).contains(&connections), "connections", "must be 1 to 1000");
                if let Some(url) = &url
                    && let Err(rule) = check_url(url.reveal())
                {
                    section.problem(spelling(section), rule);
                }
                // Where there is none, that is a problem, and this is not used.
                let url = url.unwrap_or_else(|| Secret::new(""));
                Self::Postgres(PostgresConfig { url, synchronous, connections })
            }
        }
    }
}

/// Which of its two names the url goes by here.
fn spelling(section: &Section<'_>) -> &'static str {
    if section.names().any(|name| name == "url_file") { "url_file" } else { "url" }
}

/// Whether it names a database in a way that we understand. Nothing of it is in the sentence.
fn check_url(url: &str) -> Result<(), String> {
    let example = "write it as in postgres://user:password@host:5432/database?sslmode=verify-full";
    let url = url::Url::parse(url).map_err(|error| format!("is no address ({error}); {example}"))?;
    if !["postgres", "postgresql"].contains(&url.scheme()) {
        return Err(format!("must begin with postgres://; {example}"));
    }
    for (name, value) in url.query_pairs() {
        if !PARAMETERS.contains(&&*name) {
            let hint = hint(&name, PARAMETERS.iter().copied());
            return Err(format!("has a parameter that is not known behind its `?`; {hint}"));
        }
        if name == "sslmode" {
            let modes = ["disable", "allow", "prefer", "require", "verify-ca", "verify-full"];
            if !modes.contains(&&*value) {
                return Err(format!("has an sslmode that is not known; it is one of {}", modes.join(", ")));
            }
        }
    }
    let named = |wanted: &str| url.query_pairs().any(|(name, _)| name == wanted);
    if url.path().trim_matches('/').is_empty() && !named("dbname") {
        return Err(format!("names no database; {example}"));
    }
    if url.host_str().is_none_or(str::is_empty) && !named("host") && !named("hostaddr") {
        return Err(format!("names no host; {example}"));
    }
    Ok(())
}

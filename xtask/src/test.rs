//! `cargo xtask test`: all tests of the workspace.

use std::process::Command;

use veer_postgres::{SERVER, STORE};

use crate::{debian, run};

/// Tests of the gateway whose subject is what the store keeps. They run on SQLite with all others, and once more
/// on PostgreSQL.
const ABOUT_THE_STORE: &[&str] = &[
    "awaited_calls::",
    "called_back::",
    "crash::",
    "dictionary_desk::",
    "early_finish::",
    "equal_risks::",
    "graceful_stop::",
    "idempotency::",
    "insurer_calls::",
    "late_news::",
    "limits::",
    "sale_crash::",
    "shadow::",
    "told_once::",
    "tuning::",
];
/// The same in the library.
const ABOUT_THE_STORE_INSIDE: &[&str] = &["offers::sales::tests::"];

/// Runs them with cargo-nextest where it is installed, which runs them side by side; its blind spot, the
/// examples in documentation, is run by cargo itself. A PostgreSQL server runs meanwhile.
pub(crate) fn run() -> Result<(), String> {
    debian::bring_what_is_missing()?;
    let server = veer_postgres::Server::start()?;
    let with_server = |mut command: Command, store: &str| {
        command.env(SERVER, server.url()).env(STORE, store);
        run::passing(command)
    };
    if run::reading(run::cargo(&["nextest", "--version"])).is_ok() {
        with_server(run::cargo(&["nextest", "run", "--workspace"]), "sqlite")?;
        for (target, names) in again() {
            // As expressions: a name is where a test's begins, so that `crash::` is not `sale_crash::` too.
            let names: Vec<String> = names.iter().map(|name| format!("test(/^{name}/)")).collect();
            let mut nextest = run::cargo(&["nextest", "run", "--package", "veer"]);
            nextest.args(target).args(["--filterset", &names.join(" | ")]);
            // Each is a replica with a lease and a share in limits: on a machine that stands still it rightly holds
            // calls back, which a test of three seconds cannot tell from a mistake. nextest calls it FLAKY then.
            nextest.args(["--retries", "1", "--test-threads", "6"]);
            with_server(nextest, "postgres")?;
        }
        run::passing(run::cargo(&["test", "--workspace", "--doc"]))
    } else {
        with_server(run::cargo(&["test", "--workspace"]), "sqlite")?;
        for (target, names) in again() {
            let mut test = run::cargo(&["test", "--package", "veer"]);
            test.args(target).arg("--").args(names);
            with_server(test, "postgres")?;
        }
        Ok(())
    }
}

fn again() -> [(&'static [&'static str], &'static [&'static str]); 2] {
    [(&["--lib"], ABOUT_THE_STORE_INSIDE), (&["--test", "it"], ABOUT_THE_STORE)]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_again_is_there() {
        for name in ABOUT_THE_STORE {
            let file = run::root().join("tests/it").join(name.trim_end_matches("::")).with_extension("rs");
            assert!(
                file.is_file(),
                "there is no {}: a renamed test would run on one engine only",
                file.display()
            );
        }
        for name in ABOUT_THE_STORE_INSIDE {
            let path = run::root().join("src").join(name.trim_end_matches("::").replace("::", "/"));
            assert!(path.is_dir() || path.with_extension("rs").is_file(), "there is no {}", path.display());
        }
    }
}

//! What the tests need from the system, brought from Debian where it is missing.
//!
//! SQLite and the cryptography are C code that is compiled along, so a C compiler with the C library's
//! headers must be there; tests of the store need the programs of a PostgreSQL server, and those of several gateways what
//! stands around them. Each need is probed by using it, so that nothing is installed where it works already, whatever
//! the system. What Debian starts by itself after an installation (a PostgreSQL, an nginx, a Prometheus) is left alone.

use std::{
    io::Write,
    process::{Command, Stdio},
};

use crate::run;

/// One thing that must be there.
struct Need {
    /// What it is for.
    what: &'static str,
    /// Whether it works.
    works: fn() -> bool,
    /// Debian's packages that bring it.
    packages: &'static [&'static str],
}

const NEEDS: &[Need] = &[
    Need {
        what: "a C compiler with the C library's headers (SQLite and the cryptography are compiled along)",
        works: c_compiler_works,
        packages: &["gcc", "libc6-dev"],
    },
    Need {
        what: "the programs of a PostgreSQL server (the store's tests start one)",
        works: postgres_is_there,
        packages: &["postgresql"],
    },
    Need {
        what: "nginx (the load balancer of several gateways)",
        works: || veer_cluster::NGINX.find().is_ok(),
        packages: &[veer_cluster::NGINX.package],
    },
    Need {
        what: "Prometheus and promtool (they read the gateways' metrics)",
        works: || veer_cluster::PROMETHEUS.find().is_ok() && veer_cluster::PROMTOOL.find().is_ok(),
        packages: &[veer_cluster::PROMETHEUS.package],
    },
    Need {
        what: "libfaketime (a test shows a gateway another clock)",
        works: || veer_cluster::faketime().is_ok(),
        packages: &["libfaketime"],
    },
];

/// Makes sure that everything is there, or says what to install.
pub(crate) fn bring_what_is_missing() -> Result<(), String> {
    let missing: Vec<&Need> = NEEDS.iter().filter(|need| !(need.works)()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().flat_map(|need| need.packages).copied().collect();
    let what: Vec<&str> = missing.iter().map(|need| need.what).collect();
    println!("missing: {}; installing {}", what.join("; "), packages.join(" "));
    let advice =
        format!("the tests need {}; as root: apt-get install {}", what.join("; "), packages.join(" "));
    install(&packages).map_err(|problem| format!("{advice}\n({problem})"))?;
    match missing.iter().find(|need| !(need.works)()) {
        Some(need) => {
            Err(format!("{} were installed, and still there is not {}", packages.join(" "), need.what))
        }
        None => Ok(()),
    }
}

fn install(packages: &[&str]) -> Result<(), String> {
    let root = run::reading(run::command("id", &["-u"]))?.trim() == "0";
    if !root {
        return Err("this is not root, so nothing was installed".into());
    }
    run::passing(apt(&["update"]))?;
    let mut arguments = vec!["install", "--yes", "--no-install-recommends"];
    arguments.extend(packages);
    run::passing(apt(&arguments))
}

fn apt(arguments: &[&str]) -> Command {
    let mut apt = run::command("apt-get", arguments);
    apt.env("DEBIAN_FRONTEND", "noninteractive");
    // Services that a package brings along are not started: tests start their own, and a port would be taken.
    apt.env("RUNLEVEL", "1");
    apt
}

/// Debian's package makes and starts a server of its own at once; that one is left alone.
fn postgres_is_there() -> bool {
    veer_postgres::Programs::find().is_ok()
}

fn c_compiler_works() -> bool {
    let compiler = std::env::var("CC").unwrap_or_else(|_| "cc".into());
    let mut command = run::command(&compiler, &["-x", "c", "-fsyntax-only", "-"]);
    command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
    let Ok(mut compiling) = command.spawn() else { return false };
    if let Some(mut input) = compiling.stdin.take() {
        // A compiler that does not read is a compiler that fails, which is seen below.
        let _ = input.write_all(b"#include <stdlib.h>\n#include <pthread.h>\nint main(void) { return 0; }\n");
    }
    compiling.wait().is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_need_names_what_brings_it() {
        for need in NEEDS {
            assert!(!need.packages.is_empty(), "{}", need.what);
        }
    }

    #[test]
    fn what_has_built_this_very_test_works() {
        assert!(c_compiler_works(), "this was linked by a C compiler, so one is here");
    }
}

//! `cargo xtask ci`: all that the continuous integration runs, cheap things first.

use crate::{
    deny, fmt, insurer, readme,
    run::{self, cargo},
    stage::{self, Stage},
};

const STAGES: &[Stage] = &[
    Stage { name: "README names the test command", run: readme_names_the_test_command },
    Stage { name: "rustfmt", run: fmt::check },
    Stage { name: "Cargo.lock is in step", run: lock_is_in_step },
    Stage { name: "JSON numbers stay numbers", run: json_numbers_stay_numbers },
    Stage { name: "licences, bans and sources", run: deny::run },
    Stage { name: "clippy", run: clippy },
    Stage { name: "without the simulator", run: without_the_simulator },
    Stage { name: "documentation", run: documentation },
    Stage { name: "README's test command", run: readme_test_command },
    Stage { name: "insurers of both kinds from the generator", run: insurer::trial::run },
];

/// Runs every stage up to the first that fails.
pub(crate) fn run() -> Result<(), String> {
    stage::run(STAGES)
}

/// At the very beginning, because its own turn comes after minutes.
fn readme_names_the_test_command() -> Result<(), String> {
    println!("{}", readme::test_command()?);
    Ok(())
}

fn lock_is_in_step() -> Result<(), String> {
    run::passing(cargo(&["fetch", "--locked"]))
        .map_err(|problem| format!("{problem}; build once and commit Cargo.lock with the manifests"))
}

/// `serde_json/arbitrary_precision` holds for a whole build once any crate asks for it, and then numbers
/// behind `untagged` and `flatten` turn into maps.
fn json_numbers_stay_numbers() -> Result<(), String> {
    let tree = run::reading(cargo(&[
        "tree",
        "--workspace",
        "--all-features",
        "--edges",
        "features",
        "--invert",
        "serde_json",
        "--locked",
    ]))?;
    has_no_arbitrary_precision(&tree)
}

fn has_no_arbitrary_precision(tree: &str) -> Result<(), String> {
    if !tree.starts_with("serde_json ") {
        return Err("cargo shows no tree of serde_json's features, so nothing was checked".into());
    }
    match tree.lines().position(|line| line.contains("arbitrary_precision")) {
        None => Ok(()),
        Some(at) => {
            let who: Vec<&str> = tree.lines().skip(at).take(6).collect();
            Err(format!(
                "somebody switches `serde_json/arbitrary_precision` on, and it changes how every crate of the build \
                 reads numbers; leave that feature out:\n{}",
                who.join("\n")
            ))
        }
    }
}

fn clippy() -> Result<(), String> {
    run::passing(cargo(&["clippy", "--workspace", "--all-targets", "--locked", "--", "--deny", "warnings"]))
}

/// Production images are built so.
fn without_the_simulator() -> Result<(), String> {
    run::passing(cargo(&["check", "--package", "veer", "--no-default-features", "--locked"]))
}

fn documentation() -> Result<(), String> {
    let mut doc = cargo(&["doc", "--no-deps", "--workspace", "--locked"]);
    doc.env("RUSTDOCFLAGS", "--deny warnings");
    run::passing(doc)
}

fn readme_test_command() -> Result<(), String> {
    let line = readme::test_command()?;
    println!("$ {line}");
    run::passing(run::command("sh", &["-c", &line]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arbitrary_precision_is_found_with_who_asks_for_it() {
        let tree = "serde_json v1.0.154\n├── serde_json feature \"arbitrary_precision\"\n│   └── rust_decimal v1.43.0\n";
        let problem = has_no_arbitrary_precision(tree).unwrap_err();
        assert!(problem.contains("rust_decimal v1.43.0"), "{problem}");
        assert_eq!(
            has_no_arbitrary_precision("serde_json v1.0.154\n├── serde_json feature \"std\"\n"),
            Ok(())
        );
        assert!(has_no_arbitrary_precision("").is_err(), "an empty tree proves nothing");
    }
}

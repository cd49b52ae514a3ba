//! Running other programs from the workspace's root.

use std::{
    path::Path,
    process::{Command, Stdio},
};

/// The workspace's root.
pub(crate) fn root() -> &'static Path {
    let own = Path::new(env!("CARGO_MANIFEST_DIR"));
    own.parent().unwrap_or(own)
}

/// `program` with `arguments`, in the workspace's root and without an input to wait for.
pub(crate) fn command(program: &str, arguments: &[&str]) -> Command {
    let mut command = Command::new(program);
    command.args(arguments).current_dir(root()).stdin(Stdio::null());
    command
}

/// The cargo that has started this.
pub(crate) fn cargo(arguments: &[&str]) -> Command {
    let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
    command(&cargo, arguments)
}

/// Runs it with its output passed through; the error names the command line.
pub(crate) fn passing(mut command: Command) -> Result<(), String> {
    let line = line(&command);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("`{line}` ended with {status}")),
        Err(error) => Err(format!("`{line}` could not be started: {error}")),
    }
}

/// Runs it and takes its output; the error holds what it complained of.
pub(crate) fn reading(mut command: Command) -> Result<String, String> {
    let line = line(&command);
    let output = command.output().map_err(|error| format!("`{line}` could not be started: {error}"))?;
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        return Err(format!("`{line}` ended with {}\n{}", output.status, complaint.trim_end()));
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

fn line(command: &Command) -> String {
    let program = Path::new(command.get_program()).file_name().unwrap_or_default();
    let words = [program].into_iter().chain(command.get_args()).map(|word| word.to_string_lossy());
    words.collect::<Vec<_>>().join(" ")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_failure_names_the_command_and_its_complaint() {
        let problem = reading(command("sh", &["-c", "echo broken >&2; exit 3"])).unwrap_err();
        assert!(
            problem.starts_with("`sh -c echo broken >&2; exit 3` ended with exit status: 3"),
            "{problem}"
        );
        assert!(problem.ends_with("\nbroken"), "{problem}");
        let problem = passing(command("no-such-program", &["x"])).unwrap_err();
        assert!(problem.starts_with("`no-such-program x` could not be started"), "{problem}");
    }

    #[test]
    fn programs_run_in_the_workspaces_root() {
        let listing = reading(command("ls", &["xtask/Cargo.toml"])).unwrap();
        assert_eq!(listing.trim(), "xtask/Cargo.toml");
    }
}

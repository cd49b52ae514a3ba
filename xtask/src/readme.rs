//! The README's test command: what it promises is what the continuous integration runs.

use std::fs;

use crate::run;

const HEADING: &str = "Tests";

/// The line to run.
pub(crate) fn test_command() -> Result<String, String> {
    let path = run::root().join("README.md");
    let text = fs::read_to_string(&path).map_err(|error| format!("README.md cannot be read: {error}"))?;
    find(&text)
}

/// The one line of the first fenced block below the heading `Tests`.
fn find(readme: &str) -> Result<String, String> {
    let teach = |what: &str| {
        format!(
            "{what}. The README has a heading `{HEADING}` and below it a fenced block with one line, the command that \
             passes all tests; the continuous integration runs that very line, so that the promise holds"
        )
    };
    let mut lines = readme.lines();
    let heading = |line: &str| line.starts_with('#') && line.trim_start_matches('#').trim() == HEADING;
    lines.find(|line| heading(line)).ok_or_else(|| teach("README.md has no heading `Tests`"))?;
    let block = lines
        .by_ref()
        .take_while(|line| !line.starts_with('#'))
        .find(|line| line.starts_with("```"))
        .ok_or_else(|| teach("README.md has no fenced block below `Tests`"))?;
    let fence = &block[..block.len() - block.trim_start_matches('`').len()];
    let commands: Vec<&str> = lines
        .take_while(|line| !line.starts_with(fence))
        .map(str::trim)
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .collect();
    match commands[..] {
        [command] if command.contains("xtask ci") => {
            Err(teach("the README's test command would start itself again"))
        }
        [command] => Ok(command.trim_start_matches("$ ").to_owned()),
        _ => Err(teach(&format!("the block below `Tests` holds {} commands, not one", commands.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_line_below_the_heading_is_found() {
        let readme = "# Veer\n\n```\ncargo run\n```\n\n## Tests\n\nAll of them:\n\n```sh\n# takes a while\n$ cargo xtask test\n```\n";
        assert_eq!(find(readme).as_deref(), Ok("cargo xtask test"));
    }

    #[test]
    fn a_readme_without_it_is_taught() {
        let cases = [
            ("# Veer\n```\ncargo run\n```\n", "no heading `Tests`"),
            ("## Tests\nRun them.\n## More\n```\ncargo x\n```\n", "no fenced block below `Tests`"),
            ("## Tests\n```\na\nb\n```\n", "holds 2 commands"),
            ("## Tests\n```\n```\n", "holds 0 commands"),
            ("## Tests\n```\ncargo xtask ci\n```\n", "start itself again"),
        ];
        for (readme, expected) in cases {
            let problem = find(readme).unwrap_err();
            assert!(
                problem.contains(expected) && problem.contains("a fenced block with one line"),
                "{problem}"
            );
        }
    }
}

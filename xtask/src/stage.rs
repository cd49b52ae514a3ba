//! Stages of a longer command: each prints its name and its time, and the first that fails ends it.

use std::time::Instant;

/// One stage.
pub(crate) struct Stage {
    /// Its name, as it is printed.
    pub(crate) name: &'static str,
    /// What it does.
    pub(crate) run: fn() -> Result<(), String>,
}

/// Runs the stages in order, up to the first that fails; the error begins with that one's name.
pub(crate) fn run(stages: &[Stage]) -> Result<(), String> {
    let start = Instant::now();
    for stage in stages {
        println!("\n== {} ==", stage.name);
        let began = Instant::now();
        (stage.run)().map_err(|problem| {
            format!(
                "the stage `{}` failed after {:.1} s: {problem}",
                stage.name,
                began.elapsed().as_secs_f32()
            )
        })?;
        println!("== {}: passed in {:.1} s ==", stage.name, began.elapsed().as_secs_f32());
    }
    println!("\n{} stages passed in {:.1} s", stages.len(), start.elapsed().as_secs_f32());
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_failure_ends_it_by_name() {
        let stages = [
            Stage { name: "one", run: || Ok(()) },
            Stage { name: "two", run: || Err("it is broken".into()) },
            Stage { name: "three", run: || panic!("a stage ran after a failed one") },
        ];
        let problem = run(&stages).unwrap_err();
        assert!(problem.starts_with("the stage `two` failed after "), "{problem}");
        assert!(problem.ends_with(": it is broken"), "{problem}");
        assert_eq!(run(&stages[..1]), Ok(()));
    }
}

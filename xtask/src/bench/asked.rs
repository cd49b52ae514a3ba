//! What is to be measured, and whether it is kept.

use super::report::Taken;

/// The words after `bench`.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Asked<'w> {
    /// Groups of measurements; all of them where it is empty. `build` stands alone.
    pub(super) groups: Vec<&'w str>,
    /// Roughly.
    pub(super) short: bool,
    /// Where and when it is measured, if the figures are to be kept.
    pub(super) write: Option<Taken>,
}

// === impl Asked ===

impl<'w> Asked<'w> {
    /// Reads the words; what is missing is named.
    pub(super) fn read(words: &[&'w str]) -> Result<Self, String> {
        let (mut groups, mut short, mut write) = (Vec::new(), false, false);
        let (mut date, mut machine) = (None, None);
        let mut words = words.iter().copied();
        while let Some(word) = words.next() {
            let mut value = |what| words.next().ok_or_else(|| format!("`{word}` wants {what} behind it"));
            match word {
                "--short" => short = true,
                "--write" => write = true,
                "--date" => date = Some(value("the day of the run, as in 2026-12-01")?.to_owned()),
                "--machine" => {
                    machine = Some(
                        value("words for the machine, as in \"two quiet cores of an EPYC\"")?.to_owned(),
                    );
                }
                _ if word.starts_with('-') => return Err(format!("`bench` knows no `{word}`")),
                group => groups.push(group),
            }
        }
        if groups.contains(&"build") && (groups.len() > 1 || short) {
            return Err("`bench build` is measured by itself".into());
        }
        let write = match (write, date, machine) {
            (true, ..) if short => return Err("figures of a short run are too rough to be kept".into()),
            (true, Some(date), Some(machine)) => Some(Taken { date, machine }),
            (true, ..) => {
                return Err(
                    "with `--write` say when and where: --date 2026-12-01 --machine \"two quiet cores\""
                        .into(),
                );
            }
            (false, None, None) => None,
            (false, ..) => {
                return Err("`--date` and `--machine` are for figures that are kept: add `--write`".into());
            }
        };
        Ok(Self { groups, short, write })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn groups_and_what_is_kept_are_read() {
        let words = ["calls", "limits", "--write", "--date", "2026-12-01", "--machine", "two cores"];
        let taken = Taken { date: "2026-12-01".into(), machine: "two cores".into() };
        let asked = Asked { groups: vec!["calls", "limits"], short: false, write: Some(taken) };
        assert_eq!(Asked::read(&words), Ok(asked));
        assert_eq!(Asked::read(&[]), Ok(Asked { groups: Vec::new(), short: false, write: None }));
    }

    #[test]
    fn figures_are_kept_with_their_day_and_machine_only() {
        for words in [&["--write"][..], &["--write", "--date", "2026-12-01"], &["--machine", "two cores"]] {
            let problem = Asked::read(words).unwrap_err();
            assert!(problem.contains("--write"), "{problem}");
        }
        assert!(Asked::read(&["--short", "--write"]).unwrap_err().contains("too rough"));
        assert!(Asked::read(&["--date"]).unwrap_err().contains("the day of the run"));
        assert!(Asked::read(&["--fast"]).unwrap_err().contains("--fast"));
    }
}

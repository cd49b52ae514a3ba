//! What is wrong with a spec, where, and what to write instead.

use std::fmt;

use crate::table::short;

/// One mistake.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Problem {
    /// `manifest.toml` or `insurer.toml`.
    pub file: &'static str,
    /// Line, from 1.
    pub line: usize,
    /// Column in characters, from 1.
    pub column: usize,
    /// What is wrong.
    pub what: String,
    /// What to write instead, where that is known.
    pub instead: Option<String>,
}

/// Every mistake of a spec, in the order of the files; never empty.
#[derive(Clone, PartialEq, Eq)]
pub struct Problems(pub Vec<Problem>);

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, what, instead } = self;
        write!(f, "{file}:{line}:{column}: {what}")?;
        instead.as_ref().map_or(Ok(()), |instead| write!(f, "; {instead}"))
    }
}

impl fmt::Display for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (at, problem) in self.0.iter().enumerate() {
            if at > 0 {
                f.write_str("\n")?;
            }
            problem.fmt(f)?;
        }
        Ok(())
    }
}

/// As people read it: `expect` shows this.
impl fmt::Debug for Problems {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\n{self}\n")
    }
}

impl std::error::Error for Problems {}

/// `write `x`` where `x` is the known name nearest to `name`; else the known names, where they are few.
pub(crate) fn nearest<'n>(name: &str, known: impl IntoIterator<Item = &'n str>) -> Option<String> {
    const FEW: usize = 12;
    let known: Vec<&str> = known.into_iter().collect();
    // A text that a fuzzer or an accident made long is near to nothing.
    let near = |other: &&str| strsim::damerau_levenshtein(name, other);
    let limit = 1 + name.chars().count() / 4;
    let best = known.iter().filter(|_| name.len() < 64).min_by_key(|other| near(other));
    match best.filter(|best| near(best) <= limit || name.contains(**best) || best.contains(name)) {
        Some(best) => Some(format!("write `{}`", short(best))),
        None if !known.is_empty() && known.len() <= FEW => {
            let names: Vec<_> = known.iter().map(|name| format!("`{}`", short(name))).collect();
            Some(format!("there is {}", names.join(", ")))
        }
        None => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_nearest_name_is_proposed_and_few_are_listed() {
        assert_eq!(nearest("methd", ["method", "path"]).as_deref(), Some("write `method`"));
        assert_eq!(nearest("lastname", ["first", "last"]).as_deref(), Some("write `last`"));
        assert_eq!(nearest("zzz", ["a", "b"]).as_deref(), Some("there is `a`, `b`"));
        assert_eq!(nearest("zzz", []), None);
    }

    #[test]
    fn a_problem_is_shown_with_its_place() {
        let problem = Problem {
            file: "insurer.toml",
            line: 12,
            column: 7,
            what: "no".into(),
            instead: Some("write `b`".into()),
        };
        assert_eq!(problem.to_string(), "insurer.toml:12:7: no; write `b`");
    }
}

//! A knob as it is typed: `alfastrah create 2/s`, `alfastrah create breaker off`, `alfastrah enabled no`.
//!
//! A lane's word without a knob's behind it is about the limit, which is what changes most. A value may be several
//! words: `alfastrah create 5/s, 8 at once`.

use clap::Args;
use url::Url;
use veer_contract::Lane;

use super::{Failure, WRONG_LINE};
use crate::{config::hint, tuning::KnobName};

/// A knob, and a value behind it where one is wanted.
#[derive(Debug, Args)]
pub(super) struct KnobWords {
    /// INSURER [LANE] [KNOB] VALUE. Knobs of a lane: limit (where none is named), limits, breaker, hold; of an insurer:
    /// enabled, asked, shadow, hours, maintenance.
    #[arg(value_name = "WORDS", required = true, num_args = 2..)]
    words: Vec<String>,
}

/// The same, understood.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Knob {
    pub insurer: String,
    pub lane: Option<String>,
    pub knob: &'static str,
    pub value: String,
}

// === impl KnobWords ===

impl KnobWords {
    /// A knob with a value.
    pub fn read(&self) -> Result<Knob, Failure> {
        let (knob, value) = self.split()?;
        if value.is_empty() {
            let message =
                format!("there is no value behind `{}`; write it as the last word", self.words.join(" "));
            return Err(Failure { code: WRONG_LINE, message });
        }
        Ok(Knob { value: value.join(" "), ..knob })
    }

    /// A knob alone.
    pub fn read_without_value(&self) -> Result<Knob, Failure> {
        let (knob, value) = self.split()?;
        match value {
            [] => Ok(knob),
            more => Err(wrong(format!("`{}` is too much: only a knob is named here", more.join(" ")))),
        }
    }

    fn split(&self) -> Result<(Knob, &[String]), Failure> {
        let [insurer, second, rest @ ..] = &*self.words else {
            return Err(wrong("name an insurer, then a lane or a knob".to_owned()));
        };
        let knob = |lane: Option<&String>, knob: KnobName| Knob {
            insurer: insurer.clone(),
            lane: lane.cloned(),
            knob: knob.name(),
            value: String::new(),
        };
        if Lane::ALL.iter().any(|lane| lane.name() == second) {
            return Ok(match rest {
                [name, value @ ..] if let Some(named) = KnobName::parse(name) => {
                    (knob(Some(second), named), value)
                }
                value => (knob(Some(second), KnobName::Limit), value),
            });
        }
        match KnobName::parse(second) {
            Some(named) => Ok((knob(None, named), rest)),
            None => {
                let lanes = Lane::ALL.into_iter().map(Lane::name);
                let knobs = KnobName::OF_AN_INSURER.into_iter().map(KnobName::name);
                let hint = hint(second, lanes.chain(knobs));
                Err(wrong(format!("`{second}` is neither a lane nor a knob of an insurer; {hint}")))
            }
        }
    }
}

fn wrong(message: String) -> Failure {
    Failure { code: WRONG_LINE, message }
}

// === impl Knob ===

impl Knob {
    /// Its address at a gateway's operations, below `/limits`.
    pub fn path(&self) -> Result<String, Failure> {
        let mut url = Url::parse("http://gateway/").map_err(|error| error.to_string())?;
        if let Ok(mut segments) = url.path_segments_mut() {
            segments.pop_if_empty().push("limits").push(&self.insurer);
            segments.extend(self.lane.as_deref()).push(self.knob);
        }
        Ok(url.path().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn words(line: &str) -> KnobWords {
        KnobWords { words: line.split(' ').map(str::to_owned).collect() }
    }

    fn read(line: &str) -> Result<(String, String), String> {
        let knob = words(line).read().map_err(|failure| failure.message)?;
        Ok((knob.path().unwrap(), knob.value))
    }

    #[test]
    fn a_lane_without_a_knob_is_about_the_limit() {
        let is = |line: &str, path: &str, value: &str| {
            assert_eq!(read(line), Ok((path.to_owned(), value.to_owned())), "{line}");
        };
        is("alfastrah create 2/s", "/limits/alfastrah/create/limit", "2/s");
        is("alfastrah create 5/s, 8 at once", "/limits/alfastrah/create/limit", "5/s, 8 at once");
        is("alfastrah create limit 2/s", "/limits/alfastrah/create/limit", "2/s");
        is("alfastrah create breaker off", "/limits/alfastrah/create/breaker", "off");
        is("alfastrah enabled no", "/limits/alfastrah/enabled", "no");
        is("alfastrah hours mon-fri 08:00-20:00", "/limits/alfastrah/hours", "mon-fri 08:00-20:00");
        is("a/b enabled no", "/limits/a%2Fb/enabled", "no");
    }

    #[test]
    fn a_line_that_is_not_understood_is_told() {
        for (line, told) in [
            ("alfastrah creat 2/s", "did you mean `create`?"),
            ("alfastrah enable no", "did you mean `enabled`?"),
            ("alfastrah create", "there is no value"),
            ("alfastrah create breaker", "there is no value"),
            ("alfastrah enabled", "there is no value"),
        ] {
            let message = read(line).unwrap_err();
            assert!(message.contains(told), "{line}: {message}");
        }
        assert_eq!(words("alfastrah create").read_without_value().unwrap().knob, "limit");
        assert_eq!(words("alfastrah shadow").read_without_value().unwrap().knob, "shadow");
        let failure = words("alfastrah create 2/s").read_without_value().unwrap_err();
        assert!(failure.message.contains("`2/s` is too much") && failure.code == 2, "{failure:?}");
    }
}

//! How values are written: one form for each type.

mod duration;
mod hours;
mod maintenance;
mod mode;
mod rate_limit;
mod share;
mod size;
mod weekly;

use std::{net::SocketAddr, path::PathBuf};

use tracing_subscriber::EnvFilter;
use url::Url;
use veer_contract::domain::Kopecks;

pub(super) use self::size::Size;
pub use self::{
    hours::Hours,
    maintenance::{Maintenance, Window},
    mode::Mode,
    rate_limit::RateLimit,
    share::Share,
    weekly::Weekly,
};
use super::{
    Secret,
    nearest::hint,
    tree::{Node, Value},
};

/// A type that can stand in the configuration. The error is the rule that the value breaks, with what to
/// write instead; it must not quote what may be a secret.
pub(super) trait Form: Sized {
    fn read(node: &Node) -> Result<Self, String>;
}

/// A form that is written as text; in a manifest, without the tree around it.
pub(super) trait Written: Sized {
    fn parse(text: &str) -> Result<Self, String>;
}

/// An address that is called as it is.
pub(super) struct Address(pub(super) Url);

/// A closed list of words, each a value.
pub(super) trait Choice: Sized + Copy + 'static {
    const WORDS: &'static [(&'static str, Self)];
}

/// A filter of log lines, already checked.
pub(super) struct LogFilter(pub(super) String);

/// A setting of an insurer: text, or a plain number or switch that becomes text.
pub(super) struct Plain(pub(super) String);

pub(super) fn must_be(what: &str, node: &Node) -> String {
    format!("must be {what}, is {}", node.value.kind())
}

impl<T: Written> Form for T {
    fn read(node: &Node) -> Result<Self, String> {
        T::parse(node.text().ok_or_else(|| must_be("text in quotes", node))?)
    }
}

macro_rules! integers {
    ($($type:ty),*) => {$(
        impl Form for $type {
            fn read(node: &Node) -> Result<Self, String> {
                let Value::Integer(integer) = node.value else { return Err(must_be("a whole number", node)) };
                integer
                    .try_into()
                    .map_err(|_| format!("must be a whole number from {} to {}", <$type>::MIN, <$type>::MAX))
            }
        }
    )*};
}

integers!(i64, u8, u32, u64, usize);

impl Form for bool {
    fn read(node: &Node) -> Result<Self, String> {
        match node.value {
            Value::Boolean(value) => Ok(value),
            _ => Err(must_be("true or false, without quotes", node)),
        }
    }
}

/// Roubles: a whole number, or text where there are kopecks.
impl Form for Kopecks {
    fn read(node: &Node) -> Result<Self, String> {
        let text = match &node.value {
            Value::Integer(roubles) => roubles.to_string(),
            Value::Text(text) => text.clone(),
            _ => node.raw.clone().ok_or_else(|| must_be("roubles, as in 100 or \"100.50\"", node))?,
        };
        Kopecks::parse_roubles(&text).map_err(|error| format!("must be roubles: {error}"))
    }
}

impl Form for Plain {
    fn read(node: &Node) -> Result<Self, String> {
        match (&node.value, node.text()) {
            (_, Some(text)) => Ok(Self(text.to_owned())),
            (Value::Integer(number), None) => Ok(Self(number.to_string())),
            (Value::Boolean(switch), None) => Ok(Self(switch.to_string())),
            _ => Err(must_be("text, a whole number, or true or false", node)),
        }
    }
}

/// Texts of a list as one text with `;` between them, or the text alone; none where the list is empty.
fn listed(node: &Node) -> Result<Option<String>, String> {
    let texts: Vec<String> = Form::read(node)?;
    Ok((!texts.is_empty()).then(|| texts.join("; ")))
}

/// A list; one element may stand without its brackets.
impl<T: Written> Form for Vec<T> {
    fn read(node: &Node) -> Result<Self, String> {
        match &node.value {
            Value::List(items) => items.iter().map(T::read).collect(),
            _ => Ok(vec![T::read(node)?]),
        }
    }
}

impl Written for String {
    fn parse(text: &str) -> Result<Self, String> {
        if text.trim().is_empty() { Err("is empty".into()) } else { Ok(text.to_owned()) }
    }
}

impl Written for Secret {
    fn parse(text: &str) -> Result<Self, String> {
        Ok(Secret::new(text))
    }
}

impl Written for PathBuf {
    fn parse(text: &str) -> Result<Self, String> {
        String::parse(text).map(Into::into)
    }
}

impl Written for SocketAddr {
    fn parse(text: &str) -> Result<Self, String> {
        text.parse().map_err(|_| {
            format!("`{text}` is no address; write an IP address and a port, as in \"127.0.0.1:8080\"")
        })
    }
}

impl Written for LogFilter {
    fn parse(text: &str) -> Result<Self, String> {
        let advice = "write a level, as in \"info\", or levels by module, as in \"info,veer::store=debug\"";
        match EnvFilter::builder().parse(text) {
            Ok(_) if !text.is_empty() => Ok(Self(text.to_owned())),
            _ => Err(format!("`{text}` is no filter of log lines; {advice}")),
        }
    }
}

/// An address below which others stand, such as every call of an insurer.
impl Written for Url {
    fn parse(text: &str) -> Result<Self, String> {
        let Address(mut url) = Address::parse(text)?;
        if !url.path().ends_with('/') {
            let path = format!("{}/", url.path());
            url.set_path(&path);
        }
        Ok(url)
    }
}

/// Its text is not quoted: people put passwords into addresses.
impl Written for Address {
    fn parse(text: &str) -> Result<Self, String> {
        let advice = "write it as in \"https://api.example.ru/osago/\"";
        let url = Url::parse(text).map_err(|error| format!("is no address ({error}); {advice}"))?;
        if !matches!(url.scheme(), "http" | "https") {
            return Err(format!("must begin with https:// or http://; {advice}"));
        }
        if !url.username().is_empty() || url.password().is_some() {
            return Err(format!("must not hold a user or a password; they are settings; {advice}"));
        }
        if url.query().is_some() || url.fragment().is_some() {
            return Err(format!("must not hold `?` or `#`; {advice}"));
        }
        Ok(Self(url))
    }
}

/// Reads one of the words of `T`.
pub(super) fn choose<T: Choice>(text: &str) -> Result<T, String> {
    let words = || T::WORDS.iter().map(|(word, _)| *word);
    let found = T::WORDS.iter().find(|(word, _)| *word == text);
    found.map(|(_, value)| *value).ok_or_else(|| format!("`{text}` is not known; {}", hint(text, words())))
}

//! Reading a request so that one answer names everything that is wrong with it.
//!
//! A derived deserialiser stops at its first mistake and quotes the value in its message. [`Fields`] is a
//! cursor over one object of the body instead: a wrong field leaves a note with its full path and a
//! placeholder in its place, and reading goes on. Placeholders never get out: [`read`] hands the value over
//! only where there are no notes.
//!
//! It is tolerant where the contract is silent: unknown fields are ignored, null is absent, an optional text
//! of blanks is absent, and text is trimmed.

mod rule;
mod violation;

use std::ops::RangeInclusive;

use jiff::{Timestamp, civil::Date};
use serde_json::{Map, Value};
use uuid::Uuid;

pub(super) use self::rule::uuid as parse_uuid;
use self::violation::Path;
pub use self::violation::{Violation, Violations};

/// Characters of a text where the field says nothing else.
const TEXT_LENGTH: usize = 500;
/// Characters of an address in one line.
const LONG_TEXT_LENGTH: usize = 2_000;

/// One object of the body, at its path.
pub struct Fields<'a> {
    object: &'a Map<String, Value>,
    path: Path<'a>,
    violations: &'a mut Violations,
}

/// A closed list of words that stand for values.
pub trait Choice: Copy + 'static {
    /// The words; the first one is the placeholder.
    const WORDS: &'static [(&'static str, Self)];
}

/// Reads a whole body: its value, or everything that is wrong with it.
pub fn read<T>(body: &Map<String, Value>, read: impl FnOnce(&mut Fields<'_>) -> T) -> Result<T, Violations> {
    let mut violations = Violations::default();
    let value = read(&mut Fields { object: body, path: Path::Root, violations: &mut violations });
    if violations.count() == 0 { Ok(value) } else { Err(violations) }
}

/// The request's own id, where it has a valid one, however wrong the rest is.
pub(super) fn own_id(body: &Map<String, Value>) -> Option<Uuid> {
    parse_uuid(body.get("request_id")?.as_str()?.trim()).ok()
}

/// The value that a word of a closed list stands for, or the rule.
pub(super) fn choose<C: Choice>(text: &str) -> Result<C, String> {
    chosen(text).ok_or_else(words::<C>)
}

// === impl Fields: what a reader asks for ===

impl Fields<'_> {
    /// A text that says something.
    pub fn text(&mut self, name: &str) -> String {
        self.required(name, rule::TEXT, |text| plain(text, TEXT_LENGTH)).unwrap_or_default()
    }

    /// A text that must be there and may be empty.
    pub fn text_or_empty(&mut self, name: &str) -> String {
        match self.object.get(name) {
            Some(Value::String(text)) if text.trim().is_empty() => String::new(),
            _ => self.required(name, rule::STRING, |text| plain(text, TEXT_LENGTH)).unwrap_or_default(),
        }
    }

    /// A text of several lines' length.
    pub fn long_text(&mut self, name: &str) -> String {
        self.required(name, rule::TEXT, |text| plain(text, LONG_TEXT_LENGTH)).unwrap_or_default()
    }

    /// A text, perhaps.
    pub fn optional_text(&mut self, name: &str) -> Option<String> {
        self.optional(name, rule::STRING, |text| plain(text, TEXT_LENGTH))
    }

    /// A day.
    pub fn date(&mut self, name: &str) -> Date {
        self.required(name, rule::DATE, |text| rule::date(text).map_err(String::from)).unwrap_or_default()
    }

    /// An instant.
    pub fn instant(&mut self, name: &str) -> Timestamp {
        self.required(name, rule::INSTANT, |text| rule::instant(text).map_err(String::from))
            .unwrap_or_default()
    }

    /// A UUID.
    pub fn uuid(&mut self, name: &str) -> Uuid {
        self.required(name, rule::UUID, |text| rule::uuid(text).map_err(String::from)).unwrap_or_default()
    }

    /// A phone number, as digits with the country code.
    pub fn phone(&mut self, name: &str) -> String {
        self.required(name, rule::PHONE, |text| rule::phone(text).map_err(String::from)).unwrap_or_default()
    }

    /// An e-mail address, as given.
    pub fn email(&mut self, name: &str) -> String {
        self.required(name, rule::EMAIL, |text| {
            rule::email(text)?;
            plain(text, TEXT_LENGTH)
        })
        .unwrap_or_default()
    }

    /// A web address, as given.
    pub fn url(&mut self, name: &str) -> String {
        self.required(name, rule::URL, |text| {
            rule::url(text)?;
            plain(text, LONG_TEXT_LENGTH)
        })
        .unwrap_or_default()
    }

    /// One word of a closed list.
    pub fn choice<C: Choice>(&mut self, name: &str) -> C {
        let rule = words::<C>();
        self.required(name, &rule, choose).unwrap_or(C::WORDS[0].1)
    }

    /// One word of a closed list, perhaps.
    pub fn optional_choice<C: Choice>(&mut self, name: &str) -> Option<C> {
        self.optional(name, &words::<C>(), choose)
    }

    /// Yes or no.
    pub fn flag(&mut self, name: &str) -> bool {
        let flag = self.present(name, rule::FLAG).map(Value::as_bool);
        self.kept(name, flag, rule::FLAG).unwrap_or_default()
    }

    /// A whole number in that range; `2020.0` is one.
    pub fn integer(&mut self, name: &str, range: RangeInclusive<i16>) -> i16 {
        let rule = format!("must be a whole number from {} to {}", range.start(), range.end());
        let whole = |value: &Value| {
            let number = value.as_f64().filter(|number| number.fract() == 0.0)?;
            let fits = (f64::from(*range.start())..=f64::from(*range.end())).contains(&number);
            fits.then_some(number as i16)
        };
        let number = self.present(name, &rule).map(whole);
        self.kept(name, number, &rule).unwrap_or_default()
    }

    /// A whole number that names something, or its digits in a string.
    pub fn id_number(&mut self, name: &str) -> i64 {
        let id = match self.object.get(name) {
            Some(Value::Number(number)) => self.kept(name, Some(rule::whole_number(number)), rule::ID_NUMBER),
            _ => self.required(name, rule::ID_NUMBER, |text| rule::digits(text).map_err(String::from)),
        };
        id.unwrap_or_default()
    }

    /// A number in that range.
    pub fn number(&mut self, name: &str, range: RangeInclusive<f64>) -> f64 {
        let rule = format!("must be a number from {} to {}", range.start(), range.end());
        let number =
            self.present(name, &rule).map(|value| value.as_f64().filter(|number| range.contains(number)));
        self.kept(name, number, &rule).unwrap_or_default()
    }

    /// An object within.
    pub fn object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> T) -> T {
        let object = self.present(name, rule::OBJECT).map(Value::as_object);
        match self.kept(name, object, rule::OBJECT) {
            Some(object) => self.within(name, object, read),
            None => placeholder(read),
        }
    }

    /// An object within, perhaps.
    pub fn optional_object<T>(&mut self, name: &str, read: impl FnOnce(&mut Fields<'_>) -> T) -> Option<T> {
        let object = self.sent(name).map(Value::as_object);
        let object = self.kept(name, object, rule::OBJECT)?;
        Some(self.within(name, object, read))
    }

    /// A list of objects.
    pub fn list<T>(&mut self, name: &str, read: impl Fn(&mut Fields<'_>) -> T) -> Vec<T> {
        self.present(name, rule::LIST);
        self.optional_list(name, read)
    }

    /// A list of objects, perhaps; empty where absent.
    pub fn optional_list<T>(&mut self, name: &str, read: impl Fn(&mut Fields<'_>) -> T) -> Vec<T> {
        let items = self.sent(name).map(Value::as_array);
        let items = self.kept(name, items, rule::LIST).map_or(&[][..], Vec::as_slice);
        let list = Path::Field(&self.path, name);
        let mut values = Vec::with_capacity(items.len());
        for (index, item) in items.iter().enumerate() {
            let path = Path::Item(&list, index);
            match item.as_object() {
                Some(object) => {
                    values.push(read(&mut Fields { object, path, violations: self.violations }));
                }
                None => self.violations.add(path, rule::OBJECT),
            }
        }
        values
    }

    /// Notes that a rule between fields is broken, at the field that would mend it.
    pub fn wrong(&mut self, name: &str, message: &'static str) {
        self.violations.add(Path::Field(&self.path, name), message);
    }

    /// Whether something was sent there, right or wrong, that is neither null nor blank.
    pub fn has(&self, name: &str) -> bool {
        self.sent(name).is_some_and(|value| value.as_str().is_none_or(|text| !text.trim().is_empty()))
    }

    /// How many fields are wrong so far; a rule between fields that are wrong themselves adds nothing.
    pub fn wrong_so_far(&self) -> usize {
        self.violations.count()
    }
}

// === impl Fields: how it reads ===

impl<'a> Fields<'a> {
    fn sent(&self, name: &str) -> Option<&'a Value> {
        self.object.get(name).filter(|value| !value.is_null())
    }

    /// What was sent, or a note that it is missing.
    fn present(&mut self, name: &str, rule: &str) -> Option<&'a Value> {
        let value = self.sent(name);
        if value.is_none() {
            self.missing(name, rule);
        }
        value
    }

    fn missing(&mut self, name: &str, rule: &str) {
        self.violations.add(Path::Field(&self.path, name), format!("is required and {rule}"));
    }

    /// What was understood. Of what was sent and not understood, a note is left.
    fn kept<T>(&mut self, name: &str, read: Option<Option<T>>, rule: &str) -> Option<T> {
        if let Some(None) = read {
            self.violations.add(Path::Field(&self.path, name), rule.to_owned());
        }
        read.flatten()
    }

    fn required<T>(
        &mut self,
        name: &str,
        rule: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.trimmed(name, rule)?;
        if text.is_none_or(str::is_empty) {
            self.missing(name, rule);
        }
        self.parsed(name, text?, parse)
    }

    fn optional<T>(
        &mut self,
        name: &str,
        rule: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        let text = self.trimmed(name, rule)??;
        self.parsed(name, text, parse)
    }

    /// The text without blanks around it: none where it was something else, which leaves a note, and
    /// inside that none where nothing was sent.
    fn trimmed(&mut self, name: &str, rule: &str) -> Option<Option<&'a str>> {
        let text = self.sent(name).map(Value::as_str);
        match text {
            None => Some(None),
            sent => self.kept(name, sent, rule).map(|text| Some(text.trim())),
        }
    }

    fn parsed<T>(
        &mut self,
        name: &str,
        text: &str,
        parse: impl FnOnce(&str) -> Result<T, String>,
    ) -> Option<T> {
        if text.is_empty() {
            return None;
        }
        match parse(text) {
            Ok(value) => Some(value),
            Err(message) => {
                self.violations.add(Path::Field(&self.path, name), message);
                None
            }
        }
    }

    fn within<T>(
        &mut self,
        name: &str,
        object: &Map<String, Value>,
        read: impl FnOnce(&mut Fields<'_>) -> T,
    ) -> T {
        read(&mut Fields { object, path: Path::Field(&self.path, name), violations: self.violations })
    }
}

/// What stands in for an object that is missing: the same reading of an empty one, its notes dropped,
/// because the object itself is already noted.
fn placeholder<T>(read: impl FnOnce(&mut Fields<'_>) -> T) -> T {
    read(&mut Fields { object: &Map::new(), path: Path::Root, violations: &mut Violations::default() })
}

fn plain(text: &str, longest: usize) -> Result<String, String> {
    rule::printable(text)?;
    if text.chars().count() > longest {
        return Err(format!("must be at most {longest} characters long"));
    }
    Ok(text.to_owned())
}

fn chosen<C: Choice>(text: &str) -> Option<C> {
    C::WORDS.iter().find(|(word, _)| *word == text).map(|(_, value)| *value)
}

fn words<C: Choice>() -> String {
    let words: Vec<_> = C::WORDS.iter().map(|(word, _)| *word).collect();
    format!("must be one of {}", words.join(", "))
}

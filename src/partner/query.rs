//! The query parameters of the GET addresses.
//!
//! As in a body, everything that is wrong is named at once. A parameter must be there once; those that are
//! not asked for are ignored.

use std::borrow::Cow;

use url::form_urlencoded;
use uuid::Uuid;

use super::{
    error::ApiError,
    fields::{Choice, Violation, Violations, choose, parse_uuid},
};

const REQUEST_ID: &str = "is required: add ?request_id= with the UUID of the calculation";
const OFFER_ID: &str = "is required: add &offer_id= with the id of one of the calculation's offers";
const ONCE: &str = "must be there once";

/// A query under its reader's cursor. A wrong parameter leaves a note and a placeholder, as in
/// [`Fields`](super::fields::Fields).
pub struct Query<'a> {
    sent: &'a str,
    violations: Violations,
}

/// Reads a whole query: its value, or everything that is wrong with it.
pub fn read<T>(query: &str, read: impl FnOnce(&mut Query<'_>) -> T) -> Result<T, ApiError> {
    let mut query = Query { sent: query, violations: Violations::default() };
    let value = read(&mut query);
    if query.violations.count() == 0 { Ok(value) } else { Err(query.violations.into()) }
}

/// The one parameter of the addresses that know no other.
pub fn request_id(query: &str) -> Result<Uuid, ApiError> {
    read(query, |query| query.request_id())
}

// === impl Query ===

impl<'a> Query<'a> {
    /// `request_id`, a UUID.
    pub fn request_id(&mut self) -> Uuid {
        let id = self.required("request_id", REQUEST_ID, |text| parse_uuid(&text));
        id.unwrap_or_default()
    }

    /// `offer_id`, whatever it is: one that nobody knows is not found.
    pub fn offer_id(&mut self) -> String {
        let id = self.required("offer_id", OFFER_ID, |text| match text.is_empty() {
            true => Err(OFFER_ID),
            false => Ok(text.into_owned()),
        });
        id.unwrap_or_default()
    }

    /// One word of a closed list, perhaps.
    pub fn choice<C: Choice>(&mut self, name: &'static str) -> Option<C> {
        let sent = self.sent(name)?;
        self.kept(name, choose(&sent))
    }

    fn required<T>(
        &mut self,
        name: &'static str,
        how: &'static str,
        parse: impl FnOnce(Cow<'a, str>) -> Result<T, &'static str>,
    ) -> Option<T> {
        let before = self.violations.count();
        match self.sent(name) {
            Some(text) => self.kept(name, parse(text)),
            None if self.violations.count() > before => None,
            None => self.kept(name, Err(how)),
        }
    }

    /// What was sent under that name. A note is left where it was sent more than once.
    fn sent(&mut self, name: &'static str) -> Option<Cow<'a, str>> {
        let mut sent = form_urlencoded::parse(self.sent.as_bytes()).filter(|(sent, _)| sent == name);
        let (_, text) = sent.next()?;
        match sent.next() {
            Some(_) => self.kept(name, Err(ONCE)),
            None => Some(text),
        }
    }

    fn kept<T>(&mut self, name: &'static str, read: Result<T, impl Into<Cow<'static, str>>>) -> Option<T> {
        read.map_err(|rule| self.violations.note(Violation::new(name, rule))).ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::partner::wire::FileFormat;

    const ID: &str = "550e8400-e29b-41d4-a716-446655440000";

    fn wrong<T>(read: Result<T, ApiError>) -> Vec<String> {
        match read {
            Ok(_) => Vec::new(),
            Err(ApiError::Fields { wrong, .. }) => wrong.into_iter().map(|wrong| wrong.property).collect(),
            Err(other) => panic!("{other:?}"),
        }
    }

    #[test]
    fn one_uuid_and_nothing_else_will_do() {
        let found = |query: &str| request_id(query).map(|id| id.to_string()).ok();
        assert_eq!(found(&format!("request_id={ID}")).as_deref(), Some(ID));
        assert_eq!(found(&format!("a=b&request_id={}&c", ID.replace('-', "%2D"))).as_deref(), Some(ID));
        for wrong in [
            "",
            "request_id",
            "request_id=",
            "request_id=17",
            "Request_Id=550e8400-e29b-41d4-a716-446655440000",
        ] {
            assert_eq!(found(wrong), None, "{wrong}");
        }
        assert_eq!(found(&format!("request_id={ID}&request_id={ID}")), None);
    }

    #[test]
    fn everything_wrong_is_named_at_once() {
        let named = |query: &str| {
            wrong(read(query, |query| {
                (query.request_id(), query.offer_id(), query.choice::<FileFormat>("format"))
            }))
        };
        assert_eq!(named(&format!("request_id={ID}&offer_id=a")), [""; 0]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&format=binary")), [""; 0]);
        assert_eq!(named(""), ["request_id", "offer_id"]);
        assert_eq!(named("format=pdf"), ["request_id", "offer_id", "format"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=")), ["offer_id"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&offer_id=a")), ["offer_id"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&format=")), ["format"]);
        assert_eq!(named(&format!("request_id={ID}&offer_id=a&format=base64&format=binary")), ["format"]);
    }
}

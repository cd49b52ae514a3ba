//! Places in a call that the host fills with secrets at the moment of sending.
//!
//! Some insurers want the session token or the partner's key in the body or the query. An adapter never
//! sees either: it writes a slot where the secret belongs, and the host replaces it, escaped as the body
//! needs. So a call can be kept, compared and logged without a secret in it.

use serde::{Deserialize, Serialize};

// Private-use characters: no JSON, XML or form writer escapes them, and the front door lets none in.
const OPEN: char = '\u{E000}';
const CLOSE: char = '\u{E001}';
const SESSION: &str = "session";
const CALLBACK: &str = "callback_url";

/// The slot for the current session token.
pub fn session() -> String {
    format!("{OPEN}{SESSION}{CLOSE}")
}

/// The slot for the secret setting `name`, as the manifest's settings name it.
pub fn secret(name: &str) -> String {
    format!("{OPEN}secret:{name}{CLOSE}")
}

/// The slot for the settings `names`, secret or not, joined by colons and in base64: what stands behind
/// `Basic ` in an `Authorization` header that is not simply [`Auth::Basic`](crate::Auth::Basic).
pub fn basic(names: &[&str]) -> String {
    format!("{OPEN}basic:{}{CLOSE}", names.join(":"))
}

/// The slot for the address where the gateway takes this insurer's own calls, without a query.
pub fn callback_url() -> String {
    format!("{OPEN}{CALLBACK}{CLOSE}")
}

/// What a slot stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Slot<'a> {
    /// The current session token.
    Session,
    /// The secret setting of that name.
    Secret(&'a str),
    /// The settings of these names, separated by colons, for HTTP Basic.
    Basic(&'a str),
    /// The address where the gateway takes this insurer's own calls.
    CallbackUrl,
}

/// Replaces every slot of `text` by what `value` gives for it; `None` leaves the first such slot's name
/// as the error.
pub fn fill<'t>(
    text: &'t str,
    mut value: impl FnMut(Slot<'t>) -> Option<String>,
) -> Result<std::borrow::Cow<'t, str>, UnknownSlot> {
    if !text.contains(OPEN) {
        return Ok(text.into());
    }
    let mut out = String::with_capacity(text.len() + 64);
    let mut rest = text;
    while let Some((before, after)) = rest.split_once(OPEN) {
        out.push_str(before);
        let (name, tail) = after.split_once(CLOSE).ok_or_else(|| UnknownSlot("unclosed".into()))?;
        let slot = match name.split_once(':') {
            Some(("secret", secret)) => Slot::Secret(secret),
            Some(("basic", names)) => Slot::Basic(names),
            None if name == SESSION => Slot::Session,
            None if name == CALLBACK => Slot::CallbackUrl,
            _ => return Err(UnknownSlot(name.into())),
        };
        out.push_str(&value(slot).ok_or_else(|| UnknownSlot(name.into()))?);
        rest = tail;
    }
    out.push_str(rest);
    Ok(out.into())
}

/// A slot that nothing is known for.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("nothing is known to put into the slot `{0}`")]
pub struct UnknownSlot(pub String);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slots_are_filled_where_they_stand() {
        let text = format!("<T>{}</T><K>{}</K>", session(), secret("key"));
        let filled = fill(&text, |slot| match slot {
            Slot::Session => Some("s-1".into()),
            Slot::Secret("key") => Some("k-1".into()),
            _ => None,
        });
        assert_eq!(filled.unwrap(), "<T>s-1</T><K>k-1</K>");
        let text = format!("Basic {} {}", basic(&["user", "password"]), callback_url());
        let names = fill(&text, |slot| Some(format!("{slot:?}")));
        assert_eq!(names.unwrap(), "Basic Basic(\"user:password\") CallbackUrl");
    }

    #[test]
    fn an_unknown_slot_is_named() {
        let text = secret("absent");
        assert_eq!(fill(&text, |_| None), Err(UnknownSlot("secret:absent".into())));
    }
}

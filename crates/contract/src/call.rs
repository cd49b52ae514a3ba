//! One call to an insurer, as an adapter says it.

use serde::{Deserialize, Serialize};

/// One call. It names a path: scheme, host, port, TLS, proxy and secrets are the host's, so no adapter
/// and no caller can aim the gateway at another address.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Call {
    /// The adapter's own name for it, which its reply carries too.
    pub tag: String,
    /// Whose limits it spends.
    pub lane: Lane,
    /// What the host may repeat.
    pub effect: Effect,
    /// The HTTP method.
    pub method: Method,
    /// Path below the insurer's base address, without a leading slash and without a query.
    pub path: String,
    /// Query parameters, unencoded; values may hold [slots](crate::slot).
    pub query: Vec<(String, String)>,
    /// Headers besides those of the body and of [`Call::auth`]; values may hold slots.
    pub headers: Vec<(String, String)>,
    /// What is sent; text may hold slots.
    pub body: Body,
    /// How the host proves who it is.
    pub auth: Auth,
    /// The statuses that come back to the adapter. All others end as verdicts of the host.
    pub statuses: Statuses,
    /// A failure of an optional call leaves its reply out instead of ending the conversation.
    pub optional: bool,
}

/// Whose limits a call spends. Each lane of an insurer has its own rate, concurrency and timeouts, so
/// polls cannot eat the quota of creates.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Lane {
    /// Logging in.
    Session,
    /// Asking for prices and applying.
    Create,
    /// Asking how far it is.
    Poll,
    /// Payment links and payment states.
    Payment,
    /// Drafts and policies.
    Document,
    /// Dictionaries, so that reading one takes nothing from sales.
    Dictionary,
}

/// What sending the call twice would do; decides what the host may repeat.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Effect {
    /// Changes nothing: repeated within the budget.
    Read,
    /// Carries a key under which the insurer knows a repetition: repeated with the same key.
    Keyed(String),
    /// Makes something at the insurer: repeated only where the host knows that nothing was sent.
    Creates,
}

/// HTTP methods that insurers use.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "UPPERCASE")]
#[expect(missing_docs, reason = "the methods are HTTP's own")]
pub enum Method {
    Get,
    Post,
    Put,
    Delete,
}

/// What is sent.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Body {
    /// Nothing.
    Empty,
    /// `application/json`, already written.
    Json(String),
    /// XML, already written, with its content type (SOAP 1.1: `text/xml; charset=utf-8`).
    Xml {
        /// The `Content-Type` header.
        content_type: String,
        /// The document.
        text: String,
    },
    /// `application/x-www-form-urlencoded`, unencoded pairs in order.
    Form(Vec<(String, String)>),
}

/// How the host proves who it is. A session token or a key inside the body is a [slot](crate::slot).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Auth {
    /// Not at all, or by slots of secrets.
    None,
    /// HTTP Basic with the settings `user` and `password`.
    Basic,
    /// HTTP Digest with the settings `user` and `password` (RFC 7616).
    Digest,
    /// The call holds a session slot: the host logs in first where it has no session.
    Session,
    /// HMAC-SHA256 of the body as it leaves, in the header that the manifest's
    /// [`signature`](crate::Manifest::signature) names.
    Signed,
}

/// The statuses that come back to the adapter.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Statuses {
    /// 200 to 299.
    Success,
    /// 200 to 299, and these.
    SuccessAnd(Vec<u16>),
}

// === impl Call ===

impl Call {
    /// A call with nothing but its address; see the `with_…` functions for the rest.
    pub fn new(tag: &str, lane: Lane, effect: Effect, method: Method, path: impl Into<String>) -> Self {
        Self {
            tag: tag.into(),
            lane,
            effect,
            method,
            path: path.into(),
            query: Vec::new(),
            headers: Vec::new(),
            body: Body::Empty,
            auth: Auth::None,
            statuses: Statuses::Success,
            optional: false,
        }
    }

    /// Sends this body.
    #[must_use]
    pub fn with_body(mut self, body: Body) -> Self {
        self.body = body;
        self
    }

    /// Adds a query parameter.
    #[must_use]
    pub fn with_query(mut self, name: &str, value: impl Into<String>) -> Self {
        self.query.push((name.into(), value.into()));
        self
    }

    /// Adds a header.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: impl Into<String>) -> Self {
        self.headers.push((name.into(), value.into()));
        self
    }

    /// Proves who asks.
    #[must_use]
    pub fn with_auth(mut self, auth: Auth) -> Self {
        self.auth = auth;
        self
    }

    /// Lets replies with these statuses come back too.
    #[must_use]
    pub fn accepting(mut self, statuses: &[u16]) -> Self {
        self.statuses = Statuses::SuccessAnd(statuses.to_vec());
        self
    }

    /// A failure of this call leaves its reply out.
    #[must_use]
    pub fn optional(mut self) -> Self {
        self.optional = true;
        self
    }
}

impl Lane {
    /// Every lane, in the order of a conversation.
    pub const ALL: [Lane; 6] =
        [Lane::Session, Lane::Create, Lane::Poll, Lane::Payment, Lane::Document, Lane::Dictionary];

    /// The name in manifests, configuration and metrics.
    pub const fn name(self) -> &'static str {
        match self {
            Lane::Session => "session",
            Lane::Create => "create",
            Lane::Poll => "poll",
            Lane::Payment => "payment",
            Lane::Document => "document",
            Lane::Dictionary => "dictionary",
        }
    }
}

impl std::fmt::Display for Lane {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

impl Method {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Delete => "DELETE",
        }
    }
}

impl Statuses {
    /// Whether a reply with `status` comes back to the adapter.
    pub fn contain(&self, status: u16) -> bool {
        (200..300).contains(&status) || matches!(self, Statuses::SuccessAnd(more) if more.contains(&status))
    }
}

// A body and a query hold the client's data: their `Debug` shows sizes only. Of a path it shows the words:
// an insurer may name what it makes by a VIN, and wants that name in the path of the next call.

impl std::fmt::Debug for Call {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let path = words_of(&self.path);
        write!(f, "Call({} {:?} {path} {}/{:?})", self.tag, self.method, self.lane, self.effect)
    }
}

/// The path with every part that is more than a word left out.
fn words_of(path: &str) -> String {
    let is_word = |part: &str| part.bytes().all(|byte| byte.is_ascii_alphabetic() || b"_-.".contains(&byte));
    path.split('/').map(|part| if is_word(part) { part } else { "…" }).collect::<Vec<_>>().join("/")
}

impl std::fmt::Debug for Body {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Body::Empty => f.write_str("Empty"),
            Body::Json(text) => write!(f, "Json({} bytes)", text.len()),
            Body::Xml { text, .. } => write!(f, "Xml({} bytes)", text.len()),
            Body::Form(pairs) => write!(f, "Form({} fields)", pairs.len()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_the_words_of_a_path_and_no_number() {
        let path = "user/reports/vehicle_Z94C0000000000001@domain";
        let call = Call::new("report", Lane::Poll, Effect::Read, Method::Get, path).with_query("vin", "Z94C");
        assert_eq!(format!("{call:?}"), "Call(report Get user/reports/… poll/Read)");
    }
}

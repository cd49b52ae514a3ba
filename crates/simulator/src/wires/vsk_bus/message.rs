//! What arrives: the header `ReplyTo`, and a document that is read by local names.

use actix_web::{HttpRequest, http::header};

use crate::wires::ingosstrakh::soap::Node;

/// The messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Login,
    Calculate,
    Save,
    Sign,
    Buy,
}

/// One message.
pub(super) struct Message {
    pub(super) kind: Kind,
    /// Where the reply goes.
    pub(super) reply_to: String,
    /// The caller's own id of it; empty where there is none.
    pub(super) id: String,
    /// The document.
    pub(super) body: Node,
}

// === impl Kind ===

impl Kind {
    const ALL: [Kind; 5] = [Kind::Login, Kind::Calculate, Kind::Save, Kind::Sign, Kind::Buy];

    /// The message of that address.
    pub(super) fn of(folder: &str, name: &str) -> Option<Self> {
        let kind = Self::ALL.into_iter().find(|kind| kind.name() == name)?;
        (folder == if kind == Kind::Login { "Auth" } else { "Policy" }).then_some(kind)
    }

    /// Its name in addresses and ids.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Kind::Login => "Login",
            Kind::Calculate => "CalculatePolicy",
            Kind::Save => "SavePolicy",
            Kind::Sign => "SignPolicy",
            Kind::Buy => "BuyPolicy",
        }
    }

    /// The name of its document.
    fn root(self) -> &'static str {
        match self {
            Kind::Login => "loginRequest",
            Kind::Calculate => "calculatePolicyRequest",
            Kind::Save => "savePolicyRequest",
            Kind::Sign => "signPolicyRequest",
            Kind::Buy => "buyPolicyRequest",
        }
    }
}

// === impl Message ===

impl Message {
    /// Reads a message; the error is an answer of the layer below.
    pub(super) fn read(kind: Kind, request: &HttpRequest, body: &[u8]) -> Result<Self, (u16, &'static str)> {
        let header = |name: header::HeaderName| {
            request.headers().get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim().to_owned()
        };
        if !header(header::CONTENT_TYPE).to_lowercase().starts_with("application/xml") {
            return Err((415, "Unsupported Media Type"));
        }
        let reply_to = header(header::HeaderName::from_static("replyto"));
        let is_address =
            url::Url::parse(&reply_to).is_ok_and(|url| ["http", "https"].contains(&url.scheme()));
        let document = std::str::from_utf8(body).ok().and_then(Node::read);
        let document = document.filter(|root| root.name == kind.root());
        match document {
            Some(body) if is_address => {
                let id = body.text_at("messageId").unwrap_or_default();
                Ok(Self { kind, reply_to, id, body })
            }
            _ => Err((400, "Bad Request")),
        }
    }

    /// The text of the first element of that name directly below the root; empty where there is none.
    pub(super) fn text(&self, name: &str) -> &str {
        self.body.child(name).map(|node| node.text.as_str()).unwrap_or_default()
    }
}

//! A reply as a fixture writes it.

use std::sync::Arc;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde::Deserialize;
use veer_contract::Reply;

/// A reply as it arrives. Its body is text under `body`, or bytes that are no text, such as those of a
/// file, in base64 under `body_base64`.
#[derive(Debug, Clone, Deserialize)]
#[serde(try_from = "Written")]
pub struct GivenReply {
    /// The status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Arc<[u8]>,
    /// The adapter says that this means an expired session: the host logs in and repeats the call, which
    /// is the next step.
    pub session_expired: bool,
    /// It never arrives, though the call did: the host asks the flow how to
    /// [recover](veer_contract::Flow::recover), and the script goes on with what the flow says.
    pub lost: bool,
}

/// As it stands in the file.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    headers: Vec<(String, String)>,
    body: Option<String>,
    body_base64: Option<String>,
    #[serde(default)]
    session_expired: bool,
    #[serde(default)]
    lost: bool,
}

fn ok() -> u16 {
    200
}

// === impl GivenReply ===

impl GivenReply {
    /// A plain reply with that body.
    pub(crate) fn saying(body: &str) -> Self {
        Self {
            status: ok(),
            headers: Vec::new(),
            body: body.as_bytes().into(),
            session_expired: false,
            lost: false,
        }
    }

    /// The same with another body.
    pub(crate) fn with_body(&self, body: impl Into<Arc<[u8]>>) -> Self {
        Self { body: body.into(), ..self.clone() }
    }

    /// The body, where it is text.
    pub(crate) fn text(&self) -> Option<&str> {
        std::str::from_utf8(&self.body).ok()
    }

    /// Whether nothing but `lost` stands in it.
    pub(crate) fn says_nothing(&self) -> bool {
        self.body.is_empty() && self.headers.is_empty() && self.status == ok() && !self.session_expired
    }

    /// As the adapter is given it.
    pub(crate) fn tagged(&self, tag: &str) -> Reply {
        Reply {
            tag: tag.to_owned(),
            status: self.status,
            headers: self.headers.clone(),
            body: self.body.to_vec(),
        }
    }
}

impl TryFrom<Written> for GivenReply {
    type Error = String;

    fn try_from(written: Written) -> Result<Self, String> {
        let Written { status, headers, body, body_base64, session_expired, lost } = written;
        let body: Arc<[u8]> = match (body, body_base64) {
            (Some(_), Some(_)) => return Err("a reply has a `body` or a `body_base64`, not both".into()),
            (text, None) => text.unwrap_or_default().into_bytes().into(),
            (None, Some(text)) => {
                let packed: String = text.split_whitespace().collect();
                STANDARD.decode(packed).map_err(|error| format!("body_base64: {error}"))?.into()
            }
        };
        Ok(Self { status, headers, body, session_expired, lost })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_body_is_text_or_base64() {
        let read = |text: &str| toml::from_str::<GivenReply>(text);
        assert_eq!(read("body = 'a'").unwrap().text(), Some("a"));
        let bytes = read("body_base64 = '''\n/w\nA=\n'''").unwrap();
        assert_eq!((&*bytes.body, bytes.text()), (&[0xff, 0x00][..], None));
        assert!(read("body_base64 = '?'").unwrap_err().message().contains("body_base64: "));
        assert!(read("body = ''\nbody_base64 = ''").unwrap_err().message().contains("not both"));
        assert!(read("surprise = 1").unwrap_err().message().contains("surprise"));
    }
}

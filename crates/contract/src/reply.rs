//! What an insurer answered.

use std::borrow::Cow;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

use crate::Fault;

/// One reply, complete, decompressed, its text already UTF-8.
#[derive(Clone, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    /// The tag of the call that it answers.
    pub tag: String,
    /// The HTTP status.
    pub status: u16,
    /// Headers, names in lower case.
    pub headers: Vec<(String, String)>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value; `name` in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    /// The body as text.
    pub fn text(&self) -> Cow<'_, str> {
        String::from_utf8_lossy(&self.body)
    }

    /// The body as JSON. The fault names place and kind of the mistake and never the text, which may
    /// hold personal data.
    pub fn json<T: DeserializeOwned>(&self) -> Result<T, Fault> {
        serde_json::from_slice(&self.body).map_err(|error| {
            Fault::not_understood(format!(
                "the reply to `{}` (status {}, {} bytes) is not the JSON that was expected: {:?} error at line {}, column {}",
                self.tag,
                self.status,
                self.body.len(),
                error.classify(),
                error.line(),
                error.column()
            ))
        })
    }
}

impl std::fmt::Debug for Reply {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Reply({} status {}, {} bytes)", self.tag, self.status, self.body.len())
    }
}

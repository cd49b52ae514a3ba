//! From an adapter's call to a request that can leave: address, headers, body, secrets.
//!
//! Slots are filled here and nowhere earlier, each escaped as its place needs, so no secret is ever in a
//! state, a timeline or the store.

use std::borrow::Cow;

use reqwest::header::{HeaderMap, HeaderName, HeaderValue};
use url::{Url, form_urlencoded};
use veer_contract::{
    Body, Call,
    slot::{self, Slot, UnknownSlot},
};

use super::error::CallError;

/// A request that can leave, several times if need be.
#[derive(Clone)]
pub struct Request {
    /// The method.
    pub method: reqwest::Method,
    /// The address.
    pub url: Url,
    /// Headers of the call and its body; those of HTTP authentication come later.
    pub headers: HeaderMap,
    /// The body.
    pub body: bytes::Bytes,
}

/// What slots are filled with.
pub trait Secrets {
    /// The value for a slot.
    fn value(&self, slot: Slot<'_>) -> Option<String>;
}

// === impl Request ===

impl Request {
    /// Builds the request of `call` below `base`.
    pub fn build(call: &Call, base: &Url, secrets: &dyn Secrets) -> Result<Self, CallError> {
        let url = address(call, base, secrets)?;
        let (content_type, body) = body(&call.body, secrets)?;
        let mut headers = HeaderMap::with_capacity(call.headers.len() + 2);
        if let Some(content_type) = content_type {
            headers.insert(reqwest::header::CONTENT_TYPE, header_value(&content_type)?);
        }
        for (name, value) in &call.headers {
            let unsendable = |_| CallError::Unsendable(format!("the header name `{name}` is no token"));
            let name = HeaderName::from_bytes(name.as_bytes()).map_err(unsendable)?;
            headers.insert(name, header_value(&fill(value, secrets, plain)?)?);
        }
        let method = match call.method {
            veer_contract::Method::Get => reqwest::Method::GET,
            veer_contract::Method::Post => reqwest::Method::POST,
            veer_contract::Method::Put => reqwest::Method::PUT,
            veer_contract::Method::Delete => reqwest::Method::DELETE,
        };
        Ok(Self { method, url, headers, body: body.into() })
    }

    /// Path and query, as HTTP Digest signs them.
    pub fn target(&self) -> String {
        match self.url.query() {
            Some(query) => format!("{}?{query}", self.url.path()),
            None => self.url.path().to_owned(),
        }
    }
}

fn address(call: &Call, base: &Url, secrets: &dyn Secrets) -> Result<Url, CallError> {
    let path = &call.path;
    // `%` too: an encoded dot is a dot to whoever resolves the path.
    let leaves = ["..", "//", "\\", "%"].iter().any(|part| path.contains(part));
    if path.starts_with('/') || leaves {
        return Err(CallError::Unsendable(
            "a call's path is relative to the insurer's base address and stays below it".into(),
        ));
    }
    let mut url = base.clone();
    // `set_path` takes text as a path whatever it looks like: no scheme or host can come of it.
    url.set_path(&format!("{}{path}", base.path()));
    if !call.query.is_empty() {
        let mut pairs = url.query_pairs_mut();
        for (name, value) in &call.query {
            pairs.append_pair(name, &fill(value, secrets, plain)?);
        }
    }
    Ok(url)
}

fn body(body: &Body, secrets: &dyn Secrets) -> Result<(Option<Cow<'static, str>>, Vec<u8>), CallError> {
    Ok(match body {
        Body::Empty => (None, Vec::new()),
        Body::Json(text) => {
            (Some("application/json".into()), fill(text, secrets, json)?.into_owned().into_bytes())
        }
        Body::Xml { content_type, text } => {
            (Some(content_type.clone().into()), fill(text, secrets, xml)?.into_owned().into_bytes())
        }
        Body::Form(pairs) => {
            let mut form = form_urlencoded::Serializer::new(String::with_capacity(pairs.len() * 48));
            for (name, value) in pairs {
                form.append_pair(name, &fill(value, secrets, plain)?);
            }
            (Some("application/x-www-form-urlencoded".into()), form.finish().into_bytes())
        }
    })
}

fn fill<'t>(
    text: &'t str,
    secrets: &dyn Secrets,
    escape: fn(&str) -> String,
) -> Result<Cow<'t, str>, UnknownSlot> {
    slot::fill(text, |slot| secrets.value(slot).map(|value| escape(&value)))
}

fn plain(value: &str) -> String {
    value.to_owned()
}

fn json(value: &str) -> String {
    let quoted = serde_json::Value::from(value).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

fn xml(value: &str) -> String {
    value.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

fn header_value(value: &str) -> Result<HeaderValue, CallError> {
    let mut value = HeaderValue::from_str(value)
        .map_err(|_| CallError::Unsendable("a header's value has a character that none may have".into()))?;
    value.set_sensitive(true);
    Ok(value)
}

#[cfg(test)]
mod tests {
    use veer_contract::{Effect, Lane, Method};

    use super::*;

    struct Known;

    impl Secrets for Known {
        fn value(&self, slot: Slot<'_>) -> Option<String> {
            match slot {
                Slot::Session => Some("s<&\"1".into()),
                Slot::Secret("key") => Some("k&=ё".into()),
                _ => None,
            }
        }
    }

    fn call(path: &str) -> Call {
        Call::new("t", Lane::Create, Effect::Read, Method::Post, path)
    }

    fn build(call: &Call) -> Result<Request, CallError> {
        Request::build(call, &Url::parse("http://127.0.0.1:9/base/").unwrap(), &Known)
    }

    #[test]
    fn a_path_cannot_leave_the_base() {
        for path in ["/x", "../x", "a/../x", "//evil.example/x", "a//b", "a\\b", "%2e%2e/x"] {
            assert!(build(&call(path)).is_err(), "{path}");
        }
        let odd = build(&call("http:evil.example?x#y")).unwrap();
        assert_eq!(odd.url.as_str(), "http://127.0.0.1:9/base/http:evil.example%3Fx%23y");
    }

    #[test]
    fn secrets_are_escaped_for_their_place() {
        let body = |body| build(&call("x").with_body(body)).unwrap().body;
        let json = Body::Json(format!("{{\"t\":\"{}\"}}", slot::session()));
        assert_eq!(body(json), r#"{"t":"s<&\"1"}"#);
        let xml = Body::Xml { content_type: "text/xml".into(), text: slot::session() };
        assert_eq!(body(xml), "s&lt;&amp;&quot;1");
        let form = Body::Form(vec![("a[b]".into(), slot::secret("key"))]);
        assert_eq!(body(form), "a%5Bb%5D=k%26%3D%D1%91");
        let query = build(&call("x").with_query("key", slot::secret("key"))).unwrap();
        assert_eq!(query.target(), "/base/x?key=k%26%3D%D1%91");
    }

    #[test]
    fn an_unknown_secret_is_not_sent() {
        let unknown = call("x").with_query("key", slot::secret("other"));
        assert!(matches!(build(&unknown), Err(CallError::Unsendable(_))));
    }
}

//! One request, before it is sent.

use reqwest::Method;
use serde_json::Value;
use url::Url;
use uuid::Uuid;

use crate::config::Secret;

/// What to ask.
#[derive(Debug, Clone)]
pub(super) struct Ask {
    pub(super) method: Method,
    pub(super) target: Target,
    pub(super) query: Vec<(&'static str, String)>,
    pub(super) body: Option<(&'static str, String)>,
    pub(super) headers: Vec<(&'static str, String)>,
    pub(super) access: Option<Access>,
    pub(super) about: Option<Uuid>,
}

/// Where to.
#[derive(Debug, Clone)]
pub(super) enum Target {
    /// A path of the gateway, with credentials.
    Api(&'static str),
    /// Any address, as a browser opens it: without credentials, following redirects.
    Page(Url),
    /// Any address, as a browser sends a form there; where it leads is not followed.
    Form(Url),
}

/// How a request says who it is.
#[derive(Debug, Clone)]
pub(super) enum Access {
    /// It does not.
    Nobody,
    /// With a token.
    Bearer(Secret),
    /// With the client id and secret.
    Basic(String, Secret),
}

// === impl Ask ===

impl Ask {
    fn new(method: Method, target: Target) -> Self {
        Self { method, target, query: Vec::new(), body: None, headers: Vec::new(), access: None, about: None }
    }

    /// GET of a path of the gateway.
    pub fn get(path: &'static str) -> Self {
        Self::new(Method::GET, Target::Api(path))
    }

    /// POST of a text to a path of the gateway.
    pub fn post(path: &'static str, body: impl Into<String>) -> Self {
        let body = Some(("application/json", body.into()));
        Self { body, ..Self::new(Method::POST, Target::Api(path)) }
    }

    /// POST of JSON to a path of the gateway, about the calculation that it names.
    pub fn post_json(path: &'static str, body: &Value) -> Self {
        let about = body["request_id"].as_str().and_then(|id| id.parse().ok());
        Self { about, ..Self::post(path, body.to_string()) }
    }

    /// Any method, without a body.
    pub fn other(method: Method, path: &'static str) -> Self {
        Self::new(method, Target::Api(path))
    }

    /// A page as a browser opens it.
    pub fn page(address: Url) -> Self {
        Self::new(Method::GET, Target::Page(address))
    }

    /// A form as a browser sends it.
    pub fn form(address: Url, form: &'static str) -> Self {
        let body = Some(("application/x-www-form-urlencoded", form.to_owned()));
        Self { body, ..Self::new(Method::POST, Target::Form(address)) }
    }

    /// With one more parameter of the query.
    pub fn query(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.query.push((name, value.into()));
        self
    }

    /// With one more header.
    pub fn header(mut self, name: &'static str, value: impl Into<String>) -> Self {
        self.headers.push((name, value.into()));
        self
    }

    /// About this calculation.
    pub fn request_id(mut self, id: Uuid) -> Self {
        self.about = Some(id);
        self.query("request_id", id.to_string())
    }

    /// About this offer.
    pub fn offer_id(self, id: &str) -> Self {
        self.query("offer_id", id)
    }

    /// With other credentials than the usual ones.
    pub fn access(mut self, access: Access) -> Self {
        self.access = Some(access);
        self
    }
}

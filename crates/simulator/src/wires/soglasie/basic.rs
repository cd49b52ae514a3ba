//! HTTP Basic: `user:password` everywhere, `user:sub_user:sub_password` to upload an application.

use actix_web::{HttpRequest, HttpResponse, http::header};
use base64::{Engine, prelude::BASE64_STANDARD};

use super::{Insurer, failure};
use crate::{company::Credentials, exchange::respond};

/// A call without good credentials.
pub(super) struct Refused;

/// The partner's sub-user.
pub(super) fn sub_user(credentials: &Credentials) -> String {
    format!("{}-sub", credentials.user)
}

// === impl Insurer ===

impl Insurer {
    /// Lets a call of the account pass.
    pub(super) fn admit(&self, request: &HttpRequest) -> Result<(), Refused> {
        let Credentials { user, password, .. } = &self.company.credentials;
        check(request, &format!("{user}:{password}"))
    }

    /// The same for the upload of an application.
    pub(super) fn admit_upload(&self, request: &HttpRequest) -> Result<(), Refused> {
        let credentials = &self.company.credentials;
        let Credentials { user, key, .. } = credentials;
        check(request, &format!("{user}:{}:{key}", sub_user(credentials)))
    }
}

fn check(request: &HttpRequest, expected: &str) -> Result<(), Refused> {
    let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
    let sent = sent.and_then(|sent| sent.strip_prefix("Basic ")).map(|sent| BASE64_STANDARD.decode(sent));
    let good = sent.is_some_and(|sent| sent.is_ok_and(|sent| sent == expected.as_bytes()));
    if good { Ok(()) } else { Err(Refused) }
}

// === impl Refused ===

impl Refused {
    pub(super) fn answer(self) -> HttpResponse {
        let mut response = respond(failure(401, "Неверное имя пользователя или пароль", ""));
        let challenge = header::HeaderValue::from_static("Basic realm=\"b2b\"");
        response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        response
    }
}

//! alfastrah: REST JSON behind HTTP Digest.

mod calculation;
mod dictionary;
mod digest;
mod kbm;
mod request;

use std::sync::Arc;

use actix_web::{
    HttpRequest, HttpResponse,
    http::header,
    web::{self, Data, ServiceConfig},
};
use jiff::{Timestamp, tz::Offset};
use serde_json::json;

use crate::{
    company::Company,
    draws::Draws,
    exchange::{Reply, respond},
    spoil,
};
use digest::{Nonces, Proof};

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    nonces: Nonces,
}

/// What a call without good credentials is answered: the text of `WWW-Authenticate`.
struct Challenge(String);

const REALM: &str = "wapi";

// === impl Insurer ===

impl Insurer {
    pub(crate) fn new(company: Arc<Company>) -> Self {
        Self { nonces: Nonces::new(company.own.with("nonce")), company }
    }

    /// Lets a call with good Digest credentials pass, and challenges every other one.
    fn admit(&self, request: &HttpRequest) -> Result<(), Challenge> {
        let knobs = self.company.knobs();
        let sent = request.headers().get(header::AUTHORIZATION).and_then(|value| value.to_str().ok());
        let credentials = &self.company.credentials;
        let proof = sent.map_or(Proof::Wrong, |sent| {
            let target = request.uri().path_and_query().map_or("/", |target| target.as_str());
            digest::check(
                sent,
                request.method().as_str(),
                target,
                REALM,
                &credentials.user,
                &credentials.password,
            )
        });
        let stale = match proof {
            Proof::Good { nonce } if self.nonces.spend(&nonce, &knobs) => return Ok(()),
            Proof::Good { .. } => ", stale=true",
            Proof::Wrong => "",
        };
        let nonce = self.nonces.current(&knobs);
        Err(Challenge(format!(
            "Digest realm=\"{REALM}\", nonce=\"{nonce}\", qop=\"auth\", algorithm=MD5{stale}"
        )))
    }
}

// === impl Challenge ===

impl Challenge {
    fn answer(self) -> HttpResponse {
        let mut response = respond(spoil::page(401, "Unauthorized"));
        if let Ok(challenge) = header::HeaderValue::from_str(&self.0) {
            response.headers_mut().insert(header::WWW_AUTHENTICATE, challenge);
        }
        response
    }
}

pub(crate) fn configure(config: &mut ServiceConfig) {
    config
        .route("/wapi/osago/calculation", web::post().to(calculation::handle))
        .route("/wapi/osago/kbm/physical", web::post().to(kbm::handle))
        .route("/wapi/dictionary/vehicle/mark", web::get().to(dictionary::marks))
        .route("/wapi/dictionary/vehicle/mark/{id}/model", web::get().to(dictionary::models))
        .default_service(web::to(async || respond(failure(404, "Ресурс не найден"))));
}

/// The wire's error body.
pub(crate) fn failure(status: u16, message: &str) -> Reply {
    failures(status, &[message.to_owned()])
}

fn failures(status: u16, messages: &[String]) -> Reply {
    let sub_errors: Vec<_> = messages.iter().map(|message| json!({ "message": message })).collect();
    let body = json!({
        "info": "Ошибка",
        "session_id": Draws::new(0).with(&messages.concat()).uuid("session"),
        "timestamp": Offset::constant(3).to_datetime(Timestamp::now()).strftime("%Y-%m-%dT%H:%M:%S").to_string(),
        "sub_errors": sub_errors,
    });
    Reply::json(status, &body)
}

type This = Data<Insurer>;

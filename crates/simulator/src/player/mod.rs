//! An insurer that is played from its fixtures.
//!
//! A new insurer has fixtures before it has a wire of its own here. The player answers each call that an `ok.toml`
//! of its folder shows as that fixture says, so the insurer answers in the demo from the first hour on. It knows no
//! credentials, no tariff and no client: everybody gets the fixture's price. Addresses below `.example` in its answers
//! lead to a page of its own, where everything is paid.

mod resemblance;
mod script;

use std::{
    net::{Ipv4Addr, SocketAddr},
    path::Path,
};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::StatusCode,
    web::{self, Bytes, Data, ServiceConfig},
};
use serde_json::json;

use self::script::Script;
use crate::{
    SimulatorError,
    server::{self, Server},
};

/// A folder's fixtures, being played.
pub struct Player {
    code: String,
    base_url: String,
    server: Server,
}

/// Where the player's own pages are.
const PAGE: &str = "page/";

// === impl Player ===

impl Player {
    /// Plays the fixtures of an insurer's folder on a free port of loopback.
    ///
    /// # Errors
    /// The folder shows no call that could be answered, a fixture is no TOML, or nothing can be listened on.
    pub async fn start(code: &str, folder: &Path) -> Result<Self, SimulatorError> {
        let (listener, address) = server::listen(code, (Ipv4Addr::LOCALHOST, 0).into())?;
        let script = Script::read(folder, &base_url(address))
            .map_err(|problem| SimulatorError::Fixtures { code: code.to_owned(), problem })?;
        let script = Data::new(script);
        let configure = move |config: &mut ServiceConfig| {
            config.app_data(script.clone()).default_service(web::to(play));
        };
        let server = Server::start(code, listener, configure).await?;
        Ok(Self { code: code.to_owned(), base_url: base_url(address), server })
    }

    /// The insurer's code.
    pub fn code(&self) -> &str {
        &self.code
    }

    /// Where it listens: `http://127.0.0.1:40123/`.
    pub fn base_url(&self) -> &str {
        &self.base_url
    }

    /// Stops at once.
    pub async fn stop(self) {
        self.server.stop().await;
    }
}

fn base_url(address: SocketAddr) -> String {
    format!("http://{address}/")
}

async fn play(request: HttpRequest, body: Bytes, script: Data<Script>) -> HttpResponse {
    let path = request.path().trim_start_matches('/');
    if path.starts_with(PAGE) {
        return HttpResponse::Ok()
            .content_type("text/html; charset=utf-8")
            .body("<!DOCTYPE html><p>Оплачено");
    }
    let method = request.method().as_str();
    match script.answer(method, path, &body) {
        Some(reply) => {
            let status = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::OK);
            let mut response = HttpResponseBuilder::new(status);
            for (name, value) in &reply.headers {
                response.insert_header((name.as_str(), value.as_str()));
            }
            response.body(reply.body.clone())
        }
        None => HttpResponse::NotFound().json(json!({
            "error": format!("no fixture shows {method} {path}"),
            "shown": script.shown(),
        })),
    }
}

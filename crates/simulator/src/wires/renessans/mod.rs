//! renessans: bracketed form fields (or JSON), create then poll, replies whose key case varies.

mod calculate;
mod calculations;
mod cars;
mod create;
mod form;
mod policy;
mod request;

use std::{collections::HashMap, sync::Arc};

use actix_web::{
    HttpRequest,
    http::header,
    web::{self, Data, ServiceConfig},
};
use serde_json::{Value, json};
use reqwest::RequestBuilder;

use super::{REGISTRY_DOWN, Speaks, Writing};
use crate::{
    company::{Company, Credentials},
    draws::Draws,
    exchange::{Operation, Reply, respond},
    spoil,
};
use calculations::Calculations;

/// One insurer of this wire.
pub(crate) struct Insurer {
    company: Arc<Company>,
    calculations: Calculations,
}

// === impl Insurer ===

impl Speaks for Insurer {
    const NAMES: (&'static str, &'static str) = ("Ренессанс Страхование", "Renessans Strakhovanie");
    const OPERATIONS: &'static [&'static Operation] = &[
        &calculate::CREATE,
        &calculate::POLL,
        &create::SEGMENT,
        &create::APPLICATION,
        &policy::STATUS,
        &policy::INFO,
        &policy::ACQUIRING,
        &policy::PDF,
        &cars::CARS,
    ];
    const WRITING: Writing = Writing { numbered: false, others: true, ..Writing::PLAIN };

    fn new(company: Arc<Company>) -> Self {
        Self { company, calculations: Calculations::default() }
    }

    /// Paths are taken with and without the slash at their end.
    fn configure(config: &mut ServiceConfig) {
        for slash in ["", "/"] {
            config
                .route(&format!("/calculate{slash}"), web::post().to(calculate::create))
                .route(&format!("/calculate/{{id}}{slash}"), web::get().to(calculate::poll))
                .route(&format!("/create{slash}"), web::post().to(create::handle))
                .route(&format!("/policy/{{id}}/status{slash}"), web::get().to(policy::status))
                .route(&format!("/policy/{{id}}/info{slash}"), web::get().to(policy::info))
                .route(&format!("/policy/{{id}}/acquiring/renins{slash}"), web::get().to(policy::acquiring))
                .route(&format!("/policy/{{id}}/pdf{slash}"), web::get().to(policy::pdf))
                .route(&format!("/cars{slash}"), web::get().to(cars::list));
        }
        config.default_service(web::to(async || respond(spoil::page(404, "Not Found"))));
    }

    fn technical_error() -> Reply {
        Reply { status: 500, ..failure("Внутренняя ошибка сервера") }
    }

    fn registry_down(_: &str) -> Reply {
        failure(REGISTRY_DOWN)
    }

    fn settings(credentials: &Credentials) -> Vec<(&'static str, String)> {
        vec![("key", credentials.key.clone()), ("callback_key", credentials.callback.clone())]
    }

    fn notice(request: RequestBuilder, secret: &str, _: &str, application: &str) -> Option<RequestBuilder> {
        let mut form = url::form_urlencoded::Serializer::new(String::new());
        form.append_pair("key", secret).append_pair("policy_id", application).append_pair("status", "Оплачен");
        Some(request.header("content-type", "application/x-www-form-urlencoded").body(form.finish()))
    }
}

impl Insurer {
    /// The key comes in the query or in the body.
    fn admit(&self, query: &HashMap<String, String>, body: Option<&Value>) -> Result<(), Reply> {
        let in_body = body.and_then(|body| body.get("key")).and_then(Value::as_str);
        match query.get("key").map(String::as_str).or(in_body) {
            Some(key) if key == self.company.credentials.key => Ok(()),
            _ => Err(failure("Неверный ключ доступа")),
        }
    }
}

/// The wire's error body; it has no code.
pub(crate) fn failure(message: &str) -> Reply {
    Reply::json(200, &json!({"result": false, "message": message}))
}

/// A good answer, its keys in the case that this very call draws.
fn success(draws: &Draws, data: Value) -> Reply {
    let mut body = json!({"result": true, "data": data, "message": "ok"});
    if draws.happens("capitals", 0.5) {
        body = json!({"result": true, "Data": capitals(data_of(body)), "Message": "ok"});
    }
    Reply::json(200, &body)
}

fn data_of(mut body: Value) -> Value {
    body["data"].take()
}

/// The older spelling: `Id`, `Company`, `Response`, `Status` with capitals at every level.
fn capitals(value: Value) -> Value {
    match value {
        Value::Array(items) => items.into_iter().map(capitals).collect(),
        Value::Object(members) => {
            let capital = |key: String| {
                let mut letters = key.chars();
                letters.next().map_or(String::new(), |first| first.to_uppercase().chain(letters).collect())
            };
            Value::Object(members.into_iter().map(|(key, value)| (capital(key), capitals(value))).collect())
        }
        leaf => leaf,
    }
}

/// A request's body, whichever of the two formats it is in.
fn body(request: &HttpRequest, bytes: &[u8]) -> Value {
    let kind = request.headers().get(header::CONTENT_TYPE).and_then(|value| value.to_str().ok());
    if kind.is_some_and(|kind| kind.to_lowercase().contains("json")) {
        serde_json::from_slice(bytes).unwrap_or(Value::Null)
    } else {
        form::read(bytes)
    }
}

fn query(request: &HttpRequest) -> HashMap<String, String> {
    url::form_urlencoded::parse(request.query_string().as_bytes()).into_owned().collect()
}

type This = Data<Insurer>;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_spellings_occur_and_say_the_same() {
        let data = json!({"response": {"Premium": 1.5}, "status": "done"});
        let bodies: std::collections::BTreeSet<String> =
            (0..20).map(|n| success(&Draws::new(1).with_number(n), data.clone()).text().to_owned()).collect();
        assert_eq!(bodies.len(), 2);
        assert_eq!(
            bodies.iter().map(|body| body.to_lowercase()).collect::<std::collections::BTreeSet<_>>().len(),
            1
        );
    }
}

//! Sales, for operators: which are confirmed to the partner, which wait or are dead, and sending them again.
//!
//! `GET /sales?state=dead&limit=20` lists them, the newest first. `POST /sales/repeat` sends again one of
//! them (`{"request_id": "…", "offer_id": "…"}`) or all that are dead (`{"state": "dead"}`). The POST demands
//! `application/json`, which no form of a web page can send.

use actix_web::{
    HttpMessage, HttpRequest, HttpResponse, get,
    http::StatusCode,
    post,
    web::{Bytes, Data, ServiceConfig},
};
use serde::Deserialize;
use serde_json::{Value, json};
use url::form_urlencoded;
use uuid::Uuid;
use veer_contract::domain::Kopecks;

use crate::{
    offers::sales::{Repeated, Sales},
    store::{ConfirmationState, SaleConfirmation, StoreError},
};

/// What a list asks for.
#[derive(Debug, PartialEq)]
struct Wanted {
    state: Option<ConfirmationState>,
    limit: u32,
}

/// What is to be repeated.
#[derive(Debug, PartialEq, Deserialize)]
#[serde(deny_unknown_fields)]
struct Repeat {
    request_id: Option<String>,
    offer_id: Option<String>,
    state: Option<String>,
}

/// The same, understood.
#[derive(Debug, PartialEq)]
enum Which {
    One(Uuid, String),
    AllDead,
}

const LIMIT: u32 = 100;
const LARGEST_LIMIT: u32 = 10_000;

/// Wires the routes; they need a `Data<Sales>`.
pub(crate) fn configure(config: &mut ServiceConfig) {
    config.service(list).service(repeat);
}

/// Sales with their confirmations, the newest first.
#[get("/sales")]
async fn list(sales: Data<Sales>, request: HttpRequest) -> HttpResponse {
    let wanted = match Wanted::parse(request.query_string()) {
        Ok(wanted) => wanted,
        Err(message) => return problem(StatusCode::BAD_REQUEST, &message),
    };
    match sales.list(wanted.state, wanted.limit).await {
        Ok(found) => {
            let rows: Vec<Value> = found.iter().map(|sale| row(&sales, sale)).collect();
            HttpResponse::Ok().json(json!({ "sales": rows }))
        }
        Err(error) => failed(&error),
    }
}

/// Sends a sale again, or all that are dead.
#[post("/sales/repeat")]
async fn repeat(sales: Data<Sales>, request: HttpRequest, body: Bytes) -> HttpResponse {
    if !request.content_type().eq_ignore_ascii_case("application/json") {
        let message = "Content-Type must be application/json";
        return problem(StatusCode::UNSUPPORTED_MEDIA_TYPE, message);
    }
    match Which::parse(&body) {
        Err(message) => problem(StatusCode::BAD_REQUEST, &message),
        Ok(Which::AllDead) => match sales.repeat_dead().await {
            Ok((repeated, more)) => HttpResponse::Ok().json(json!({ "repeated": repeated, "more": more })),
            Err(error) => failed(&error),
        },
        Ok(Which::One(request_id, offer_id)) => match sales.repeat(request_id, &offer_id).await {
            Ok(Repeated::Now) => HttpResponse::Ok().json(json!({ "repeated": 1, "more": false })),
            Ok(Repeated::Confirmed) => problem(StatusCode::CONFLICT, "the partner has this sale already"),
            Ok(Repeated::Unknown) => {
                problem(StatusCode::NOT_FOUND, "no sale is known under that request_id and offer_id")
            }
            Err(error) => failed(&error),
        },
    }
}

fn row(sales: &Sales, found: &SaleConfirmation) -> Value {
    let SaleConfirmation { sale, state, attempts, next, confirmed, problem } = found;
    let account = &sale.offer.account;
    let waiting = *state == ConfirmationState::Waiting;
    let unserved = waiting && !sales.serves(account);
    let problem = if unserved {
        Some(format!("partner.accounts.{account}.confirm is not set"))
    } else {
        problem.clone()
    };
    json!({
        "account": **account,
        "insurer": *sale.insurer,
        "request_id": sale.offer.request_id,
        "offer_id": *sale.offer.offer_id,
        "counterparty_id": sale.counterparty_id,
        "amount": Kopecks::new(sale.amount_kopecks).as_json_number(),
        "is_upsaled": sale.is_upsaled,
        "paid": sale.paid.to_string(),
        "state": state.name(),
        "attempts": attempts,
        "next": (waiting && !unserved).then(|| next.to_string()),
        "confirmed": confirmed.map(|confirmed| confirmed.to_string()),
        "problem": problem,
    })
}

fn problem(status: StatusCode, message: &str) -> HttpResponse {
    HttpResponse::build(status).json(json!({ "message": message }))
}

fn failed(error: &StoreError) -> HttpResponse {
    tracing::error!(%error, "sales could not be read or repeated");
    problem(StatusCode::INTERNAL_SERVER_ERROR, "the store did not answer; see the log")
}

// === impl Wanted ===

impl Wanted {
    fn parse(query: &str) -> Result<Self, String> {
        let (mut state, mut limit) = (None, None);
        for (name, value) in form_urlencoded::parse(query.as_bytes()) {
            let known = match &*name {
                "state" => state.replace(parse_state(&value)?).is_none(),
                "limit" => limit.replace(parse_limit(&value)?).is_none(),
                _ => return Err("only `state` and `limit` are known".into()),
            };
            if !known {
                return Err(format!("`{name}` is given more than once"));
            }
        }
        Ok(Self { state, limit: limit.unwrap_or(LIMIT) })
    }
}

fn parse_state(text: &str) -> Result<ConfirmationState, String> {
    let names = ConfirmationState::ALL.map(ConfirmationState::name).join(", ");
    ConfirmationState::parse(text).ok_or_else(|| format!("`state` must be one of {names}"))
}

fn parse_limit(text: &str) -> Result<u32, String> {
    let limit = text.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit));
    limit.ok_or_else(|| format!("`limit` must be from 1 to {LARGEST_LIMIT}"))
}

// === impl Which ===

impl Which {
    fn parse(body: &[u8]) -> Result<Self, String> {
        let body: Repeat = serde_json::from_slice(body).map_err(
            |_| "the body must be a JSON object with the texts `request_id` and `offer_id`, or with `state`",
        )?;
        match body {
            Repeat { state: Some(state), request_id: None, offer_id: None } if state == "dead" => {
                Ok(Which::AllDead)
            }
            Repeat { state: Some(_), request_id: None, offer_id: None } => Err("`state` must be dead".into()),
            Repeat { state: Some(_), .. } => {
                Err("`state` cannot stand beside `request_id` and `offer_id`".into())
            }
            Repeat { state: None, request_id, offer_id } => {
                let request_id = request_id.ok_or("`request_id` is missing")?;
                let request_id = request_id.parse().map_err(|_| "`request_id` must be a UUID")?;
                let offer_id = offer_id.filter(|id| !id.is_empty()).ok_or("`offer_id` is missing")?;
                Ok(Which::One(request_id, offer_id))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, test};

    use super::*;
    use crate::offers::sales::trial::{self, Trial};

    async fn ask(trial: &Trial, request: test::TestRequest) -> (u16, Value) {
        let app = App::new().app_data(Data::new(trial.sales.clone())).configure(configure);
        let app = test::init_service(app).await;
        let answer = test::call_service(&app, request.to_request()).await;
        let status = answer.status().as_u16();
        (status, serde_json::from_slice(&test::read_body(answer).await).unwrap())
    }

    async fn listed(trial: &Trial, query: &str) -> (u16, Value) {
        ask(trial, test::TestRequest::get().uri(&format!("/sales{query}"))).await
    }

    async fn repeated(trial: &Trial, body: &Value) -> (u16, Value) {
        ask(trial, test::TestRequest::post().uri("/sales/repeat").set_json(body)).await
    }

    #[actix_web::test]
    async fn sales_are_listed_with_what_became_of_them() {
        let trial = Trial::open().await;
        trial.dead(1).await;
        trial.waiting(2).await;
        let (status, body) = listed(&trial, "?state=dead").await;
        assert_eq!(status, 200);
        let expected = json!({ "sales": [{
            "account": trial::ACCOUNT,
            "insurer": "alfastrah",
            "request_id": Uuid::from_u128(1),
            "offer_id": "offer-1",
            "counterparty_id": 7,
            "amount": 7072.35,
            "is_upsaled": true,
            "paid": "2026-11-20T10:00:01Z",
            "state": "dead",
            "attempts": 3,
            "next": null,
            "confirmed": null,
            "problem": "the partner answered 409",
        }]});
        assert_eq!(body, expected);
        let (_, body) = listed(&trial, "").await;
        let ids: Vec<_> = body["sales"].as_array().unwrap().iter().map(|sale| &sale["offer_id"]).collect();
        assert_eq!(ids, ["offer-2", "offer-1"]);
        let problem = format!("partner.accounts.{}.confirm is not set", trial::ACCOUNT);
        assert_eq!(
            (&body["sales"][0]["problem"], &body["sales"][0]["next"]),
            (&json!(problem), &Value::Null)
        );
        let (_, body) = listed(&trial, "?limit=1").await;
        assert_eq!(body["sales"].as_array().unwrap().len(), 1);
    }

    #[actix_web::test]
    async fn a_wrong_list_names_the_parameter() {
        let trial = Trial::open().await;
        for (query, named) in [
            ("?state=lost", "`state`"),
            ("?limit=0", "`limit`"),
            ("?limit=10001", "`limit`"),
            ("?limit=x", "`limit`"),
            ("?limit=1&limit=2", "`limit`"),
            ("?account=demo", "only `state` and `limit`"),
        ] {
            let (status, body) = listed(&trial, query).await;
            assert_eq!(status, 400, "{query}");
            assert!(body["message"].as_str().unwrap().contains(named), "{query}: {body}");
        }
    }

    #[actix_web::test]
    async fn one_sale_or_all_dead_ones_are_repeated() {
        let trial = Trial::open().await;
        for number in 1..=3 {
            trial.dead(number).await;
        }
        trial.confirmed(4).await;
        let one = |number: u128| json!({ "request_id": Uuid::from_u128(number), "offer_id": format!("offer-{number}") });
        let done = |count: u32| (200, json!({ "repeated": count, "more": false }));
        assert_eq!(repeated(&trial, &one(2)).await, done(1));
        assert_eq!(trial.states().await, ["dead", "waiting", "dead", "confirmed"]);
        assert_eq!(repeated(&trial, &one(4)).await.0, 409);
        assert_eq!(repeated(&trial, &one(5)).await.0, 404);
        assert_eq!(repeated(&trial, &json!({ "state": "dead" })).await, done(2));
        assert_eq!(trial.states().await, ["waiting", "waiting", "waiting", "confirmed"]);
        assert_eq!(repeated(&trial, &json!({ "state": "dead" })).await, done(0));
    }

    #[actix_web::test]
    async fn a_wrong_repetition_names_the_parameter() {
        let trial = Trial::open().await;
        let id = Uuid::from_u128(1);
        for (body, named) in [
            (json!({}), "`request_id`"),
            (json!({ "request_id": id }), "`offer_id`"),
            (json!({ "request_id": id, "offer_id": "" }), "`offer_id`"),
            (json!({ "request_id": "1", "offer_id": "o" }), "`request_id`"),
            (json!({ "request_id": 1, "offer_id": "o" }), "`request_id`"),
            (json!({ "state": "waiting" }), "`state`"),
            (json!({ "state": "dead", "offer_id": "o" }), "`state`"),
            (json!({ "offers": "all" }), "JSON object"),
        ] {
            let (status, answer) = repeated(&trial, &body).await;
            assert_eq!(status, 400, "{body}");
            assert!(answer["message"].as_str().unwrap().contains(named), "{body}: {answer}");
        }
    }

    #[actix_web::test]
    async fn a_form_of_a_web_page_repeats_nothing() {
        let trial = Trial::open().await;
        trial.dead(1).await;
        for content_type in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            let request = test::TestRequest::post().uri("/sales/repeat");
            let request =
                request.insert_header(("content-type", content_type)).set_payload(r#"{"state":"dead"}"#);
            assert_eq!(ask(&trial, request).await.0, 415, "{content_type}");
        }
        assert_eq!(trial.states().await, ["dead"]);
    }
}

//! Sales, for operators: which are confirmed to the partner, which wait or are dead, and sending them again.
//!
//! `GET /sales?state=dead&limit=20` lists them, the newest first. `POST /sales/repeat` sends again one of
//! them (`{"request_id": "…", "offer_id": "…"}`) or all that are dead (`{"state": "dead"}`). The POST demands
//! `application/json`, which no form of a web page can send.

use actix_web::{
    HttpRequest, HttpResponse, get,
    http::StatusCode,
    post,
    web::{Bytes, Data, ServiceConfig},
};
use serde_json::{Value, json};
use uuid::Uuid;
use veer_contract::domain::Kopecks;

use super::{
    asked::{Body, Query},
    refusal::Refusal,
};
use crate::{
    offers::sales::{Repeated, Sales},
    store::{ConfirmationState, SaleConfirmation},
};

/// What is to be repeated.
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
async fn list(sales: Data<Sales>, request: HttpRequest) -> Result<HttpResponse, Refusal> {
    let mut query = Query::parse(request.query_string(), &["state", "limit"])?;
    let names = ConfirmationState::ALL.map(ConfirmationState::name).join(", ");
    let state = query.read("state", &format!("one of {names}"), ConfirmationState::parse)?;
    let limit = query.read("limit", &format!("from 1 to {LARGEST_LIMIT}"), |text| {
        text.parse().ok().filter(|limit| (1..=LARGEST_LIMIT).contains(limit))
    })?;
    let found = sales.list(state, limit.unwrap_or(LIMIT)).await.map_err(Refusal::failed)?;
    let rows: Vec<Value> = found.iter().map(|sale| row(&sales, sale)).collect();
    Ok(HttpResponse::Ok().json(json!({ "sales": rows })))
}

/// Sends a sale again, or all that are dead.
#[post("/sales/repeat")]
async fn repeat(
    sales: Data<Sales>,
    request: HttpRequest,
    body: Result<Bytes, actix_web::Error>,
) -> Result<HttpResponse, Refusal> {
    let which = Which::read(Body::read(&request, body, &["request_id", "offer_id", "state"])?)?;
    let (repeated, more) = match which {
        Which::AllDead => sales.repeat_dead().await.map_err(Refusal::failed)?,
        Which::One(request_id, offer_id) => {
            match sales.repeat(request_id, &offer_id).await.map_err(Refusal::failed)? {
                Repeated::Now => (1, false),
                Repeated::Confirmed => {
                    let message = "the partner has this sale already".to_owned();
                    return Err(Refusal::new(StatusCode::CONFLICT, message));
                }
                Repeated::Unknown => {
                    let message = "no sale is known under that request_id and offer_id".to_owned();
                    return Err(Refusal::new(StatusCode::NOT_FOUND, message));
                }
            }
        }
    };
    Ok(HttpResponse::Ok().json(json!({ "repeated": repeated, "more": more })))
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

// === impl Which ===

impl Which {
    fn read(mut body: Body) -> Result<Self, Refusal> {
        let (request_id, offer_id) = (body.short("request_id")?, body.short("offer_id")?);
        match (body.short("state")?.as_deref(), request_id, offer_id) {
            (Some("dead"), None, None) => Ok(Self::AllDead),
            (Some(_), None, None) => Err(Refusal::wrong("`state` must be dead".to_owned())),
            (Some(_), ..) => {
                Err(Refusal::wrong("`state` cannot stand beside `request_id` and `offer_id`".to_owned()))
            }
            (None, None, _) => Err(Refusal::wrong(
                "`request_id` is missing: name one sale by `request_id` and `offer_id`, or all dead ones by `state`".to_owned(),
            )),
            (None, Some(_), None) => Err(Refusal::wrong("`offer_id` is missing".to_owned())),
            (None, Some(request_id), Some(offer_id)) => {
                let wrong = |_| Refusal::wrong("`request_id` must be a UUID".to_owned());
                Ok(Self::One(request_id.parse().map_err(wrong)?, offer_id))
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
            ("?account=demo", "only `state`, `limit` are"),
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
            (json!({ "offers": "all" }), "`offers` is not known"),
            (json!(["dead"]), "JSON object"),
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

use actix_web::{App, test, web::Data};
use serde_json::{Value, json};

use super::*;
use crate::{
    config::{OperatorConfig, Secret},
    tuning::trial::Trial,
};

const TOKEN: &str = "anna-has-a-token";

fn operators() -> Vec<OperatorConfig> {
    [("anna", TOKEN), ("boris", "boris-has-another")]
        .map(|(name, token)| OperatorConfig { name: name.into(), token: Secret::new(token) })
        .into()
}

async fn answered(trial: &Trial, operators: &[OperatorConfig], request: test::TestRequest) -> (u16, Value) {
    let app = App::new()
        .app_data(Data::new(trial.tuning.clone()))
        .app_data(Data::new(Operators::new(operators)))
        .configure(configure);
    let app = test::init_service(app).await;
    let answer = test::call_service(&app, request.to_request()).await;
    let status = answer.status().as_u16();
    assert_eq!(answer.headers().contains_key("www-authenticate"), status == 401);
    let body = test::read_body(answer).await;
    (status, serde_json::from_slice(&body).unwrap_or_else(|_| panic!("{status} {body:?}")))
}

async fn get(trial: &Trial, path: &str) -> (u16, Value) {
    answered(trial, &operators(), test::TestRequest::get().uri(path)).await
}

async fn ask(trial: &Trial, method: &str, path: &str, body: &Value) -> (u16, Value) {
    let request = test::TestRequest::default().method(method.parse().unwrap()).uri(path).set_json(body);
    let request = request.insert_header(("authorization", format!("Bearer {TOKEN}")));
    answered(trial, &operators(), request).await
}

fn message(answer: &(u16, Value)) -> &str {
    answer.1["message"].as_str().unwrap_or_default()
}

#[actix_web::test]
async fn an_operator_sets_overrides_and_ends() {
    let trial = Trial::open().await;
    let (status, body) = ask(
        &trial,
        "PUT",
        "/limits/alfastrah/create/limit",
        &json!({ "value": "4/s", "reason": " theirs " }),
    )
    .await;
    assert_eq!(status, 200, "{body}");
    let revision = &body["revision"];
    assert_eq!((&revision["revision"], &revision["what"]), (&json!(1), &json!("set")));
    assert_eq!((&revision["author"], &revision["through"]), (&json!("anna"), &json!("http")));
    assert_eq!((&revision["reason"], &revision["from"]), (&json!("theirs"), &json!("5/s, 8 at once")));
    assert_eq!(body["knob"]["value"], "4/s, 8 at once");

    let wanted = json!({ "value": "no", "for": "10m", "reason": "their night works" });
    let (status, body) = ask(&trial, "POST", "/limits/alfastrah/enabled/override", &wanted).await;
    assert_eq!((status, &body["knob"]["value"]), (200, &json!("no")), "{body}");
    assert_eq!(body["revision"]["until"], body["knob"]["override"]["until"]);
    let (_, shown) = get(&trial, "/limits?insurer=alfastrah").await;
    let knobs = shown["knobs"].as_array().unwrap();
    let enabled = knobs.iter().find(|knob| knob["knob"] == "enabled").unwrap();
    assert_eq!(
        (&enabled["value"], &enabled["configured"], &enabled["set"]),
        (&json!("no"), &json!("yes"), &Value::Null)
    );
    assert_eq!((&enabled["override"]["author"], &enabled["lane"]), (&json!("anna"), &Value::Null));

    let over = "/limits/alfastrah/enabled/override";
    let (status, body) = ask(&trial, "DELETE", over, &json!({ "reason": "done" })).await;
    assert_eq!((status, &body["knob"]["value"]), (200, &json!("yes")), "{body}");
    let again = ask(&trial, "DELETE", over, &json!({ "reason": "done" })).await;
    assert_eq!((again.0, message(&again)), (409, "alfastrah enabled: nothing is overridden there"));

    let (_, body) = get(&trial, "/limits/history").await;
    let said: Vec<_> = body["revisions"].as_array().unwrap().iter().map(|it| &it["what"]).collect();
    assert_eq!(said, ["end", "override", "set"]);
    let (_, body) = get(&trial, "/limits/history?lane=create&limit=1&before=2").await;
    assert_eq!(
        (body["revisions"].as_array().unwrap().len(), &body["revisions"][0]["revision"]),
        (1, &json!(1))
    );
}

#[actix_web::test]
async fn overriding_a_lanes_knob_has_an_address_of_its_own() {
    let trial = Trial::open().await;
    let path = "/limits/alfastrah/create/limit/override";
    let wanted = json!({ "value": "2/s", "for": "1h", "reason": "r" });
    assert_eq!(ask(&trial, "POST", path, &wanted).await.1["knob"]["value"], "2/s, 8 at once");
    assert_eq!(trial.holds("alfastrah create limit"), "2/s, 8 at once");
    assert_eq!(
        ask(&trial, "DELETE", path, &json!({ "reason": "r" })).await.1["knob"]["value"],
        "5/s, 8 at once"
    );
    let wanted = json!({ "value": "20%", "reason": "r" });
    assert_eq!(ask(&trial, "PUT", "/limits/vsk/asked", &wanted).await.0, 200);
}

#[actix_web::test]
async fn nobody_changes_anything_without_an_operators_token() {
    let trial = Trial::open().await;
    let wanted = json!({ "value": "1/s", "for": "1m", "reason": "r" });
    let calls = [
        ("PUT", "/limits/alfastrah/create/limit"),
        ("PUT", "/limits/alfastrah/enabled"),
        ("POST", "/limits/alfastrah/create/limit/override"),
        ("POST", "/limits/alfastrah/enabled/override"),
        ("DELETE", "/limits/alfastrah/create/limit/override"),
        ("DELETE", "/limits/alfastrah/enabled/override"),
    ];
    for (method, path) in calls {
        let request =
            || test::TestRequest::default().method(method.parse().unwrap()).uri(path).set_json(&wanted);
        let refused = answered(&trial, &[], request()).await;
        assert!(refused.0 == 403 && message(&refused).contains("[operations.accounts."), "{refused:?}");
        let refused = answered(&trial, &operators(), request()).await;
        assert!(refused.0 == 401 && message(&refused).contains("Authorization: Bearer"), "{refused:?}");
        for wrong in ["Bearer ", "Bearer anna-has-a-toke", "Basic anna-has-a-token", "anna-has-a-token"] {
            let request = request().insert_header(("authorization", wrong));
            assert_eq!(answered(&trial, &operators(), request).await.0, 401, "{method} {path} {wrong}");
        }
        assert!(!message(&refused).contains(TOKEN));
    }
    assert_eq!(trial.tuning.show(None, None).unwrap().revision, 0);
    // Who only looks is asked for nothing.
    for path in ["/limits", "/limits/history"] {
        assert_eq!(answered(&trial, &[], test::TestRequest::get().uri(path)).await.0, 200);
    }
    let wanted = json!({ "insurer": "alfastrah", "lane": "create", "limit": "1/s" });
    let request = test::TestRequest::post().uri("/limits/dry-run").set_json(&wanted);
    assert_eq!(answered(&trial, &[], request).await.0, 200);
}

#[actix_web::test]
async fn nonsense_is_told_with_a_sentence() {
    let trial = Trial::open().await;
    let lane = "/limits/alfastrah/create/limit";
    let over = "/limits/alfastrah/create/limit/override";
    for (method, path, body, status, told) in [
        (
            "PUT",
            lane,
            json!({ "value": "5/sec", "reason": "r" }),
            400,
            "alfastrah create limit: `5/sec` is no rate",
        ),
        ("PUT", lane, json!({ "value": "5/s" }), 400, "`reason` is missing"),
        ("PUT", lane, json!({ "value": "5/s", "reason": " " }), 400, "`reason` must have"),
        ("PUT", lane, json!({ "value": "5/s", "reason": "a\nb" }), 400, "one line"),
        ("PUT", lane, json!({ "reason": "r" }), 400, "`value` is missing"),
        ("PUT", lane, json!({ "value": 5, "reason": "r" }), 400, "`value` must be a text"),
        ("PUT", lane, json!({ "value": "5/s", "for": "1m", "reason": "r" }), 400, "`for` is not known"),
        ("PUT", "/limits/alfastra/enabled", json!({}), 404, "did you mean `alfastrah`?"),
        ("PUT", "/limits/alfastrah/creat/limit", json!({}), 404, "did you mean `create`?"),
        ("PUT", "/limits/alfastrah/create/enabled", json!({}), 404, "name it without the lane"),
        ("PUT", "/limits/alfastrah/limit", json!({}), 404, "name one of alfastrah's lanes too"),
        ("POST", over, json!({ "value": "1/s", "reason": "r" }), 400, "`for` is missing"),
        (
            "POST",
            over,
            json!({ "value": "1/s", "for": "soon", "reason": "r" }),
            400,
            "`for`: `soon` is no duration",
        ),
        ("POST", over, json!({ "value": "1/s", "for": "8d", "reason": "r" }), 400, "from 1s to 7d"),
        ("DELETE", over, json!({}), 400, "`reason` is missing"),
        (
            "POST",
            "/limits/dry-run",
            json!({ "insurer": "alfastrah", "lane": "create" }),
            400,
            "`limit` is missing",
        ),
        (
            "POST",
            "/limits/dry-run",
            json!({ "insurer": "alfastrah", "lane": "poll", "limit": "5/s" }),
            404,
            "no demand",
        ),
    ] {
        let answer = ask(&trial, method, path, &body).await;
        assert!(answer.0 == status && message(&answer).contains(told), "{method} {path} {body}: {answer:?}");
    }
    for (path, status, told) in [
        ("/limits?insurer=alfastra", 404, "did you mean"),
        ("/limits?lane=create", 400, "name the insurer too"),
        ("/limits?insurers=alfastrah", 400, "`insurers` is not known"),
        ("/limits/history?limit=0", 400, "`limit` must be from 1 to 10000"),
        ("/limits/history?before=x", 400, "`before` must be a revision's number"),
    ] {
        let answer = get(&trial, path).await;
        assert!(answer.0 == status && message(&answer).contains(told), "{path}: {answer:?}");
    }
    assert_eq!(trial.tuning.show(None, None).unwrap().revision, 0);
}

#[actix_web::test]
async fn a_form_of_a_web_page_changes_nothing() {
    let trial = Trial::open().await;
    for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
        let request = test::TestRequest::post().uri("/limits/alfastrah/enabled/override");
        let request = request.insert_header(("authorization", format!("Bearer {TOKEN}")));
        let body = r#"{"value":"no","for":"1m","reason":"r"}"#;
        let request = request.insert_header(("content-type", kind)).set_payload(body);
        assert_eq!(answered(&trial, &operators(), request).await.0, 415, "{kind}");
    }
    assert_eq!(trial.holds("alfastrah enabled"), "yes");
}

#[actix_web::test]
async fn a_dry_run_tells_both_limits() {
    let trial = Trial::open().await;
    let wanted = json!({ "insurer": "alfastrah", "lane": "create", "limit": "50/min" });
    let (status, body) = ask(&trial, "POST", "/limits/dry-run", &wanted).await;
    let expected = json!({
        "insurer": "alfastrah",
        "lane": "create",
        "current": {
            "limit": "5/s", "covers_ms": 3_600_000, "is_cut": false, "asked": 100, "sent": 5, "refused": 95,
            "waited": 2, "waited_total_ms": 1500, "waited_longest_ms": 250
        },
        "proposed": {
            "limit": "50/min", "covers_ms": 3_600_000, "is_cut": false, "asked": 100, "sent": 50, "refused": 50,
            "waited": 25, "waited_total_ms": 1500, "waited_longest_ms": 250
        },
    });
    assert_eq!((status, body), (200, expected));
}

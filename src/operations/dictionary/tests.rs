use actix_web::{App, http::header::CONTENT_TYPE, test, web::Data};
use serde_json::{Value, json};

use super::{
    configure,
    trial::{CSV, INSURER, Trial},
};

const MODELS: &str = "model_id,brand_id,name,name_ru,categories,also,engines,merged_into\n";
const BRANDS: &str = "brand_id,name,name_ru,also,merged_into\n";

async fn ask(trial: &Trial, request: test::TestRequest) -> (u16, String, String) {
    let app = App::new().app_data(Data::new(trial.reading.clone())).configure(configure);
    let app = test::init_service(app).await;
    let answer = test::call_service(&app, request.to_request()).await;
    let status = answer.status().as_u16();
    let kind = answer.headers().get(CONTENT_TYPE).unwrap().to_str().unwrap().to_owned();
    let body = test::read_body(answer).await;
    (status, kind, String::from_utf8(body.to_vec()).unwrap())
}

async fn get(trial: &Trial, path: &str) -> (u16, Value) {
    let (status, _, body) = ask(trial, test::TestRequest::get().uri(&format!("/dictionary{path}"))).await;
    (status, serde_json::from_str(&body).unwrap())
}

async fn post(trial: &Trial, path: &str, body: &Value) -> (u16, Value) {
    let request = test::TestRequest::post().uri(&format!("/dictionary{path}")).set_json(body);
    let (status, _, body) = ask(trial, request).await;
    (status, serde_json::from_str(&body).unwrap())
}

/// The key of an insurer's name.
async fn key_of(trial: &Trial, model: &str) -> String {
    for state in ["", "&state=automatic", "&state=refused", "&state=confirmed"] {
        let (_, body) = get(trial, &format!("/names?insurer={INSURER}{state}")).await;
        let names = body["names"].as_array().unwrap();
        if let Some(name) = names.iter().find(|name| name["model"] == model) {
            return name["key"].as_str().unwrap().to_owned();
        }
    }
    panic!("{model} is not there");
}

/// The entry that a name stands for.
async fn entry_of(trial: &Trial, model: &str) -> u64 {
    let (_, body) = get(trial, &format!("/names?insurer={INSURER}&state=automatic")).await;
    let names = body["names"].as_array().unwrap();
    let found = names.iter().find(|name| name["model"] == model).unwrap();
    found["mappings"][0]["entry"].as_u64().unwrap()
}

#[actix_web::test]
async fn the_status_tells_the_version_and_how_far_insurers_are_mapped() {
    let trial = Trial::open().await;
    let (status, body) = get(&trial, "").await;
    assert_eq!((status, &body["version"]["number"], &body["unpublished"]), (200, &json!(1), &json!(0)));
    assert_eq!((&body["insurers"], &body["readable"]), (&json!([]), &json!([])));
    let trial = Trial::with_names().await;
    let (_, body) = get(&trial, "").await;
    let book = &body["insurers"][0];
    assert_eq!((&book["dictionary"], &book["names"]), (&json!(INSURER), &json!(3)));
    assert_eq!(
        book["mapped"],
        json!({ "automatic": 2, "confirmed": 0, "nothing": 0, "proposed": 0, "unmapped": 1 })
    );
    assert_eq!((&book["last"]["source"], &book["known_models"]), (&json!("insurer"), &json!(2)));
    let (_, body) = get(&trial, "/versions").await;
    assert_eq!(body["versions"].as_array().unwrap().len(), 1);
    assert_eq!(body["versions"][0]["author"], "veer");
}

#[actix_web::test]
async fn what_waits_for_a_person_is_listed() {
    let trial = Trial::with_names().await;
    let (status, body) = get(&trial, "/names").await;
    assert_eq!((status, &body["count"]), (200, &json!(1)));
    let name = &body["names"][0];
    assert_eq!(
        (&name["brand"], &name["model"], &name["category"]),
        (&json!("KIA"), &json!("ЗВЕЗДОЛЁТ"), &json!("B"))
    );
    assert_eq!(name["mappings"], json!([]));
    let (_, body) = get(&trial, "/names?state=automatic&limit=1").await;
    assert_eq!((&body["count"], body["names"].as_array().unwrap().len()), (&json!(2), 1));
    assert_eq!(body["names"][0]["mappings"][0]["author"], "matcher");
}

#[actix_web::test]
async fn a_person_confirms_and_refuses() {
    let trial = Trial::with_names().await;
    let (unknown, rio) = (key_of(&trial, "ЗВЕЗДОЛЁТ").await, entry_of(&trial, "RIO").await);
    let (status, body) = post(&trial, "/confirm", &json!({ "key": unknown, "author": "anna" })).await;
    assert_eq!(status, 409, "{body}");
    let decision = json!({ "key": unknown, "entry": rio, "author": " anna ", "note": "as they told" });
    let (status, body) = post(&trial, "/confirm", &decision).await;
    assert_eq!((status, &body["mappings"][0]["state"]), (200, &json!("confirmed")), "{body}");
    assert_eq!(body["mappings"][0]["author"], "anna");
    let refusal = json!({ "key": unknown, "entry": rio.to_string(), "author": "boris" });
    let (status, body) = post(&trial, "/refuse", &refusal).await;
    assert_eq!((status, &body["mappings"][0]["state"]), (200, &json!("refused")), "{body}");
    let (status, body) = get(&trial, &format!("/names/{unknown}")).await;
    let said: Vec<_> = body["mappings"].as_array().unwrap().iter().map(|said| &said["author"]).collect();
    assert_eq!((status, said.len()), (200, 2), "{body}");
    assert!(said.contains(&&json!("anna")) && said.contains(&&json!("boris")), "{body}");
    for (decision, expected) in [
        (json!({ "key": "0000000000", "author": "anna" }), 404),
        (json!({ "key": unknown, "entry": 4_000_000_000_u32, "author": "anna" }), 404),
    ] {
        for path in ["/confirm", "/refuse"] {
            let (status, body) = post(&trial, path, &decision).await;
            assert_eq!(status, expected, "{path} {decision}: {body}");
        }
    }
    assert_eq!(get(&trial, "/names/0000000000").await.0, 404);
}

#[actix_web::test]
async fn a_dictionary_is_taken_in_as_a_file() {
    let trial = Trial::with_names().await;
    let body = json!({ "insurer": INSURER, "csv": CSV, "author": "anna" });
    let (status, body) = post(&trial, "/import", &body).await;
    let report = &body["imports"][0]["report"];
    assert_eq!(
        (status, &report["source"], &report["author"]),
        (200, &json!("file"), &json!("anna")),
        "{body}"
    );
    assert_eq!(report["added"], json!({ "count": 1, "first": ["LADA VESTA (B)"] }));
    assert_eq!(report["recoded"], json!({ "count": 1, "first": ["HYUNDAI SOLARIS (B)"] }));
    assert_eq!(report["gone"]["count"], 0);
    let wrong = json!({ "insurer": INSURER, "csv": "brand\nKIA\n", "author": "anna" });
    let (status, body) = post(&trial, "/import", &wrong).await;
    assert!(status == 400 && body["message"].as_str().unwrap().contains("`model`"), "{body}");
    let lost = json!({ "insurer": INSURER, "csv": "brand,model\nKIA,RIO\n", "author": "anna" });
    let (status, body) = post(&trial, "/import", &lost).await;
    assert!(status == 409 && body["message"].as_str().unwrap().contains("--force"), "{body}");
    let forced =
        json!({ "insurer": INSURER, "csv": "brand,model\nKIA,RIO\n", "author": "anna", "force": true });
    assert_eq!(post(&trial, "/import", &forced).await.1["imports"][0]["report"]["gone"]["count"], 4);
}

#[actix_web::test]
async fn an_insurer_that_nobody_knows_is_told_with_those_that_are() {
    let trial = Trial::with_names().await;
    for (path, body) in [
        ("/import", json!({ "insurer": "nobody", "csv": CSV, "author": "anna" })),
        ("/import", json!({ "insurer": "nobody", "author": "anna" })),
    ] {
        let (status, body) = post(&trial, path, &body).await;
        assert!(status == 404 && body["message"].as_str().unwrap().contains("nobody"), "{body}");
    }
    for path in ["/names?insurer=nobody", "/export?insurer=nobody"] {
        let (status, body) = get(&trial, path).await;
        assert!(status == 404 && body["message"].as_str().unwrap().contains(INSURER), "{path}: {body}");
    }
    let (status, body) = post(&trial, "/import", &json!({ "author": "anna" })).await;
    assert!(status == 409 && body["message"].as_str().unwrap().contains("CSV"), "{body}");
}

#[actix_web::test]
async fn sheets_go_into_the_draft_and_the_draft_is_published() {
    let trial = Trial::open().await;
    let brand = json!({ "brands": format!("{BRANDS},Зарница,,,\n"), "author": "anna" });
    let (status, body) = post(&trial, "/catalogue", &brand).await;
    assert_eq!((status, &body["added"][0]["name"]), (200, &json!("Зарница")), "{body}");
    let id = body["added"][0]["id"].as_u64().unwrap();
    let model = json!({ "models": format!("{MODELS},{id},Луч,,B,,2026- 150,\n") });
    assert_eq!(post(&trial, "/catalogue", &model).await.1["added"][0]["id"], id + 1);

    let (status, body) = get(&trial, "/diff").await;
    assert_eq!((status, &body["to"]), (200, &json!("следующая версия")));
    assert_eq!(body["difference"]["brands"][0]["changes"], json!([{ "change": "added" }]));
    let (status, kind, text) =
        ask(&trial, test::TestRequest::get().uri("/dictionary/diff?from=1&to=draft&format=text")).await;
    assert_eq!((status, &*kind), (200, "text/plain; charset=utf-8"));
    assert!(text.contains("Зарница Луч: добавлено"), "{text}");

    let (_, body) = get(&trial, "/export?of=draft").await;
    assert!(body["models"].as_str().unwrap().contains(&format!("{},{id},Луч", id + 1)));
    assert!(!get(&trial, "/export").await.1["brands"].as_str().unwrap().contains("Зарница"));
    let published = json!({ "author": "anna", "note": "Зарница" });
    let (status, body) = post(&trial, "/publish", &published).await;
    assert_eq!((status, &body["number"], &body["author"]), (200, &json!(2), &json!("anna")));
    assert_eq!(post(&trial, "/publish", &published).await.0, 409);
    assert_eq!(get(&trial, "/export?of=3").await.0, 404);
    assert_eq!(get(&trial, "/diff?from=3").await.0, 404);
}

#[actix_web::test]
async fn every_problem_of_the_sheets_is_told() {
    let trial = Trial::open().await;
    let sheets = json!({
        "brands": format!("{BRANDS}x,Зарница,,,\n"),
        "models": format!("{MODELS},1,Луч,,Z,,2026- 150,\n"),
    });
    let (status, body) = post(&trial, "/catalogue", &sheets).await;
    assert_eq!(status, 400);
    let problems = body["problems"].as_array().unwrap();
    let places: Vec<_> =
        problems.iter().map(|it| (it["sheet"].as_str().unwrap(), it["line"].as_u64())).collect();
    assert_eq!(places, [("brands", Some(2)), ("models", Some(2))], "{body}");
    assert!(body["message"].as_str().unwrap().contains("nothing was changed"), "{body}");
    assert_eq!(get(&trial, "").await.1["unpublished"], 0);
}

#[actix_web::test]
async fn an_insurers_names_are_written_with_what_they_stand_for() {
    let trial = Trial::with_names().await;
    let rio = entry_of(&trial, "RIO").await;
    let request = test::TestRequest::get().uri(&format!("/dictionary/export?insurer={INSURER}"));
    let (status, kind, text) = ask(&trial, request).await;
    assert_eq!((status, &*kind), (200, "text/csv; charset=utf-8"));
    let lines: Vec<&str> = text.lines().collect();
    assert!(lines[0].starts_with("key,category,brand,model,brand_code,code,first_year"), "{text}");
    let key = key_of(&trial, "RIO").await;
    let line = lines.iter().find(|line| line.contains("RIO")).unwrap();
    assert!(line.starts_with(&format!("{key},B,KIA,RIO,,1,,,automatic,{rio},Kia Rio,")), "{line}");
    let line = lines.iter().find(|line| line.contains("ЗВЕЗДОЛЁТ")).unwrap();
    assert!(line.ends_with(",B,KIA,ЗВЕЗДОЛЁТ,,2,,,,,,,,,"), "{line}");
}

#[actix_web::test]
async fn a_wrong_parameter_is_named() {
    let trial = Trial::open().await;
    for (path, named) in [
        ("?x=1", "`x`"),
        ("/versions?limit=1", "`limit`"),
        ("/names?state=lost", "`state` must be one of automatic"),
        ("/names?limit=0", "`limit` must be from 1"),
        ("/names?limit=10001", "`limit`"),
        ("/names?limit=1&limit=2", "`limit` is given more than once"),
        ("/names?account=demo", "`account` is not known; only `insurer`, `state`, `limit` are"),
        ("/diff?from=0", "`from` must be the number"),
        ("/diff?to=next", "`to` must be the number"),
        ("/diff?format=xml", "`format` must be json or text"),
        ("/export?of=-1", "`of` must be the number"),
        ("/export?of=1&insurer=alfastrah", "`of` cannot stand beside `insurer`"),
    ] {
        let (status, body) = get(&trial, path).await;
        assert!(status == 400 && body["message"].as_str().unwrap().contains(named), "{path}: {body}");
    }
    let long = "x".repeat(1001);
    for (path, body, named) in [
        ("/confirm", json!([]), "fields `key`, `entry`, `author`, `note`"),
        ("/confirm", json!({ "author": "anna" }), "`key` is missing"),
        ("/confirm", json!({ "key": "abcd" }), "`author` is missing"),
        ("/confirm", json!({ "key": "abcd", "author": " " }), "`author` must have"),
        ("/confirm", json!({ "key": 7, "author": "anna" }), "`key` must be a text"),
        ("/refuse", json!({ "key": "abcd", "author": "anna", "entry": "7x" }), "`entry` must be the id"),
        ("/refuse", json!({ "key": "abcd", "author": "anna", "entry": 1.5 }), "`entry` must be the id"),
        ("/refuse", json!({ "key": "abcd", "author": "anna", "note": long }), "`note` must have"),
        ("/import", json!({ "author": "anna", "csv": "" }), "`insurer` is missing"),
        ("/import", json!({ "author": "anna", "force": "yes" }), "`force` must be true or false"),
        ("/import", json!({ "author": "anna", "file": "x" }), "`file` is not known"),
        ("/import", json!({ "insurer": "alfastrah" }), "`author` is missing"),
        ("/publish", json!({ "author": "anna" }), "`note` is missing"),
        ("/catalogue", json!({ "author": "anna" }), "a sheet is missing"),
        ("/catalogue", json!({ "brands": 7 }), "`brands` must be a text"),
    ] {
        let (status, answer) = post(&trial, path, &body).await;
        assert!(
            status == 400 && answer["message"].as_str().unwrap().contains(named),
            "{path} {body}: {answer}"
        );
    }
}

#[actix_web::test]
async fn a_form_of_a_web_page_changes_nothing() {
    let trial = Trial::with_names().await;
    for path in ["/import", "/confirm", "/refuse", "/publish", "/catalogue"] {
        for kind in ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"] {
            let request = test::TestRequest::post().uri(&format!("/dictionary{path}"));
            let request = request.insert_header(("content-type", kind)).set_payload(r#"{"author":"x"}"#);
            assert_eq!(ask(&trial, request).await.0, 415, "{path} {kind}");
        }
    }
}

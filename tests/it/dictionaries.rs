//! The dictionary, read as the partner's scheduler reads it.

use std::io::Read as _;

use reqwest::{
    Client as Http, Method, StatusCode,
    header::{ACCEPT_ENCODING, ALLOW, CONTENT_ENCODING, CONTENT_LENGTH, ETAG, IF_NONE_MATCH},
};
use serde_json::{Value, json};

use crate::harness::{Client, House, plan};

/// What the method answers, once it is held against the contract.
async fn told(client: &Client, target: &str) -> Value {
    let answer = client.ask(Method::GET, &format!("/dictionaries/{target}"), None).await.expect("an answer");
    assert_eq!(answer.status, 200, "{target}: {answer:?}");
    answer.body
}

fn text<'a>(entry: &'a Value, name: &str) -> &'a str {
    entry[name].as_str().unwrap_or_else(|| panic!("{name} is no text: {entry}"))
}

/// A scheduler that reads bytes as they are sent.
async fn sent(client: &Client, method: Method, target: &str, headers: &[(&str, &str)]) -> reqwest::Response {
    let http = Http::builder().no_proxy().tls_certs_only([]).no_gzip().no_brotli().build().expect("a client");
    let address = format!("http://{}/dictionaries/{target}", client.partner);
    let request = http.request(method, address).bearer_auth("demo-token");
    let request = headers.iter().fold(request, |request, (name, value)| request.header(*name, *value));
    request.send().await.expect("an answer")
}

fn header(answer: &reqwest::Response, name: impl AsRef<str>) -> String {
    answer.headers().get(name.as_ref()).map_or("", |value| value.to_str().expect("text")).to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_scheduler_walks_from_brands_to_modifications() {
    let house = House::open(plan::healthy()).await;
    let client = &house.client;
    for category in ["A", "C", "E"] {
        let synced = told(client, &format!("sync-all?category={category}")).await;
        let brands = told(client, &format!("brands?category={category}")).await;
        let (synced, brands) = (synced["brands"].as_array().unwrap(), brands["brands"].as_array().unwrap());
        let ids = |brands: &[Value]| -> Vec<String> {
            brands.iter().map(|brand| text(brand, "brand_id").to_owned()).collect()
        };
        assert_eq!(ids(synced), ids(brands), "{category}");
        for brand in synced.iter().take(2) {
            let id = text(brand, "brand_id");
            let models = told(client, &format!("models?brand_id={id}&category={category}")).await;
            assert_eq!(models["brand_id"], id);
            let models = models["models"].as_array().unwrap();
            let expected = brand["models"].as_array().unwrap();
            assert_eq!(models.len(), expected.len());
            for (model, expected) in models.iter().zip(expected).take(2) {
                assert_eq!(model["vehicle_type"], expected["vehicle_types"]);
                the_model_is(client, expected).await;
            }
        }
    }
}

/// The single methods say of that model what sync-all says.
async fn the_model_is(client: &Client, synced: &Value) {
    let id = text(synced, "model_id");
    let years = told(client, &format!("years?model_id={id}")).await;
    let expected: Vec<_> =
        synced["years"].as_array().expect("years").iter().map(|it| it["year"].clone()).collect();
    assert_eq!((&years["model_id"], &years["years"]), (&json!(id), &json!(expected)));
    for year in synced["years"].as_array().expect("years").iter().take(3) {
        let number = &year["year"];
        let powers = told(client, &format!("powers?model_id={id}&year={number}")).await;
        assert_eq!(powers, json!({"model_id": id, "powers": year["engine_powers"], "year": number}));
        let power = &powers["powers"][0];
        told(client, &format!("modifications?model_id={id}&year={number}&power={power}")).await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_whole_is_sent_in_every_coding_and_once() {
    let house = House::open(plan::healthy()).await;
    let client = &house.client;
    let target = "sync-all?category=C,D&category=E";
    let plain = sent(client, Method::GET, target, &[]).await;
    assert_eq!((plain.status(), header(&plain, CONTENT_ENCODING)), (StatusCode::OK, String::new()));
    let body = plain.bytes().await.expect("a body");
    let mut tags = Vec::new();
    for coding in ["zstd", "br", "gzip"] {
        let accepted = [(ACCEPT_ENCODING.as_str(), coding)];
        let answer = sent(client, Method::GET, target, &accepted).await;
        assert_eq!((answer.status(), header(&answer, CONTENT_ENCODING)), (StatusCode::OK, coding.to_owned()));
        let tag = header(&answer, ETAG);
        let packed = answer.bytes().await.expect("a body");
        assert!(packed.len() * 4 < body.len(), "{coding}: {} of {}", packed.len(), body.len());
        assert_eq!(unpacked(coding, &packed), body, "{coding}");

        let head = sent(client, Method::HEAD, target, &accepted).await;
        assert_eq!((head.status(), header(&head, ETAG)), (StatusCode::OK, tag.clone()));
        assert_eq!(header(&head, CONTENT_LENGTH), packed.len().to_string());

        let known = [accepted[0], (IF_NONE_MATCH.as_str(), &*tag)];
        for method in [Method::GET, Method::HEAD] {
            let answer = sent(client, method, target, &known).await;
            assert_eq!((answer.status(), header(&answer, ETAG)), (StatusCode::NOT_MODIFIED, tag.clone()));
            assert!(answer.bytes().await.expect("no body").is_empty());
        }
        tags.push(tag);
    }
    tags.dedup();
    assert_eq!(tags.len(), 3);
}

fn unpacked(coding: &str, packed: &[u8]) -> Vec<u8> {
    let mut plain = Vec::new();
    match coding {
        "zstd" => plain = zstd::bulk::decompress(packed, 64 << 20).expect("zstd"),
        "br" => drop(brotli::Decompressor::new(packed, 4096).read_to_end(&mut plain).expect("brotli")),
        "gzip" => drop(flate2::read::GzDecoder::new(packed).read_to_end(&mut plain).expect("gzip")),
        other => panic!("{other} was not asked for"),
    }
    plain
}

#[tokio::test(flavor = "multi_thread")]
async fn wrong_questions_are_told_what_is_wrong() {
    let house = House::open(plan::healthy()).await;
    let client = &house.client;
    let ask = async |target: &str| {
        client.ask(Method::GET, &format!("/dictionaries/{target}"), None).await.expect("an answer")
    };
    for (target, expected) in [
        ("brands?category=b", ["category"].as_slice()),
        ("models?category=F", &["brand_id", "category"]),
        ("years?model_id=&category=A&category=B", &["model_id", "category"]),
        ("powers?model_id=1&model_id=2&year=1899", &["model_id", "year"]),
        ("modifications", &["model_id", "year", "power"]),
        ("modifications?model_id=1&year=2015&power=80,9", &["power"]),
        ("sync-all?category=A,,B", &["category"]),
        ("sync-all?category=A&category=", &["category"]),
    ] {
        let answer = ask(target).await;
        assert_eq!(answer.status, 400, "{target}: {answer:?}");
        let wrong = answer.body["properties"].as_array().unwrap().iter();
        let wrong: Vec<_> = wrong.map(|wrong| text(wrong, "property")).collect();
        assert_eq!(wrong, expected, "{target}");
    }
    for target in [
        "models?brand_id=99",
        "models?brand_id=LADA",
        "years?model_id=99",
        "powers?model_id=99&year=2015",
        "modifications?model_id=99&year=2015&power=150",
        "everything",
    ] {
        assert_eq!(ask(target).await.status, 404, "{target}");
    }
    for method in ["brands", "models", "years", "powers", "modifications", "sync-all"] {
        let target = format!("/dictionaries/{method}");
        let refused = client.with_token("wrong").ask(Method::GET, &target, None).await.expect("an answer");
        assert_eq!(refused.status, 403, "{method}");
        let refused = sent(client, Method::POST, method, &[]).await;
        assert_eq!((refused.status().as_u16(), header(&refused, ALLOW)), (405, "GET, HEAD".to_owned()));
    }
}

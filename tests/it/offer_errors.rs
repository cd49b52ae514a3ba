//! What is refused after the quote: wrong confirmations, ids that nobody knows, addresses of files that do
//! not open. Each is told by the field or the reason, and no insurer hears of it.

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use veer_simulator::Plan;

use crate::{
    front_door::Door,
    harness::{Answer, Client, House, Raw, eventually, plan, request},
};

const UNKNOWN: &str = "01890000-0000-7000-8000-000000000000";
const SENTINEL: &str = "Тайна-4711";
const GETS: [&str; 3] = ["/osago/offer", "/osago/offer/draft", "/osago/offer/policy"];

// === the body of a confirmation ===

#[tokio::test(flavor = "multi_thread")]
async fn a_wrong_confirmation_names_its_field() {
    let house = House::open(plan::healthy()).await;
    let good = json!({
        "request_id": UNKNOWN,
        "offer_id": "a",
        "return_urls": {"success_url": "https://пример.рф/ok", "failure_url": "https://пример.рф/no"},
        "upsales": [{"upsale_id": "accident", "option_id": 1}, {"upsale_id": "road", "option_id": "1"}],
    });
    // Nothing of it is wrong, but nobody knows the calculation.
    assert_eq!(house.client.confirm(&good).await.status, 404);
    let cases = [
        ("/request_id", json!(17), "request_id"),
        ("/request_id", json!(SENTINEL), "request_id"),
        ("/offer_id", Value::Null, "offer_id"),
        ("/offer_id", json!(""), "offer_id"),
        ("/return_urls", json!(SENTINEL), "return_urls"),
        ("/return_urls/success_url", json!("javascript:alert(1)"), "return_urls.success_url"),
        ("/return_urls/failure_url", Value::Null, "return_urls.failure_url"),
        ("/upsales", json!({SENTINEL: 1}), "upsales"),
        ("/upsales/0", json!(SENTINEL), "upsales[0]"),
        ("/upsales/1/upsale_id", json!(1), "upsales[1].upsale_id"),
        ("/upsales/1/option_id", json!("x"), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!(1.5), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!(true), "upsales[1].option_id"),
        ("/upsales/1/option_id", Value::Null, "upsales[1].option_id"),
        ("/upsales/1/option_id", json!(1e300), "upsales[1].option_id"),
        ("/upsales/1/option_id", json!("9".repeat(300)), "upsales[1].option_id"),
    ];
    for (pointer, value, path) in cases {
        let mut body = good.clone();
        *body.pointer_mut(pointer).expect("a place") = value;
        let refused = house.client.confirm(&body).await;
        assert_eq!(wrong(&refused), [path], "{body}");
        assert!(!refused.body.to_string().contains(SENTINEL), "{refused:?}");
    }
    let all = json!({"return_urls": {}, "upsales": [{}, 17]});
    let paths = [
        "request_id",
        "offer_id",
        "return_urls.success_url",
        "return_urls.failure_url",
        "upsales[0].upsale_id",
        "upsales[0].option_id",
        "upsales[1]",
    ];
    assert_eq!(wrong(&house.client.confirm(&all).await), paths);
    let named = json!({"request_id": UNKNOWN, "offer_id": null});
    assert_eq!(house.client.confirm(&named).await.body["request_id"], UNKNOWN);
    assert_eq!(confirm_text(&house.client, "").await.status, 400);
    assert_eq!(confirm_text(&house.client, "[1]").await.status, 400);
    let broken = confirm_text(&house.client, &format!("{{\"offer_id\": {SENTINEL}}}")).await;
    assert!(broken.status == 400 && !broken.body.to_string().contains(SENTINEL), "{broken:?}");
    assert!(house.simulation.journal().is_empty(), "nobody was to be asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_selection_that_does_not_hold_is_refused_at_its_place() {
    let (house, offer) = priced(plan::of([("alfastrah", plan::quick())]), &request::sample()).await;
    let upsales = offer.body["upsales"].as_array().expect("cross-sales");
    assert!(upsales.len() >= 2, "{offer:?}");
    let creates = creates(&house);
    let (first, second) = (&upsales[0], &upsales[1]);
    let option = |upsale: &Value| upsale["options"][0]["id"].clone();
    let taken = |upsale: &Value| json!({"upsale_id": upsale["id"], "option_id": option(upsale)});
    let cases = [
        (json!([{"upsale_id": SENTINEL, "option_id": 1}]), vec!["upsales[0].upsale_id"]),
        (json!([{"upsale_id": first["id"], "option_id": 4711}]), vec!["upsales[0].option_id"]),
        (json!([{"upsale_id": first["id"], "option_id": "4711"}]), vec!["upsales[0].option_id"]),
        (json!([taken(first), taken(first)]), vec!["upsales[1].upsale_id"]),
        // Their compatibility_id differ.
        (json!([taken(first), taken(second)]), vec!["upsales[1].option_id"]),
        (
            json!([{"upsale_id": "x", "option_id": 1}, taken(first), {"upsale_id": second["id"], "option_id": -1}]),
            vec!["upsales[0].upsale_id", "upsales[2].option_id"],
        ),
    ];
    for (upsales, paths) in cases {
        let refused = house.client.confirm(&confirmation(&offer, upsales)).await;
        assert_eq!(wrong(&refused), paths, "{refused:?}");
        assert!(!refused.body.to_string().contains(SENTINEL), "{refused:?}");
    }
    assert_eq!(self::creates(&house), creates, "the insurer was told of a wrong selection");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_cross_sale_is_refused_where_none_were_allowed() {
    let mut body = request::sample();
    body["is_cross_allowed"] = json!(false);
    let (house, offer) = priced(plan::of([("alfastrah", plan::quick())]), &body).await;
    assert_eq!(offer.body.get("upsales"), None, "{offer:?}");
    let wish = confirmation(&offer, json!([{"upsale_id": "accident", "option_id": 1}]));
    let refused = house.client.confirm(&wish).await;
    assert_eq!(wrong(&refused), ["upsales[0].upsale_id"]);
    assert!(told(&refused)[0].contains("is_cross_allowed"), "{refused:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_has_no_price_or_was_refused_cannot_be_taken() {
    let insurers = plan::of([("alfastrah", plan::slow(20_000)), ("renessans", plan::declining())]);
    let house = House::open(insurers).await;
    let id = house.client.accepted(&request::sample()).await;
    let offers = eventually("both insurers are listed", async || {
        let offers = house.client.poll(&id).await.body["offers"].as_array().expect("offers").clone();
        let is_refused = offers.iter().any(|offer| offer["status"] == "REJECTED");
        (offers.len() == 2 && is_refused).then_some(offers)
    })
    .await;
    for offer in offers {
        let wish = json!({"request_id": id, "offer_id": offer["offer_id"]});
        let refused = house.client.confirm(&wish).await;
        assert_eq!(wrong(&refused), ["offer_id"], "{refused:?}");
        let expected = if offer["status"] == "REJECTED" { "refused it" } else { "no price yet" };
        assert!(told(&refused)[0].contains(expected), "{offer}: {refused:?}");
        let draft = house.client.draft(&id, offer["offer_id"].as_str().expect("an id")).await;
        assert_eq!(draft.status, if offer["status"] == "REJECTED" { 404 } else { 200 }, "{draft:?}");
    }
}

// === ids and parameters ===

#[tokio::test(flavor = "multi_thread")]
async fn ids_that_nobody_knows_are_not_found() {
    let (house, offer) = priced(plan::of([("renessans", plan::quick())]), &request::sample()).await;
    let client = &house.client;
    for (request_id, offer_id) in
        [(UNKNOWN, &*offer.offer_id), (&offer.request_id, UNKNOWN), (&offer.request_id, "%00")]
    {
        for path in GETS {
            let unknown = get(client, &format!("{path}?request_id={request_id}&offer_id={offer_id}")).await;
            assert_eq!(
                (unknown.status, &unknown.body["request_id"]),
                (404, &json!(request_id)),
                "{unknown:?}"
            );
            assert_eq!(unknown.body.get("properties"), None);
        }
    }
    let nobodys = client.confirm(&json!({"request_id": UNKNOWN, "offer_id": offer.offer_id})).await;
    assert_eq!(nobodys.status, 404, "{nobodys:?}");
    let none = client.confirm(&json!({"request_id": offer.request_id, "offer_id": SENTINEL})).await;
    assert_eq!(wrong(&none), ["offer_id"]);
    assert!(!none.body.to_string().contains(SENTINEL), "{none:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn another_accounts_offer_looks_like_none() {
    let (house, offer) = priced(plan::of([("renessans", plan::quick())]), &request::sample()).await;
    let other = house.client.with_token("other-token");
    let calls = house.simulation.journal().len();
    for path in GETS {
        let about = |id: &str| format!("{path}?request_id={id}&offer_id={}", offer.offer_id);
        let (theirs, nobodys) =
            (get(&other, &about(&offer.request_id)).await, get(&other, &about(UNKNOWN)).await);
        assert_eq!((theirs.status, nobodys.status), (404, 404));
        assert_eq!(theirs.body["message"], nobodys.body["message"]);
    }
    let wish = confirmation(&offer, json!([]));
    assert_eq!(other.confirm(&wish).await.status, 404);
    assert_eq!(house.simulation.journal().len(), calls, "an insurer was asked for somebody else");
}

#[tokio::test(flavor = "multi_thread")]
async fn every_wrong_parameter_is_named() {
    let house = House::open(plan::healthy()).await;
    let named = async |target: String| wrong(&get(&house.client, &target).await);
    for path in GETS {
        assert_eq!(named(path.to_owned()).await, ["request_id", "offer_id"]);
        assert_eq!(named(format!("{path}?request_id=17&offer_id=")).await, ["request_id", "offer_id"]);
        assert_eq!(named(format!("{path}?request_id={UNKNOWN}")).await, ["offer_id"]);
        assert_eq!(named(format!("{path}?offer_id=a&request_id=")).await, ["request_id"]);
        let twice = format!("{path}?request_id={UNKNOWN}&offer_id=a&offer_id=a");
        assert_eq!(named(twice).await, ["offer_id"]);
    }
    for path in &GETS[1..] {
        for format in ["", "pdf", "BASE64", "base64,binary"] {
            let target = format!("{path}?request_id={UNKNOWN}&offer_id=a&format={format}");
            assert_eq!(named(target).await, ["format"], "{format}");
        }
        assert_eq!(named(format!("{path}?format=pdf")).await, ["request_id", "offer_id", "format"]);
    }
    assert!(house.simulation.journal().is_empty(), "nobody was to be asked");
}

#[tokio::test(flavor = "multi_thread")]
async fn strangers_and_other_methods_are_turned_away() {
    let house = House::open(plan::healthy()).await;
    let (address, contract) = (house.client.partner, house.client.contract.clone());
    let door = Door { address, token: "demo-token".into(), too_many_bytes: 300 << 10, contract };
    for path in GETS {
        for credentials in ["Bearer wrong", "Basic eDp5", ""] {
            let headers = [("Authorization", credentials)];
            let target = format!("{path}?request_id={UNKNOWN}&offer_id=a");
            let refused = door.ask("GET", &target, &headers).await;
            assert_eq!(refused.assert_error(403).body["request_id"], UNKNOWN);
            // Credentials come first: nothing is said of what else is wrong.
            door.ask("GET", path, &headers).await.assert_error(403);
        }
        let allowed = if path == GETS[0] { "get, post" } else { "get" };
        for method in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
            assert_eq!(door.ask_in(method, path).await.assert_error(405).header("allow"), Some(allowed));
        }
    }
    door.ask("POST", GETS[0], &[]).await.assert_error(403);
    for target in ["/osago/offer/", "/osago/offer/drafts", "/files", "/files/a", "/insurers/alfastrah"] {
        door.ask_in("GET", target).await.assert_error(404);
    }
    assert_eq!(door.ask("POST", "/files/a/policy.pdf", &[]).await.header("allow"), Some("get, head"));
    assert_eq!(door.ask("GET", "/insurers/alfastrah/callback", &[]).await.header("allow"), Some("post"));
}

// === files ===

#[tokio::test(flavor = "multi_thread")]
async fn a_draft_is_json_or_the_pdf_itself_or_opened_in_a_browser() {
    let (house, offer) = priced(plan::of([("alfastrah", plan::quick())]), &request::sample()).await;
    let (url, file) = draft(&house.client, &offer).await;
    let data = base64::engine::general_purpose::STANDARD.decode(file).expect("base64");
    assert!(data.starts_with(b"%PDF"));

    let about = format!("request_id={}&offer_id={}", offer.request_id, offer.offer_id);
    let binary = house.client.file(&format!("{}?{about}&format=binary", GETS[1])).await;
    assert_eq!((binary.status, binary.header("content-type")), (200, "application/pdf"));
    assert_eq!(binary.header("content-disposition"), "attachment; filename=\"osago-draft.pdf\"");
    assert_eq!((binary.header("x-content-type-options"), &binary.bytes), ("nosniff", &data));
    // What is not there is the same JSON in both formats.
    let policy = house.client.file(&format!("{}?{about}&format=binary", GETS[2])).await;
    assert_eq!((policy.status, policy.header("content-type")), (200, "application/json"));
    assert!(policy.text().contains("\"APPROVED\""), "{policy:?}");
    let policy = house.client.policy(&offer.request_id, &offer.offer_id).await.body;
    assert_eq!(policy.as_object().expect("an object").len(), 3, "the status alone: {policy}");

    let shown = house.client.offer(&offer.request_id, &offer.offer_id).await.body;
    assert_eq!(shown["draft_url"], json!(url));
    for method in [Method::GET, Method::HEAD] {
        let opened = open(&house.client, method.clone(), &url).await;
        assert_eq!((opened.status, opened.header("content-type")), (200, "application/pdf"), "{method}");
        assert_eq!(opened.header("content-disposition"), "inline; filename=\"osago-draft.pdf\"");
        assert_eq!(opened.header("content-length"), data.len().to_string());
        assert_eq!(opened.header("x-content-type-options"), "nosniff");
        assert_eq!(opened.header("cache-control"), "private, no-store");
        assert_eq!(opened.header("referrer-policy"), "no-referrer");
        assert_eq!(opened.bytes, if method == Method::GET { data.clone() } else { Vec::new() });
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_address_that_is_not_ours_opens_nothing_and_an_old_one_says_so() {
    let (house, offer) = priced(plan::of([("alfastrah", plan::quick())]), &request::sample()).await;
    let (url, _) = draft(&house.client, &offer).await;
    let (place, query) = url.split_once('?').expect("a query");
    let (expires, signature) = query.split_once("&signature=").expect("a signature");
    let other = if signature.starts_with('A') { "B" } else { "A" };
    let forged = [
        place.to_owned(),
        format!("{place}?{expires}"),
        format!("{place}?signature={signature}"),
        format!("{place}?{expires}0&signature={signature}"),
        format!("{place}?{expires}&signature={other}{}", &signature[1..]),
        format!("{place}?{expires}&signature=%00"),
        format!("{place}?expires=soon&signature={signature}"),
        url.replace("/draft.pdf", "/policy.pdf"),
        url.replace("/draft.pdf", "/draft.txt"),
        url.replace(&offer.offer_id, UNKNOWN),
    ];
    for address in forged {
        let refused = open(&house.client, Method::GET, &address).await;
        assert_eq!((refused.status, refused.header("referrer-policy")), (404, "no-referrer"), "{address}");
        assert!(refused.text().contains("Такого файла нет"), "{refused:?}");
    }
    // Signed by us, for a file that never was.
    let missing = open(&house.client, Method::GET, &signed(&house, UNKNOWN, "policy", i64::MAX)).await;
    assert_eq!(missing.status, 404);
    let good = open(&house.client, Method::GET, &signed(&house, &offer.offer_id, "draft", i64::MAX)).await;
    assert_eq!(good.status, 200, "the test signs as the gateway does");
    let expired = open(&house.client, Method::GET, &signed(&house, &offer.offer_id, "draft", 1)).await;
    assert_eq!((expired.status, expired.header("content-type")), (410, "text/plain; charset=utf-8"));
    let sentences = expired.text();
    assert!(sentences.contains("Срок действия ссылки истёк") && sentences.contains("expired"), "{sentences}");
}

// === what is common ===

/// An offer with a final price.
#[derive(Debug)]
struct Priced {
    request_id: String,
    offer_id: String,
    body: Value,
}

/// A house whose one insurer has made an offer, and sells at its price.
async fn priced(plan: Plan, body: &Value) -> (House, Priced) {
    let house = House::open(plan).await;
    let answer = house.client.calculate(body).await;
    let request_id = request::id(body).to_owned();
    let offer_id = answer["offers"][0]["offer_id"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned();
    let body = eventually("the price is final", async || {
        let offer = house.client.offer(&request_id, &offer_id).await.body;
        (offer["status"] == "APPROVED").then_some(offer)
    })
    .await;
    (house, Priced { request_id, offer_id, body })
}

fn confirmation(offer: &Priced, upsales: Value) -> Value {
    json!({"request_id": offer.request_id, "offer_id": offer.offer_id, "upsales": upsales})
}

/// The draft's address and its data, once it is there.
async fn draft(client: &Client, offer: &Priced) -> (String, String) {
    let draft = eventually("the draft is there", async || {
        let draft = client.draft(&offer.request_id, &offer.offer_id).await.body;
        (draft["status"] == "success").then_some(draft)
    })
    .await;
    let data = draft["file"]["data"].as_str().expect("data").strip_prefix("data:application/pdf;base64,");
    (draft["url"].as_str().expect("an address").to_owned(), data.expect("a data URL").to_owned())
}

async fn get(client: &Client, target: &str) -> Answer {
    client.ask(Method::GET, target, None).await.expect("an answer")
}

async fn confirm_text(client: &Client, body: &str) -> Answer {
    client.ask(Method::POST, "/osago/offer", Some(body.to_owned())).await.expect("an answer")
}

async fn open(client: &Client, method: Method, address: &str) -> Raw {
    client.stranger(method, address, |request| request).await
}

/// The fields that a 400 names.
#[track_caller]
fn wrong(answer: &Answer) -> Vec<String> {
    assert_eq!(answer.status, 400, "{answer:?}");
    properties(answer, "property")
}

fn told(answer: &Answer) -> Vec<String> {
    properties(answer, "message")
}

fn properties(answer: &Answer, part: &str) -> Vec<String> {
    let named = answer.body["properties"].as_array().into_iter().flatten();
    named.map(|wrong| wrong[part].as_str().expect("text").to_owned()).collect()
}

/// Applications that insurers have received.
fn creates(house: &House) -> usize {
    house.simulation.journal().iter().filter(|call| call.creates).count()
}

/// An address as the gateway signs it.
fn signed(house: &House, offer_id: &str, kind: &str, expires: i64) -> String {
    let mac = Hmac::<Sha256>::new_from_slice(&house.link_key()).expect("a key");
    let digest = mac.chain_update(format!("{kind}\n{offer_id}\n{expires}")).finalize().into_bytes();
    let signature = URL_SAFE_NO_PAD.encode(digest);
    let partner = house.client.partner;
    format!("http://{partner}/files/{offer_id}/{kind}.pdf?expires={expires}&signature={signature}")
}

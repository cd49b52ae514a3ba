//! The same request twice starts nothing new; the same id with other content is refused.

use serde_json::{Value, json};

use crate::harness::{Answer, House, plan, request};

#[tokio::test(flavor = "multi_thread")]
async fn the_same_request_twice_is_one_calculation() {
    let house = House::open(plan::healthy()).await;
    let first = house.client.post(&request::sample()).await;
    assert_eq!(house.client.post(&request::sample()).await, first);
    let id = request::id(&first.body);
    let answer = house.client.finished(id).await;
    let calls = house.simulation.journal().len();
    assert_eq!(house.client.post(&request::sample()).await, first);
    assert_eq!(house.client.finished(id).await, answer);
    assert_eq!(house.simulation.journal().len(), calls);
    for (insurer, operation) in
        [("alfastrah", "calculation"), ("ingosstrakh", "GetTariff"), ("renessans", "calculate")]
    {
        assert_eq!(house.received(insurer, operation).len(), 1, "{insurer}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn how_a_request_is_written_does_not_make_it_another() {
    let house = House::open(plan::healthy()).await;
    let first = house.client.post(&request::sample()).await;
    let same: [fn(&mut Value); 3] = [
        |body| body["campaign"] = json!({"unknown": ["field"]}),
        |body| body["owner"]["nickname"] = json!(null),
        |body| body["vehicle"]["brand"]["name"] = json!(" Toyota "),
    ];
    let mut written = vec![backwards(&request::sample())];
    for change in same {
        let mut body = request::sample();
        change(&mut body);
        written.push(body.to_string());
    }
    for body in written {
        assert_ne!(body, request::sample().to_string());
        assert_eq!(house.client.post_text(body.clone()).await, first, "{body}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_with_other_content_is_refused_and_changes_nothing() {
    let house = House::open(plan::healthy()).await;
    let id = house.client.accepted(&request::sample()).await;
    let answer = house.client.finished(&id).await;
    for (field, value) in [("purpose", json!("personal")), ("partner", json!("another"))] {
        let mut other = request::sample();
        other[field] = value;
        assert_other_content(&house.client.post(&other).await);
    }
    assert_eq!(house.client.finished(&id).await, answer);
    assert_eq!(house.client.post(&request::sample()).await.status, 200);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_posts_at_once_are_one_calculation() {
    let house = House::open(plan::healthy()).await;
    let body = request::sample();
    let posts = (0..20).map(|_| house.client.post(&body));
    let answers = futures::future::join_all(posts).await;
    assert!(answers.iter().all(|answer| answer.status == 200 && *answer == answers[0]), "{answers:?}");
    house.client.finished(request::id(&body)).await;
    assert_eq!(house.received("alfastrah", "calculation").len(), 1);
    assert_eq!(house.received("renessans", "calculate").len(), 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn twenty_posts_at_once_with_two_contents_leave_one_of_them() {
    let house = House::open(plan::healthy()).await;
    let (one, mut two) = (request::sample(), request::sample());
    two["vehicle"]["year"] = json!(2019);
    let posts = (0..20).map(|index| house.client.post(if index % 2 == 0 { &one } else { &two }));
    let answers = futures::future::join_all(posts).await;
    let accepted: Vec<_> = answers.iter().map(|answer| answer.status == 200).collect();
    for (index, answer) in answers.iter().enumerate() {
        assert_eq!(accepted[index], accepted[index % 2], "{answers:?}");
        if !accepted[index] {
            assert_other_content(answer);
        }
    }
    assert_ne!(accepted[0], accepted[1], "{answers:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_same_id_of_another_account_is_another_calculation() {
    let house = House::open(plan::healthy()).await;
    let id = house.client.accepted(&request::sample()).await;
    house.client.finished(&id).await;
    let other = house.client.with_token("other-token");
    assert_eq!(other.poll(&id).await.status, 404);
    assert_eq!(other.status(&id).await.status, 404);
    let mut body = request::sample();
    body["purpose"] = json!("personal");
    other.accepted(&body).await;
    other.finished(&id).await;
    assert_eq!(house.received("alfastrah", "calculation").len(), 2);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_finished_calculation_is_known_after_a_restart() {
    let mut house = House::open(plan::healthy()).await;
    let first = house.client.post(&request::sample()).await;
    let id = request::id(&first.body);
    let answer = house.client.finished(id).await;
    let status = house.client.status(id).await;
    let explained = house.client.explain(id).await;
    let calls = house.simulation.journal().len();

    house.restart().await;
    assert_eq!(house.client.poll(id).await.body, answer);
    assert_eq!(house.client.status(id).await, status);
    assert_eq!(house.client.explain(id).await.0, explained.0);
    assert_eq!(house.client.post(&request::sample()).await, first);
    let mut other = request::sample();
    other["purpose"] = json!("personal");
    assert_other_content(&house.client.post(&other).await);
    assert_eq!(house.client.with_token("other-token").poll(id).await.status, 404);
    assert_eq!(house.simulation.journal().len(), calls);
}

#[track_caller]
fn assert_other_content(answer: &Answer) {
    assert_eq!(answer.status, 400, "{answer:?}");
    let properties = answer.body["properties"].as_array().expect("properties");
    let named: Vec<_> = properties.iter().map(|wrong| &wrong["property"]).collect();
    assert_eq!(named, ["request_id"], "{answer:?}");
}

/// The same with every object's keys in the opposite order.
fn backwards(value: &Value) -> String {
    match value {
        Value::Object(fields) => {
            let field = |(name, value)| format!("{}:{}", Value::from(String::clone(name)), backwards(value));
            format!("{{{}}}", fields.iter().rev().map(field).collect::<Vec<_>>().join(","))
        }
        Value::Array(items) => format!("[{}]", items.iter().map(backwards).collect::<Vec<_>>().join(",")),
        leaf => leaf.to_string(),
    }
}

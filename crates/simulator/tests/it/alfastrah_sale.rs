//! alfastrah after the quote.

use serde_json::{Value, json};
use veer_simulator::{Drift, Fault, Faults, Hold, Knobs, Outcome, Polls};

use crate::{
    client::{self, Alfastrah},
    risks,
    sell::{act, creates},
};

fn premium(answer: &Value) -> String {
    answer["insurance_contract"]["premium_amount"].as_str().unwrap_or_else(|| panic!("{answer}")).to_owned()
}

#[tokio::test]
async fn a_sale_goes_from_the_calculation_to_the_policys_file() {
    let application_polls = Polls { min: 3, max: 3 };
    let simulation = client::with(Knobs { application_polls, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let uuid = alfastrah.quote().await;

    let (status, applied) = alfastrah.apply(&uuid).await;
    assert_eq!((status, applied["osago_uuid"].as_str()), (200, Some(uuid.as_str())));
    assert_eq!(alfastrah.print(&uuid, "draft").await.0, 404);
    for expected in ["PROCESSING", "PROCESSING", "SUCCESS", "SUCCESS"] {
        assert_eq!(alfastrah.status(&uuid).await.1["status"], expected);
    }
    let (_, answer) = alfastrah.status(&uuid).await;
    let contract = &answer["insurance_contract"];
    assert_eq!(contract["contract_series"], "ХХХ");
    assert_eq!(contract["contract_number"].as_str().unwrap().len(), 10);

    assert!(alfastrah.print(&uuid, "draft").await.1.starts_with(b"%PDF"));
    let (_, bill) = alfastrah.pay(&uuid, json!([])).await;
    assert_eq!(bill["amount"], premium(&answer));
    let (order, link) = (bill["order_id"].as_str().unwrap(), bill["payment_link"].as_str().unwrap());
    assert_eq!(alfastrah.paid(&uuid, order).await, "NOT_PAID");
    assert_eq!(alfastrah.print(&uuid, "policy").await.0, 404);

    assert_eq!(act(link, "pay").await.0, 200);
    assert_eq!(alfastrah.paid(&uuid, order).await, "PAID");
    let (status, file) = alfastrah.print(&uuid, "policy").await;
    assert_eq!(status, 200);
    let number = contract["contract_number"].as_str().unwrap();
    let file = String::from_utf8_lossy(&file);
    assert!(file.starts_with("%PDF") && file.contains(number), "{file}");

    let [sale] = &alfastrah.insurer.sales()[..] else { panic!("one application") };
    assert_eq!((&sale.application, sale.bills), (&uuid, 1));
    assert_eq!(sale.policy, format!("ХХХ {number}"));
    assert_eq!(sale.paid, Some(sale.premium));
    assert_eq!(creates(&simulation, "alfastrah"), ["calculation", "eosago", "payment"]);
    let risks: std::collections::BTreeSet<_> =
        simulation.journal().into_iter().map(|call| call.risk).collect();
    assert_eq!(risks.len(), 1, "{risks:?}");
}

#[tokio::test]
async fn a_second_application_is_seen_and_changes_nothing() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let uuid = alfastrah.quote().await;
    alfastrah.apply(&uuid).await;
    let (_, first) = alfastrah.status(&uuid).await;
    assert_eq!(alfastrah.apply(&uuid).await.0, 200);
    assert_eq!(alfastrah.status(&uuid).await.1, first);
    assert_eq!(creates(&simulation, "alfastrah"), ["calculation", "eosago", "eosago"]);
    assert_eq!(alfastrah.insurer.sales().len(), 1);
}

#[tokio::test]
async fn calls_in_the_wrong_order_are_refused() {
    let simulation =
        client::with(Knobs { application_polls: Polls { min: 2, max: 2 }, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let unknown = "11111111-1111-8111-a111-111111111111";
    assert_eq!(alfastrah.apply(unknown).await.0, 404);
    assert_eq!(alfastrah.status(unknown).await.0, 404);
    let uuid = alfastrah.quote().await;
    let (status, answer) = alfastrah.status(&uuid).await;
    assert_eq!(status, 404);
    assert!(answer["sub_errors"][0]["message"].as_str().unwrap().contains("не найдено"));
    assert_eq!(alfastrah.pay(&uuid, json!([])).await.0, 404);
    alfastrah.apply(&uuid).await;
    alfastrah.status(&uuid).await;
    let (status, answer) = alfastrah.pay(&uuid, json!([])).await;
    assert_eq!(status, 400, "it is still checked");
    assert!(answer["sub_errors"][0]["message"].as_str().unwrap().contains("не готов"));
    alfastrah.status(&uuid).await;
    assert_eq!(alfastrah.pay(&uuid, json!([])).await.0, 200);
    assert_eq!(alfastrah.call(&format!("payment/{uuid}?order_id=0"), None).await.0, 404);
    let late = simulation.journal().into_iter().filter(|call| call.outcome == Outcome::Rejected).count();
    assert_eq!(late, 6);
}

#[tokio::test]
async fn the_final_price_drifts_and_the_bill_follows_it() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let (_, quoted) = alfastrah.calculate(&risks::alfastrah()).await;
    let uuid = quoted["osago_uuid"].as_str().unwrap();
    alfastrah.apply(uuid).await;
    let (_, answer) = alfastrah.status(uuid).await;
    let before = quoted["calculation_details"]["insurance_premium"].as_f64().unwrap();
    let after: f64 = premium(&answer).parse().unwrap();
    assert!(before != after && (0.89..1.11).contains(&(after / before)), "{before} to {after}");
    assert_eq!(alfastrah.pay(uuid, json!([])).await.1["amount"], premium(&answer));
}

#[tokio::test]
async fn an_application_is_declined_by_the_insurer_or_by_the_registry() {
    for (knobs, words) in [
        (Knobs { application_decline: 1.0, ..Knobs::default() }, ["Оформление", "Заявление"]),
        (Knobs { registry_failed: 1.0, ..Knobs::default() }, ["Не пройдена проверка РСА"; 2]),
    ] {
        let simulation = client::with(knobs).await;
        let alfastrah = Alfastrah::new(&simulation);
        let uuid = alfastrah.quote().await;
        alfastrah.apply(&uuid).await;
        let (status, answer) = alfastrah.status(&uuid).await;
        assert_eq!((status, answer["status"].as_str()), (200, Some("ERROR")));
        let text = answer["comment_list"][0].as_str().unwrap();
        assert!(words.iter().any(|word| text.starts_with(word)), "{text}");
        assert_eq!(alfastrah.pay(&uuid, json!([])).await.0, 400);
        assert_eq!(simulation.journal().iter().filter(|call| call.outcome == Outcome::Declined).count(), 1);
    }
}

#[tokio::test]
async fn a_held_application_is_processed_for_longer() {
    let hold = Hold { share: 1.0, polls: 2 };
    let simulation = client::with(Knobs { hold, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let uuid = alfastrah.quote().await;
    alfastrah.apply(&uuid).await;
    for expected in ["PROCESSING", "PROCESSING", "SUCCESS"] {
        assert_eq!(alfastrah.status(&uuid).await.1["status"], expected);
    }
}

#[tokio::test]
async fn cross_sales_come_with_the_price_and_go_into_the_bill() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    let (_, quoted) = alfastrah.calculate(&risks::alfastrah()).await;
    assert_eq!(quoted["calculation_details"]["reinsurance_pool"], false);
    let [driver, road] = &quoted["upsales"].as_array().unwrap()[..] else { panic!("{quoted}") };
    assert_eq!((driver["id"].as_str(), driver["is_required"].as_bool()), (Some("accident"), Some(false)));
    let compatible = |product: &Value, option: usize| product["options"][option]["compatibility_id"].as_i64();
    assert_eq!(compatible(driver, 0), compatible(driver, 1));
    assert_ne!(compatible(driver, 0), compatible(road, 0));
    let uuid = quoted["osago_uuid"].as_str().unwrap();
    alfastrah.apply(uuid).await;
    let (_, answer) = alfastrah.status(uuid).await;
    let (status, bill) = alfastrah.pay(uuid, json!([{"id": "accident", "option_id": 2}])).await;
    assert_eq!(status, 200, "{bill}");
    let number = |text: &str| -> f64 { text.parse().unwrap() };
    let extra = number(driver["options"][1]["price"].as_str().unwrap());
    let expected = number(&premium(&answer)) + extra;
    assert!((number(bill["amount"].as_str().unwrap()) - expected).abs() < 0.001, "{bill}");
    for wrong in [
        json!([{"id": "accident", "option_id": 1}, {"id": "road", "option_id": 1}]),
        json!([{"id": "accident", "option_id": 1}, {"id": "accident", "option_id": 2}]),
        json!([{"id": "accident", "option_id": 9}]),
        json!([{"id": "life", "option_id": 1}]),
        json!([{"id": "life"}]),
    ] {
        assert_eq!(alfastrah.pay(uuid, wrong.clone()).await.0, 400, "{wrong}");
    }
}

#[tokio::test]
async fn a_risk_of_the_pool_has_one_cross_sale_and_is_not_sold_without_it() {
    let simulation = client::with(Knobs { pool: 1.0, cross_sales: false, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let (_, quoted) = alfastrah.calculate(&risks::alfastrah()).await;
    assert_eq!(quoted["calculation_details"]["reinsurance_pool"], true);
    let [required] = &quoted["upsales"].as_array().unwrap()[..] else { panic!("{quoted}") };
    assert_eq!(required["code"], "AccidentPassengersPoolForEOsago150");
    assert_eq!(
        (required["is_required"].as_bool(), required["options"][0]["price"].as_str()),
        (Some(true), Some("1480.00"))
    );
    let rate = quoted["coefficients"].as_array().unwrap().iter().find(|row| row["name"] == "ТБ").unwrap();
    assert_eq!(rate["value"], "15756", "the ceiling of taxis in 2023");
    let uuid = quoted["osago_uuid"].as_str().unwrap();
    alfastrah.apply(uuid).await;
    alfastrah.status(uuid).await;
    assert_eq!(alfastrah.pay(uuid, json!([])).await.0, 400);
    assert_eq!(alfastrah.pay(uuid, json!([{"id": required["id"], "option_id": 1}])).await.0, 200);
}

#[tokio::test]
async fn an_ordinary_cross_sale_can_be_required_of_every_risk() {
    let simulation = client::with(Knobs { required_cross_sale: true, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let (_, quoted) = alfastrah.calculate(&risks::alfastrah()).await;
    assert_eq!(quoted["calculation_details"]["reinsurance_pool"], false);
    let [driver, road] = &quoted["upsales"].as_array().unwrap()[..] else { panic!("{quoted}") };
    assert_eq!([&driver["id"], &driver["is_required"]], [&json!("accident"), &json!(true)]);
    assert_eq!(road["is_required"], false);
    let uuid = quoted["osago_uuid"].as_str().unwrap();
    alfastrah.apply(uuid).await;
    alfastrah.status(uuid).await;
    for without in [json!([]), json!([{"id": "road", "option_id": 1}])] {
        let (status, refused) = alfastrah.pay(uuid, without).await;
        assert_eq!(status, 400);
        assert!(refused["sub_errors"][0]["message"].as_str().unwrap().contains("Обязательный"), "{refused}");
    }
    assert_eq!(alfastrah.pay(uuid, json!([{"id": "accident", "option_id": 2}])).await.0, 200);
}

#[tokio::test]
async fn without_cross_sales_the_list_is_empty() {
    let simulation = client::with(Knobs { cross_sales: false, ..Knobs::default() }).await;
    let (_, quoted) = Alfastrah::new(&simulation).calculate(&risks::alfastrah()).await;
    assert_eq!(quoted["upsales"], json!([]));
}

#[tokio::test]
async fn a_link_that_fails_makes_no_bill() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let alfastrah = Alfastrah::new(&simulation);
    let uuid = alfastrah.quote().await;
    alfastrah.apply(&uuid).await;
    alfastrah.status(&uuid).await;
    let (status, answer) = alfastrah.pay(&uuid, json!([])).await;
    assert_eq!(status, 500);
    assert!(answer["sub_errors"][0]["message"].as_str().unwrap().contains("оплаты"));
    assert_eq!(alfastrah.insurer.sales()[0].bills, 0);
}

#[tokio::test]
async fn calls_after_the_quote_want_credentials_too() {
    let simulation = client::fast().await;
    let alfastrah = Alfastrah::new(&simulation);
    for path in ["contract/1/status", "payment/1?order_id=1", "contract/1/print?document_type=draft"] {
        let url = format!("{}wapi/osago/{path}", alfastrah.insurer.base_url);
        assert_eq!(client::http().get(url).send().await.unwrap().status(), 401, "{path}");
    }
    for path in ["contract/1/eosago", "payment/1"] {
        let url = format!("{}wapi/osago/{path}", alfastrah.insurer.base_url);
        assert_eq!(client::http().post(url).send().await.unwrap().status(), 401, "{path}");
    }
    assert!(simulation.journal().is_empty());
}

#[tokio::test]
async fn a_lost_answer_leaves_the_application_behind_and_a_refused_call_does_not() {
    let of = |fault| Knobs {
        faults_of: [("eosago".to_owned(), Faults::default().with(fault, 1.0))].into(),
        ..Knobs::default()
    };
    for (fault, applications) in [
        (Fault::Truncated, 1),
        (Fault::Malformed, 1),
        (Fault::Nulls, 1),
        (Fault::TooMany, 0),
        (Fault::Error, 0),
    ] {
        let simulation = client::with(of(fault)).await;
        let alfastrah = Alfastrah::new(&simulation);
        let uuid = alfastrah.quote().await;
        let body = json!({"maintenance_card": null});
        alfastrah.send(&format!("wapi/osago/contract/{uuid}/eosago"), Some(&body)).await.unwrap();
        assert_eq!(alfastrah.insurer.sales().len(), applications, "{fault:?}");
        let expected = if applications == 1 { 200 } else { 404 };
        assert_eq!(alfastrah.status(&uuid).await.0, expected, "{fault:?} hits nothing else");
        let marked = simulation.journal().into_iter().find(|call| call.operation == "eosago").unwrap();
        assert_eq!(marked.outcome, Outcome::Faulted(fault));
        assert!(marked.creates && !marked.risk.is_empty());
    }
}

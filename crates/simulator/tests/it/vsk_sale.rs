//! vsk after the quote.

use std::time::Duration;

use base64::{Engine, prelude::BASE64_STANDARD};
use reqwest::Method;
use serde_json::{Value, json};
use veer_simulator::{Drift, Fault, Faults, Hold, Knobs, Latency, Polls};

use crate::{
    client,
    sell::{act, creates},
    vsk::{Vsk, answer, policy, words},
};

impl Vsk<'_> {
    async fn apply(&self) -> (u16, Value) {
        self.post("policies", &policy()).await
    }

    /// Of a stored policy.
    async fn pay(&self, stored: &Value) -> (u16, Value) {
        let number = stored["policyNumber"].as_str().unwrap_or_else(|| panic!("{stored}"));
        let body = json!({
            "draftId": stored["draftId"], "premium": stored["premium"],
            "successUrl": "https://shop.example/success", "failUrl": "https://shop.example/failure",
        });
        self.post(&format!("policies/{number}/paymentLink"), &body).await
    }

    async fn installment(&self, stored: &Value, amount: &Value) -> (u16, Value) {
        let number = stored["policyNumber"].as_str().unwrap();
        let path = format!("individual/osago/policies/{number}/installments/1");
        let body = json!({"amount": amount, "paymentType": "CARD"});
        answer(self.request(Method::PUT, &path, Some(&body)).send().await.unwrap()).await
    }

    async fn state(&self, stored: &Value) -> Value {
        let number = stored["policyNumber"].as_str().unwrap();
        self.get(&format!("individual/osago/policies/{number}")).await.1["status"]["code"].clone()
    }

    /// The file's text, or the error's words.
    async fn file(&self, stored: &Value, kind: &str) -> Result<String, String> {
        let number = stored["policyNumber"].as_str().unwrap();
        let (status, answer) = self.get(&format!("policies/{number}/{kind}")).await;
        match status {
            200 => {
                let file = BASE64_STANDARD.decode(answer["policyPDF"].as_str().unwrap()).unwrap();
                Ok(String::from_utf8_lossy(&file).into_owned())
            }
            _ => Err(words(&answer).to_owned()),
        }
    }
}

#[tokio::test]
async fn a_sale_goes_from_the_price_to_the_policys_file() {
    let simulation = client::fast().await;
    let vsk = Vsk::new(&simulation).await;
    let (_, price) = vsk.quote().await;
    let (status, stored) = vsk.apply().await;
    assert_eq!(status, 201, "{stored}");
    assert_eq!(stored["premium"], price["premium"]);
    let number = stored["policyNumber"].as_str().unwrap();
    assert_eq!((number.chars().count(), number.starts_with("ХХХ")), (13, true));

    assert!(vsk.file(&stored, "files?type_id=draft").await.unwrap().starts_with("%PDF"));
    assert!(vsk.file(&stored, "files?type_id=policy").await.unwrap_err().contains("не сформирован"));
    let (status, page) = vsk.pay(&stored).await;
    assert_eq!((status, &page["premium"]), (200, &stored["premium"]));
    assert_eq!(vsk.operation(&page).await.0, 202);
    assert_eq!(vsk.state(&stored).await, "NEW");

    assert_eq!(act(page["paymentUrl"].as_str().unwrap(), "pay").await.0, 200);
    let (status, paid) = vsk.operation(&page).await;
    assert_eq!((status, &paid["status"]["code"]), (200, &json!("PAID")));
    assert_eq!((vsk.state(&stored).await, &paid["policyNumber"]), (json!("PAID"), &stored["policyNumber"]));
    for kind in ["files?type_id=policy", "files/POLICY"] {
        let file = vsk.file(&stored, kind).await.unwrap();
        assert!(file.starts_with("%PDF") && file.contains(number.trim_start_matches("ХХХ")), "{file}");
    }
    for kind in ["files?type_id=life", "files/policy", "files"] {
        assert!(vsk.file(&stored, kind).await.unwrap_err().contains("type_id"), "{kind}");
    }

    let [sale] = &vsk.insurer.sales()[..] else { panic!("one application") };
    assert_eq!((sale.application.as_str(), sale.bills, sale.paid), (number, 1, Some(sale.premium)));
    assert_eq!(sale.policy.replace(' ', ""), number);
    assert_eq!(creates(&simulation, "vsk"), ["policies", "paymentLink"]);
}

#[tokio::test]
async fn a_second_application_is_another_one() {
    let simulation = client::fast().await;
    let vsk = Vsk::new(&simulation).await;
    let (first, second) = (vsk.apply().await.1, vsk.apply().await.1);
    assert_ne!(first["policyNumber"], second["policyNumber"]);
    assert_ne!(first["draftId"], second["draftId"]);
    assert_eq!(vsk.insurer.sales().len(), 2);
}

#[tokio::test]
async fn an_application_becomes_an_operation_where_it_takes_long_or_is_held() {
    let polls = Polls { min: 2, max: 2 };
    let latency = Latency::Fixed { time: Duration::from_millis(500) };
    for (knobs, asked) in [
        (Knobs { operations: 1.0, application_polls: polls, ..Knobs::default() }, vec![202, 200]),
        (Knobs { hold: Hold { share: 1.0, polls: 2 }, ..Knobs::default() }, vec![202, 202, 200]),
        (Knobs { application_latency: latency, ..Knobs::default() }, vec![202, 200]),
    ] {
        let simulation = client::with(knobs).await;
        let vsk = Vsk::impatient(&simulation, "100").await;
        let (status, stub) = vsk.apply().await;
        assert_eq!(status, 202, "{stub}");
        assert!(stub["premium"].is_null() && stub["policyNumber"].is_null(), "{stub}");
        let mut stored = Value::Null;
        for expected in asked {
            let (status, answer) = vsk.operation(&stub).await;
            assert_eq!(status, expected, "{answer}");
            stored = answer;
            tokio::time::sleep(Duration::from_millis(300)).await;
        }
        assert_eq!(stored["draftId"], stub["draftId"]);
        assert_eq!(vsk.pay(&stored).await.0, 200);
    }
}

#[tokio::test]
async fn an_application_is_declined_by_the_insurer_or_by_the_registry() {
    let polls = Polls { min: 1, max: 1 };
    for operations in [0.0, 1.0] {
        let knobs = Knobs { operations, application_polls: polls, ..Knobs::default() };
        for (knobs, beginnings) in [
            (Knobs { application_decline: 1.0, ..knobs.clone() }, ["Оформление", "Заявление"]),
            (Knobs { registry_failed: 1.0, ..knobs.clone() }, ["Не пройдена проверка РСА"; 2]),
        ] {
            let simulation = client::with(knobs).await;
            let vsk = Vsk::new(&simulation).await;
            let (mut status, mut answer) = vsk.apply().await;
            if status == 202 {
                (status, answer) = vsk.operation(&answer).await;
            }
            assert_eq!(status, 400, "{answer}");
            let text = words(&answer);
            assert!(beginnings.iter().any(|beginning| text.starts_with(beginning)), "{text}");
        }
    }
}

#[tokio::test]
async fn the_final_price_drifts_and_the_payment_must_repeat_it() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
    let vsk = Vsk::new(&simulation).await;
    let (_, price) = vsk.quote().await;
    let (_, mut stored) = vsk.apply().await;
    let (before, after) = (price["premium"].as_f64().unwrap(), stored["premium"].as_f64().unwrap());
    assert!(before != after && (0.89..1.11).contains(&(after / before)), "{before} to {after}");
    let right = stored["premium"].take();
    stored["premium"] = price["premium"].clone();
    let (status, answer) = vsk.pay(&stored).await;
    assert_eq!((status, words(&answer)), (400, "Неверное значение поля premium"));
    stored["premium"] = right;
    let mut another = stored.clone();
    another["draftId"] = "another".into();
    assert!(words(&vsk.pay(&another).await.1).contains("draftId"));
    assert_eq!(vsk.pay(&stored).await.0, 200);
}

#[tokio::test]
async fn the_first_instalment_is_another_way_to_a_page_without_an_operation() {
    let simulation = client::fast().await;
    let vsk = Vsk::new(&simulation).await;
    let (_, stored) = vsk.apply().await;
    let (status, answer) = vsk.installment(&stored, &json!(1)).await;
    assert_eq!((status, words(&answer)), (400, "Неверное значение поля amount"));
    let (status, page) = vsk.installment(&stored, &stored["premium"]).await;
    assert_eq!((status, page.as_object().unwrap().len()), (200, 1));
    let page = page["paymentLink"].as_str().unwrap();
    act(page, "cancel").await;
    assert_eq!(vsk.state(&stored).await, "CANCELED");
    let (_, again) = vsk.installment(&stored, &stored["premium"]).await;
    assert_eq!(vsk.state(&stored).await, "NEW");
    act(again["paymentLink"].as_str().unwrap(), "pay").await;
    assert_eq!(vsk.state(&stored).await, "PAID");
    let (status, answer) = vsk.installment(&stored, &stored["premium"]).await;
    assert_eq!((status, words(&answer)), (400, "Договор уже оплачен"));
}

#[tokio::test]
async fn a_payment_is_known_and_its_policy_issued_after_their_delays() {
    let delay = Duration::from_millis(400);
    let simulation =
        client::with(Knobs { payment_delay: delay, policy_delay: delay, ..Knobs::default() }).await;
    let vsk = Vsk::new(&simulation).await;
    let (_, stored) = vsk.apply().await;
    let (_, page) = vsk.pay(&stored).await;
    act(page["paymentUrl"].as_str().unwrap(), "pay").await;
    assert_eq!(vsk.operation(&page).await.0, 202);
    tokio::time::sleep(delay).await;
    assert_eq!(vsk.operation(&page).await.0, 200);
    assert!(vsk.file(&stored, "files/POLICY").await.is_err());
    tokio::time::sleep(delay).await;
    assert!(vsk.file(&stored, "files/POLICY").await.is_ok());
}

#[tokio::test]
async fn the_result_of_a_payments_operation_is_forgotten_and_the_policy_is_not() {
    let knobs = Knobs { operation_life: Duration::ZERO, ..Knobs::default() };
    let simulation = client::with(knobs).await;
    let vsk = Vsk::new(&simulation).await;
    let (_, stored) = vsk.apply().await;
    let (_, page) = vsk.pay(&stored).await;
    assert_eq!(vsk.operation(&page).await.0, 202);
    act(page["paymentUrl"].as_str().unwrap(), "pay").await;
    let (status, answer) = vsk.operation(&page).await;
    assert_eq!((status, words(&answer)), (400, "Операция не найдена"));
    assert_eq!(vsk.state(&stored).await, "PAID");
}

#[tokio::test]
async fn a_link_that_fails_makes_no_bill_and_a_held_policy_has_none() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let vsk = Vsk::new(&simulation).await;
    let (_, stored) = vsk.apply().await;
    let (status, answer) = vsk.pay(&stored).await;
    assert_eq!((status, answer["errorCode"].as_str()), (503, Some("ERR-105")));
    assert_eq!(vsk.insurer.sales()[0].bills, 0);

    let hold = Hold { share: 1.0, polls: 2 };
    let simulation = client::with(Knobs { hold, ..Knobs::default() }).await;
    let vsk = Vsk::new(&simulation).await;
    vsk.apply().await;
    let number = vsk.insurer.sales()[0].application.clone();
    let held = json!({"policyNumber": number, "draftId": "x", "premium": 1});
    assert!(words(&vsk.pay(&held).await.1).contains("не готов"));
    assert!(words(&vsk.get(&format!("individual/osago/policies/{number}")).await.1).contains("не найден"));
    assert!(vsk.file(&held, "files?type_id=draft").await.is_err());
}

#[tokio::test]
async fn a_lost_answer_leaves_the_application_behind_and_a_refused_call_does_not() {
    for (fault, applications) in [
        (Fault::Truncated, 1),
        (Fault::Malformed, 1),
        (Fault::Nulls, 1),
        (Fault::TooMany, 0),
        (Fault::Error, 0),
        (Fault::RegistryDown, 0),
    ] {
        let faults_of = [("policies".to_owned(), Faults::default().with(fault, 1.0))].into();
        let simulation = client::with(Knobs { faults_of, ..Knobs::default() }).await;
        let vsk = Vsk::new(&simulation).await;
        let path = "individual/osago/policies";
        let _ = vsk.request(Method::POST, path, Some(&policy())).send().await.unwrap().text().await;
        assert_eq!(vsk.insurer.sales().len(), applications, "{fault:?}");
    }
}

#[tokio::test]
async fn what_the_proxy_gave_up_on_was_done() {
    let application_latency = Latency::Fixed { time: Duration::from_millis(500) };
    let knobs = Knobs { application_latency, proxy_patience: Duration::from_millis(50), ..Knobs::default() };
    let simulation = client::with(knobs).await;
    let vsk = Vsk::new(&simulation).await;
    assert_eq!(vsk.apply().await, (504, Value::Null));
    assert_eq!(vsk.insurer.sales().len(), 1);
}

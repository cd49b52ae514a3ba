//! renessans after the quote.

use serde_json::{Value, json};
use veer_simulator::{Drift, Hold, Knobs, Outcome, Polls};

use crate::{
    client::{self, Renessans},
    risks,
    sell::{act, creates},
};

fn standing(info: &Value) -> [&str; 3] {
    ["status", "statuspay", "docnumber"].map(|name| info["data"]["return"][name].as_str().unwrap())
}

#[tokio::test]
async fn a_sale_goes_from_the_trial_to_the_policys_file() {
    let application_polls = Polls { min: 2, max: 2 };
    let simulation = client::with(Knobs { application_polls, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let calculation = renessans.quote().await;

    let trial = renessans.apply("1", &calculation, &[]).await["data"]["policyid"].to_string();
    assert_eq!(renessans.policy(&trial, "status").await["data"]["return"]["status"], "wait");
    assert_eq!(renessans.policy(&trial, "status").await["data"]["status"], "ok");
    let again = renessans.quote().await;
    assert_ne!(again, calculation, "the final price is a calculation of its own");

    let id = renessans.apply("0", &again, &[]).await["data"]["policyid"].to_string();
    assert_ne!(id, trial);
    assert_eq!(standing(&renessans.policy(&id, "info").await)[0], "На проверке");
    assert_eq!(renessans.print(&id).await, None);
    assert_eq!(renessans.policy(&id, "status").await["data"]["return"]["status"], "wait");
    assert_eq!(renessans.policy(&id, "status").await["data"]["status"], "ok");
    assert_eq!(standing(&renessans.policy(&id, "info").await), ["Согласован", "", ""]);
    let draft = renessans.print(&id).await.unwrap();
    assert!(draft.starts_with(b"%PDF") && String::from_utf8_lossy(&draft).contains("DRAFT"));

    let link = renessans.policy(&id, "acquiring/renins").await;
    let url = link["data"]["url"].as_str().unwrap();
    let repeated = renessans.policy(&id, "acquiring/renins").await;
    assert_eq!(repeated["data"], link["data"], "reading makes no second bill");
    assert_eq!(act(url, "pay").await.0, 200);
    let info = renessans.policy(&id, "info").await;
    let [status, paid, document] = standing(&info);
    assert_eq!((status, paid), ("Оформлен", "Оплачен"));
    let (series, number) = document.split_once(' ').unwrap();
    assert!(["ХХХ", "XXX"].contains(&series) && number.len() == 10, "{document}");
    let file = renessans.print(&id).await.unwrap();
    assert!(String::from_utf8_lossy(&file).contains(number));

    let [sale] = &renessans.insurer.sales()[..] else { panic!("trials are no applications") };
    assert_eq!((sale.application.as_str(), sale.bills, sale.paid), (id.as_str(), 1, Some(sale.premium)));
    let made = ["calculate", "create/segment", "calculate", "create/application"].map(str::to_owned);
    let mut seen = creates(&simulation, "renessans");
    seen.sort_unstable();
    let mut made = made;
    made.sort_unstable();
    assert_eq!(seen, made);
}

#[tokio::test]
async fn the_file_comes_in_both_shapes() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    let id = renessans.applied(&[]).await;
    let mut shapes = std::collections::BTreeSet::new();
    for _ in 0..12 {
        let response = renessans.get(&id, "pdf").await;
        shapes.insert(response.headers()["Content-Type"].to_str().unwrap().to_owned());
    }
    assert_eq!(Vec::from_iter(shapes), ["application/json; charset=utf-8", "application/pdf"]);
}

#[tokio::test]
async fn a_second_application_is_a_second_policy() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    let first = renessans.applied(&[]).await;
    let calculation = renessans.quote().await;
    let second = renessans.apply("0", &calculation, &[]).await["data"]["policyid"].to_string();
    assert_ne!(first, second);
    assert_eq!(renessans.insurer.sales().len(), 2);
    let twice = creates(&simulation, "renessans");
    assert_eq!(twice.iter().filter(|operation| **operation == "create/application").count(), 2);
}

#[tokio::test]
async fn calls_in_the_wrong_order_are_refused() {
    let simulation =
        client::with(Knobs { application_polls: Polls { min: 2, max: 2 }, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let refused = |answer: Value| {
        assert_eq!(answer["result"], false, "{answer}");
        answer["message"].as_str().unwrap().to_owned()
    };
    assert!(refused(renessans.apply("1", "1", &[]).await).contains("Расчёт не найден"));
    for what in ["status", "info", "acquiring/renins", "pdf"] {
        assert!(refused(renessans.policy("1", what).await).contains("не найдено"), "{what}");
    }
    let created = renessans.create(&risks::renessans()).await;
    let unfinished = created["data"][0]["id"].as_str().unwrap();
    assert!(refused(renessans.apply("1", unfinished, &[]).await).contains("не выполнен"));
    let calculation = renessans.quote().await;
    assert!(refused(renessans.apply("0", &calculation, &[]).await).contains("сегментация"));
    let trial = renessans.apply("1", &calculation, &[]).await["data"]["policyid"].to_string();
    renessans.policy(&trial, "status").await;
    assert!(refused(renessans.apply("0", &calculation, &[]).await).contains("сегментация"), "it is not over");
    renessans.policy(&trial, "status").await;
    assert!(refused(renessans.policy(&trial, "acquiring/renins").await).contains("не найдено"), "a trial");
    let id = renessans.apply("0", &calculation, &[]).await["data"]["policyid"].to_string();
    assert!(refused(renessans.policy(&id, "acquiring/renins").await).contains("не согласован"));
    let wrong = renessans.apply("0", &calculation, &[("car[year]", "")]).await;
    assert!(refused(wrong).contains("car.year"));
    let url = format!("{}policy/{id}/info/?key=wrong", renessans.insurer.base_url);
    let stranger = client::json(client::http().get(url).send().await.unwrap()).await;
    assert!(refused(stranger).contains("ключ"));
}

#[tokio::test]
async fn a_held_application_is_agreed_after_its_polls() {
    let hold = Hold { share: 1.0, polls: 3 };
    let simulation = client::with(Knobs { hold, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let id = renessans.applied(&[]).await;
    assert_eq!(renessans.policy(&id, "acquiring/renins").await["result"], false);
    let mut seen = Vec::new();
    for _ in 0..5 {
        seen.push(standing(&renessans.policy(&id, "info").await)[0].to_owned());
    }
    let (held, agreed) = ("На согласовании", "Согласован");
    assert_eq!(seen, [held, held, held, agreed, agreed]);
    assert_eq!(renessans.policy(&id, "acquiring/renins").await["result"], true);
}

#[tokio::test]
async fn a_trial_is_declined_by_the_insurer_or_by_the_registry() {
    for (knobs, upload) in [
        (Knobs { application_decline: 1.0, ..Knobs::default() }, Value::Null),
        (Knobs { registry_failed: 1.0, ..Knobs::default() }, json!(1)),
    ] {
        let simulation = client::with(knobs).await;
        let renessans = Renessans::new(&simulation);
        let calculation = renessans.quote().await;
        let id = renessans.apply("1", &calculation, &[]).await["data"]["policyid"].to_string();
        let answer = renessans.policy(&id, "status").await;
        assert_eq!(answer["result"], !upload.is_null());
        assert_eq!(answer["data"]["upload"], upload);
        assert!(!answer["message"].as_str().unwrap().is_empty());
        assert_eq!(
            renessans.apply("0", &calculation, &[]).await["result"],
            false,
            "no application after a no"
        );
        assert_eq!(simulation.journal().iter().filter(|call| call.outcome == Outcome::Declined).count(), 1);
    }
}

#[tokio::test]
async fn an_insurer_may_change_its_mind_between_trial_and_application() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    renessans.applied(&[]).await;
    simulation.set_knobs("renessans", Knobs { application_decline: 1.0, ..Knobs::default() }).unwrap();
    let calculation = renessans.quote().await;
    let id = renessans.apply("0", &calculation, &[]).await["data"]["policyid"].to_string();
    assert_eq!(renessans.policy(&id, "status").await["result"], false);
    assert_eq!(standing(&renessans.policy(&id, "info").await)[0], "Отказ");
}

#[tokio::test]
async fn the_price_after_the_trial_drifts() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let price =
        async || renessans.calculate(&risks::renessans()).await.0["data"]["response"]["premium"].clone();
    assert_ne!(price().await, price().await);
}

#[tokio::test]
async fn cross_sales_come_with_the_price_and_go_into_the_application() {
    let simulation = client::fast().await;
    let renessans = Renessans::new(&simulation);
    let (answer, _) = renessans.calculate(&risks::renessans()).await;
    let response = &answer["data"]["response"];
    assert_eq!(response["reinsurancepool"], false);
    let [driver, _] = &response["upsales"].as_array().unwrap()[..] else { panic!("{answer}") };
    let chosen = [("upsales[0][id]", "accident"), ("upsales[0][option_id]", "1")];
    let id = renessans.applied(&chosen).await;
    let link = renessans.policy(&id, "acquiring/renins").await;
    let extra: f64 = driver["options"][0]["price"].as_str().unwrap().parse().unwrap();
    let expected = response["premium"].as_f64().unwrap() + extra;
    assert!((link["data"]["amount"].as_f64().unwrap() - expected).abs() < 0.001, "{link}");
    let wrong = [chosen.as_slice(), &[("upsales[1][id]", "road"), ("upsales[1][option_id]", "1")]].concat();
    let calculation = renessans.quote().await;
    let refused = renessans.apply("0", &calculation, &wrong).await;
    assert!(refused["message"].as_str().unwrap().contains("несовместимы"), "{refused}");
}

#[tokio::test]
async fn a_risk_of_the_pool_is_tried_freely_and_applied_for_with_its_cross_sale() {
    let simulation = client::with(Knobs { pool: 1.0, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let (answer, _) = renessans.calculate(&risks::renessans()).await;
    assert_eq!(answer["data"]["response"]["reinsurancepool"], true);
    let calculation = renessans.quote().await;
    let trial = renessans.apply("1", &calculation, &[]).await["data"]["policyid"].to_string();
    renessans.policy(&trial, "status").await;
    let refused = renessans.apply("0", &calculation, &[]).await;
    assert!(refused["message"].as_str().unwrap().contains("Обязательный"), "{refused}");
    let chosen = [("upsales[0][id]", "passengers"), ("upsales[0][option_id]", "1")];
    assert_eq!(renessans.apply("0", &calculation, &chosen).await["result"], true);
}

#[tokio::test]
async fn an_ordinary_cross_sale_can_be_required_of_every_application() {
    let simulation = client::with(Knobs { required_cross_sale: true, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let (answer, _) = renessans.calculate(&risks::renessans()).await;
    let response = &answer["data"]["response"];
    assert_eq!(response["reinsurancepool"], false);
    let [driver, road] = &response["upsales"].as_array().unwrap()[..] else { panic!("{answer}") };
    assert_eq!((driver["id"].as_str(), driver["is_required"].as_bool()), (Some("accident"), Some(true)));
    assert_eq!(road["is_required"], false);
    let calculation = renessans.quote().await;
    let trial = renessans.apply("1", &calculation, &[]).await["data"]["policyid"].to_string();
    renessans.policy(&trial, "status").await;
    let refused = renessans.apply("0", &calculation, &[]).await;
    assert!(refused["message"].as_str().unwrap().contains("Обязательный"), "{refused}");
    let chosen = [("upsales[0][id]", "accident"), ("upsales[0][option_id]", "1")];
    assert_eq!(renessans.apply("0", &calculation, &chosen).await["result"], true);
}

#[tokio::test]
async fn a_link_that_fails_is_a_plain_false() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let renessans = Renessans::new(&simulation);
    let id = renessans.applied(&[]).await;
    assert_eq!(renessans.policy(&id, "acquiring/renins").await["result"], false);
    assert_eq!(renessans.insurer.sales()[0].bills, 0);
}

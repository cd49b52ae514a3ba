//! soglasie after the quote.

use reqwest::Method;
use serde_json::{Value, json};
use veer_simulator::{Drift, Fault, Faults, Hold, Knobs, Outcome, Polls};

use crate::{
    client,
    risks::VIN,
    sell::{act, creates},
    soglasie::Soglasie,
};

fn person() -> Value {
    json!({"Phisical": {
        "Resident": true, "Surname": "Иванов", "Name": "Иван", "Patronymic": "Иванович", "BirthDate": "1980-06-12",
        "Sex": "male", "Email": "a@example.org", "PhoneMobile": "+79161234567",
        "Documents": {"Document": [{"TypeRSA": "12", "Serial": "1234", "Number": "567890", "Date": "2010-10-05"}]},
        "Addresses": {"Address": [{"Type": "Registered", "Country": "643", "AddressCode": "77000000000000000"}]},
    }})
}

/// The application of the documented example.
fn application() -> Value {
    json!({
        "DeclarationDate": "2023-11-25T00:00:00", "BeginDate": "2023-12-01T00:00:00", "EndDate": "2024-11-30T23:59:59",
        "Period1Begin": "2023-12-01", "Period1End": "2024-11-30", "IsTransCar": false, "IsInsureTrailer": false,
        "CarInfo": {"VIN": VIN, "LicensePlate": "А123БВ777", "MarkModelCarCode": 100_000_101, "MarkPTS": "Toyota",
            "ModelPTS": "Camry", "YearIssue": 2020, "EngCap": 150, "GoalUse": "Taxi", "Rented": false,
            "DocumentCar": {"TypeRSA": "31", "Serial": "77АА", "Number": "123456", "Date": "2020-05-15"}},
        "Insurer": person(), "CarOwner": person(),
        "Drivers": {"Driver": [{"Face": {"Resident": true, "Surname": "Иванов", "Name": "Иван", "Patronymic": "Иванович",
            "BirthDate": "1980-06-12", "Sex": "male",
            "Documents": {"Document": [{"TypeRSA": "20", "Serial": "77АА", "Number": "123456"}]}},
            "DrivingExpDate": "2015-06-10"}]},
        "IKP1": " ", "CashPaymentOption": false,
    })
}

impl Soglasie<'_> {
    async fn apply(&self, body: &Value) -> (u16, Value) {
        let response = self.send(Method::POST, "online/api/eosago", Some(body.to_string())).await;
        (response.status().as_u16(), client::json(response).await)
    }

    /// The number of a new application.
    async fn applied(&self) -> String {
        let (status, answer) = self.apply(&application()).await;
        assert_eq!(status, 200, "{answer}");
        answer["policyId"].to_string()
    }

    async fn about(&self, id: &str, what: &str) -> (u16, Value) {
        self.get(&format!("online/api/eosago/{id}/{what}")).await
    }

    /// Upload and policy as the status tells them.
    async fn states(&self, id: &str) -> [String; 2] {
        let (_, answer) = self.about(id, "status").await;
        [&answer["status"], &answer["policy"]["status"]]
            .map(|state| state.as_str().unwrap_or_default().to_owned())
    }

    async fn suspend(&self, id: &str) -> (u16, Value) {
        let response = self.send(Method::PUT, &format!("online/api/eosago/{id}/suspend"), None).await;
        (response.status().as_u16(), client::json(response).await)
    }

    async fn file(&self, id: &str, what: &str) -> (u16, Vec<u8>) {
        let response = self.send(Method::GET, &format!("online/api/eosago/{id}/{what}"), None).await;
        (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
    }
}

#[tokio::test]
async fn a_sale_goes_from_the_price_to_the_policys_file() {
    let application_polls = Polls { min: 3, max: 3 };
    let simulation = client::with(Knobs { application_polls, ..Knobs::default() }).await;
    let soglasie = Soglasie::new(&simulation);
    let price = soglasie.price().await;
    let id = soglasie.applied().await;
    assert_eq!(soglasie.about(&id, "paylink").await.0, 409, "it is still checked");
    assert_eq!(soglasie.file(&id, "notice").await.0, 404);
    assert_eq!(soglasie.states(&id).await, ["WORKING", "DRAFT"]);
    assert_eq!(soglasie.states(&id).await, ["WORKING", "RSA_CHECK"]);
    assert_eq!(soglasie.states(&id).await, ["COMPLETE", "RSA_CHECK_OK"]);
    let (_, passed) = soglasie.about(&id, "status").await;
    let policy = &passed["policy"];
    assert_eq!(policy["premium"].as_f64().unwrap(), price.parse::<f64>().unwrap(), "no drift, no change");
    assert_eq!(policy["policyserial"], "ХХХ");
    assert_eq!(policy["drivers"][0]["name"], "ИВАНОВ ИВАН ИВАНОВИЧ");
    assert!(policy["coeffs"].as_array().unwrap().iter().any(|row| row["brief"] == "БТ"));

    assert!(soglasie.file(&id, "notice").await.1.starts_with(b"%PDF"));
    let (_, link) = soglasie.about(&id, "paylink").await;
    assert_eq!(
        soglasie.about(&id, "paylink").await.1["PayLink"],
        link["PayLink"],
        "asked again, it is the same page"
    );
    assert_eq!(soglasie.file(&id, "policy").await.0, 404);
    assert_eq!(act(link["PayLink"].as_str().unwrap(), "pay").await.0, 200);
    assert_eq!(soglasie.states(&id).await, ["COMPLETE", "SIGNED"]);
    let (_, file) = soglasie.file(&id, "policy").await;
    let number = policy["policyno"].as_str().unwrap();
    assert!(file.starts_with(b"%PDF") && String::from_utf8_lossy(&file).contains(number));

    let [sale] = &soglasie.insurer.sales()[..] else { panic!("one application") };
    assert_eq!((&sale.application, sale.bills), (&id, 1));
    assert_eq!(sale.paid, Some(sale.premium));
    assert_eq!(creates(&simulation, "soglasie"), ["eosago"]);
    let risks: std::collections::BTreeSet<_> =
        simulation.journal().into_iter().map(|call| call.risk).collect();
    assert_eq!(risks.len(), 1, "{risks:?}");
}

#[tokio::test]
async fn every_upload_makes_an_application_of_its_own() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    assert_ne!(soglasie.applied().await, soglasie.applied().await);
    assert_eq!(soglasie.insurer.sales().len(), 2);
}

#[tokio::test]
async fn what_is_paid_is_signed_a_while_later() {
    let policy_delay = std::time::Duration::from_secs(600);
    let simulation = client::with(Knobs { policy_delay, ..Knobs::default() }).await;
    let soglasie = Soglasie::new(&simulation);
    let id = soglasie.applied().await;
    soglasie.states(&id).await;
    let (_, link) = soglasie.about(&id, "paylink").await;
    act(link["PayLink"].as_str().unwrap(), "pay").await;
    let states = [soglasie.states(&id).await, soglasie.states(&id).await].map(|[_, state]| state);
    assert!(states.iter().all(|state| ["PAY_COMPLETE", "RSA_SIGN"].contains(&state.as_str())), "{states:?}");
    assert_ne!(states[0], states[1]);
    assert_eq!(soglasie.file(&id, "policy").await.0, 404);
    assert_eq!(soglasie.about(&id, "paylink").await.0, 409);
    let (status, refused) = soglasie.suspend(&id).await;
    assert_eq!((status, refused["errorInfo"].as_str()), (409, Some("Договор оплачен")));
}

#[tokio::test]
async fn the_final_price_drifts() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..Knobs::default() }).await;
    let soglasie = Soglasie::new(&simulation);
    let before: f64 = soglasie.price().await.parse().unwrap();
    let id = soglasie.applied().await;
    let (_, answer) = soglasie.about(&id, "status").await;
    let after = answer["policy"]["premium"].as_f64().unwrap();
    assert!(before != after && (0.89..1.11).contains(&(after / before)), "{before} to {after}");
}

#[tokio::test]
async fn an_application_is_declined_by_the_insurer_or_by_the_registry() {
    for (knobs, state) in [
        (Knobs { application_decline: 1.0, ..Knobs::default() }, "SK_CHECK_FAIL"),
        (Knobs { registry_failed: 1.0, ..Knobs::default() }, "RSA_CHECK_FAIL"),
    ] {
        let simulation = client::with(knobs).await;
        let soglasie = Soglasie::new(&simulation);
        let id = soglasie.applied().await;
        assert_eq!(soglasie.states(&id).await, ["COMPLETE", state]);
        let (_, answer) = soglasie.about(&id, "status").await;
        let told = match state {
            "SK_CHECK_FAIL" => answer["lastError"].as_str().unwrap().to_owned(),
            _ => answer["rsacheck"][1]["result"].as_str().unwrap().to_owned(),
        };
        assert!(!told.is_empty() && answer["policy"].get("premium").is_none(), "{answer}");
        assert_eq!(soglasie.about(&id, "paylink").await.0, 409);
        assert_eq!(soglasie.suspend(&id).await.0, 200);
        assert_eq!(soglasie.states(&id).await, ["COMPLETE", "SUSPENDED"]);
    }
}

#[tokio::test]
async fn a_held_application_is_at_the_insurers_own_check() {
    let hold = Hold { share: 1.0, polls: 2 };
    let simulation = client::with(Knobs { hold, ..Knobs::default() }).await;
    let soglasie = Soglasie::new(&simulation);
    let id = soglasie.applied().await;
    for expected in ["SK_CHECK", "SK_CHECK_START", "SK_CHECK_OK"] {
        assert_eq!(soglasie.states(&id).await, ["COMPLETE", expected]);
    }
    assert_eq!(soglasie.about(&id, "paylink").await.0, 200);
}

#[tokio::test]
async fn what_is_given_up_or_cancelled_on_the_page_is_suspended() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    let given_up = soglasie.applied().await;
    soglasie.states(&given_up).await;
    assert_eq!(soglasie.suspend(&given_up).await.0, 200);
    assert_eq!(soglasie.suspend(&given_up).await.0, 200, "twice is once");
    let cancelled = soglasie.applied().await;
    soglasie.states(&cancelled).await;
    let (_, link) = soglasie.about(&cancelled, "paylink").await;
    act(link["PayLink"].as_str().unwrap(), "cancel").await;
    for id in [given_up, cancelled] {
        assert_eq!(soglasie.states(&id).await, ["COMPLETE", "SUSPENDED"]);
        assert_eq!(soglasie.about(&id, "paylink").await.0, 409);
    }
}

#[tokio::test]
async fn every_missing_field_of_an_application_is_named() {
    let simulation = client::fast().await;
    let mut body = application();
    body["CarInfo"]["LicensePlate"] = Value::Null;
    body["CarInfo"]["MarkModelCarCode"] = json!("100000101");
    body["CarOwner"]["Phisical"]["Addresses"]["Address"][0]["AddressCode"] = json!("7700000000000");
    body["Insurer"]["Phisical"]["PhoneMobile"] = json!("9161234567");
    body["Drivers"]["Driver"][0]["Face"]["Sex"] = Value::Null;
    body["EndDate"] = json!("2024-12-01T23:59:59");
    let (status, refused) = Soglasie::new(&simulation).apply(&body).await;
    assert_eq!(status, 422);
    let text = refused["errorInfo"].as_str().unwrap();
    for field in [
        "LicensePlate",
        "MarkModelCarCode",
        "CarOwner.Phisical.Addresses",
        "PhoneMobile",
        "Face.Sex",
        "EndDate",
    ] {
        assert!(text.contains(field), "{field} is missing in {text}");
    }
    assert!(simulation.journal().iter().all(|call| call.outcome == Outcome::Rejected));
}

#[tokio::test]
async fn a_link_that_fails_makes_no_bill() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let soglasie = Soglasie::new(&simulation);
    let id = soglasie.applied().await;
    soglasie.states(&id).await;
    let (status, answer) = soglasie.about(&id, "paylink").await;
    assert_eq!(status, 500);
    assert!(answer["error"].as_str().unwrap().contains("оплаты"));
    assert_eq!(soglasie.insurer.sales()[0].bills, 0);
}

#[tokio::test]
async fn nobody_knows_an_application_that_was_not_made() {
    let simulation = client::fast().await;
    let soglasie = Soglasie::new(&simulation);
    for what in ["status", "paylink", "notice", "policy"] {
        assert_eq!(soglasie.about("1", what).await.0, 404, "{what}");
    }
    assert_eq!(soglasie.suspend("1").await.0, 404);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_application_behind_and_a_refused_call_does_not() {
    for (fault, applications) in [
        (Fault::Truncated, 1),
        (Fault::Malformed, 1),
        (Fault::Nulls, 1),
        (Fault::TooMany, 0),
        (Fault::Error, 0),
    ] {
        let faults_of = [("eosago".to_owned(), Faults::default().with(fault, 1.0))].into();
        let simulation = client::with(Knobs { faults_of, ..Knobs::default() }).await;
        let soglasie = Soglasie::new(&simulation);
        soglasie.send(Method::POST, "online/api/eosago", Some(application().to_string())).await;
        assert_eq!(soglasie.insurer.sales().len(), applications, "{fault:?}");
        let marked = simulation.journal().into_iter().find(|call| call.operation == "eosago").unwrap();
        assert_eq!(marked.outcome, Outcome::Faulted(fault));
        assert!(marked.creates && !marked.risk.is_empty());
    }
}

//! obrazets after the quote.

use hmac::{Hmac, KeyInit, Mac};
use reqwest::Method;
use serde_json::{Value, json};
use sha2::Sha256;
use veer_simulator::{Callbacks, Drift, Fault, Faults, Hold, Knobs, Polls, Simulation};

use crate::{
    callbacks::Gateway,
    client,
    obrazets::{Obrazets, risk},
    sell::{act, creates},
};

impl Obrazets<'_> {
    /// The `quote_id` of a price.
    async fn priced(&self) -> String {
        self.quote(&risk()).await.1["quote_id"].as_str().unwrap().to_owned()
    }

    async fn apply(&self, quote: &str, key: &str) -> (u16, Value) {
        let policyholder = json!({"phone": "79161234567", "email": "user@example.org"});
        let body = json!({"quote_id": quote, "policyholder": policyholder});
        self.post("applications", &body, Some(key)).await
    }

    /// An application of a new quote.
    async fn applied(&self) -> String {
        let (status, answer) = self.apply(&self.priced().await, "key").await;
        assert_eq!((status, answer["status"].as_str()), (202, Some("checking")), "{answer}");
        answer["application_id"].as_str().unwrap().to_owned()
    }

    async fn standing(&self, id: &str) -> (u16, Value) {
        self.get(&format!("applications/{id}")).await
    }

    async fn pay(&self, id: &str, body: Value) -> (u16, Value) {
        self.post(&format!("applications/{id}/payment"), &body, None).await
    }

    async fn paid(&self, id: &str) -> (u16, Value) {
        self.get(&format!("applications/{id}/payment")).await
    }

    async fn file(&self, id: &str, kind: &str) -> (u16, Vec<u8>) {
        let response = self.raw(Method::GET, &format!("applications/{id}/documents/{kind}")).await;
        (response.status().as_u16(), response.bytes().await.unwrap().to_vec())
    }
}

async fn with(knobs: Knobs) -> Simulation {
    client::with(knobs).await
}

#[tokio::test]
async fn a_sale_goes_from_the_application_to_the_policys_file() {
    let simulation = with(Knobs { application_polls: Polls { min: 2, max: 2 }, ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    let id = obrazets.applied().await;
    assert_eq!(obrazets.file(&id, "draft").await.0, 404);
    assert_eq!(obrazets.standing(&id).await.0, 202);
    let (status, answer) = obrazets.standing(&id).await;
    assert_eq!((status, answer["status"].as_str(), &answer["policy"]), (200, Some("approved"), &Value::Null));
    assert!(obrazets.file(&id, "draft").await.1.starts_with(b"%PDF"));
    assert_eq!(obrazets.paid(&id).await.0, 404, "nothing to pay yet");

    let (status, bill) = obrazets.pay(&id, json!({})).await;
    assert_eq!((status, &bill["amount"]), (201, &answer["premium"]));
    assert_eq!(obrazets.paid(&id).await.1, bill, "the same is told when it is asked after");
    assert_eq!(obrazets.file(&id, "policy").await.0, 404);
    assert_eq!(act(bill["payment_url"].as_str().unwrap(), "pay").await.0, 200);
    assert_eq!(obrazets.paid(&id).await.1["status"], "paid");
    let (_, issued) = obrazets.standing(&id).await;
    assert_eq!(
        (issued["status"].as_str(), issued["policy"]["series"].as_str()),
        (Some("issued"), Some("ХХХ"))
    );
    let number = issued["policy"]["number"].as_str().unwrap();
    assert!(String::from_utf8_lossy(&obrazets.file(&id, "policy").await.1).contains(number));

    let [sale] = &obrazets.insurer.sales()[..] else { panic!("one application") };
    assert_eq!((&sale.application, sale.bills, sale.paid), (&id, 1, Some(sale.premium)));
    assert_eq!(creates(&simulation, "obrazets"), ["quotes", "applications", "applications/payment"]);
}

#[tokio::test]
async fn the_same_key_is_the_same_application() {
    let simulation = client::fast().await;
    let obrazets = Obrazets::new(&simulation).await;
    let quote = obrazets.priced().await;
    let first = obrazets.apply(&quote, "key-1").await;
    assert_eq!(obrazets.apply(&quote, "key-1").await, first);
    assert_eq!(obrazets.insurer.sales().len(), 1);
    let other = obrazets.priced().await;
    let (status, answer) = obrazets.apply(&other, "key-1").await;
    assert_eq!((status, answer["error"]["code"].as_str()), (409, Some("key_reused")));
    assert_ne!(obrazets.apply(&quote, "key-2").await, first);
    assert_eq!(obrazets.insurer.sales().len(), 2);
}

#[tokio::test]
async fn a_lost_answer_leaves_the_application_behind_and_the_key_finds_it() {
    let faults_of = [("applications".to_owned(), Faults::default().with(Fault::Nulls, 1.0))];
    let simulation = with(Knobs { faults_of: faults_of.into(), ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    let quote = obrazets.priced().await;
    assert!(obrazets.apply(&quote, "key").await.1["application_id"].is_null());
    simulation.set_knobs("obrazets", Knobs::default()).unwrap();
    let (_, again) = obrazets.apply(&quote, "key").await;
    let [sale] = &obrazets.insurer.sales()[..] else { panic!("one application") };
    assert_eq!(again["application_id"], sale.application);
}

#[tokio::test]
async fn an_application_is_declined_by_the_insurer_or_by_the_registry() {
    for (knobs, code) in [
        (Knobs { application_decline: 1.0, ..Knobs::default() }, "underwriting"),
        (Knobs { registry_failed: 1.0, ..Knobs::default() }, "registry"),
    ] {
        let simulation = with(knobs).await;
        let obrazets = Obrazets::new(&simulation).await;
        let id = obrazets.applied().await;
        let (status, answer) = obrazets.standing(&id).await;
        assert_eq!((status, answer["status"].as_str()), (200, Some("declined")));
        assert_eq!(answer["reason"]["code"], code);
        assert_eq!(obrazets.pay(&id, json!({})).await.0, 409);
    }
}

#[tokio::test]
async fn a_held_application_is_approved_after_its_polls() {
    let simulation = with(Knobs { hold: Hold { share: 1.0, polls: 2 }, ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    let id = obrazets.applied().await;
    let mut seen = Vec::new();
    for _ in 0..3 {
        let (status, answer) = obrazets.standing(&id).await;
        seen.push((status, answer["status"].as_str().unwrap().to_owned()));
    }
    let state = |status, word: &str| (status, word.to_owned());
    assert_eq!(seen, [state(202, "on_hold"), state(202, "on_hold"), state(200, "approved")]);
}

#[tokio::test]
async fn the_final_price_drifts_and_the_bill_follows_it() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = with(Knobs { drift, ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    let (_, quoted, _) = obrazets.quote(&risk()).await;
    let (_, made) = obrazets.apply(quoted["quote_id"].as_str().unwrap(), "key").await;
    let id = made["application_id"].as_str().unwrap();
    let (_, answer) = obrazets.standing(id).await;
    assert_ne!(answer["premium"], quoted["premium"]);
    assert_eq!(obrazets.pay(id, json!({})).await.1["amount"], answer["premium"]);
}

#[tokio::test]
async fn cross_sales_go_into_the_bill() {
    let simulation = with(Knobs { required_cross_sale: true, ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    let id = obrazets.applied().await;
    obrazets.standing(&id).await;
    let (status, answer) = obrazets.pay(&id, json!({})).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (422, Some("validation_failed")));
    assert_eq!(obrazets.pay(&id, json!({"cross_sales": [{"id": "accident"}]})).await.0, 422);
    let chosen = json!({"cross_sales": [{"id": "accident", "option_id": 2}]});
    let (status, bill) = obrazets.pay(&id, chosen).await;
    assert_eq!(status, 201);
    assert_ne!(bill["amount"], obrazets.standing(&id).await.1["premium"]);
}

#[tokio::test]
async fn a_payment_link_fails_with_a_code_of_its_own() {
    let simulation = with(Knobs { link_fails: 1.0, ..Knobs::default() }).await;
    let obrazets = Obrazets::new(&simulation).await;
    let id = obrazets.applied().await;
    obrazets.standing(&id).await;
    let (status, answer) = obrazets.pay(&id, json!({})).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (424, Some("payment_unavailable")));
    assert_eq!(obrazets.insurer.sales()[0].bills, 0);
}

#[tokio::test]
async fn a_cancelled_payment_may_be_asked_for_again_and_a_paid_one_not() {
    let simulation = client::fast().await;
    let obrazets = Obrazets::new(&simulation).await;
    let id = obrazets.applied().await;
    obrazets.standing(&id).await;
    let (_, first) = obrazets.pay(&id, json!({})).await;
    act(first["payment_url"].as_str().unwrap(), "cancel").await;
    assert_eq!(obrazets.paid(&id).await.1["status"], "cancelled");
    let (_, second) = obrazets.pay(&id, json!({})).await;
    assert_ne!(second["payment_id"], first["payment_id"]);
    act(second["payment_url"].as_str().unwrap(), "pay").await;
    let (status, answer) = obrazets.pay(&id, json!({})).await;
    assert_eq!((status, answer["error"]["code"].as_str()), (409, Some("already_paid")));
    assert_eq!(obrazets.delete(&format!("applications/{id}")).await, 409);
}

#[tokio::test]
async fn an_application_that_was_given_up_cannot_be_paid() {
    let simulation = client::fast().await;
    let obrazets = Obrazets::new(&simulation).await;
    let id = obrazets.applied().await;
    obrazets.standing(&id).await;
    let (_, bill) = obrazets.pay(&id, json!({})).await;
    let path = format!("applications/{id}");
    assert_eq!([obrazets.delete(&path).await, obrazets.delete(&path).await], [204, 204]);
    assert_eq!(obrazets.delete("applications/none").await, 404);
    assert_eq!(obrazets.standing(&id).await.1["status"], "cancelled");
    assert_eq!(act(bill["payment_url"].as_str().unwrap(), "pay").await.0, 409);
    assert_eq!(obrazets.pay(&id, json!({})).await.0, 409);
}

#[tokio::test]
async fn a_payment_is_told_of_with_a_signature() {
    let gateway = Gateway::start(0).await;
    let callbacks = Callbacks { share: 1.0, ..Callbacks::default() };
    let simulation = with(Knobs { callbacks, ..Knobs::default() }).await;
    simulation.notify(&gateway.url);
    let obrazets = Obrazets::new(&simulation).await;
    let id = obrazets.applied().await;
    obrazets.standing(&id).await;
    let (_, bill) = obrazets.pay(&id, json!({})).await;
    act(bill["payment_url"].as_str().unwrap(), "pay").await;
    client::until(|| !gateway.calls().is_empty()).await;
    let call = &gateway.calls()[0];
    let told: Value = serde_json::from_str(&call.body).unwrap();
    assert_eq!(told, json!({"application_id": id, "payment_id": bill["payment_id"], "status": "paid"}));
    let mut mac = Hmac::<Sha256>::new_from_slice(obrazets.insurer.callback_secret.as_bytes()).unwrap();
    mac.update(call.body.as_bytes());
    let proof: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(call.header("x-signature"), proof);
}

#[tokio::test]
async fn calls_in_the_wrong_order_are_refused() {
    let simulation = client::fast().await;
    let obrazets = Obrazets::new(&simulation).await;
    assert_eq!(obrazets.apply("none", "key").await.0, 404);
    assert_eq!(obrazets.standing("none").await.0, 404);
    assert_eq!(obrazets.pay("none", json!({})).await.0, 404);
    assert_eq!(obrazets.get("quotes/none").await.0, 404);
    let quote = obrazets.priced().await;
    let body = json!({"quote_id": quote, "policyholder": {"phone": "1", "email": "a@example.org"}});
    assert_eq!(obrazets.post("applications", &body, None).await.0, 422, "no key");
    let id = obrazets.applied().await;
    assert_eq!(obrazets.pay(&id, json!({})).await.0, 409, "it is still checked");
}

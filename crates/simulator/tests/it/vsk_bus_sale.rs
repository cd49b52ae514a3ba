//! vsk_bus after the quote.

use veer_simulator::{Drift, Knobs, Replies};

use crate::{
    bus::{Bus, leaf},
    client,
    sell::{act, creates},
};

fn without_code() -> Knobs {
    Knobs { sms_code: false, ..Knobs::default() }
}

fn code(reply: &str) -> Option<String> {
    leaf(reply, "errorCode")
}

#[tokio::test]
async fn a_sale_goes_from_the_code_by_sms_to_the_notice_of_the_payment() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    let amount = leaf(&bus.save(&session).await, "amount").unwrap();
    let wrong = bus.sign(&session, "0000").await;
    assert_eq!(code(&wrong).as_deref(), Some("INCORRECT_CODE"));
    assert!(leaf(&wrong, "errorMessage").unwrap().ends_with("Осталось попыток: 2"), "{wrong}");
    let number = leaf(&bus.sign(&session, "0011").await, "policyNumber").unwrap();
    assert!(number.starts_with("ХХХ0") && number.chars().count() == 13, "{number}");
    assert_eq!(
        leaf(&bus.sign(&session, "0011").await, "policyNumber"),
        Some(number.clone()),
        "no second policy"
    );

    let bill = bus.buy(&session, &number, &amount).await;
    let (order, url) = (leaf(&bill, "orderId").unwrap(), leaf(&bill, "formUrl").unwrap());
    assert!(bill.contains("<pay:orderId>o-"), "{bill}");
    // A browser has no certificate.
    assert!(url.starts_with("http://127.0.0.1:") && url.ends_with(&format!("/pay/{order}")), "{url}");
    assert_eq!(act(&url, "pay").await.0, 200);
    let bill_id = leaf(&bill, "messageId").unwrap();
    client::until(|| bus.replies(&bill_id).len() == 2).await;
    let notice = bus.replies(&bill_id).pop().unwrap();
    assert!(
        notice.body.contains("policyPaid") && leaf(&notice.body, "policyId").is_some(),
        "{}",
        notice.body
    );
    assert_eq!(leaf(&notice.body, "policyNumber"), Some(number.clone()));
    assert_eq!(notice.query, "token=t");
    let sales = bus.insurer.sales();
    assert_eq!(sales[0].paid.map(|paid| paid.get().to_string()), Some(amount));
    assert_eq!(sales[0].policy.replace(' ', ""), number);
    assert_eq!(
        creates(&simulation, "vsk_bus"),
        ["SavePolicy", "SignPolicy", "SignPolicy", "SignPolicy", "BuyPolicy"]
    );
}

#[tokio::test]
async fn three_wrong_codes_end_the_signing() {
    let simulation = client::fast().await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    bus.save(&session).await;
    for _ in 0..3 {
        assert_eq!(code(&bus.sign(&session, "").await).as_deref(), Some("INCORRECT_CODE"));
    }
    assert_eq!(code(&bus.sign(&session, "0011").await).as_deref(), Some("INCORRECT_CODE"));
}

#[tokio::test]
async fn without_codes_an_empty_one_signs() {
    let simulation = client::with(without_code()).await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    bus.save(&session).await;
    assert!(leaf(&bus.sign(&session, "").await, "policyNumber").is_some());
}

#[tokio::test]
async fn the_price_may_drift_and_the_new_one_is_billed() {
    let drift = Drift { share: 1.0, size: 0.1 };
    let simulation = client::with(Knobs { drift, ..without_code() }).await;
    let bus = Bus::new(&simulation).await;
    let quoted = leaf(&bus.calculate(&crate::risks::vsk_bus()).await, "amount").unwrap();
    let session = bus.login().await;
    let amount = leaf(&bus.save(&session).await, "amount").unwrap();
    assert_ne!(quoted, amount);
    let number = leaf(&bus.sign(&session, "").await, "policyNumber").unwrap();
    let wrong = bus.buy(&session, &number, &quoted).await;
    assert_eq!(code(&wrong).as_deref(), Some("VALIDATIONERROR"));
    let wrong = bus.buy(&session, "ХХХ0000000000", &amount).await;
    assert!(leaf(&wrong, "errorMessage").unwrap().contains("policyNumber"));
    assert!(leaf(&bus.buy(&session, &number, &amount).await, "formUrl").is_some());
}

#[tokio::test]
async fn a_session_ends_and_belongs_to_its_process() {
    let simulation = client::with(Knobs { session_calls: 1, ..without_code() }).await;
    let bus = Bus::new(&simulation).await;
    let (first, mut mixed) = (bus.login().await, bus.login().await);
    assert!(leaf(&bus.save(&first).await, "amount").is_some());
    let over = bus.sign(&first, "").await;
    assert_eq!(code(&over).as_deref(), Some("PROCESS_ERROR"));
    assert!(over.contains("Session not found or expired"), "{over}");
    mixed.id = first.id;
    assert!(bus.save(&mixed).await.contains("Session not found or expired"));
    assert_eq!(bus.insurer.sales().len(), 1);
}

#[tokio::test]
async fn nothing_is_signed_that_is_not_saved_and_nothing_billed_that_is_not_signed() {
    let simulation = client::with(without_code()).await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    assert!(bus.sign(&session, "").await.contains("Полис не сохранён"));
    let amount = leaf(&bus.save(&session).await, "amount").unwrap();
    assert!(bus.buy(&session, "ХХХ0100000001", &amount).await.contains("Полис не подписан"));
}

#[tokio::test]
async fn applications_are_declined_when_they_are_saved() {
    let simulation = client::with(Knobs { application_decline: 1.0, ..without_code() }).await;
    let bus = Bus::new(&simulation).await;
    let reply = bus.save(&bus.login().await).await;
    assert_eq!((code(&reply).as_deref(), leaf(&reply, "amount")), (Some("PROCESS_ERROR"), None));
    assert!(bus.insurer.sales().is_empty());
}

#[tokio::test]
async fn the_registry_is_asked_when_a_policy_is_signed() {
    let simulation = client::with(Knobs { registry_failed: 1.0, ..without_code() }).await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    assert!(leaf(&bus.save(&session).await, "amount").is_some());
    let reply = bus.sign(&session, "").await;
    assert_eq!((code(&reply).as_deref(), leaf(&reply, "policyNumber")), (Some("RSA_CHECK_ERROR"), None));
    assert!(leaf(&reply, "errorMessage").unwrap().contains("Message=Не пройдена проверка РСА"), "{reply}");
}

#[tokio::test]
async fn a_register_that_did_not_answer_need_not_stop_the_policy() {
    let simulation = client::with(Knobs { registry_warning: 1.0, ..without_code() }).await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    let amount = leaf(&bus.save(&session).await, "amount").unwrap();
    let reply = bus.sign(&session, "").await;
    assert_eq!(code(&reply).as_deref(), Some("RSA_CHECK_ERROR"));
    assert!(reply.contains("34030023"), "{reply}");
    let number = leaf(&reply, "policyNumber").unwrap();
    assert!(leaf(&bus.buy(&session, &number, &amount).await, "formUrl").is_some());
}

#[tokio::test]
async fn the_payment_gate_fails_and_a_cancelled_or_lost_payment_is_not_told_of() {
    let simulation = client::with(Knobs { link_fails: 1.0, ..without_code() }).await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    let amount = leaf(&bus.save(&session).await, "amount").unwrap();
    let number = leaf(&bus.sign(&session, "").await, "policyNumber").unwrap();
    assert_eq!(code(&bus.buy(&session, &number, &amount).await).as_deref(), Some("PAYMENT_GATE_ERROR"));
    simulation.set_knobs("vsk_bus", without_code()).unwrap();
    let cancelled = bus.buy(&session, &number, &amount).await;
    act(&leaf(&cancelled, "formUrl").unwrap(), "cancel").await;
    let told = bus.buy(&session, &number, &amount).await;
    act(&leaf(&told, "formUrl").unwrap(), "pay").await;
    let told_id = leaf(&told, "messageId").unwrap();
    client::until(|| bus.replies(&told_id).len() == 2).await;
    assert_eq!(bus.replies(&leaf(&cancelled, "messageId").unwrap()).len(), 1);
    assert!(bus.buy(&session, &number, &amount).await.contains("Полис уже оплачен"));
}

#[tokio::test]
async fn a_notice_may_be_lost_or_come_twice() {
    let simulation = client::with(without_code()).await;
    let bus = Bus::new(&simulation).await;
    let pay = async |replies: Replies| {
        let session = bus.login().await;
        let amount = leaf(&bus.save(&session).await, "amount").unwrap();
        let number = leaf(&bus.sign(&session, "").await, "policyNumber").unwrap();
        let bill = bus.buy(&session, &number, &amount).await;
        simulation.set_knobs("vsk_bus", Knobs { replies, ..without_code() }).unwrap();
        act(&leaf(&bill, "formUrl").unwrap(), "pay").await;
        simulation.set_knobs("vsk_bus", without_code()).unwrap();
        leaf(&bill, "messageId").unwrap()
    };
    let lost = pay(Replies { lost: 1.0, ..Replies::default() }).await;
    let told = pay(Replies::default()).await;
    client::until(|| bus.replies(&told).len() == 2).await;
    assert_eq!(bus.replies(&lost).len(), 1);
}

#[tokio::test]
async fn the_notice_carries_the_bills_own_correlation_id() {
    let simulation = client::with(without_code()).await;
    let bus = Bus::new(&simulation).await;
    let session = bus.login().await;
    let amount = leaf(&bus.save(&session).await, "amount").unwrap();
    let number = leaf(&bus.sign(&session, "").await, "policyNumber").unwrap();
    let bill = bus.buy(&session, &number, &amount).await;
    act(&leaf(&bill, "formUrl").unwrap(), "pay").await;
    let id = leaf(&bill, "messageId").unwrap();
    client::until(|| bus.replies(&id).len() == 2).await;
    let ids: Vec<String> =
        bus.replies(&id).iter().map(|call| call.header("x-vsk-correlationid").to_owned()).collect();
    assert_eq!(ids[0], ids[1]);
}

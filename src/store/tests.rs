//! The store's promises, against a real file and a real server.

use std::sync::Arc;

use uuid::Uuid;

use super::{
    trial::{Place, at, calculation, conversation, finished, offer, on_both_engines},
    *,
};
use crate::config::{StoreConfig, Synchronous};

on_both_engines![
    a_calculation_is_written_once,
    of_two_in_one_batch_the_first_is_written,
    the_last_state_of_a_conversation_stands_after_a_restart,
    a_verdict_is_not_lost_to_a_late_state,
    what_is_said_of_a_calculation_ends_it_not_and_its_end_has_the_last_word,
    nor_to_one_in_the_same_commit,
    a_finished_calculation_keeps_its_status_and_an_ended_conversation_drops_its_state,
    old_calculations_are_forgotten_with_all_that_belongs_to_them,
    a_text_may_hold_any_character,
    a_document_comes_back_as_it_was,
    offers_that_nobody_took_are_closed_a_portion_at_a_time,
    sales_are_confirmed_the_longest_overdue_first_and_those_beyond_all_pauses_after_them,
    sales_that_are_not_over_are_found_after_a_restart,
];

fn opened(store: &Store, sealed: Option<&Sealed>) -> String {
    String::from_utf8(store.sealer.open(sealed.unwrap()).unwrap().to_vec()).unwrap()
}

async fn a_calculation_is_written_once(place: Place) {
    let store = place.open().await;
    let first = store.insert_calculation(calculation(&store, 1, at(100))).await.unwrap();
    let mut other = calculation(&store, 1, at(200));
    other.fingerprint = [8; 32];
    let second = store.insert_calculation(other).await.unwrap();
    assert_eq!((first, second), (Inserted::New, Inserted::Existed));
    let found = store.calculation("demo", Uuid::from_u128(1)).await.unwrap().unwrap();
    assert_eq!((found.fingerprint, found.created), ([7; 32], at(100)));
    assert!(store.calculation("another", Uuid::from_u128(1)).await.unwrap().is_none());
}

async fn of_two_in_one_batch_the_first_is_written(place: Place) {
    let store = place.open().await;
    let rows = (0..40).map(|n| store.insert_calculation(calculation(&store, n % 10, at(100))));
    let inserted = futures::future::join_all(rows).await;
    let new = inserted.iter().filter(|inserted| matches!(inserted, Ok(Inserted::New))).count();
    assert!(inserted.iter().all(Result::is_ok));
    assert_eq!(new, 10);
}

async fn the_last_state_of_a_conversation_stands_after_a_restart(place: Place) {
    let store = place.open().await;
    store.insert_calculation(calculation(&store, 1, at(100))).await.unwrap();
    for point in ["a", "b"] {
        store.note_conversation(conversation(&store, 1, point)).unwrap();
    }
    store.keep_conversation(conversation(&store, 1, "c")).await.unwrap();
    store.flush().await.unwrap();
    store.release().await;

    let store = place.open().await;
    let unfinished = store.unfinished().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    let rows = store.conversations(&unfinished[0].account, unfinished[0].request_id, "quote").await.unwrap();
    assert_eq!((rows.len(), opened(&store, rows[0].point.as_ref())), (1, "c".to_owned()));
    assert!(rows[0].creating && rows[0].asked);
}

async fn what_is_said_of_a_calculation_ends_it_not_and_its_end_has_the_last_word(place: Place) {
    let store = place.open().await;
    let said = |status| SaidRow { account: "demo".into(), request_id: Uuid::from_u128(1), status };
    store.insert_calculation(calculation(&store, 1, at(100))).await.unwrap();
    store.insert_calculation(calculation(&store, 2, at(100))).await.unwrap();
    store.say(said("CALCULATION_READY")).unwrap().await.unwrap();
    let unfinished = store.unfinished().await.unwrap();
    let statuses: Vec<&str> = unfinished.iter().map(|it| it.status.as_str()).collect();
    assert_eq!(statuses, ["CALCULATION_READY", "PARTNER_CALCULATION_IN_PROGRESS"]);

    // In one commit, and after it.
    let written = store.say(said("CALCULATION_ERROR")).unwrap();
    store.finish(finished(1)).await.unwrap();
    written.await.unwrap();
    store.say(said("CALCULATION_ERROR")).unwrap().await.unwrap();
    let found = store.calculation("demo", Uuid::from_u128(1)).await.unwrap().unwrap();
    assert_eq!((found.status.as_str(), found.finished), ("CALCULATION_READY", Some(at(110))));
}

async fn a_verdict_is_not_lost_to_a_late_state(place: Place) {
    let store = place.open().await;
    let ended = ConversationRow { verdict: Some(404), point: None, ..conversation(&store, 1, "a") };
    store.keep_conversation(ended).await.unwrap();
    store.keep_conversation(conversation(&store, 1, "late")).await.unwrap();
    let rows = store.conversations(&Arc::from("demo"), Uuid::from_u128(1), "quote").await.unwrap();
    assert_eq!(rows[0].verdict, Some(404));
}

async fn nor_to_one_in_the_same_commit(place: Place) {
    let store = place.open().await;
    let ended = ConversationRow { verdict: Some(404), point: None, ..conversation(&store, 1, "a") };
    store.note_conversation(ended).unwrap();
    store.note_conversation(conversation(&store, 1, "late")).unwrap();
    store.flush().await.unwrap();
    let rows = store.conversations(&Arc::from("demo"), Uuid::from_u128(1), "quote").await.unwrap();
    assert_eq!(rows[0].verdict, Some(404));
}

#[tokio::test]
async fn what_nobody_waited_for_survives_a_commit_that_fails() {
    let place = Place::sqlite();
    let store = place.open().await;
    // Somebody holds the file's write lock: commits fail after the busy timeout.
    let path = place.folder().join("veer.db");
    let options = sqlx::sqlite::SqliteConnectOptions::new().filename(&path);
    let pool = sqlx::sqlite::SqlitePoolOptions::new().max_connections(1).connect_with(options).await.unwrap();
    let holding = pool.begin_with("BEGIN EXCLUSIVE").await.unwrap();
    store.note_conversation(conversation(&store, 1, "kept")).unwrap();
    // More than is committed together: whoever stands behind it is told all the same.
    for number in 0..1_000 {
        store.note_offer(offer(1, number, "CREATED")).unwrap();
    }
    assert!(store.flush().await.is_err());
    assert!(!store.is_healthy());
    holding.rollback().await.unwrap();
    while store.flush().await.is_err() {}
    assert!(store.is_healthy());
    let rows = store.conversations(&Arc::from("demo"), Uuid::from_u128(1), "quote").await.unwrap();
    assert_eq!(opened(&store, rows[0].point.as_ref()), "kept");
    assert_eq!(store.offers(&Arc::from("demo"), Uuid::from_u128(1)).await.unwrap().len(), 1_000);
}

async fn a_finished_calculation_keeps_its_status_and_an_ended_conversation_drops_its_state(place: Place) {
    let store = place.open().await;
    for id in [1, 2, 3] {
        store.insert_calculation(calculation(&store, id, at(100))).await.unwrap();
        store.note_conversation(conversation(&store, id, "a")).unwrap();
    }
    let ended = ConversationRow { verdict: Some(0), point: None, ..conversation(&store, 1, "a") };
    store.note_conversation(ended).unwrap();
    let (first, second) = (store.finish(finished(1)), store.finish(finished(2)));
    let (first, second) = tokio::join!(first, second);
    assert!(first.is_ok() && second.is_ok());
    let unfinished = store.unfinished().await.unwrap();
    assert_eq!(unfinished.iter().map(|row| row.request_id).collect::<Vec<_>>(), [Uuid::from_u128(3)]);
    let found = store.calculation("demo", Uuid::from_u128(1)).await.unwrap().unwrap();
    assert_eq!((found.finished, &*found.status), (Some(at(110)), "CALCULATION_READY"));
    let rows = store.conversations(&found.account, found.request_id, "quote").await.unwrap();
    assert_eq!((rows[0].point.as_ref(), rows[0].verdict), (None, Some(0)));
}

async fn old_calculations_are_forgotten_with_all_that_belongs_to_them(place: Place) {
    let store = place.open().await;
    for (id, created) in [(1, 100), (2, 200), (3, 100)] {
        store.insert_calculation(calculation(&store, id, at(created))).await.unwrap();
        store.keep_conversation(conversation(&store, id, "a")).await.unwrap();
        if id != 3 {
            store.finish(finished(id)).await.unwrap();
        }
    }
    assert_eq!(store.forget(at(150)).await.unwrap(), 1);
    let demo = Arc::from("demo");
    assert!(store.calculation("demo", Uuid::from_u128(1)).await.unwrap().is_none());
    assert!(store.conversations(&demo, Uuid::from_u128(1), "quote").await.unwrap().is_empty());
    assert_eq!(store.conversations(&demo, Uuid::from_u128(2), "quote").await.unwrap().len(), 1);
    assert!(store.calculation("demo", Uuid::from_u128(2)).await.unwrap().is_some());
    // However old it is, what is not finished is not dropped.
    assert!(store.calculation("demo", Uuid::from_u128(3)).await.unwrap().is_some());
}

#[tokio::test]
async fn two_gateways_cannot_share_a_file() {
    let place = Place::sqlite();
    let store = place.open().await;
    let refused = place.try_open().await.err().unwrap().to_string();
    assert!(refused.contains("another veer uses this"), "{refused}");
    store.flush().await.unwrap();
    store.release().await;
    assert!(place.try_open().await.is_ok());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let config = StoreConfig::sqlite("/nonexistent/veer.db", Synchronous::Full);
    let refused = Store::open(&config, Sealer::default()).await.err().unwrap().to_string();
    assert!(refused.contains("/nonexistent/veer.db") && refused.contains("must exist"), "{refused}");
}

async fn a_text_may_hold_any_character(place: Place) {
    let store = place.open().await;
    let mut row = calculation(&store, 1, at(100));
    row.partner = "a\0b".into();
    assert_eq!(store.insert_calculation(row).await.unwrap(), Inserted::New);
    let offer = OfferKey { account: "demo".into(), request_id: Uuid::from_u128(1), offer_id: "o".into() };
    let payment =
        PaymentRow { insurer: "vsk".into(), correlation: "\0Ё\u{10ffff}".into(), offer: offer.clone() };
    let change = SaleChange { payment: Some(payment), ..SaleChange::default() };
    store.change_sale(change).unwrap().await.unwrap();
    assert_eq!(store.offers_by_payment("vsk", "\0Ё\u{10ffff}").await.unwrap(), [offer]);
    assert!(store.offers_by_payment("vsk", "Ё").await.unwrap().is_empty());
}

async fn a_document_comes_back_as_it_was(place: Place) {
    let store = place.open().await;
    let offer = OfferKey { account: "demo".into(), request_id: Uuid::from_u128(1), offer_id: "o".into() };
    let all: Vec<u8> = (0..=u8::MAX).collect();
    for bytes in [&b"first"[..], &all] {
        let document = DocumentRow {
            offer: offer.clone(),
            kind: DocumentKind::Policy,
            content_type: "application/pdf".into(),
            bytes: store.sealer.seal(bytes),
            fetched: at(100),
        };
        let change = SaleChange { document: Some(document), ..SaleChange::default() };
        store.change_sale(change).unwrap().await.unwrap();
    }
    let found = store.document("o", DocumentKind::Policy).await.unwrap().unwrap();
    assert_eq!((&*found.content_type, found.bytes), ("application/pdf", all));
    assert!(store.document("o", DocumentKind::Draft).await.unwrap().is_none());
}

async fn offers_that_nobody_took_are_closed_a_portion_at_a_time(place: Place) {
    let store = place.open().await;
    for number in 0..600 {
        let row = OfferRow { expires: Some(at(100)), ..offer(1, number, "PRE_CALC_READY") };
        store.note_offer(row).unwrap();
    }
    for (number, status, expires) in [(600, "PRE_CALC_READY", 300), (601, "PAYMENT_READY", 100)] {
        store.note_offer(OfferRow { expires: Some(at(expires)), ..offer(1, number, status) }).unwrap();
    }
    let closed = [store.expire_offers(at(200)).await, store.expire_offers(at(200)).await];
    assert_eq!(closed.map(Result::unwrap), [500, 100]);
    assert_eq!(store.expire_offers(at(200)).await.unwrap(), 0);
    let offers = store.offers("demo", Uuid::from_u128(1)).await.unwrap();
    let left: Vec<&str> = offers[600..].iter().map(|offer| &*offer.status).collect();
    assert_eq!(left, ["PRE_CALC_READY", "PAYMENT_READY"]);
    assert!(offers[..600].iter().all(|offer| offer.status == "CLOSED_TIMEOUT"));
}

async fn sales_are_confirmed_the_longest_overdue_first_and_those_beyond_all_pauses_after_them(place: Place) {
    let store = place.open().await;
    let key = |number: u128| OfferKey {
        account: "demo".into(),
        request_id: Uuid::from_u128(number),
        offer_id: "o".into(),
    };
    for number in 1..=5 {
        let sale = NewConfirmation {
            offer: key(number),
            insurer: "vsk".into(),
            counterparty_id: 7,
            amount_kopecks: i64::MAX,
            is_upsaled: true,
            paid: at(100 * i64::try_from(number).unwrap()),
        };
        // Written twice, it is there once.
        for _ in 0..2 {
            let change = SaleChange { confirmation: Some(sale.clone()), ..SaleChange::default() };
            store.change_sale(change).unwrap().await.unwrap();
        }
    }
    let numbers = |found: Vec<SaleConfirmation>| -> Vec<u128> {
        found.iter().map(|sale| sale.sale.offer.request_id.as_u128()).collect()
    };
    let due = async |most| numbers(store.confirmations_due("demo", at(250), at(450), most).await.unwrap());
    assert_eq!(due(9).await, [1, 2, 5], "3 and 4 wait for their time");
    assert_eq!((due(2).await, due(1).await), (vec![1, 2], vec![1]));
    let attempt = |number, state, problem: Option<&str>| ConfirmationAttempt {
        offer: key(number),
        state,
        attempts: 3,
        next: at(900),
        confirmed: (state == ConfirmationState::Confirmed).then(|| at(500)),
        problem: problem.map(str::to_owned),
    };
    let confirmed = attempt(1, ConfirmationState::Confirmed, None);
    let dead = attempt(2, ConfirmationState::Dead, Some("404"));
    store.keep_attempts(vec![confirmed, dead]).await.unwrap();
    // What the partner has taken stays taken.
    store.keep_attempts(vec![attempt(1, ConfirmationState::Dead, Some("late"))]).await.unwrap();
    store.repeat_confirmation(key(1)).await.unwrap();
    let first = store.confirmation(Uuid::from_u128(1), "o").await.unwrap().unwrap();
    assert_eq!(
        (first.state, first.confirmed, first.problem),
        (ConfirmationState::Confirmed, Some(at(500)), None)
    );
    assert_eq!(numbers(store.confirmations(Some(ConfirmationState::Dead), 9).await.unwrap()), [2]);
    assert_eq!(numbers(store.confirmations(None, 2).await.unwrap()), [5, 4]);
    assert_eq!(store.next_confirmation("demo").await.unwrap(), Some(at(300)));
    assert_eq!(store.next_confirmation("another").await.unwrap(), None);
    let mut counted = store.confirmations_counted(at(350)).await.unwrap();
    counted.sort_by_key(|count| count.state.name());
    let counted: Vec<_> = counted.iter().map(|count| (count.state.name(), count.all, count.old)).collect();
    assert_eq!(counted, [("confirmed", 1, 1), ("dead", 1, 1), ("waiting", 3, 1)]);
}

async fn sales_that_are_not_over_are_found_after_a_restart(place: Place) {
    let store = place.open().await;
    for id in 1..=6 {
        store.insert_calculation(calculation(&store, id, at(100))).await.unwrap();
    }
    store.note_offer(offer(1, 1, "PAYMENT_READY")).unwrap();
    store.note_offer(offer(2, 1, "PRE_CALC_READY")).unwrap();
    store
        .note_conversation(ConversationRow { offer_id: "o".into(), ..conversation(&store, 3, "a") })
        .unwrap();
    store.note_conversation(conversation(&store, 4, "a")).unwrap();
    for (id, status) in [(5, "CLOSED_TIMEOUT"), (6, "OFFER_ERROR")] {
        let row = offer(id, 1, status);
        let (account, offer_id) = (row.account.clone(), row.offer_id.as_str().into());
        let of = OfferKey { account, request_id: row.request_id, offer_id };
        let payment = PaymentRow { insurer: "vsk".into(), correlation: format!("c-{id}"), offer: of };
        let change = SaleChange { offers: vec![row], payment: Some(payment), ..SaleChange::default() };
        store.change_sale(change).unwrap().await.unwrap();
    }
    store.flush().await.unwrap();
    let open = async |since| {
        let found = store.open_sales(since).await.unwrap();
        let mut found: Vec<u128> = found.iter().map(|(_, request_id)| request_id.as_u128()).collect();
        found.sort_unstable();
        found
    };
    assert_eq!(open(at(0)).await, [1, 3, 5]);
    assert_eq!(open(at(1 << 33)).await, [1, 3], "a link is watched for so long");
}

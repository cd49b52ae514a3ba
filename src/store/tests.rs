//! The store's promises, against a real file and a real server.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use uuid::Uuid;

use super::{
    trial::{Place, on_both_engines},
    *,
};
use crate::config::{StoreConfig, Synchronous};

on_both_engines![
    a_calculation_is_written_once,
    of_two_in_one_batch_the_first_is_written,
    the_last_state_of_a_conversation_stands_after_a_restart,
    a_verdict_is_not_lost_to_a_late_state,
    nor_to_one_in_the_same_commit,
    a_finished_calculation_keeps_its_status_and_an_ended_conversation_drops_its_state,
    old_calculations_are_forgotten_with_all_that_belongs_to_them,
    two_gateways_cannot_share_a_store,
];

fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

fn calculation(store: &Store, id: u128, created: Timestamp) -> CalculationRow {
    CalculationRow {
        account: "demo".into(),
        request_id: Uuid::from_u128(id),
        fingerprint: [7; 32],
        partner: "yandex".into(),
        created,
        deadline: created + SignedDuration::from_secs(175),
        request: store.sealer.seal(b"{}"),
        status: "PARTNER_CALCULATION_IN_PROGRESS",
        dictionary: 1,
    }
}

fn conversation(store: &Store, id: u128, point: &str) -> ConversationRow {
    ConversationRow {
        account: "demo".into(),
        request_id: Uuid::from_u128(id),
        insurer: "alfastrah".into(),
        operation: "quote",
        offer_id: "".into(),
        run: 0,
        asked: true,
        creating: true,
        point: Some(store.sealer.seal(point.as_bytes())),
        verdict: None,
        message: None,
    }
}

fn finished(id: u128) -> FinishedRow {
    FinishedRow {
        account: "demo".into(),
        request_id: Uuid::from_u128(id),
        status: "CALCULATION_READY",
        finished: at(110),
        timeline: b"[]".to_vec(),
    }
}

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
    store.release();

    let store = place.open().await;
    let unfinished = store.unfinished().await.unwrap();
    assert_eq!(unfinished.len(), 1);
    let rows = store.conversations(&unfinished[0].account, unfinished[0].request_id, "quote").await.unwrap();
    assert_eq!((rows.len(), opened(&store, rows[0].point.as_ref())), (1, "c".to_owned()));
    assert!(rows[0].creating && rows[0].asked);
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
    assert!(store.flush().await.is_err());
    assert!(!store.is_healthy());
    holding.rollback().await.unwrap();
    while store.flush().await.is_err() {}
    assert!(store.is_healthy());
    let rows = store.conversations(&Arc::from("demo"), Uuid::from_u128(1), "quote").await.unwrap();
    assert_eq!(opened(&store, rows[0].point.as_ref()), "kept");
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

async fn two_gateways_cannot_share_a_store(place: Place) {
    let store = place.open().await;
    let refused = place.try_open().await.err().unwrap().to_string();
    assert!(refused.contains("another veer uses this"), "{refused}");
    store.flush().await.unwrap();
    store.release();
    assert!(place.try_open().await.is_ok());
}

#[tokio::test]
async fn a_folder_that_is_not_there_is_told() {
    let config = StoreConfig::sqlite("/nonexistent/veer.db", Synchronous::Full);
    let refused = Store::open(&config, Sealer::default()).await.err().unwrap().to_string();
    assert!(refused.contains("/nonexistent/veer.db") && refused.contains("must exist"), "{refused}");
}

//! Days on a server: where rows are, what a statement touches, and who gives way.

use sqlx::Row as _;
use uuid::Uuid;

use super::*;
use crate::{
    config::{PostgresConfig, StoreConfig},
    store::{
        ConversationRow, Inserted, Store, calculation_reads,
        trial::{Place, at, calculation, conversation, finished, offer},
    },
    telemetry,
};

const DAY: i64 = 86_400;
/// 5 October 2024.
const OLD: i64 = 20_001;

fn config(place: &Place) -> &PostgresConfig {
    match place.config() {
        StoreConfig::Postgres(config) => config,
        StoreConfig::Sqlite(_) => panic!("not a place on a server"),
    }
}

async fn connection(place: &Place) -> PgConnection {
    PgConnection::connect(config(place).url.reveal()).await.unwrap()
}

fn days(place: &Place) -> PostgresDays {
    PostgresDays::new(config(place).url.reveal().parse().unwrap())
}

/// A finished calculation of that day, with an insurer's conversation and offer.
async fn calculate(store: &Store, id: u128, day: i64) {
    store.insert_calculation(calculation(store, id, at(day * DAY))).await.unwrap();
    let ended = ConversationRow { verdict: Some(0), ..conversation(store, id, "a") };
    store.note_conversation(ended).unwrap();
    store.note_offer(offer(id, 1, "CREATED")).unwrap();
    store.finish(finished(id)).await.unwrap();
}

/// In which partitions a table's rows are, and how many.
async fn places(connection: &mut PgConnection, table: &str) -> Vec<(String, i64)> {
    let sql = format!("SELECT tableoid::regclass::text, COUNT(*) FROM {table} GROUP BY 1 ORDER BY 1");
    sqlx::query_as(AssertSqlSafe(sql)).fetch_all(connection).await.unwrap()
}

#[tokio::test]
async fn days_are_made_ahead_and_what_came_to_the_rest_is_moved_into_its_day() {
    let place = Place::postgres();
    let store = place.open().await;
    let mut look = connection(&place).await;
    let today = day_of(telemetry::now());
    assert_eq!(made(&mut look).await.unwrap(), [today, today + 1, today + 2]);
    calculate(&store, 1, today).await;
    for id in [2, 3] {
        calculate(&store, id, OLD).await;
    }
    let today = format!("calculation_{}", date(today).strftime("%Y%m%d"));
    let rest = |name: &str, count| (name.to_owned(), count);
    assert_eq!(places(&mut look, "calculation").await, [(today.clone(), 1), rest("calculation_rest", 2)]);
    assert_eq!(places(&mut look, "offer").await.last(), Some(&rest("offer_rest", 2)));
    // Two at once.
    let (one, other) = (days(&place), days(&place));
    let (one, other) = tokio::join!(one.make_ahead(telemetry::now()), other.make_ahead(telemetry::now()));
    one.unwrap();
    other.unwrap();
    assert_eq!(places(&mut look, "calculation").await, [rest("calculation_20241005", 2), (today, 1)]);
    for table in TABLES {
        let rest = places(&mut look, table).await.iter().any(|(name, _)| name.ends_with("_rest"));
        assert!(!rest, "{table}");
    }
    let found = store.calculation("demo", Uuid::from_u128(2)).await.unwrap().unwrap();
    assert_eq!(found.created, at(OLD * DAY));
    // Changed where it is now.
    store.note_offer(offer(2, 1, "APPROVED")).unwrap();
    store.flush().await.unwrap();
    let offers = store.offers("demo", Uuid::from_u128(2)).await.unwrap();
    assert_eq!(offers.iter().map(|offer| &*offer.status).collect::<Vec<_>>(), ["APPROVED"]);
}

#[tokio::test]
async fn who_knows_only_an_id_touches_one_day() {
    let place = Place::postgres();
    let store = place.open().await;
    for day in 0..20_u8 {
        calculate(&store, day.into(), OLD + i64::from(day)).await;
    }
    days(&place).make_ahead(telemetry::now()).await.unwrap();
    let mut look = connection(&place).await;
    sqlx::query("ANALYZE").execute(&mut look).await.unwrap();
    let id = Uuid::from_u128(7);
    let finish = "UPDATE calculation SET status = v.column3 FROM (VALUES ($1, $2, $3, $4)) AS v \
         WHERE calculation.account = v.column1 AND calculation.request_id = v.column2 AND calculation.day = v.column4";
    let say = "UPDATE calculation SET status = $3 WHERE account = $1 AND request_id = $2 AND day = $4";
    let statements = [
        (calculation_reads::CALCULATION, ""),
        (calculation_reads::CONVERSATIONS, ", 'quote'"),
        (calculation_reads::OFFERS, ""),
        (finish, ", 'CALCULATION_READY', 20008"),
        (say, ", 'CALCULATION_READY', 20008"),
    ];
    // Planned for these values, and for any.
    for mode in ["force_custom_plan", "force_generic_plan"] {
        run(&mut look, format!("SET plan_cache_mode = {mode}")).await;
        for (sql, more) in statements {
            let types =
                ["text, text", "text, text, text", "text, text, text, bigint"][more.split(',').count() - 1];
            run(&mut look, format!("PREPARE it ({types}) AS {sql}")).await;
            let ask = format!("EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF) EXECUTE it ('demo', '{id}'{more})");
            let plan = sqlx::raw_sql(AssertSqlSafe(ask)).fetch_all(&mut look).await.unwrap();
            one_day(plan.iter().map(|row| row.get(0)).collect(), "20241012");
            run(&mut look, "DEALLOCATE it".to_owned()).await;
        }
    }
}

async fn run(connection: &mut PgConnection, sql: String) {
    sqlx::raw_sql(AssertSqlSafe(sql)).execute(connection).await.unwrap();
}

/// What was really looked at is in the partitions of that day.
fn one_day(plan: Vec<String>, day: &str) {
    let looked = |line: &&String| {
        let of_partitions = ["_kept", "_rest", "_20"].iter().any(|part| line.contains(part));
        of_partitions && line.contains(" on ") && line.contains("actual rows")
    };
    let looked: Vec<&String> = plan.iter().filter(looked).collect();
    assert!(!looked.is_empty() && looked.iter().all(|line| line.contains(day)), "{plan:#?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn who_drops_a_day_gives_way_and_holds_nobody_up() {
    let place = Place::postgres();
    let store = place.open().await;
    calculate(&store, 1, OLD).await;
    days(&place).make_ahead(telemetry::now()).await.unwrap();
    // Somebody reads for long.
    let mut reader = connection(&place).await;
    sqlx::raw_sql("BEGIN; SELECT * FROM offer").execute(&mut reader).await.unwrap();
    let forgetting = tokio::spawn({
        let store = store.clone();
        async move { store.forget(at((OLD + 1) * DAY)).await }
    });
    for id in 10..20 {
        calculate(&store, id, day_of(telemetry::now())).await;
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert!(!forgetting.is_finished());
    assert!(store.calculation("demo", Uuid::from_u128(1)).await.unwrap().is_some());
    sqlx::raw_sql("COMMIT").execute(&mut reader).await.unwrap();
    assert_eq!(forgetting.await.unwrap().unwrap(), 1);
    assert!(store.calculation("demo", Uuid::from_u128(1)).await.unwrap().is_none());
    assert!(!made(&mut reader).await.unwrap().contains(&OLD));
    let left: Vec<String> = sqlx::query_scalar(
        "SELECT relname::text FROM pg_class WHERE relname LIKE '%\\_20241005%' \
         AND relnamespace = current_schema()::regnamespace",
    )
    .fetch_all(&mut reader)
    .await
    .unwrap();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(store.forget(at((OLD + 1) * DAY)).await.unwrap(), 0);
}

#[tokio::test]
async fn a_day_that_was_detached_when_the_gateway_ended_is_dropped_by_the_next() {
    let place = Place::postgres();
    let store = place.open().await;
    calculate(&store, 1, OLD).await;
    days(&place).make_ahead(telemetry::now()).await.unwrap();
    let mut look = connection(&place).await;
    step(&mut look, Step::Detach(OLD)).await.unwrap();
    assert!(store.calculation("demo", Uuid::from_u128(1)).await.unwrap().is_none());
    // The same day once more, and what is known of the calculation that is gone goes with the day.
    calculate(&store, 2, OLD).await;
    days(&place).make_ahead(telemetry::now()).await.unwrap();
    assert!(store.calculation("demo", Uuid::from_u128(2)).await.unwrap().is_some());
    assert_eq!(store.forget(at((OLD + 1) * DAY)).await.unwrap(), 2);
    let again = store.insert_calculation(calculation(&store, 1, at(OLD * DAY))).await.unwrap();
    assert_eq!(again, Inserted::New);
}

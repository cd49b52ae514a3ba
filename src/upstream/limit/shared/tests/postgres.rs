//! Two replicas on a real server, in one process. Time runs: what is held is what went, not how fast.

use std::sync::Mutex;

use sqlx::{Connection as _, PgConnection};
use veer_postgres::Server;

use super::*;
use crate::{
    config::{Mode, StoreConfig},
    store::{
        Sealer, Store,
        trial::{Place, postgres_at},
    },
    upstream::{
        budget::Budget,
        limit::{Limiter, Setup},
    },
};

fn together(store: &Store, standing: impl Fn() -> Standing + Send + Sync + 'static) -> Together {
    let rows = store.lane_rows().expect("a server's store");
    Together::new(Arc::new(rows), Arc::new(standing), Duration::from_secs(10), SharedMetrics::none())
}

fn two() -> Standing {
    Standing { replicas: 2, ..Standing::ALONE }
}

fn limiter(together: &Together, insurer: &str, texts: &[&str]) -> Limiter {
    let seat = Seat { together: together.clone(), key: LaneKey { insurer: insurer.into(), lane: "create" } };
    Limiter::new(&limits(texts), Mode::On, Setup { seat: Some(seat), ..Setup::default() })
}

fn budget() -> Budget {
    Budget::of(Duration::from_secs(3))
}

/// Takes until so many have gone at all of them together; when each went, and where.
async fn go(limiters: &[Limiter], calls: usize) -> Vec<(Instant, usize)> {
    let went = Mutex::new(Vec::new());
    let work = (0..24).map(|caller| caller % limiters.len()).map(|place| {
        let (limiter, went) = (&limiters[place], &went);
        async move {
            while went.lock().unwrap().len() < calls {
                let token = limiter.take(&budget(), Duration::ZERO).await;
                if token.is_ok() {
                    went.lock().unwrap().push((Instant::now(), place));
                }
                tokio::time::sleep(millis(1)).await;
            }
        }
    });
    futures::future::join_all(work).await;
    went.into_inner().unwrap()
}

fn assert_never_over(went: &[(Instant, usize)], count: usize, per: Duration) {
    for (at, _) in went {
        let came = went.iter().filter(|(other, _)| other <= at && *other + per > *at).count();
        assert!(came <= count, "{came} calls in {per:?}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_replicas_under_demand_are_exact_and_both_have_some() {
    let place = Place::postgres();
    let store = place.open().await;
    let limiters: Vec<Limiter> = (0..2)
        .map(|_| limiter(&together(&store, two), "vsk", &["25/s burst 5", "60/min burst 60"]))
        .collect();
    let went = go(&limiters, 55).await;
    assert_never_over(&went, 25, Duration::from_secs(1));
    let by = [0, 1].map(|place| went.iter().filter(|(_, by)| *by == place).count());
    assert!(by.iter().all(|count| *count > 0), "{by:?}");
    // What one let go the other one knows.
    let counted = limiters[0].standing().counted;
    assert!(counted[1] >= 55, "{counted:?}");
    let short = Budget::of(Duration::from_secs(20));
    let mut more = 0;
    while limiters[1].take(&short, Duration::ZERO).await.is_ok() {
        more += 1;
    }
    assert!(went.len() + more <= 60, "{} and {more}", went.len());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_new_replica_knows_what_went_before() {
    let place = Place::postgres();
    let store = place.open().await;
    let before = limiter(&together(&store, || Standing::ALONE), "vsk", &["3/min burst 3"]);
    for _ in 0..3 {
        drop(before.take(&budget(), Duration::ZERO).await.unwrap());
    }
    drop(before);
    let after = limiter(&together(&store, || Standing::ALONE), "vsk", &["3/min burst 3"]);
    let short = Budget::of(Duration::from_secs(10));
    let refused = after.take(&short, Duration::ZERO).await.unwrap_err();
    assert!(refused.ready_in > Duration::from_secs(10), "{refused:?}");
}

#[tokio::test]
async fn one_transaction_serves_all_lanes() {
    let place = Place::postgres();
    let store = place.open().await;
    let together = together(&store, two);
    let limiters: Vec<Limiter> =
        (0..10).map(|number| limiter(&together, &format!("insurer-{number}"), &["9/min burst 9"])).collect();
    // All of them wait before the clerk has a turn.
    let taken = futures::future::join_all(
        limiters.iter().map(|limiter| async { limiter.take(&budget(), Duration::ZERO).await.map(drop) }),
    );
    assert!(taken.await.iter().all(Result::is_ok));
    let StoreConfig::Postgres(config) = place.config() else { panic!("not a place on a server") };
    let mut looking = PgConnection::connect(config.url.reveal()).await.unwrap();
    let sql = "SELECT count(*), count(DISTINCT xmin::text) FROM lane_window";
    let (rows, transactions): (i64, i64) = sqlx::query_as(sql).fetch_one(&mut looking).await.unwrap();
    assert_eq!((rows, transactions), (10, 1));
}

#[tokio::test(flavor = "multi_thread")]
async fn while_the_server_is_away_calls_wait_and_then_go_on_exactly() {
    let mut server = Server::start().unwrap();
    let config = StoreConfig::Postgres(postgres_at(server.url()));
    let store = Store::open(&config, Sealer::default()).await.unwrap();
    let limiters: Vec<Limiter> =
        (0..2).map(|_| limiter(&together(&store, two), "vsk", &["20/s burst 5"])).collect();
    let mut went = go(&limiters, 30).await;
    for stop in [Server::stop, Server::crash] {
        stop(&mut server).unwrap();
        // Moments that were given before may still be used.
        tokio::time::sleep(millis(400)).await;
        let short = Budget::of(Duration::from_secs(1));
        let refused = limiters[0].take(&short, Duration::ZERO).await.unwrap_err();
        assert!(refused.to_string().contains("replicas share"), "{refused}");
        server.start_again().unwrap();
        went.extend(go(&limiters, 30).await);
    }
    assert_never_over(&went, 20, Duration::from_secs(1));
}

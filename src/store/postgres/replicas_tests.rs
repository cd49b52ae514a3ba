//! Several replicas on one server: who is dead, what is taken over, what is refused.

use std::{sync::Arc, time::Duration};

use sqlx::{AssertSqlSafe, Connection as _, PgConnection};
use uuid::Uuid;
use veer_postgres::Server;

use crate::{
    cluster::{Owner, Presence, ReplicaId},
    config::{ReplicasConfig, StoreConfig},
    store::{
        Inserted, PaymentRow, SaleChange, Sealer, Store, StoreError,
        trial::{Place, at, calculation, conversation, finished, offer, postgres_at},
    },
};

/// Long enough that a busy machine kills nobody, short enough to be waited for.
const LEASE: Duration = Duration::from_secs(3);
/// Nobody waits for it.
const LONG: Duration = Duration::from_secs(120);

/// The bound is for a hang.
async fn eventually(what: &str, look: impl AsyncFn() -> bool) {
    for _ in 0..3_000 {
        if look().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("waited in vain: {what}");
}

fn me(store: &Store) -> ReplicaId {
    store.cluster().me().unwrap()
}

async fn mine(store: &Store) -> Vec<u128> {
    let mut ids: Vec<u128> =
        store.unfinished().await.unwrap().iter().map(|it| it.request_id.as_u128()).collect();
    ids.sort_unstable();
    ids
}

async fn claim(store: &Store, id: u128) -> Result<Option<Owner>, StoreError> {
    store.claim("demo", Uuid::from_u128(id)).await
}

async fn insert(store: &Store, ids: impl IntoIterator<Item = u128>) {
    for id in ids {
        let inserted = store.insert_calculation(calculation(store, id, at(100))).await;
        assert_eq!(inserted.unwrap(), Inserted::New);
    }
}

async fn direct(place: &Place, sql: &str) -> PgConnection {
    let StoreConfig::Postgres(config) = place.config() else { panic!("not a place on a server") };
    let mut connection = PgConnection::connect(config.url.reveal()).await.unwrap();
    sqlx::raw_sql(AssertSqlSafe(sql.to_owned())).execute(&mut connection).await.unwrap();
    connection
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_beating_is_taken_over_and_nothing_of_it_is_written_any_more() {
    let place = Place::postgres();
    let (frozen, heir) = (place.join(LEASE).await, place.join(LEASE).await);
    insert(&frozen, [1, 2]).await;
    frozen.finish(finished(2)).await.unwrap();
    assert!(mine(&heir).await.is_empty());
    frozen.cluster().leave();
    eventually("the work is taken over", async || mine(&heir).await == [1]).await;
    assert_eq!(heir.cluster().work().borrow().replicas, 1);

    // It comes back and knows nothing of it.
    let deposed = |refused: Result<(), StoreError>| assert!(matches!(refused, Err(StoreError::Deposed)));
    let late = conversation(&frozen, 1, "late");
    deposed(frozen.keep_conversation(late.clone()).await);
    assert!(frozen.cluster().deposed().is_cancelled() && frozen.cluster().is_lapsed());
    deposed(frozen.insert_calculation(calculation(&frozen, 9, at(100))).await.map(|_| ()));
    deposed(claim(&frozen, 2).await.map(|_| ()));
    // Also what is tried until it is durable otherwise.
    frozen.note_conversation(late).unwrap();
    deposed(frozen.finish(finished(1)).await);
    let offers = vec![offer(1, 1, "APPROVED")];
    let sale = frozen.change_sale(SaleChange { offers, ..SaleChange::default() }).unwrap();
    deposed(sale.await);
    assert!(!frozen.is_healthy());
    assert!(heir.conversations(&"demo".into(), Uuid::from_u128(1), "quote").await.unwrap().is_empty());
    assert!(heir.offers("demo", Uuid::from_u128(1)).await.unwrap().is_empty());
    assert!(heir.calculation("demo", Uuid::from_u128(9)).await.unwrap().is_none());

    heir.finish(finished(1)).await.unwrap();
    let seen = heir.replicas().await.unwrap();
    assert_eq!((seen[0].row.presence, seen[0].heir), (Presence::TakenOver, Some(me(&heir))));
    assert_eq!((seen[0].calculations, seen[1].calculations, seen[1].unfinished), (1, 1, 0));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_stops_hands_over_at_once() {
    let place = Place::postgres();
    let (stopping, heir) = (place.join(LONG).await, place.join(LONG).await);
    insert(&stopping, [1]).await;
    stopping.note_conversation(conversation(&stopping, 1, "the last word")).unwrap();
    stopping.release().await;
    eventually("the work is taken over", async || mine(&heir).await == [1]).await;
    let rows = heir.conversations(&"demo".into(), Uuid::from_u128(1), "quote").await.unwrap();
    assert_eq!(rows.len(), 1, "what it wrote last is there");
    assert!(!stopping.cluster().deposed().is_cancelled(), "it has stopped by itself");
    // Without anybody there, whoever starts next takes it.
    heir.release().await;
    let next = place.join(LONG).await;
    assert_eq!(mine(&next).await, [1]);
    assert_eq!(next.cluster().work().borrow().replicas, 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn of_several_survivors_one_takes_all() {
    let place = Place::postgres();
    let dead = place.join(LEASE).await;
    insert(&dead, 0..50).await;
    let survivors = futures::future::join_all((0..3).map(|_| place.join(LEASE))).await;
    dead.cluster().leave();
    let owned = async || {
        let owned = futures::future::join_all(survivors.iter().map(mine)).await;
        owned.iter().map(Vec::len).collect::<Vec<_>>()
    };
    eventually("the work is taken over", async || owned().await.iter().sum::<usize>() == 50).await;
    assert!(owned().await.contains(&50), "{:?}", owned().await);
    let takeovers = survivors.iter().map(|store| store.cluster().work().borrow().replicas);
    assert_eq!(takeovers.sum::<u64>(), 1);
    assert!(survivors.iter().all(|store| !store.cluster().deposed().is_cancelled()));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_calculation_is_one_replicas_at_a_time() {
    let place = Place::postgres();
    let (first, second, third) = (place.join(LEASE).await, place.join(LEASE).await, place.join(LEASE).await);
    insert(&first, [1, 2, 3]).await;
    for id in [1, 2] {
        first.finish(finished(id)).await.unwrap();
    }
    eventually("the first says where it is", async || {
        let other = Owner::Other { id: me(&first), address: "http://here".into() };
        claim(&second, 1).await.unwrap() == Some(other)
    })
    .await;
    assert_eq!(claim(&first, 1).await.unwrap(), Some(Owner::Me));
    assert_eq!(claim(&second, 77).await.unwrap(), None);
    // Dead, and not known to be.
    first.cluster().leave();
    assert!(matches!(claim(&second, 1).await.unwrap(), Some(Owner::Other { .. })));
    eventually("the work is taken over", async || mine(&second).await.len() + mine(&third).await.len() == 1)
        .await;
    // What is over stays with nobody until somebody asks; of two at once one has it.
    for id in [1, 2] {
        let (one, other) = tokio::join!(claim(&second, id), claim(&third, id));
        let owners = [one.unwrap().unwrap(), other.unwrap().unwrap()];
        let has = |owner: &Owner| *owner == Owner::Me;
        assert_eq!(owners.iter().filter(|owner| has(owner)).count(), 1, "{owners:?}");
        let winner = if has(&owners[0]) { &second } else { &third };
        assert!(owners.iter().any(|owner| matches!(owner, Owner::Other { id, .. } if *id == me(winner))));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn sales_under_way_are_taken_over_with_their_calculations() {
    let place = Place::postgres();
    let (dead, heir) = (place.join(LEASE).await, place.join(LEASE).await);
    insert(&dead, [1, 2, 3]).await;
    for id in [1, 2, 3] {
        dead.finish(finished(id)).await.unwrap();
    }
    let paying = vec![offer(1, 1, "PAYMENT_READY")];
    let closed = vec![offer(2, 1, "CLOSED_TIMEOUT")];
    let key = crate::store::OfferKey {
        account: "demo".into(),
        request_id: Uuid::from_u128(2),
        offer_id: "offer-2-1".into(),
    };
    let link = PaymentRow { insurer: "vsk".into(), correlation: "c".into(), offer: key };
    dead.change_sale(SaleChange { offers: paying, ..SaleChange::default() }).unwrap().await.unwrap();
    let late = SaleChange { offers: closed, payment: Some(link), ..SaleChange::default() };
    dead.change_sale(late).unwrap().await.unwrap();
    dead.cluster().leave();
    let open = async || {
        let open = heir.open_sales(crate::store::late_payments()).await.unwrap();
        let mut ids: Vec<u128> = open.iter().map(|(_, id)| id.as_u128()).collect();
        ids.sort_unstable();
        ids
    };
    eventually("the sales are taken over", async || open().await == [1, 2]).await;
    assert!(heir.unfinished().await.unwrap().is_empty());
}

#[tokio::test(flavor = "multi_thread")]
async fn a_takeover_waits_for_the_commit_that_the_dead_one_has_under_way() {
    let place = Place::postgres();
    let (dead, heir) = (place.join(LEASE).await, place.join(LEASE).await);
    insert(&dead, [1]).await;
    dead.cluster().leave();
    // As its writer would, in a process that is frozen before the commit.
    let id = me(&dead);
    let sql = format!(
        "BEGIN; SELECT 1 FROM replica WHERE id = '{id}' FOR KEY SHARE; \
         UPDATE calculation SET status = 'SAID'"
    );
    let mut frozen = direct(&place, &sql).await;
    tokio::time::sleep(2 * LEASE).await;
    assert!(mine(&heir).await.is_empty());
    assert!(heir.cluster().standing().in_touch, "who waits for it beats on");
    insert(&heir, [2]).await;
    sqlx::raw_sql("COMMIT").execute(&mut frozen).await.unwrap();
    eventually("the work is taken over", async || mine(&heir).await == [1, 2]).await;
    let found = heir.calculation("demo", Uuid::from_u128(1)).await.unwrap().unwrap();
    assert_eq!(found.status, "SAID");
}

#[tokio::test(flavor = "multi_thread")]
async fn one_replica_does_the_chores_and_leaves_them_to_the_next() {
    let place = Place::postgres();
    let stores = futures::future::join_all((0..3).map(|_| place.join(LEASE))).await;
    let busy = || stores.iter().filter(|store| store.cluster().does_chores()).count();
    eventually("somebody does them", async || busy() == 1).await;
    for _ in 0..20 {
        assert!(busy() <= 1);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let holder = stores.iter().position(|store| store.cluster().does_chores()).unwrap();
    stores[holder].release().await;
    let rest: Vec<&Store> =
        stores.iter().enumerate().filter(|(at, _)| *at != holder).map(|(_, store)| store).collect();
    eventually("another does them", async || {
        rest.iter().filter(|store| store.cluster().does_chores()).count() == 1
    })
    .await;
    let seen = rest[0].replicas().await.unwrap();
    let shown: Vec<ReplicaId> =
        seen.iter().filter(|seen| seen.row.does_chores).map(|seen| seen.row.id).collect();
    let busy = rest.iter().find(|store| store.cluster().does_chores()).unwrap();
    assert_eq!(shown, [me(busy)]);
}

#[tokio::test(flavor = "multi_thread")]
async fn calculations_from_before_there_were_replicas_are_taken_up() {
    let place = Place::postgres();
    let before = place.join(LONG).await;
    insert(&before, [1]).await;
    direct(&place, "UPDATE calculation SET owner = NULL").await;
    let store = place.join(LONG).await;
    assert_eq!(mine(&store).await, [1]);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_outage_longer_than_the_lease_kills_nobody_and_nothing_is_sent_meanwhile() {
    let mut server = Server::start().unwrap();
    let config = StoreConfig::Postgres(postgres_at(server.url()));
    let replicas = ReplicasConfig { lease: Duration::from_secs(2), address: None };
    let open = async || Store::join(&config, &replicas, Sealer::default()).await.unwrap();
    let stores = [open().await, open().await];
    insert(&stores[0], [1]).await;
    insert(&stores[1], [2]).await;
    let all = |look: fn(&Store) -> bool| move |stores: &[Store]| stores.iter().all(look);
    eventually("they see each other", async || {
        all(|store| store.cluster().standing().replicas == 2)(&stores)
    })
    .await;
    server.stop().unwrap();
    eventually("their leases are over", async || all(|store| store.cluster().is_lapsed())(&stores)).await;
    let waiting = tokio::spawn({
        let cluster = stores[0].cluster().clone();
        async move { cluster.in_lease().await }
    });
    tokio::time::sleep(2 * replicas.lease).await;
    assert!(all(|store| !store.cluster().standing().in_touch)(&stores) && !waiting.is_finished());
    server.start_again().unwrap();
    waiting.await.unwrap();
    eventually("they beat again", async || {
        all(|store| store.cluster().standing().in_touch && !store.cluster().is_lapsed())(&stores)
    })
    .await;
    // Longer than a lease that would have begun before the outage.
    tokio::time::sleep(2 * replicas.lease).await;
    assert!(all(|store| !store.cluster().deposed().is_cancelled())(&stores));
    assert_eq!((mine(&stores[0]).await, mine(&stores[1]).await), (vec![1], vec![2]));
    insert(&stores[0], [3]).await;
    insert(&stores[1], [4]).await;
}

#[tokio::test(flavor = "multi_thread")]
async fn while_what_precedes_a_beat_fails_there_is_none() {
    let place = Place::postgres();
    let store = place.join(Duration::from_secs(2)).await;
    let is_broken = Arc::new(std::sync::atomic::AtomicBool::new(true));
    let broken = is_broken.clone();
    store.cluster().before_beat(Arc::new(move || {
        let failed = broken.load(std::sync::atomic::Ordering::SeqCst);
        Box::pin(async move { if failed { Err(StoreError::Closed) } else { Ok(()) } })
    }));
    eventually("its lease is over", async || store.cluster().is_lapsed()).await;
    is_broken.store(false, std::sync::atomic::Ordering::SeqCst);
    eventually("it beats again", async || !store.cluster().is_lapsed()).await;
}

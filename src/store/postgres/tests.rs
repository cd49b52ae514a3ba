//! What only a server can do: be away, be shared, be spoken to in secret.

use std::{
    path::PathBuf,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
    time::Duration,
};

use sqlx::{Connection as _, PgConnection};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream, UnixStream},
};
use uuid::Uuid;
use veer_postgres::Server;

use super::*;
use crate::{
    config::StoreConfig,
    store::{
        Inserted, OfferKey, OfferRow, PaymentRow, SaleChange, Store,
        trial::{Place, at, calculation, conversation, finished, offer, postgres_at},
    },
};

fn config(place: &Place) -> &PostgresConfig {
    match place.config() {
        StoreConfig::Postgres(config) => config,
        StoreConfig::Sqlite(_) => panic!("not a place on a server"),
    }
}

async fn open_shared(config: &PostgresConfig) -> Result<Store, StoreError> {
    Store::open(&StoreConfig::Postgres(config.clone()), Sealer::default()).await
}

async fn refused(url: &str) -> String {
    open_shared(&postgres_at(url)).await.err().unwrap().to_string()
}

/// The bound is for a hang.
async fn eventually(what: &str, look: impl Fn() -> bool) {
    for _ in 0..6_000 {
        if look() {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("waited in vain: {what}");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_that_open_at_once_make_the_tables_once_and_share_a_key() {
    let place = Place::postgres();
    let stores = futures::future::join_all((0..10).map(|_| open_shared(config(&place)))).await;
    let stores: Vec<Store> = stores.into_iter().map(Result::unwrap).collect();
    assert!(stores.iter().all(|store| store.link_key == stores[0].link_key));
    // All of them work, and of those that write one calculation at once one has written it.
    let inserted = stores.iter().map(|store| store.insert_calculation(calculation(store, 1, at(100))));
    let inserted = futures::future::join_all(inserted).await;
    let new = inserted.iter().filter(|inserted| matches!(inserted, Ok(Inserted::New))).count();
    assert_eq!((new, inserted.iter().all(Result::is_ok)), (1, true), "{inserted:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn those_that_write_the_same_rows_at_once_all_have_their_way() {
    let place = Place::postgres();
    let stores = futures::future::join_all((0..4).map(|_| open_shared(config(&place)))).await;
    let stores: Vec<Store> = stores.into_iter().map(Result::unwrap).collect();
    let mut written = Vec::new();
    for round in 0..40 {
        for (number, store) in stores.iter().enumerate() {
            let mut offers: Vec<OfferRow> = (0..20).map(|n| offer(1, n, "CREATED")).collect();
            // In another order by each.
            offers.rotate_left((number * 5 + round) % 20);
            let change = SaleChange { offers, ..SaleChange::default() };
            written.push(store.change_sale(change).unwrap());
        }
    }
    for written in written {
        written.await.unwrap();
    }
    assert!(stores.iter().all(Store::is_healthy));
}

#[tokio::test(flavor = "multi_thread")]
async fn who_gives_way_in_a_deadlock_writes_again_and_nobody_is_told() {
    let place = Place::postgres();
    let store = place.open().await;
    for number in [1, 2] {
        store.note_offer(offer(1, number, "CREATED")).unwrap();
    }
    store.flush().await.unwrap();
    let mut other = PgConnection::connect(config(&place).url.reveal()).await.unwrap();
    // The other one looks for a deadlock later, so it is the store that gives way.
    let lock = |number| format!("UPDATE offer SET position = 9 WHERE offer_id = 'offer-1-{number}'");
    sqlx::raw_sql("BEGIN; SET LOCAL deadlock_timeout = '30s'").execute(&mut other).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock(2))).execute(&mut other).await.unwrap();
    let offers = vec![offer(1, 1, "APPROVED"), offer(1, 2, "APPROVED")];
    let written = store.change_sale(SaleChange { offers, ..SaleChange::default() }).unwrap();
    let waiting = async {
        let sql =
            "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND query LIKE '%INTO offer%'";
        let mut watching = PgConnection::connect(config(&place).url.reveal()).await.unwrap();
        while sqlx::query(sql).fetch_optional(&mut watching).await.unwrap().is_none() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(Duration::from_secs(60), waiting).await.unwrap();
    sqlx::raw_sql(sqlx::AssertSqlSafe(lock(1))).execute(&mut other).await.unwrap();
    sqlx::raw_sql("COMMIT").execute(&mut other).await.unwrap();
    written.await.unwrap();
    assert!(store.is_healthy());
    let offers = store.offers("demo", Uuid::from_u128(1)).await.unwrap();
    assert!(offers.iter().all(|offer| offer.status == "APPROVED"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_must_not_be_lost_waits_for_a_server_that_is_away_and_goes_on_in_its_order() {
    let mut server = Server::start().unwrap();
    let store =
        Store::open(&StoreConfig::Postgres(postgres_at(server.url())), Sealer::default()).await.unwrap();
    for id in [1, 2] {
        store.insert_calculation(calculation(&store, id, at(100))).await.unwrap();
    }
    for (round, stop) in [Server::stop, Server::crash].into_iter().enumerate() {
        stop(&mut server).unwrap();
        // It is seen though nothing is written.
        eventually("the store is unwell", || !store.is_healthy()).await;
        let refused = store.insert_calculation(calculation(&store, 9, at(100))).await;
        assert!(refused.is_err(), "nothing new is accepted meanwhile");
        assert!(store.calculation("demo", Uuid::from_u128(1)).await.is_err());
        let id = 1 + round as u128;
        let point = |word: &str| conversation(&store, id, &format!("{word} {round}"));
        store.note_conversation(point("first")).unwrap();
        store.note_conversation(point("last")).unwrap();
        store.note_offer(offer(id, 1, "CREATED")).unwrap();
        let key = OfferKey { account: "demo".into(), request_id: Uuid::from_u128(id), offer_id: "o".into() };
        let payment = PaymentRow { insurer: "vsk".into(), correlation: format!("c-{round}"), offer: key };
        let offers = vec![offer(id, 1, "PAYMENT_READY")];
        let change = SaleChange { offers, payment: Some(payment), ..SaleChange::default() };
        let sale = store.change_sale(change).unwrap();
        let (finish, finished) = (store.clone(), finished(id));
        let finish = tokio::spawn(async move { finish.finish(finished).await });
        // Some tries in vain.
        tokio::time::sleep(Duration::from_millis(600)).await;
        assert!(!store.is_healthy() && !finish.is_finished());
        server.start_again().unwrap();
        sale.await.unwrap();
        finish.await.unwrap().unwrap();
        assert!(store.is_healthy());
        let rows = store.conversations(&"demo".into(), Uuid::from_u128(id), "quote").await.unwrap();
        let kept = store.sealer.open(rows[0].point.as_ref().unwrap()).unwrap().to_vec();
        assert_eq!(String::from_utf8(kept).unwrap(), format!("last {round}"));
        let offers = store.offers("demo", Uuid::from_u128(id)).await.unwrap();
        assert_eq!(offers[0].status, "PAYMENT_READY");
        assert_eq!(store.offers_by_payment("vsk", &format!("c-{round}")).await.unwrap().len(), 1);
        let found = store.calculation("demo", Uuid::from_u128(id)).await.unwrap().unwrap();
        assert_eq!(found.status, "CALCULATION_READY");
    }
    // While nothing is to be written, it is seen that the server is back.
    server.stop().unwrap();
    eventually("the store is unwell", || !store.is_healthy()).await;
    server.start_again().unwrap();
    eventually("the store is well", || store.is_healthy()).await;
    assert!(store.calculation("demo", Uuid::from_u128(9)).await.unwrap().is_none(), "it was refused");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_commit_whose_answer_is_lost_counts_as_what_it_was() {
    let server = Server::start().unwrap();
    let line = Line::lay(server.socket()).await;
    let store = Store::open(&StoreConfig::Postgres(postgres_at(&line.url)), Sealer::default()).await.unwrap();
    for (id, cut) in [(1, Cut::Answer), (2, Cut::Question)] {
        line.cut(cut);
        let inserted = store.insert_calculation(calculation(&store, id, at(100))).await;
        let found = store.calculation("demo", Uuid::from_u128(id)).await.unwrap();
        assert!(line.was_cut(), "the line is whole: nothing is shown");
        match cut {
            Cut::Answer => assert_eq!((inserted.unwrap(), found.is_some()), (Inserted::New, true)),
            Cut::Question => assert!(inserted.is_err() && found.is_none(), "{inserted:?}"),
        }
        store.insert_calculation(calculation(&store, id + 10, at(100))).await.unwrap();
        assert!(store.is_healthy());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_modes_of_tls_in_the_url_hold() {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let cert = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (pem, key) = (cert.cert.pem(), cert.signing_key.serialize_pem());
    let free = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let settings = [
        ("ssl", "on"),
        ("listen_addresses", "localhost"),
        ("port", &free.to_string()),
        ("ssl_key_file", "k.pem"),
    ];
    let settings: Vec<(&str, &str)> = settings.into_iter().chain([("ssl_cert_file", "c.pem")]).collect();
    // Whoever comes over the network must speak TLS.
    let gate = "local all all trust\nhostssl all all all trust\n";
    let files = [("k.pem", &*key), ("c.pem", &pem), ("pg_hba.conf", gate)];
    let _server = Server::furnished(&settings, &files).unwrap();
    let folder = tempfile::TempDir::new().unwrap();
    let (right, wrong) = (folder.path().join("right.pem"), folder.path().join("wrong.pem"));
    std::fs::write(&right, &pem).unwrap();
    let other = rcgen::generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    std::fs::write(&wrong, other.cert.pem()).unwrap();
    let url = |host: &str, more: &str| format!("postgres://veer@{host}:{free}/postgres?{more}");
    let full = |host: &str, root: &PathBuf| {
        url(host, &format!("sslmode=verify-full&sslrootcert={}", root.display()))
    };
    for url in [
        full("localhost", &right),
        url("localhost", "sslmode=require"),
        url("localhost", "application_name=x"),
    ] {
        let store = open_shared(&postgres_at(&*url)).await.unwrap_or_else(|error| panic!("{url}: {error}"));
        store.insert_calculation(calculation(&store, 1, at(100))).await.unwrap();
    }
    for url in [full("localhost", &wrong), full("127.0.0.1", &right), url("localhost", "sslmode=disable")] {
        let problem = refused(&url).await;
        assert!(
            problem.starts_with("store.url: ") && problem.contains("must be reachable"),
            "{url}: {problem}"
        );
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_not_there_is_told_and_the_url_is_not() {
    let port = TcpListener::bind("127.0.0.1:0").await.unwrap().local_addr().unwrap().port();
    let problem = refused(&format!("postgres://somebody:5ecret@127.0.0.1:{port}/nowhere")).await;
    assert!(problem.starts_with("store.url: ") && problem.contains("must be reachable"), "{problem}");
    let place = Place::postgres();
    let (base, _) = config(&place).url.reveal().split_once("/postgres").unwrap();
    let nowhere = refused(&format!("{base}/nowhere?password=5ecret")).await;
    assert!(nowhere.contains("database \"nowhere\" does not exist"), "{nowhere}");
    for problem in [problem, nowhere] {
        assert!(!problem.contains("5ecret") && !problem.contains("postgres://"), "{problem}");
    }
}

/// Where a line is cut when a commit is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cut {
    /// The server does not hear of it.
    Question,
    /// The server does it, and nobody hears of that.
    Answer,
}

/// A line to a server that can be cut at a commit.
struct Line {
    url: String,
    before: Arc<AtomicBool>,
    after: Arc<AtomicBool>,
}

impl Line {
    async fn lay(socket: PathBuf) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let port = listener.local_addr().unwrap().port();
        let (before, after) = (Arc::<AtomicBool>::default(), Arc::<AtomicBool>::default());
        let line = Self {
            url: format!("postgres://veer@127.0.0.1:{port}/postgres?sslmode=disable"),
            before: before.clone(),
            after: after.clone(),
        };
        tokio::spawn(async move {
            while let Ok((client, _)) = listener.accept().await {
                let server = UnixStream::connect(&socket).await.unwrap();
                tokio::spawn(carry(client, server, before.clone(), after.clone()));
            }
        });
        line
    }

    fn cut(&self, at: Cut) {
        let place = if at == Cut::Question { &self.before } else { &self.after };
        place.store(true, Ordering::SeqCst);
    }

    fn was_cut(&self) -> bool {
        !self.before.load(Ordering::SeqCst) && !self.after.load(Ordering::SeqCst)
    }
}

async fn carry(client: TcpStream, server: UnixStream, before: Arc<AtomicBool>, after: Arc<AtomicBool>) {
    let (mut from_client, mut to_client) = client.into_split();
    let (mut from_server, mut to_server) = server.into_split();
    let (mut asked, mut answered) = (vec![0; 1 << 16], vec![0; 1 << 16]);
    let mut is_deaf = false;
    loop {
        tokio::select! {
            read = from_client.read(&mut asked) => {
                let Ok(length @ 1..) = read else { return };
                if asked[..length].windows(6).any(|word| word == b"COMMIT") {
                    if before.swap(false, Ordering::SeqCst) {
                        return;
                    }
                    is_deaf = after.swap(false, Ordering::SeqCst);
                }
                if to_server.write_all(&asked[..length]).await.is_err() {
                    return;
                }
            }
            read = from_server.read(&mut answered) => {
                let Ok(length @ 1..) = read else { return };
                if is_deaf || to_client.write_all(&answered[..length]).await.is_err() {
                    return;
                }
            }
        }
    }
}

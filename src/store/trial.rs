//! Places where tests keep a store: one body of a test, both engines.

use std::{path::Path, time::Duration};

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use uuid::Uuid;

use super::{CalculationRow, ConversationRow, FinishedRow, OfferRow, Sealer, Store, StoreError};
use crate::config::{PostgresConfig, ReplicasConfig, Secret, StoreConfig, Synchronous};

/// Makes of each function (of a [`Place`]) a test on each engine.
macro_rules! on_both_engines {
    ($($test:ident),+ $(,)?) => {
        mod sqlite {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::store::trial::Place::sqlite()).await;
            })+
        }
        mod postgres {
            $(#[tokio::test]
            async fn $test() {
                super::$test($crate::store::trial::Place::postgres()).await;
            })+
        }
    };
}
pub(crate) use on_both_engines;

/// Where a store is that outlives its gateway.
pub(crate) struct Place {
    folder: TempDir,
    config: StoreConfig,
}

/// A store in `folder` for tests that run on either engine: on SQLite, unless the environment says otherwise.
pub(crate) fn config_in(folder: &Path) -> StoreConfig {
    if veer_postgres::is_chosen() { postgres_in(folder) } else { sqlite_in(folder) }
}

fn sqlite_in(folder: &Path) -> StoreConfig {
    StoreConfig::sqlite(folder.join("veer.db"), Synchronous::Normal)
}

fn postgres_in(folder: &Path) -> StoreConfig {
    StoreConfig::Postgres(postgres_at(veer_postgres::url_in(folder)))
}

pub(crate) fn postgres_at(url: impl Into<String>) -> PostgresConfig {
    PostgresConfig { url: Secret::new(url), synchronous: Synchronous::Full, connections: 4 }
}

// === impl Place ===

impl Place {
    pub(crate) fn sqlite() -> Self {
        let folder = TempDir::new().unwrap();
        Self { config: sqlite_in(folder.path()), folder }
    }

    pub(crate) fn postgres() -> Self {
        let folder = TempDir::new().unwrap();
        Self { config: postgres_in(folder.path()), folder }
    }

    /// The folder of the file, where it is one.
    pub(crate) fn folder(&self) -> &Path {
        self.folder.path()
    }

    pub(crate) fn config(&self) -> &StoreConfig {
        &self.config
    }

    pub(crate) async fn try_open(&self) -> Result<Store, StoreError> {
        Store::open(&self.config, Sealer::default()).await
    }

    pub(crate) async fn open(&self) -> Store {
        self.try_open().await.unwrap()
    }

    /// One of several replicas that share it.
    pub(crate) async fn join(&self, lease: Duration) -> Store {
        let replicas = ReplicasConfig { lease, address: Some("http://here".into()) };
        Store::join(&self.config, &replicas, Sealer::default()).await.unwrap()
    }
}

pub(crate) fn at(seconds: i64) -> Timestamp {
    Timestamp::from_second(seconds).unwrap()
}

pub(crate) fn calculation(store: &Store, id: u128, created: Timestamp) -> CalculationRow {
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

pub(crate) fn conversation(store: &Store, id: u128, point: &str) -> ConversationRow {
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

pub(crate) fn finished(id: u128) -> FinishedRow {
    FinishedRow {
        account: "demo".into(),
        request_id: Uuid::from_u128(id),
        status: "CALCULATION_READY",
        finished: at(110),
        timeline: b"[]".to_vec(),
    }
}

pub(crate) fn offer(id: u128, number: i64, status: &'static str) -> OfferRow {
    OfferRow {
        account: "demo".into(),
        request_id: Uuid::from_u128(id),
        offer_id: format!("offer-{id}-{number}"),
        insurer: "alfastrah".into(),
        identity: "{}".into(),
        status,
        body: None,
        message: None,
        sale: None,
        expires: None,
        position: number,
    }
}

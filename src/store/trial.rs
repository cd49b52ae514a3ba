//! Places where tests keep a store: one body of a test, both engines.

use std::path::Path;

use tempfile::TempDir;

use super::{Sealer, Store, StoreError};
use crate::config::{PostgresConfig, Secret, StoreConfig, Synchronous};

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
    let url = Secret::new(veer_postgres::url_in(folder));
    StoreConfig::Postgres(PostgresConfig { url, synchronous: Synchronous::Full, connections: 4 })
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
}

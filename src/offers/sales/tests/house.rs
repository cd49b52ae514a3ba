//! A store, the tasks on it, and a partner that counts.

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;
use veer_contract::domain::Kopecks;
use veer_simulator::{Yandex, YandexKnobs, YandexPlan};

use super::super::*;
use crate::{
    config::{ConfirmConfig, ConfirmMethod, Secret},
    store::{NewConfirmation, OfferKey, SaleChange, Sealer, trial},
    telemetry,
};

pub(super) const TOKEN: &str = "issued-once";
/// Until then everything that is waited for has happened, also on a machine that is very busy.
pub(super) const PATIENCE: Duration = Duration::from_secs(30);

/// A store, and the tasks on it.
pub(super) struct House {
    pub(super) store: Store,
    pub(super) sales: Sales,
    pub(super) metrics: Metrics,
    pub(super) sold: Arc<Notify>,
    pub(super) lifetime: Lifetime,
    folder: TempDir,
}

pub(super) fn config() -> SalesConfig {
    SalesConfig {
        pause: Duration::from_millis(2),
        longest_pause: Duration::from_millis(20),
        alarm_after: Duration::from_secs(3 * 86_400),
        give_up_after: Duration::from_secs(11 * 86_400),
        timeout: PATIENCE,
        bulk: 100,
    }
}

pub(super) fn account(name: &str, confirm: Option<ConfirmConfig>) -> AccountConfig {
    AccountConfig {
        name: name.into(),
        client_id: name.into(),
        client_secret: Secret::new("s"),
        tokens: Vec::new(),
        priced_only: false,
        confirm,
    }
}

pub(super) fn confirm(yandex: &Yandex, method: ConfirmMethod) -> Option<ConfirmConfig> {
    Some(ConfirmConfig {
        url: yandex.confirm_url().parse().unwrap(),
        partner_id: "42".into(),
        token: Secret::new(TOKEN),
        method,
    })
}

pub(super) async fn yandex(knobs: YandexKnobs) -> Yandex {
    Yandex::start(YandexPlan { knobs, ..YandexPlan::new(TOKEN, "42") }).await.unwrap()
}

pub(super) fn sale(account: &str, number: u128, kopecks: i64) -> NewConfirmation {
    NewConfirmation {
        offer: OfferKey {
            account: account.into(),
            request_id: Uuid::from_u128(number),
            offer_id: format!("offer-{number}").into(),
        },
        insurer: "alfastrah".into(),
        counterparty_id: 7,
        amount_kopecks: kopecks,
        is_upsaled: number.is_multiple_of(2),
        paid: telemetry::now(),
    }
}

pub(super) fn days_ago(days: i64) -> Timestamp {
    telemetry::now() - SignedDuration::from_hours(24 * days)
}

impl House {
    pub(super) async fn open(config: &SalesConfig, accounts: &[AccountConfig]) -> Self {
        Self::open_in(TempDir::new().unwrap(), config, accounts).await
    }

    pub(super) async fn open_in(folder: TempDir, config: &SalesConfig, accounts: &[AccountConfig]) -> Self {
        let _ = rustls::crypto::ring::default_provider().install_default();
        let store = Store::open(&trial::config_in(folder.path()), Sealer::default()).await.unwrap();
        let metrics = Metrics::new(std::iter::empty(), &[], &[]).unwrap();
        let lifetime = Lifetime {
            tracker: TaskTracker::new(),
            stop: CancellationToken::new(),
            abort: CancellationToken::new(),
        };
        let sold = Arc::new(Notify::new());
        let sales = Sales::start(config, accounts, &store, &metrics, sold.clone(), &lifetime).unwrap();
        Self { store, sales, metrics, sold, lifetime, folder }
    }

    pub(super) async fn sell(&self, sale: NewConfirmation) {
        let change = SaleChange { confirmation: Some(sale), ..SaleChange::default() };
        self.store.change_sale(change).unwrap().await.unwrap();
        self.sold.notify_one();
    }

    pub(super) async fn found(&self, number: u128) -> SaleConfirmation {
        let offer = format!("offer-{number}");
        self.store.confirmation(Uuid::from_u128(number), &offer).await.unwrap().unwrap()
    }

    /// The sale, as soon as it is as wanted.
    pub(super) async fn when(
        &self,
        number: u128,
        wanted: impl Fn(&SaleConfirmation) -> bool,
    ) -> SaleConfirmation {
        let what = format!("sale {number} stays as it is");
        until(&what, async || Some(self.found(number).await).filter(&wanted)).await
    }

    pub(super) async fn confirmed(&self, number: u128) -> SaleConfirmation {
        self.when(number, |sale| sale.state == ConfirmationState::Confirmed).await
    }

    pub(super) async fn dead(&self, number: u128) -> SaleConfirmation {
        self.when(number, |sale| sale.state == ConfirmationState::Dead).await
    }

    /// Stops it, and lets the file be opened again.
    pub(super) async fn stop(self) -> TempDir {
        self.lifetime.stop.cancel();
        self.lifetime.tracker.close();
        tokio::time::timeout(PATIENCE, self.lifetime.tracker.wait()).await.unwrap();
        self.store.flush().await.unwrap();
        self.store.release().await;
        self.folder
    }
}

/// What is looked for, as soon as it is there.
pub(super) async fn until<T>(otherwise: &str, look: impl AsyncFn() -> Option<T>) -> T {
    let looking = async {
        loop {
            if let Some(found) = look().await {
                return found;
            }
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
    };
    tokio::time::timeout(PATIENCE, looking).await.unwrap_or_else(|_| panic!("{otherwise}"))
}

/// Waits until the partner was told that many times.
pub(super) async fn told(yandex: &Yandex, times: usize) {
    until("the partner is not told", async || (yandex.received().len() >= times).then_some(())).await;
}

pub(super) fn credited(yandex: &Yandex) -> Vec<(String, Kopecks)> {
    let mut credited: Vec<_> =
        yandex.credited().into_iter().map(|sale| (sale.offer_id, sale.amount)).collect();
    credited.sort();
    credited
}

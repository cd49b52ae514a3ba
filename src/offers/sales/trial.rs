//! A store with sales that nobody confirms, for the tests of those who show and repeat them.

use std::sync::Arc;

use jiff::{SignedDuration, Timestamp};
use tempfile::TempDir;

use super::*;
use crate::store::{ConfirmationAttempt, NewConfirmation, OfferKey, SaleChange, Sealer, trial};

pub(crate) const ACCOUNT: &str = "demo";

/// Sales, each known by a number.
pub(crate) struct Trial {
    pub(crate) sales: Sales,
    store: Store,
    _folder: TempDir,
}

impl Trial {
    pub(crate) async fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let file = trial::config_in(folder.path());
        let store = Store::open(&file, Sealer::default()).await.unwrap();
        let (wake, _) = signal::channel(0);
        let sales = Sales(Arc::new(Inner { store: store.clone(), served: HashSet::new(), wake }));
        Self { sales, store, _folder: folder }
    }

    pub(crate) async fn waiting(&self, number: u128) {
        let sale = NewConfirmation {
            offer: offer(number),
            insurer: "alfastrah".into(),
            counterparty_id: 7,
            amount_kopecks: 707_235,
            is_upsaled: true,
            paid: paid(number),
        };
        let change = SaleChange { confirmation: Some(sale), ..SaleChange::default() };
        self.store.change_sale(change).unwrap().await.unwrap();
    }

    pub(crate) async fn dead(&self, number: u128) {
        self.attempted(number, ConfirmationState::Dead, Some("the partner answered 409")).await;
    }

    pub(crate) async fn confirmed(&self, number: u128) {
        self.attempted(number, ConfirmationState::Confirmed, None).await;
    }

    async fn attempted(&self, number: u128, state: ConfirmationState, problem: Option<&str>) {
        self.waiting(number).await;
        let next = paid(number);
        let attempt = ConfirmationAttempt {
            offer: offer(number),
            state,
            attempts: 3,
            next,
            confirmed: (state == ConfirmationState::Confirmed).then_some(next),
            problem: problem.map(str::to_owned),
        };
        self.store.keep_attempts(vec![attempt]).await.unwrap();
    }

    /// How far each sale is, in the order of their numbers.
    pub(crate) async fn states(&self) -> Vec<&'static str> {
        let mut sales = self.store.confirmations(None, 100).await.unwrap();
        sales.reverse();
        sales.iter().map(|sale| sale.state.name()).collect()
    }
}

fn offer(number: u128) -> OfferKey {
    let offer_id = format!("offer-{number}").into();
    OfferKey { account: ACCOUNT.into(), request_id: Uuid::from_u128(number), offer_id }
}

fn paid(number: u128) -> Timestamp {
    let ten: Timestamp = "2026-11-20T10:00:00Z".parse().unwrap();
    ten + SignedDuration::from_secs(i64::try_from(number).unwrap())
}

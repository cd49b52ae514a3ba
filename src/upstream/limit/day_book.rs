//! Where daily counts are written down.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex, PoisonError},
};

use futures::future::BoxFuture;
use jiff::civil::Date;
use veer_contract::Lane;

use super::days::{Ask, Reserved};
use crate::store::{DayChange, Store, StoreError};

/// The daily counts of every lane.
#[derive(Clone, Default)]
pub struct DayBook(Option<Store>);

/// The daily counts of one lane.
pub trait DayPage: Send + Sync {
    /// Reserves calls; returns when that is durable.
    fn reserve(&self, ask: Ask) -> BoxFuture<'_, Result<Reserved, StoreError>>;

    /// Gives back what was reserved and not used.
    fn give_back(&self, date: Date, unused: u32) -> BoxFuture<'_, Result<(), StoreError>>;
}

/// A page for as long as the process lives.
#[derive(Debug, Default)]
pub struct InMemory(Mutex<BTreeMap<Date, u64>>);

struct InStore {
    store: Store,
    insurer: String,
    lane: Lane,
}

// === impl DayBook ===

impl DayBook {
    /// Counts outlive the process. Without a store they do not: `DayBook::default()`.
    pub fn new(store: Store) -> Self {
        Self(Some(store))
    }

    /// The page of one lane.
    pub fn page(&self, insurer: &str, lane: Lane) -> Arc<dyn DayPage> {
        match &self.0 {
            Some(store) => Arc::new(InStore { store: store.clone(), insurer: insurer.to_owned(), lane }),
            None => Arc::new(InMemory::default()),
        }
    }
}

// === impl InStore ===

impl InStore {
    fn change(&self, date: Date, add: i64, ahead: u32, at_most: u32) -> DayChange {
        DayChange {
            insurer: self.insurer.clone(),
            lane: self.lane.name(),
            day: date.duration_since(Date::constant(1970, 1, 1)).as_hours() / 24,
            add,
            ahead: ahead.into(),
            at_most: at_most.into(),
        }
    }
}

impl DayPage for InStore {
    fn reserve(&self, ask: Ask) -> BoxFuture<'_, Result<Reserved, StoreError>> {
        let change = self.change(ask.date, ask.owed.into(), ask.ahead, ask.at_most);
        Box::pin(async {
            let count = self.store.change_day_count(change).await?;
            Ok(Reserved {
                granted: u32::try_from(count.granted).unwrap_or(0),
                total: u64::try_from(count.reserved).unwrap_or(0),
            })
        })
    }

    fn give_back(&self, date: Date, unused: u32) -> BoxFuture<'_, Result<(), StoreError>> {
        let change = self.change(date, -i64::from(unused), 0, 0);
        Box::pin(async { self.store.change_day_count(change).await.map(drop) })
    }
}

// === impl InMemory ===

impl DayPage for InMemory {
    fn reserve(&self, ask: Ask) -> BoxFuture<'_, Result<Reserved, StoreError>> {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let count = days.entry(ask.date).or_default();
        *count += u64::from(ask.owed);
        let left = u64::from(ask.at_most).saturating_sub(*count);
        let granted = u32::try_from(left).map_or(ask.ahead, |left| left.min(ask.ahead));
        *count += u64::from(granted);
        let reserved = Reserved { granted, total: *count };
        // The newest two are enough: whoever looks at an older one has a clock that was set back by days.
        while days.len() > 2 {
            days.pop_first();
        }
        Box::pin(async move { Ok(reserved) })
    }

    fn give_back(&self, date: Date, unused: u32) -> BoxFuture<'_, Result<(), StoreError>> {
        let mut days = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(count) = days.get_mut(&date) {
            *count = count.saturating_sub(unused.into());
        }
        Box::pin(async { Ok(()) })
    }
}

#[cfg(test)]
mod tests {
    use tempfile::TempDir;

    use super::*;
    use crate::store::{Sealer, trial};

    #[tokio::test]
    async fn both_ways_of_keeping_give_the_same_answers() {
        let folder = TempDir::new().unwrap();
        let store = Store::open(&trial::config_in(folder.path()), Sealer::default()).await.unwrap();
        let pages =
            [DayBook::default().page("vsk", Lane::Create), DayBook::new(store).page("vsk", Lane::Create)];
        for page in pages {
            let date = Date::constant(2026, 11, 20);
            let reserve = async |owed, ahead| {
                let Reserved { granted, total } =
                    page.reserve(Ask { date, owed, ahead, at_most: 10 }).await.unwrap();
                (granted, total)
            };
            assert_eq!(reserve(0, 7).await, (7, 7));
            page.give_back(date, 2).await.unwrap();
            assert_eq!(reserve(1, 7).await, (4, 10));
            assert_eq!(reserve(3, 7).await, (0, 13));
        }
    }
}

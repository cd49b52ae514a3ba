//! How many calls each lane has reserved of each day's quota.
//!
//! Reserved is more than used for as long as a gateway holds some ahead. A reservation reads and writes under the
//! row's lock, so several gateways share one day's quota without ever having more than all of it.

use super::{
    Store, StoreError,
    sql::{Connection, query, query_as},
    writer::Entry,
};

/// Days that are kept beside the newest one, for whoever looks back.
const KEPT_DAYS: i64 = 31;

/// A change of one lane's count.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DayChange {
    /// The account's name in the configuration.
    pub insurer: String,
    /// The lane.
    pub lane: &'static str,
    /// The day in Moscow, as days since 1970.
    pub day: i64,
    /// Added in any case; what is given back is less than nothing.
    pub add: i64,
    /// Added as far as there is room.
    pub ahead: i64,
    /// With them there are no more than these.
    pub at_most: i64,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DayCount {
    /// So many of those `ahead` had room.
    pub granted: i64,
    /// So many are reserved now.
    pub reserved: i64,
}

impl Store {
    /// Changes how many calls a lane has reserved of a day; returns when it is durable.
    pub async fn change_day_count(&self, change: DayChange) -> Result<DayCount, StoreError> {
        self.ask(|done| Entry::DayCount(Box::new(change), done)).await?
    }
}

pub(super) async fn change(
    connection: &mut Connection<'_>,
    change: &DayChange,
) -> Result<DayCount, StoreError> {
    let DayChange { insurer, lane, day, add, ahead, at_most } = change;
    // Writing first locks the row for the rest of the transaction.
    let (before,): (i64,) = query_as(
        "INSERT INTO lane_day (insurer, lane, day, reserved) VALUES ($1, $2, $3, 0) \
         ON CONFLICT (insurer, lane, day) DO UPDATE SET reserved = lane_day.reserved RETURNING reserved",
    )
    .bind(insurer)
    .bind(*lane)
    .bind(*day)
    .fetch_one(&mut *connection)
    .await?;
    let certain = before.saturating_add(*add).max(0);
    let granted = at_most.saturating_sub(certain).clamp(0, (*ahead).max(0));
    let reserved = certain.saturating_add(granted);
    query("UPDATE lane_day SET reserved = $1 WHERE insurer = $2 AND lane = $3 AND day = $4")
        .bind(reserved)
        .bind(insurer)
        .bind(*lane)
        .bind(*day)
        .execute(&mut *connection)
        .await?;
    if before == 0 {
        query("DELETE FROM lane_day WHERE insurer = $1 AND lane = $2 AND day < $3")
            .bind(insurer)
            .bind(*lane)
            .bind(day.saturating_sub(KEPT_DAYS))
            .execute(connection)
            .await?;
    }
    Ok(DayCount { granted, reserved })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::trial::{Place, on_both_engines};

    fn ask(day: i64, add: i64, ahead: i64) -> DayChange {
        DayChange { insurer: "alfastrah".into(), lane: "create", day, add, ahead, at_most: 100 }
    }

    async fn a_days_quota_is_given_out_once_across_restarts(place: Place) {
        let store = place.open().await;
        let said = store.change_day_count(ask(20_000, 0, 60)).await.unwrap();
        assert_eq!(said, DayCount { granted: 60, reserved: 60 });
        store.release().await;
        let store = place.open().await;
        let said = store.change_day_count(ask(20_000, 0, 60)).await.unwrap();
        assert_eq!(said, DayCount { granted: 40, reserved: 100 });
        let said = store.change_day_count(ask(20_000, -5, 0)).await.unwrap();
        assert_eq!(said, DayCount { granted: 0, reserved: 95 });
        // What went already is added whatever the limit says.
        let said = store.change_day_count(ask(20_000, 10, 7)).await.unwrap();
        assert_eq!(said, DayCount { granted: 0, reserved: 105 });
        let other = DayChange { lane: "poll", ..ask(20_000, 0, 1) };
        assert_eq!(store.change_day_count(other).await.unwrap().reserved, 1);
    }

    async fn of_many_at_once_no_two_get_the_same_calls(place: Place) {
        let store = place.open().await;
        let asked = (0..40).map(|_| store.change_day_count(ask(20_000, 0, 7)));
        let said = futures::future::join_all(asked).await;
        assert_eq!(said.into_iter().map(|said| said.unwrap().granted).sum::<i64>(), 100);
    }

    async fn a_new_day_begins_anew_and_very_old_ones_are_forgotten(place: Place) {
        let store = place.open().await;
        store.change_day_count(ask(20_000, 0, 100)).await.unwrap();
        assert_eq!(store.change_day_count(ask(20_001, 0, 10)).await.unwrap().granted, 10);
        assert_eq!(store.change_day_count(ask(20_000, 0, 10)).await.unwrap().granted, 0);
        store.change_day_count(ask(20_100, 0, 1)).await.unwrap();
        assert_eq!(store.change_day_count(ask(20_000, 0, 10)).await.unwrap().granted, 10);
    }

    on_both_engines!(
        a_days_quota_is_given_out_once_across_restarts,
        of_many_at_once_no_two_get_the_same_calls,
        a_new_day_begins_anew_and_very_old_ones_are_forgotten,
    );
}

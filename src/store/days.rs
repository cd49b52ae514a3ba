//! On which day a calculation, its conversations and its offers are looked for.
//!
//! On PostgreSQL they are partitioned by the day of acceptance, so that a day is forgotten by dropping it
//! (`postgres::days`). Whoever knows only an id asks `calculation_key`, and one partition is touched; in a file it is a
//! column like any other.

use std::{
    collections::{BTreeSet, HashMap},
    sync::Arc,
};

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    StoreError,
    sql::{Connection, QueryBuilder},
};

pub(super) const DAY_MS: i64 = 86_400_000;

/// The day of the calculation of account `$1` and id `$2`. What has no calculation is looked for on day 0.
macro_rules! its_day {
    () => {
        "COALESCE((SELECT k.day FROM calculation_key k WHERE k.account = $1 AND k.request_id = $2), 0)"
    };
}
pub(super) use its_day;

/// The day of a moment, in UTC, as days since 1970.
pub(super) fn day_of(moment: Timestamp) -> i64 {
    moment.as_millisecond().div_euclid(DAY_MS)
}

/// The days of some calculations.
pub(super) struct Days(HashMap<(String, String), i64>);

// === impl Days ===

impl Days {
    /// Looks them up. To the end of the transaction none of them changes: who moves calculations locks the table.
    pub(super) async fn look_up(
        connection: &mut Connection<'_>,
        calculations: BTreeSet<(&Arc<str>, Uuid)>,
    ) -> Result<Self, StoreError> {
        if calculations.is_empty() {
            return Ok(Self(HashMap::new()));
        }
        let mut query = QueryBuilder::new(
            "SELECT account, request_id, day FROM calculation_key WHERE (account, request_id) IN (",
        );
        query.push_values(calculations, |mut values, (account, request_id)| {
            values.push_bind(account.as_ref()).push_bind(request_id.to_string());
        });
        query.push(")");
        let rows: Vec<(String, String, i64)> = query.build_query_as().fetch_all(connection).await?;
        Ok(Self(rows.into_iter().map(|(account, id, day)| ((account, id), day)).collect()))
    }

    /// The day of one of them.
    pub(super) fn of(&self, account: &str, request_id: Uuid) -> i64 {
        self.0.get(&(account.to_owned(), request_id.to_string())).copied().unwrap_or(0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_of_utc() {
        let day = |text: &str| day_of(text.parse().unwrap());
        assert_eq!((day("1970-01-01T23:59:59.999Z"), day("1969-12-31T23:59:59Z")), (0, -1));
        assert_eq!(day("2026-11-23T02:30:00+03:00"), day("2026-11-22T12:00:00Z"));
    }
}

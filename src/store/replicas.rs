//! Replicas and whose calculations are.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    Store, StoreError,
    sql::{Connection, query, query_as},
    writer::Entry,
};
use crate::cluster::{Owner, Presence, ReplicaId, ReplicaRow};

/// A replica, for operators.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReplicaSeen {
    /// What its row says.
    pub row: ReplicaRow,
    /// When it left or was taken over, by the clock of whoever wrote that.
    pub gone: Option<Timestamp>,
    /// Who took its work over.
    pub heir: Option<ReplicaId>,
    /// Calculations of its that are not finished.
    pub unfinished: u64,
    /// All of its calculations in the store.
    pub calculations: u64,
}

impl Store {
    /// Every replica that is here, and those that went in the last days; none where there is one gateway alone.
    pub async fn replicas(&self) -> Result<Vec<ReplicaSeen>, StoreError> {
        type Columns =
            (String, String, i64, i64, i64, i64, Option<i64>, Option<String>, Option<i64>, Option<i64>);
        let rows: Vec<Columns> = query_as(
            "SELECT r.id, r.address, r.since_ms, r.beat, r.chores, r.gone, r.gone_ms, r.heir, c.unfinished, c.all_of_them \
             FROM replica r LEFT JOIN (\
                 SELECT owner, SUM(CASE WHEN finished_ms IS NULL THEN 1 ELSE 0 END) AS unfinished, \
                 COUNT(*) AS all_of_them FROM calculation WHERE owner IS NOT NULL GROUP BY owner) c \
             ON c.owner = r.id ORDER BY r.id",
        )
        .fetch_all(self.reader())
        .await?;
        let count = |count: Option<i64>| u64::try_from(count.unwrap_or(0)).unwrap_or(0);
        let seen = |(id, address, since, beat, chores, gone, gone_ms, heir, unfinished, all): Columns| {
            Ok(ReplicaSeen {
                row: row((id, address, since, beat, chores, gone))?,
                gone: gone_ms.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
                heir: heir.as_deref().and_then(ReplicaId::parse),
                unfinished: count(unfinished),
                calculations: count(all),
            })
        };
        rows.into_iter().map(seen).collect()
    }

    /// Whose the calculation is, and this replica's from now on where it is nobody's or was a replica's whose work is taken
    /// over (what was under way went to the heir). None where there is no such calculation; alone, every one is one's own.
    /// Only whoever owns a calculation works on it.
    pub async fn claim(&self, account: &str, request_id: Uuid) -> Result<Option<Owner>, StoreError> {
        if self.cluster().me().is_none() {
            return Ok(Some(Owner::Me));
        }
        match self.owner(account, request_id).await? {
            Some(None) => {}
            found => return Ok(found.flatten()),
        }
        let account: Arc<str> = account.into();
        self.ask(|done| Entry::Claim { account, request_id, done }).await?
    }

    /// Whose the calculation is: nothing where there is none, no owner where it is to be claimed.
    async fn owner(&self, account: &str, request_id: Uuid) -> Result<Option<Option<Owner>>, StoreError> {
        let row: Option<(Option<String>, Option<String>, Option<i64>)> = query_as(
            "SELECT c.owner, r.address, r.gone FROM calculation c LEFT JOIN replica r ON r.id = c.owner \
             WHERE c.account = $1 AND c.request_id = $2",
        )
        .bind(account)
        .bind(request_id.to_string())
        .fetch_optional(self.reader())
        .await?;
        let Some((owner, address, gone)) = row else { return Ok(None) };
        let is_there = gone.is_some_and(|gone| Presence::of(gone) != Presence::TakenOver);
        Ok(Some(match owner.as_deref().and_then(ReplicaId::parse) {
            owner if owner.is_some() && owner == self.cluster().me() => {
                // Before the first write tells it.
                if gone.is_none_or(|gone| Presence::of(gone) == Presence::TakenOver) {
                    return Err(StoreError::Deposed);
                }
                Some(Owner::Me)
            }
            Some(id) if is_there => Some(Owner::Other { id, address: address.unwrap_or_default() }),
            _ => None,
        }))
    }

    /// Drops the rows of replicas whose work was taken over before `before`.
    pub async fn forget_replicas(&self, before: Timestamp) -> Result<(), StoreError> {
        let before_ms = before.as_millisecond();
        self.ask(|done| Entry::ForgetReplicas { before_ms, done }).await?
    }
}

/// The columns of a replica's row, in the order of [`ROW`].
pub(super) type RowColumns = (String, String, i64, i64, i64, i64);

pub(super) const ROW: &str = "id, address, since_ms, beat, chores, gone";

pub(super) fn row(columns: RowColumns) -> Result<ReplicaRow, StoreError> {
    let (id, address, since, beat, chores, gone) = columns;
    let broken = |what: &str| StoreError::Database(format!("a replica's {what} is not readable"));
    Ok(ReplicaRow {
        id: ReplicaId::parse(&id).ok_or_else(|| broken("id"))?,
        address,
        since: Timestamp::from_millisecond(since).map_err(|_| broken("time"))?,
        beat,
        does_chores: chores != 0,
        presence: Presence::of(gone),
    })
}

/// Claims a calculation for `me`; the transaction is fenced.
pub(super) async fn claim(
    connection: &mut Connection<'_>,
    me: Option<ReplicaId>,
    account: &str,
    request_id: Uuid,
) -> Result<Option<Owner>, StoreError> {
    let Some(me) = me else { return Ok(Some(Owner::Me)) };
    let request_id = request_id.to_string();
    // Locked first: what the next statement sees of its owner is of a later moment.
    let sql = "SELECT owner FROM calculation WHERE account = $1 AND request_id = $2 FOR UPDATE";
    let found: Option<(Option<String>,)> =
        query_as(sql).bind(account).bind(&request_id).fetch_optional(&mut *connection).await?;
    let Some((owner,)) = found else { return Ok(None) };
    if let Some(id) = owner.as_deref().and_then(ReplicaId::parse) {
        if id == me {
            return Ok(Some(Owner::Me));
        }
        let sql = "SELECT address FROM replica WHERE id = $1 AND gone < 2";
        let there: Option<(String,)> =
            query_as(sql).bind(id.to_string()).fetch_optional(&mut *connection).await?;
        if let Some((address,)) = there {
            return Ok(Some(Owner::Other { id, address }));
        }
    }
    query("UPDATE calculation SET owner = $1 WHERE account = $2 AND request_id = $3")
        .bind(me.to_string())
        .bind(account)
        .bind(&request_id)
        .execute(connection)
        .await?;
    Ok(Some(Owner::Me))
}

pub(super) async fn forget(connection: &mut Connection<'_>, before_ms: i64) -> Result<(), StoreError> {
    query("DELETE FROM replica WHERE gone = 2 AND gone_ms < $1").bind(before_ms).execute(connection).await?;
    Ok(())
}

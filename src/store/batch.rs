//! What is committed together: one transaction, one statement a table.
//!
//! Rows of one conversation that come twice are written once, the last one; a verdict is not taken back by a
//! state that comes late. Rows are written in the order of their keys: two gateways that write the same ones
//! in two orders would wait for each other.

use std::{
    collections::{HashMap, HashSet, VecDeque},
    sync::Arc,
};

use super::{
    CalculationRow, ConversationRow, DayCount, FinishedRow, Inserted, OfferRow, SaidRow, SaleChange,
    StoreError, day_counts, dictionary_writes, insurer_calls, replicas, sale_writes, specs,
    sql::{Connection, QueryBuilder, query, query_as},
    tuning,
    writer::Entry,
};
use crate::{
    cluster::{Owner, ReplicaId},
    telemetry,
};

/// What is committed together, in its order, which a refused batch needs.
#[derive(Default)]
pub(super) struct Batch {
    entries: Vec<Entry>,
}

/// What a commit did.
#[derive(Default)]
pub(super) struct Outcome {
    inserted: HashSet<(String, String)>,
    /// What became of each insurer's call, in their order.
    calls: VecDeque<Inserted>,
    /// What became of each day's count, in their order.
    days: VecDeque<DayCount>,
    /// The same of changes of operators' settings.
    tunings: VecDeque<Inserted>,
    /// Whose each calculation is that was claimed, in their order.
    owners: VecDeque<Option<Owner>>,
    forgotten: u64,
}

// === impl Batch ===

impl Batch {
    /// Adds one entry.
    pub(super) fn add(&mut self, entry: Entry) {
        self.entries.push(entry);
    }

    /// Nothing of it is to be written.
    pub(super) fn is_empty(&self) -> bool {
        self.entries.iter().all(|entry| matches!(entry, Entry::Flush(_) | Entry::Release(_)))
    }

    /// The store is let go of after it.
    pub(super) fn is_last(&self) -> bool {
        self.entries.iter().any(|entry| matches!(entry, Entry::Release(_)))
    }

    /// Writes all of it for the replica `me`; `connection` is in a transaction.
    pub(super) async fn write(
        &self,
        connection: &mut Connection<'_>,
        me: Option<ReplicaId>,
    ) -> Result<Outcome, StoreError> {
        let mut outcome = Outcome::default();
        let now = telemetry::now().as_millisecond();
        self.insert_calculations(connection, me, &mut outcome).await?;
        self.upsert_conversations(connection, now).await?;
        self.upsert_offers(connection, now).await?;
        for change in self.sales() {
            sale_writes::write(connection, change).await?;
        }
        for entry in &self.entries {
            if let Entry::Said(row, _) = entry {
                say(connection, row).await?;
            }
        }
        self.update_finished(connection).await?;
        for entry in &self.entries {
            match entry {
                Entry::Attempts(attempts, _) => sale_writes::attempts(connection, attempts).await?,
                Entry::Dictionary(change, _) => dictionary_writes::write(connection, change).await?,
                Entry::Repeat(offer, _) => sale_writes::repeat(connection, offer, now).await?,
                Entry::Expire { before_ms, .. } => {
                    outcome.forgotten += sale_writes::expire(connection, *before_ms, now).await?;
                }
                Entry::Forget { before_ms, .. } => {
                    outcome.forgotten += forget(connection, *before_ms).await?;
                }
                Entry::InsurerCall(row, _) => {
                    outcome.calls.push_back(insurer_calls::insert(connection, row).await?);
                }
                Entry::CallTaken { insurer, correlation, digest } => {
                    insurer_calls::taken(connection, insurer, correlation, digest).await?;
                }
                Entry::ForgetCalls { before_ms, .. } => {
                    insurer_calls::forget(connection, *before_ms).await?;
                }
                Entry::Tuning(change, _) => {
                    outcome.tunings.push_back(tuning::write(connection, change).await?);
                }
                Entry::Specs(rows, _) => specs::write(connection, rows, now).await?,
                Entry::DayCount(change, _) => {
                    outcome.days.push_back(day_counts::change(connection, change).await?);
                }
                Entry::ForgetSpecs { before_ms, .. } => specs::forget(connection, *before_ms).await?,
                Entry::ForgetReplicas { before_ms, .. } => replicas::forget(connection, *before_ms).await?,
                Entry::Claim { account, request_id, .. } => {
                    outcome.owners.push_back(replicas::claim(connection, me, account, *request_id).await?);
                }
                _ => {}
            }
        }
        Ok(outcome)
    }

    fn sales(&self) -> impl Iterator<Item = &SaleChange> {
        self.entries.iter().filter_map(|entry| match entry {
            Entry::Sale(change, _) => Some(&**change),
            _ => None,
        })
    }

    async fn insert_calculations(
        &self,
        connection: &mut Connection<'_>,
        me: Option<ReplicaId>,
        outcome: &mut Outcome,
    ) -> Result<(), StoreError> {
        let mut rows: Vec<&CalculationRow> = self
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Calculation(row, _) => Some(&**row),
                _ => None,
            })
            .collect();
        // Of several with one id the first stays the first.
        rows.sort_by_key(|row| (row.account.clone(), row.request_id));
        if rows.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO calculation (account, request_id, fingerprint, partner, created_ms, deadline_ms, \
             request, status, dictionary, owner) ",
        );
        let me = me.map(|me| me.to_string());
        query.push_values(rows, |mut values, row| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(&row.fingerprint[..])
                .push_bind(&row.partner)
                .push_bind(row.created.as_millisecond())
                .push_bind(row.deadline.as_millisecond())
                .push_bind(&row.request.0)
                .push_bind(row.status)
                .push_bind(i64::from(row.dictionary))
                .push_bind(me.as_deref());
        });
        query.push(" ON CONFLICT DO NOTHING RETURNING account, request_id");
        let inserted: Vec<(String, String)> = query.build_query_as().fetch_all(connection).await?;
        outcome.inserted = inserted.into_iter().collect();
        Ok(())
    }

    async fn upsert_conversations(
        &self,
        connection: &mut Connection<'_>,
        now: i64,
    ) -> Result<(), StoreError> {
        let rows: Vec<&ConversationRow> = self
            .entries
            .iter()
            .filter_map(|entry| match entry {
                Entry::Conversation(row, _) => Some(&**row),
                Entry::Sale(change, _) => change.conversation.as_ref(),
                _ => None,
            })
            .collect();
        let mut rows = last_conversations(rows);
        rows.sort_by_key(|row| conversation_key(row));
        if rows.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO conversation (account, request_id, insurer, operation, offer_id, run, asked, creating, \
             point, verdict, message, updated_ms) ",
        );
        query.push_values(rows, |mut values, row| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(row.insurer.as_ref())
                .push_bind(row.operation)
                .push_bind(row.offer_id.as_ref())
                .push_bind(row.run)
                .push_bind(i64::from(row.asked))
                .push_bind(i64::from(row.creating))
                .push_bind(row.point.as_ref().map(|sealed| &sealed.0))
                .push_bind(row.verdict.map(i64::from))
                .push_bind(row.message.as_ref().map(|sealed| &sealed.0))
                .push_bind(now);
        });
        query.push(
            " ON CONFLICT (account, request_id, insurer, operation, offer_id) DO UPDATE SET \
             run = excluded.run, asked = excluded.asked, creating = excluded.creating, point = excluded.point, \
             verdict = CASE WHEN excluded.run > conversation.run THEN excluded.verdict \
                 ELSE COALESCE(excluded.verdict, conversation.verdict) END, \
             message = CASE WHEN excluded.run > conversation.run THEN excluded.message \
                 ELSE COALESCE(excluded.message, conversation.message) END, \
             updated_ms = excluded.updated_ms WHERE excluded.run >= conversation.run",
        );
        query.build().execute(connection).await?;
        Ok(())
    }

    async fn upsert_offers(&self, connection: &mut Connection<'_>, now: i64) -> Result<(), StoreError> {
        let rows = self.entries.iter().flat_map(|entry| match entry {
            Entry::Offer(row) => std::slice::from_ref(&**row),
            Entry::Sale(change, _) => &change.offers[..],
            _ => &[],
        });
        let key = |row: &OfferRow| (row.account.clone(), row.request_id, row.offer_id.clone());
        let mut rows = last_of_each(rows, key);
        rows.sort_by_key(|row| key(row));
        if rows.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "INSERT INTO offer (account, request_id, offer_id, insurer, identity, status, body, message, sale, \
             expires_ms, position, updated_ms) ",
        );
        query.push_values(rows, |mut values, row| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(&row.offer_id)
                .push_bind(row.insurer.as_ref())
                .push_bind(&row.identity)
                .push_bind(row.status)
                .push_bind(row.body.as_ref().map(|sealed| &sealed.0))
                .push_bind(row.message.as_ref().map(|sealed| &sealed.0))
                .push_bind(row.sale.as_ref().map(|sealed| &sealed.0))
                .push_bind(row.expires.map(|expires| expires.as_millisecond()))
                .push_bind(row.position)
                .push_bind(now);
        });
        query.push(
            " ON CONFLICT (account, request_id, offer_id) DO UPDATE SET identity = excluded.identity, \
             status = excluded.status, body = excluded.body, message = excluded.message, sale = excluded.sale, \
             expires_ms = excluded.expires_ms, updated_ms = excluded.updated_ms",
        );
        query.build().execute(connection).await?;
        Ok(())
    }

    async fn update_finished(&self, connection: &mut Connection<'_>) -> Result<(), StoreError> {
        let rows = self.entries.iter().filter_map(|entry| match entry {
            Entry::Finished(row, _) => Some(&**row),
            _ => None,
        });
        let key = |row: &FinishedRow| (row.account.clone(), row.request_id);
        let mut rows = last_of_each(rows, key);
        rows.sort_by_key(|row| key(row));
        if rows.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::new(
            "UPDATE calculation SET status = v.column3, finished_ms = v.column4, timeline = v.column5 FROM (",
        );
        query.push_values(rows, |mut values, row| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(row.status)
                .push_bind(row.finished.as_millisecond())
                .push_bind(&row.timeline);
        });
        query.push(") AS v WHERE calculation.account = v.column1 AND calculation.request_id = v.column2");
        query.build().execute(connection).await?;
        Ok(())
    }

    // Whoever waited may have given up: then there is nobody to tell.

    /// Tells whoever waited that it is durable, and whether the store was left, where that was asked for.
    pub(super) fn tell(self, mut outcome: Outcome, left: &Result<(), StoreError>) {
        for entry in self.entries {
            match entry {
                Entry::Calculation(row, done) => {
                    // Of several with one id in this batch, the first was the one that was written.
                    let key = (row.account.to_string(), row.request_id.to_string());
                    let new = outcome.inserted.remove(&key);
                    let _ = done.send(Ok(if new { Inserted::New } else { Inserted::Existed }));
                }
                Entry::InsurerCall(_, done) => {
                    let _ = done.send(outcome.calls.pop_front().ok_or(StoreError::Closed));
                }
                Entry::DayCount(_, done) => {
                    let _ = done.send(outcome.days.pop_front().ok_or(StoreError::Closed));
                }
                Entry::Tuning(_, done) => {
                    let _ = done.send(outcome.tunings.pop_front().ok_or(StoreError::Closed));
                }
                Entry::Claim { done, .. } => {
                    let _ = done.send(outcome.owners.pop_front().ok_or(StoreError::Closed));
                }
                Entry::Release(done) => {
                    let _ = done.send(left.clone());
                }
                Entry::Conversation(_, None) | Entry::Offer(_) | Entry::CallTaken { .. } => {}
                Entry::Conversation(_, Some(done))
                | Entry::Specs(_, done)
                | Entry::ForgetCalls { done, .. }
                | Entry::ForgetSpecs { done, .. }
                | Entry::ForgetReplicas { done, .. }
                | Entry::Said(_, done)
                | Entry::Finished(_, done)
                | Entry::Sale(_, done)
                | Entry::Attempts(_, done)
                | Entry::Dictionary(_, done)
                | Entry::Repeat(_, done)
                | Entry::Flush(done) => {
                    let _ = done.send(Ok(()));
                }
                Entry::Expire { done, .. } | Entry::Forget { done, .. } => {
                    let _ = done.send(Ok(outcome.forgotten));
                }
            }
        }
    }

    /// Tells whoever waited that nothing of it will ever be written by this replica.
    pub(super) fn give_up(self, error: &StoreError) {
        for entry in self.refuse(error) {
            match entry {
                Entry::Said(_, done)
                | Entry::Finished(_, done)
                | Entry::Sale(_, done)
                | Entry::Attempts(_, done)
                | Entry::Release(done) => {
                    let _ = done.send(Err(error.clone()));
                }
                _ => {}
            }
        }
    }

    /// Tells whoever waited, and gives back what is to be tried again, in its order.
    pub(super) fn refuse(self, error: &StoreError) -> Vec<Entry> {
        let mut again = Vec::new();
        for entry in self.entries {
            match entry {
                Entry::Calculation(_, done) | Entry::InsurerCall(_, done) | Entry::Tuning(_, done) => {
                    let _ = done.send(Err(error.clone()));
                }
                Entry::Conversation(_, Some(done))
                | Entry::Dictionary(_, done)
                | Entry::Repeat(_, done)
                | Entry::Specs(_, done)
                | Entry::ForgetCalls { done, .. }
                | Entry::ForgetSpecs { done, .. }
                | Entry::ForgetReplicas { done, .. }
                | Entry::Flush(done) => {
                    let _ = done.send(Err(error.clone()));
                }
                Entry::Claim { done, .. } => {
                    let _ = done.send(Err(error.clone()));
                }
                Entry::Expire { done, .. } | Entry::Forget { done, .. } => {
                    let _ = done.send(Err(error.clone()));
                }
                Entry::DayCount(_, done) => {
                    let _ = done.send(Err(error.clone()));
                }
                Entry::Conversation(_, None)
                | Entry::Offer(_)
                | Entry::CallTaken { .. }
                | Entry::Release(_)
                | Entry::Said(..)
                | Entry::Finished(..)
                | Entry::Sale(..)
                | Entry::Attempts(..) => again.push(entry),
            }
        }
        again
    }
}

/// What was said of a calculation before its end. Its end has the last word.
async fn say(connection: &mut Connection<'_>, row: &SaidRow) -> Result<(), StoreError> {
    let sql =
        "UPDATE calculation SET status = $1 WHERE account = $2 AND request_id = $3 AND finished_ms IS NULL";
    query(sql)
        .bind(row.status)
        .bind(row.account.as_ref())
        .bind(row.request_id.to_string())
        .execute(connection)
        .await?;
    Ok(())
}

/// The last row of each conversation; a verdict is not taken back by a state of the same run that comes
/// late.
fn last_conversations(rows: Vec<&ConversationRow>) -> Vec<&ConversationRow> {
    let ended: HashSet<_> =
        rows.iter().filter(|row| row.verdict.is_some()).map(|row| (conversation_key(row), row.run)).collect();
    let counts =
        |row: &&ConversationRow| row.verdict.is_some() || !ended.contains(&(conversation_key(row), row.run));
    last_of_each(rows.into_iter().filter(counts), conversation_key)
}

type ConversationKey = (Arc<str>, uuid::Uuid, Arc<str>, &'static str, Arc<str>);

fn conversation_key(row: &ConversationRow) -> ConversationKey {
    (row.account.clone(), row.request_id, row.insurer.clone(), row.operation, row.offer_id.clone())
}

/// The last row of each key, in the order of the keys' first rows.
pub(super) fn last_of_each<'r, R, K: std::hash::Hash + Eq>(
    rows: impl Iterator<Item = &'r R>,
    key: impl Fn(&R) -> K,
) -> Vec<&'r R> {
    let mut place: HashMap<K, usize> = HashMap::new();
    let mut last: Vec<&R> = Vec::new();
    for row in rows {
        let at = *place.entry(key(row)).or_insert(last.len());
        if at == last.len() {
            last.push(row);
        } else {
            last[at] = row;
        }
    }
    last
}

/// Drops what is older, a portion at a time so that other writes are not held up. A sale that is not over
/// yet stays; so do the confirmations of sales, which hold nothing personal.
async fn forget(connection: &mut Connection<'_>, before_ms: i64) -> Result<u64, StoreError> {
    let old: Vec<(String, String)> = query_as(
        "SELECT account, request_id FROM calculation c \
         WHERE created_ms < $1 AND finished_ms IS NOT NULL AND NOT EXISTS (\
             SELECT 1 FROM offer o WHERE o.account = c.account AND o.request_id = c.request_id \
             AND o.status IN ('PAYMENT_READY', 'PAYMENT_CANCELLED', 'PAYMENT_COMPLETED')) LIMIT 500",
    )
    .bind(before_ms)
    .fetch_all(&mut *connection)
    .await?;
    if old.is_empty() {
        return Ok(0);
    }
    for all_of in [
        "DELETE FROM document WHERE (account, request_id) IN (",
        "DELETE FROM payment WHERE (account, request_id) IN (",
        "DELETE FROM offer WHERE (account, request_id) IN (",
        "DELETE FROM conversation WHERE (account, request_id) IN (",
        "DELETE FROM calculation WHERE (account, request_id) IN (",
    ] {
        let mut query = QueryBuilder::new(all_of);
        query.push_values(&old, |mut values, (account, request_id)| {
            values.push_bind(account).push_bind(request_id);
        });
        query.push(")");
        query.build().execute(connection).await?;
    }
    Ok(old.len() as u64)
}

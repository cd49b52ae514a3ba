//! What is committed together: one transaction, one statement a table.
//!
//! Rows of one conversation that come twice are written once, the last one; a verdict is not taken back by a
//! state that comes late.

use std::{
    collections::{HashMap, HashSet},
    sync::Arc,
};

use sqlx::{QueryBuilder, Sqlite, SqliteConnection, SqlitePool};

use super::{
    CalculationRow, ConversationRow, FinishedRow, Inserted, OfferRow, StoreError,
    writer::{Done, Entry},
};
use crate::telemetry;

/// What is committed together, by table. Rows keep their order, which a refused batch needs.
#[derive(Default)]
pub(super) struct Batch {
    calculations: Vec<(CalculationRow, Done<Inserted>)>,
    conversations: Vec<(ConversationRow, Option<Done<()>>)>,
    offers: Vec<OfferRow>,
    finished: Vec<(FinishedRow, Done<()>)>,
    forget: Vec<(i64, Done<u64>)>,
    flushes: Vec<Done<()>>,
}

/// What a commit did.
#[derive(Default)]
pub(super) struct Outcome {
    inserted: HashSet<(String, String)>,
    forgotten: u64,
}

// === impl Batch ===

impl Batch {
    /// Adds one entry.
    pub(super) fn add(&mut self, entry: Entry) {
        match entry {
            Entry::Calculation(row, done) => self.calculations.push((*row, done)),
            Entry::Conversation(row, done) => self.conversations.push((*row, done)),
            Entry::Offer(row) => self.offers.push(*row),
            Entry::Finished(row, done) => self.finished.push((*row, done)),
            Entry::Forget { before_ms, done } => self.forget.push((before_ms, done)),
            Entry::Flush(done) => self.flushes.push(done),
        }
    }

    /// Writes all of it in one transaction.
    pub(super) async fn commit(&self, pool: &SqlitePool) -> Result<Outcome, StoreError> {
        let mut outcome = Outcome::default();
        if self.is_empty() {
            return Ok(outcome);
        }
        let mut transaction = pool.begin_with("BEGIN IMMEDIATE").await?;
        let now = telemetry::now().as_millisecond();
        self.insert_calculations(&mut transaction, &mut outcome).await?;
        self.upsert_conversations(&mut transaction, now).await?;
        self.upsert_offers(&mut transaction, now).await?;
        self.update_finished(&mut transaction).await?;
        for (before_ms, _) in &self.forget {
            outcome.forgotten += forget(&mut transaction, *before_ms).await?;
        }
        transaction.commit().await?;
        Ok(outcome)
    }

    async fn insert_calculations(
        &self,
        connection: &mut SqliteConnection,
        outcome: &mut Outcome,
    ) -> Result<(), StoreError> {
        if self.calculations.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO calculation (account, request_id, fingerprint, partner, created_ms, deadline_ms, \
             request, status) ",
        );
        query.push_values(&self.calculations, |mut values, (row, _)| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(&row.fingerprint[..])
                .push_bind(&row.partner)
                .push_bind(row.created.as_millisecond())
                .push_bind(row.deadline.as_millisecond())
                .push_bind(&row.request.0)
                .push_bind(row.status);
        });
        query.push(" ON CONFLICT DO NOTHING RETURNING account, request_id");
        let inserted: Vec<(String, String)> = query.build_query_as().fetch_all(connection).await?;
        outcome.inserted = inserted.into_iter().collect();
        Ok(())
    }

    async fn upsert_conversations(
        &self,
        connection: &mut SqliteConnection,
        now: i64,
    ) -> Result<(), StoreError> {
        let rows = last_conversations(&self.conversations);
        if rows.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO conversation (account, request_id, insurer, operation, asked, creating, point, \
             verdict, message, updated_ms) ",
        );
        query.push_values(rows, |mut values, row| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(row.insurer.as_ref())
                .push_bind(row.operation)
                .push_bind(i64::from(row.asked))
                .push_bind(i64::from(row.creating))
                .push_bind(row.point.as_ref().map(|sealed| &sealed.0))
                .push_bind(row.verdict.map(i64::from))
                .push_bind(row.message.as_ref().map(|sealed| &sealed.0))
                .push_bind(now);
        });
        query.push(
            " ON CONFLICT (account, request_id, insurer, operation) DO UPDATE SET asked = excluded.asked, \
             creating = excluded.creating, point = excluded.point, \
             verdict = COALESCE(excluded.verdict, conversation.verdict), \
             message = COALESCE(excluded.message, conversation.message), updated_ms = excluded.updated_ms",
        );
        query.build().execute(connection).await?;
        Ok(())
    }

    async fn upsert_offers(&self, connection: &mut SqliteConnection, now: i64) -> Result<(), StoreError> {
        let key = |row: &OfferRow| (row.account.clone(), row.request_id, row.offer_id.clone());
        let rows = last_of_each(self.offers.iter(), key);
        if rows.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "INSERT INTO offer (account, request_id, offer_id, insurer, status, body, message, position, \
             updated_ms) ",
        );
        query.push_values(rows, |mut values, row| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(&row.offer_id)
                .push_bind(row.insurer.as_ref())
                .push_bind(row.status)
                .push_bind(row.body.as_ref().map(|sealed| &sealed.0))
                .push_bind(row.message.as_ref().map(|sealed| &sealed.0))
                .push_bind(row.position)
                .push_bind(now);
        });
        query.push(
            " ON CONFLICT (account, request_id, offer_id) DO UPDATE SET status = excluded.status, \
             body = excluded.body, message = excluded.message, updated_ms = excluded.updated_ms",
        );
        query.build().execute(connection).await?;
        Ok(())
    }

    async fn update_finished(&self, connection: &mut SqliteConnection) -> Result<(), StoreError> {
        if self.finished.is_empty() {
            return Ok(());
        }
        let mut query = QueryBuilder::<Sqlite>::new(
            "UPDATE calculation SET status = v.column3, finished_ms = v.column4, answer = v.column5, \
             timeline = v.column6 FROM (",
        );
        query.push_values(&self.finished, |mut values, (row, _)| {
            values
                .push_bind(row.account.as_ref())
                .push_bind(row.request_id.to_string())
                .push_bind(row.status)
                .push_bind(row.finished.as_millisecond())
                .push_bind(&row.answer.0)
                .push_bind(&row.timeline);
        });
        query.push(") AS v WHERE calculation.account = v.column1 AND calculation.request_id = v.column2");
        query.build().execute(connection).await?;
        Ok(())
    }

    fn is_empty(&self) -> bool {
        self.calculations.is_empty()
            && self.conversations.is_empty()
            && self.offers.is_empty()
            && self.finished.is_empty()
            && self.forget.is_empty()
    }

    // Whoever waited may have given up: then there is nobody to tell.

    /// Tells whoever waited that it is durable.
    pub(super) fn tell(self, mut outcome: Outcome) {
        for (row, done) in self.calculations {
            // Of several with one id in this batch, the first was the one that was written.
            let key = (row.account.to_string(), row.request_id.to_string());
            let inserted = if outcome.inserted.remove(&key) { Inserted::New } else { Inserted::Existed };
            let _ = done.send(Ok(inserted));
        }
        let waited = self.conversations.into_iter().filter_map(|(_, done)| done);
        for done in waited.chain(self.finished.into_iter().map(|(_, done)| done)).chain(self.flushes) {
            let _ = done.send(Ok(()));
        }
        for (_, done) in self.forget {
            let _ = done.send(Ok(outcome.forgotten));
        }
    }

    /// Tells whoever waited, and gives back what is to be tried again, in its order.
    pub(super) fn refuse(self, error: &StoreError) -> Vec<Entry> {
        for (_, done) in self.calculations {
            let _ = done.send(Err(error.clone()));
        }
        for (_, done) in self.forget {
            let _ = done.send(Err(error.clone()));
        }
        for done in self.flushes {
            let _ = done.send(Err(error.clone()));
        }
        let mut again = Vec::new();
        for (row, done) in self.conversations {
            match done {
                Some(done) => {
                    let _ = done.send(Err(error.clone()));
                }
                None => again.push(Entry::Conversation(Box::new(row), None)),
            }
        }
        again.extend(self.offers.into_iter().map(|row| Entry::Offer(Box::new(row))));
        again.extend(self.finished.into_iter().map(|(row, done)| Entry::Finished(Box::new(row), done)));
        again
    }
}

/// The last row of each conversation; a verdict is not taken back by a state that comes late.
fn last_conversations(rows: &[(ConversationRow, Option<Done<()>>)]) -> Vec<&ConversationRow> {
    let ended: HashSet<_> =
        rows.iter().filter(|(row, _)| row.verdict.is_some()).map(|(row, _)| conversation_key(row)).collect();
    let counts = |row: &&ConversationRow| row.verdict.is_some() || !ended.contains(&conversation_key(row));
    let rows: Vec<&ConversationRow> = rows.iter().map(|(row, _)| row).filter(counts).collect();
    last_of_each(rows.into_iter(), conversation_key)
}

fn conversation_key(row: &ConversationRow) -> (Arc<str>, uuid::Uuid, Arc<str>, &'static str) {
    (row.account.clone(), row.request_id, row.insurer.clone(), row.operation)
}

/// The last row of each key, in the order of the keys' first rows.
fn last_of_each<'r, R, K: std::hash::Hash + Eq>(
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

/// Drops what is older, a portion at a time so that other writes are not held up.
async fn forget(connection: &mut SqliteConnection, before_ms: i64) -> Result<u64, StoreError> {
    let old: Vec<(String, String)> = sqlx::query_as(
        "SELECT account, request_id FROM calculation \
         WHERE created_ms < $1 AND finished_ms IS NOT NULL LIMIT 500",
    )
    .bind(before_ms)
    .fetch_all(&mut *connection)
    .await?;
    for (account, request_id) in &old {
        for table in ["offer", "conversation", "calculation"] {
            let sql = format!("DELETE FROM {table} WHERE account = $1 AND request_id = $2");
            sqlx::query(sqlx::AssertSqlSafe(sql))
                .bind(account)
                .bind(request_id)
                .execute(&mut *connection)
                .await?;
        }
    }
    Ok(old.len() as u64)
}

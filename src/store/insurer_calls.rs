//! Insurers' own calls: written down before they are answered, and kept until a conversation has them behind it.
//!
//! A call that is dealt with stays as an empty mark until its age, so that the same call is not taken in again.

use jiff::Timestamp;

use super::{
    Inserted, Sealed, Store, StoreError,
    sql::{Connection, query, query_as},
    writer::Entry,
};

/// A call that an insurer made by itself.
#[derive(Clone)]
pub struct InsurerCallRow {
    /// The account's name in the configuration.
    pub insurer: String,
    /// What it is about.
    pub correlation: String,
    /// SHA-256 of its body.
    pub digest: [u8; 32],
    /// The call.
    pub call: Sealed,
    /// When it came.
    pub received: Timestamp,
}

/// What it is about may be a name or a number of somebody's.
impl std::fmt::Debug for InsurerCallRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "InsurerCallRow(of {} at {})", self.insurer, self.received)
    }
}

impl Store {
    /// Writes a call down, unless it is there; returns when it is durable.
    pub async fn keep_insurer_call(&self, row: InsurerCallRow) -> Result<Inserted, StoreError> {
        self.ask(|done| Entry::InsurerCall(Box::new(row), done)).await?
    }

    /// Writes down, in order, that a conversation has that call behind it.
    pub fn note_call_taken(
        &self,
        insurer: String,
        correlation: String,
        digest: [u8; 32],
    ) -> Result<(), StoreError> {
        self.send(Entry::CallTaken { insurer, correlation, digest })
    }

    /// Drops every call that came before `before`, dealt with or not.
    pub async fn forget_insurer_calls(&self, before: Timestamp) -> Result<(), StoreError> {
        let before_ms = before.as_millisecond();
        self.ask(|done| Entry::ForgetCalls { before_ms, done }).await?
    }

    /// At most `most` calls about `correlation` that nobody has behind him: the last ones, in the order in which they
    /// came.
    pub async fn insurer_calls_about(
        &self,
        insurer: &str,
        correlation: &str,
        most: u32,
    ) -> Result<Vec<InsurerCallRow>, StoreError> {
        let arrival = self.reader().arrival();
        let sql = format!(
            "SELECT {COLUMNS} FROM insurer_call WHERE insurer = $1 AND correlation = $2 AND taken = 0 \
             ORDER BY received_ms DESC, {arrival} DESC LIMIT $3"
        );
        let asked = query_as(sqlx::AssertSqlSafe(sql)).bind(insurer).bind(correlation).bind(i64::from(most));
        let mut found = rows(asked.fetch_all(self.reader()).await?);
        found.reverse();
        Ok(found)
    }

    /// All calls that nobody has behind him and that came after `since`, in the order in which they came.
    pub async fn insurer_calls_since(&self, since: Timestamp) -> Result<Vec<InsurerCallRow>, StoreError> {
        let sql = format!(
            "SELECT {COLUMNS} FROM insurer_call WHERE received_ms > $1 AND taken = 0 ORDER BY received_ms, {}",
            self.reader().arrival()
        );
        let asked = query_as(sqlx::AssertSqlSafe(sql)).bind(since.as_millisecond());
        Ok(rows(asked.fetch_all(self.reader()).await?))
    }
}

type Columns = (String, String, Vec<u8>, Vec<u8>, i64);

const COLUMNS: &str = "insurer, correlation, digest, call, received_ms";

fn rows(rows: Vec<Columns>) -> Vec<InsurerCallRow> {
    let row = |(insurer, correlation, digest, call, received): Columns| {
        Some(InsurerCallRow {
            insurer,
            correlation,
            digest: digest.try_into().ok()?,
            call: Sealed(call),
            received: Timestamp::from_millisecond(received).ok()?,
        })
    };
    rows.into_iter().filter_map(row).collect()
}

pub(super) async fn insert(
    connection: &mut Connection<'_>,
    row: &InsurerCallRow,
) -> Result<Inserted, StoreError> {
    let written = query(
        "INSERT INTO insurer_call (insurer, correlation, digest, call, received_ms, taken) \
         VALUES ($1, $2, $3, $4, $5, 0) ON CONFLICT DO NOTHING",
    )
    .bind(&row.insurer)
    .bind(&row.correlation)
    .bind(&row.digest[..])
    .bind(&row.call.0)
    .bind(row.received.as_millisecond())
    .execute(connection)
    .await?;
    Ok(if written.rows_affected() > 0 { Inserted::New } else { Inserted::Existed })
}

pub(super) async fn taken(
    connection: &mut Connection<'_>,
    insurer: &str,
    correlation: &str,
    digest: &[u8; 32],
) -> Result<(), StoreError> {
    query(
        "UPDATE insurer_call SET taken = 1, call = $4 WHERE insurer = $1 AND correlation = $2 AND digest = $3",
    )
    .bind(insurer)
    .bind(correlation)
    .bind(&digest[..])
    .bind(&[][..])
    .execute(connection)
    .await?;
    Ok(())
}

pub(super) async fn forget(connection: &mut Connection<'_>, before_ms: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM insurer_call WHERE received_ms < $1";
    query(sql).bind(before_ms).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::store::trial::{Place, on_both_engines};

    on_both_engines![a_call_is_taken_in_once_and_forgotten_with_its_age];

    fn row(store: &Store, digest: u8, second: i64) -> InsurerCallRow {
        InsurerCallRow {
            insurer: "vsk".into(),
            correlation: "c-1".into(),
            digest: [digest; 32],
            call: store.sealer.seal(&[digest]),
            received: Timestamp::from_second(second).unwrap(),
        }
    }

    async fn kept(store: &Store) -> Vec<u8> {
        let rows = store.insurer_calls_about("vsk", "c-1", 9).await.unwrap();
        assert!(store.insurer_calls_about("vsk", "c-2", 9).await.unwrap().is_empty());
        rows.iter().map(|row| store.sealer.open(&row.call).unwrap()[0]).collect()
    }

    async fn a_call_is_taken_in_once_and_forgotten_with_its_age(place: Place) {
        let store = place.open().await;
        for (digest, second, expected) in
            [(2, 10, Inserted::New), (1, 20, Inserted::New), (2, 30, Inserted::Existed)]
        {
            let row = row(&store, digest, second);
            assert_eq!(store.keep_insurer_call(row).await.unwrap(), expected);
        }
        assert_eq!(kept(&store).await, [2, 1], "in the order in which they came");
        let last = store.insurer_calls_about("vsk", "c-1", 1).await.unwrap();
        assert_eq!(last.iter().map(|row| row.digest[0]).collect::<Vec<_>>(), [1]);
        let since = store.insurer_calls_since(Timestamp::from_second(10).unwrap()).await.unwrap();
        assert_eq!(since.iter().map(|row| row.digest[0]).collect::<Vec<_>>(), [1]);
        store.note_call_taken("vsk".into(), "c-1".into(), [2; 32]).unwrap();
        store.flush().await.unwrap();
        assert_eq!(kept(&store).await, [1]);
        let again = store.keep_insurer_call(row(&store, 2, 40)).await.unwrap();
        assert_eq!((again, kept(&store).await), (Inserted::Existed, vec![1]), "it was dealt with");
        store.forget_insurer_calls(Timestamp::from_second(15).unwrap()).await.unwrap();
        assert_eq!(store.keep_insurer_call(row(&store, 2, 50)).await.unwrap(), Inserted::New);
        store.forget_insurer_calls(Timestamp::from_second(60).unwrap()).await.unwrap();
        assert!(kept(&store).await.is_empty());
    }
}

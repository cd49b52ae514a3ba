//! What the store knows of calculations.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;

use super::{
    ConversationRow, Sealed, Store, StoreError, StoredCalculation, StoredOffer, StoredTimeline, sql::query_as,
};

type CalculationColumns = (String, String, Vec<u8>, i64, i64, Vec<u8>, String, Option<i64>);

const CALCULATION_COLUMNS: &str =
    "account, request_id, fingerprint, created_ms, deadline_ms, request, status, finished_ms";

impl Store {
    /// One calculation.
    pub async fn calculation(
        &self,
        account: &str,
        request_id: Uuid,
    ) -> Result<Option<StoredCalculation>, StoreError> {
        let sql =
            format!("SELECT {CALCULATION_COLUMNS} FROM calculation WHERE account = $1 AND request_id = $2");
        let row: Option<CalculationColumns> = query_as(sqlx::AssertSqlSafe(sql))
            .bind(account)
            .bind(request_id.to_string())
            .fetch_optional(self.reader())
            .await?;
        row.map(stored).transpose()
    }

    /// One calculation's timeline, whoever's it is: for operators.
    pub async fn timelines(&self, request_id: Uuid) -> Result<Vec<StoredTimeline>, StoreError> {
        let sql = "SELECT account, timeline, dictionary FROM calculation WHERE request_id = $1";
        let rows: Vec<(String, Option<Vec<u8>>, Option<i64>)> =
            query_as(sql).bind(request_id.to_string()).fetch_all(self.reader()).await?;
        let row = |(account, timeline, dictionary)| StoredTimeline { account, timeline, dictionary };
        Ok(rows.into_iter().map(row).collect())
    }

    /// Every calculation of this replica's that is not finished, oldest first.
    pub async fn unfinished(&self) -> Result<Vec<StoredCalculation>, StoreError> {
        let sql = format!(
            "SELECT {CALCULATION_COLUMNS} FROM calculation \
             WHERE finished_ms IS NULL AND ($1 IS NULL OR owner = $1) ORDER BY created_ms"
        );
        let me = self.cluster().me().map(|me| me.to_string());
        let rows: Vec<CalculationColumns> =
            query_as(sqlx::AssertSqlSafe(sql)).bind(me.as_deref()).fetch_all(self.reader()).await?;
        let readable = |columns: CalculationColumns| {
            stored(columns).inspect_err(|error| tracing::error!(%error, "a calculation is left alone")).ok()
        };
        Ok(rows.into_iter().filter_map(readable).collect())
    }

    /// The conversations of a calculation about one operation.
    pub async fn conversations(
        &self,
        account: &Arc<str>,
        request_id: Uuid,
        operation: &'static str,
    ) -> Result<Vec<ConversationRow>, StoreError> {
        type Columns = (String, String, i64, i64, i64, Option<Vec<u8>>, Option<i64>, Option<Vec<u8>>);
        let rows: Vec<Columns> = query_as(
            "SELECT insurer, offer_id, run, asked, creating, point, verdict, message FROM conversation \
             WHERE account = $1 AND request_id = $2 AND operation = $3",
        )
        .bind(account.as_ref())
        .bind(request_id.to_string())
        .bind(operation)
        .fetch_all(self.reader())
        .await?;
        let row =
            |(insurer, offer_id, run, asked, creating, point, verdict, message): Columns| ConversationRow {
                account: account.clone(),
                request_id,
                insurer: insurer.into(),
                operation,
                offer_id: offer_id.into(),
                run,
                asked: asked != 0,
                creating: creating != 0,
                point: point.map(Sealed),
                verdict: verdict.and_then(|verdict| u16::try_from(verdict).ok()),
                message: message.map(Sealed),
            };
        Ok(rows.into_iter().map(row).collect())
    }

    /// The offers of a calculation, in the order of their arrival.
    pub async fn offers(&self, account: &str, request_id: Uuid) -> Result<Vec<StoredOffer>, StoreError> {
        type Columns = (
            String,
            String,
            Option<String>,
            String,
            Option<Vec<u8>>,
            Option<Vec<u8>>,
            Option<Vec<u8>>,
            Option<i64>,
        );
        let rows: Vec<Columns> = query_as(
            "SELECT offer_id, insurer, identity, status, body, message, sale, expires_ms FROM offer \
             WHERE account = $1 AND request_id = $2 ORDER BY position",
        )
        .bind(account)
        .bind(request_id.to_string())
        .fetch_all(self.reader())
        .await?;
        let row =
            |(offer_id, insurer, identity, status, body, message, sale, expires): Columns| StoredOffer {
                offer_id,
                insurer,
                identity,
                status,
                body: body.map(Sealed),
                message: message.map(Sealed),
                sale: sale.map(Sealed),
                expires: expires.and_then(|ms| Timestamp::from_millisecond(ms).ok()),
            };
        Ok(rows.into_iter().map(row).collect())
    }
}

fn stored(columns: CalculationColumns) -> Result<StoredCalculation, StoreError> {
    let (account, request_id, fingerprint, created, deadline, request, status, finished) = columns;
    let broken = |what: &str| StoreError::Database(format!("a calculation's {what} is not readable"));
    let time = |ms: i64| Timestamp::from_millisecond(ms).map_err(|_| broken("time"));
    Ok(StoredCalculation {
        account: account.into(),
        request_id: request_id.parse().map_err(|_| broken("id"))?,
        fingerprint: fingerprint.try_into().map_err(|_| broken("fingerprint"))?,
        created: time(created)?,
        deadline: time(deadline)?,
        request: Sealed(request),
        status,
        finished: finished.map(time).transpose()?,
    })
}

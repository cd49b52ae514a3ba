//! What the store knows of sales.

use std::sync::Arc;

use jiff::Timestamp;
use uuid::Uuid;
use veer_contract::domain::Document;

use super::{
    ConfirmationState, DocumentKind, NewConfirmation, OfferKey, SaleConfirmation, Sealed, Store, StoreError,
    sql::query_as,
};
use crate::telemetry;

/// How many sales of one account are in one state.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SaleCount {
    /// Whose.
    pub account: Arc<str>,
    /// How far they are.
    pub state: ConfirmationState,
    /// How many.
    pub all: u64,
    /// Those of them that were paid before the time that was asked about.
    pub old: u64,
}

type ConfirmationColumns =
    (String, String, String, String, i64, i64, i64, i64, String, i64, i64, Option<i64>, Option<String>);

const CONFIRMATION_COLUMNS: &str = "account, request_id, offer_id, insurer, counterparty_id, amount_kopecks, \
     is_upsaled, paid_ms, state, attempts, next_ms, confirmed_ms, problem";

/// The links of offers that ended so long before are asked after by whoever takes them up.
const LATE_PAYMENTS: jiff::SignedDuration = jiff::SignedDuration::from_hours(24);

/// The calculations that have sales under way; `$1` is [`late_payments`].
pub(super) const OPEN_SALES: &str = "SELECT account, request_id FROM offer \
     WHERE status IN ('PAYMENT_READY', 'PAYMENT_CANCELLED', 'PAYMENT_COMPLETED') \
     UNION SELECT account, request_id FROM conversation WHERE verdict IS NULL AND offer_id <> '' \
     UNION SELECT p.account, p.request_id FROM payment p JOIN offer o \
         ON o.account = p.account AND o.request_id = p.request_id AND o.offer_id = p.offer_id \
         WHERE o.status IN ('CLOSED_TIMEOUT', 'CLOSED_OTHER_OFFER') AND o.updated_ms > $1";

/// Who paid for an offer that ended since then is still waited for.
pub fn late_payments() -> Timestamp {
    telemetry::now().saturating_sub(LATE_PAYMENTS).unwrap_or(Timestamp::MIN)
}

impl Store {
    /// A file about an offer.
    pub async fn document(&self, offer_id: &str, kind: DocumentKind) -> Result<Option<Document>, StoreError> {
        let sql = "SELECT content_type, bytes FROM document WHERE offer_id = $1 AND kind = $2";
        let row: Option<(String, Vec<u8>)> =
            query_as(sql).bind(offer_id).bind(kind.name()).fetch_optional(self.reader()).await?;
        row.map(|(content_type, bytes)| {
            let bytes = self.sealer.open(&Sealed(bytes))?.to_vec();
            Ok(Document { content_type, bytes })
        })
        .transpose()
    }

    /// The offers that an insurer's own call with that correlation is about.
    pub async fn offers_by_payment(
        &self,
        insurer: &str,
        correlation: &str,
    ) -> Result<Vec<OfferKey>, StoreError> {
        let sql = "SELECT account, request_id, offer_id FROM payment WHERE insurer = $1 AND correlation = $2";
        let rows: Vec<(String, String, String)> =
            query_as(sql).bind(insurer).bind(correlation).fetch_all(self.reader()).await?;
        rows.into_iter().map(offer_key).collect()
    }

    /// Calculations of this replica's with offers whose payment or policy is waited for, with operations on offers that were
    /// cut off, and with links of offers that ended after `since`: somebody may be paying.
    pub async fn open_sales(&self, since: Timestamp) -> Result<Vec<(Arc<str>, Uuid)>, StoreError> {
        let sql = format!(
            "SELECT account, request_id FROM calculation \
             WHERE (account, request_id) IN ({OPEN_SALES}) AND ($2 IS NULL OR owner = $2)"
        );
        let me = self.cluster().me().map(|me| me.to_string());
        let rows: Vec<(String, String)> = query_as(sqlx::AssertSqlSafe(sql))
            .bind(since.as_millisecond())
            .bind(me.as_deref())
            .fetch_all(self.reader())
            .await?;
        let key = |(account, request_id): (String, String)| {
            let request_id = request_id.parse().map_err(|_| not_readable("request_id"))?;
            Ok((account.into(), request_id))
        };
        rows.into_iter().map(key).collect()
    }

    /// Sales of `account` whose confirmation is due at `now`, the longest overdue first, and after them those
    /// that wait for a time beyond `farthest`: no pause is that long, so the clock was set back meanwhile.
    pub async fn confirmations_due(
        &self,
        account: &str,
        now: Timestamp,
        farthest: Timestamp,
        most: u32,
    ) -> Result<Vec<SaleConfirmation>, StoreError> {
        // Two looks into the index, however many sales wait between them.
        let mut found = self.confirmations_waiting(account, "next_ms <= $2", now, most).await?;
        let room = most.saturating_sub(u32::try_from(found.len()).unwrap_or(most));
        if room > 0 {
            found.extend(self.confirmations_waiting(account, "next_ms > $2", farthest.max(now), room).await?);
        }
        Ok(found)
    }

    async fn confirmations_waiting(
        &self,
        account: &str,
        bound: &'static str,
        time: Timestamp,
        most: u32,
    ) -> Result<Vec<SaleConfirmation>, StoreError> {
        let sql = format!(
            "SELECT {CONFIRMATION_COLUMNS} FROM sale_confirmation \
             WHERE account = $1 AND state = 'waiting' AND {bound} ORDER BY next_ms LIMIT $3"
        );
        let rows: Vec<ConfirmationColumns> = query_as(sqlx::AssertSqlSafe(sql))
            .bind(account)
            .bind(time.as_millisecond())
            .bind(i64::from(most))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(confirmation).collect()
    }

    /// When the next confirmation of a sale of `account` is due, by the time that is written down.
    pub async fn next_confirmation(&self, account: &str) -> Result<Option<Timestamp>, StoreError> {
        let sql = "SELECT MIN(next_ms) FROM sale_confirmation WHERE account = $1 AND state = 'waiting'";
        let (next,): (Option<i64>,) = query_as(sql).bind(account).fetch_one(self.reader()).await?;
        next.map(|ms| Timestamp::from_millisecond(ms).map_err(|_| not_readable("next_ms"))).transpose()
    }

    /// Sales with their confirmations, in that state or in any, the newest first.
    pub async fn confirmations(
        &self,
        state: Option<ConfirmationState>,
        most: u32,
    ) -> Result<Vec<SaleConfirmation>, StoreError> {
        let sql = format!(
            "SELECT {CONFIRMATION_COLUMNS} FROM sale_confirmation \
             WHERE ($1 IS NULL OR state = $1) ORDER BY paid_ms DESC LIMIT $2"
        );
        let rows: Vec<ConfirmationColumns> = query_as(sqlx::AssertSqlSafe(sql))
            .bind(state.map(ConfirmationState::name))
            .bind(i64::from(most))
            .fetch_all(self.reader())
            .await?;
        rows.into_iter().map(confirmation).collect()
    }

    /// The sale of one offer.
    pub async fn confirmation(
        &self,
        request_id: Uuid,
        offer_id: &str,
    ) -> Result<Option<SaleConfirmation>, StoreError> {
        let sql = format!(
            "SELECT {CONFIRMATION_COLUMNS} FROM sale_confirmation WHERE request_id = $1 AND offer_id = $2"
        );
        let row: Option<ConfirmationColumns> = query_as(sqlx::AssertSqlSafe(sql))
            .bind(request_id.to_string())
            .bind(offer_id)
            .fetch_optional(self.reader())
            .await?;
        row.map(confirmation).transpose()
    }

    /// How many sales each account has in each state, and how many of them were paid before `before`.
    /// States without a sale are left out.
    pub async fn confirmations_counted(&self, before: Timestamp) -> Result<Vec<SaleCount>, StoreError> {
        let sql = "SELECT account, state, COUNT(*), SUM(CASE WHEN paid_ms < $1 THEN 1 ELSE 0 END) FROM sale_confirmation \
             GROUP BY state, account";
        let rows: Vec<(String, String, i64, i64)> =
            query_as(sql).bind(before.as_millisecond()).fetch_all(self.reader()).await?;
        let counted = |(account, state, all, old): (String, String, i64, i64)| {
            Ok(SaleCount {
                account: account.into(),
                state: ConfirmationState::parse(&state).ok_or_else(|| not_readable("state"))?,
                all: u64::try_from(all).unwrap_or(0),
                old: u64::try_from(old).unwrap_or(0),
            })
        };
        rows.into_iter().map(counted).collect()
    }
}

fn offer_key((account, request_id, offer_id): (String, String, String)) -> Result<OfferKey, StoreError> {
    let request_id = request_id.parse().map_err(|_| not_readable("request_id"))?;
    Ok(OfferKey { account: account.into(), request_id, offer_id: offer_id.into() })
}

fn confirmation(columns: ConfirmationColumns) -> Result<SaleConfirmation, StoreError> {
    let (
        account,
        request_id,
        offer_id,
        insurer,
        counterparty_id,
        amount_kopecks,
        upsaled,
        paid,
        state,
        attempts,
        next,
        confirmed,
        problem,
    ) = columns;
    let time = |ms: i64| Timestamp::from_millisecond(ms).map_err(|_| not_readable("time"));
    Ok(SaleConfirmation {
        sale: NewConfirmation {
            offer: offer_key((account, request_id, offer_id))?,
            insurer: insurer.into(),
            counterparty_id,
            amount_kopecks,
            is_upsaled: upsaled != 0,
            paid: time(paid)?,
        },
        state: ConfirmationState::parse(&state).ok_or_else(|| not_readable("state"))?,
        attempts,
        next: time(next)?,
        confirmed: confirmed.map(time).transpose()?,
        problem,
    })
}

fn not_readable(what: &str) -> StoreError {
    StoreError::Database(format!("a sale's {what} is not readable"))
}

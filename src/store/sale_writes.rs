//! How a change of a sale is written. Sales are few beside calculations, so a statement a row is enough.

use super::{
    ConfirmationAttempt, ConfirmationState, DocumentRow, NewConfirmation, OfferKey, PaymentRow, SaleChange,
    StoreError,
    sql::{Connection, query},
};

/// Writes what is not an offer or a conversation of `change`; those are written with all others.
pub(super) async fn write(connection: &mut Connection<'_>, change: &SaleChange) -> Result<(), StoreError> {
    if let Some(row) = &change.payment {
        payment(connection, row).await?;
    }
    if let Some(row) = &change.document {
        document(connection, row).await?;
    }
    if let Some(row) = &change.confirmation {
        confirmation(connection, row).await?;
    }
    Ok(())
}

async fn payment(connection: &mut Connection<'_>, row: &PaymentRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO payment (insurer, correlation, account, request_id, offer_id) \
         VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING",
    )
    .bind(row.insurer.as_ref())
    .bind(&row.correlation)
    .bind(row.offer.account.as_ref())
    .bind(row.offer.request_id.to_string())
    .bind(row.offer.offer_id.as_ref())
    .execute(connection)
    .await?;
    Ok(())
}

async fn document(connection: &mut Connection<'_>, row: &DocumentRow) -> Result<(), StoreError> {
    query(
        "INSERT INTO document (offer_id, kind, account, request_id, content_type, bytes, fetched_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (offer_id, kind) DO UPDATE SET \
         content_type = excluded.content_type, bytes = excluded.bytes, fetched_ms = excluded.fetched_ms",
    )
    .bind(row.offer.offer_id.as_ref())
    .bind(row.kind.name())
    .bind(row.offer.account.as_ref())
    .bind(row.offer.request_id.to_string())
    .bind(&row.content_type)
    .bind(&row.bytes.0)
    .bind(row.fetched.as_millisecond())
    .execute(connection)
    .await?;
    Ok(())
}

/// One an offer: whoever writes it again finds it there, and the partner is told once.
async fn confirmation(connection: &mut Connection<'_>, row: &NewConfirmation) -> Result<(), StoreError> {
    query(
        "INSERT INTO sale_confirmation (account, request_id, offer_id, insurer, counterparty_id, \
         amount_kopecks, is_upsaled, paid_ms, state, attempts, next_ms) \
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 0, $8) ON CONFLICT DO NOTHING",
    )
    .bind(row.offer.account.as_ref())
    .bind(row.offer.request_id.to_string())
    .bind(row.offer.offer_id.as_ref())
    .bind(row.insurer.as_ref())
    .bind(row.counterparty_id)
    .bind(row.amount_kopecks)
    .bind(i64::from(row.is_upsaled))
    .bind(row.paid.as_millisecond())
    .bind(ConfirmationState::Waiting.name())
    .execute(connection)
    .await?;
    Ok(())
}

/// Writes down what became of attempts. What the partner has taken stays taken.
pub(super) async fn attempts(
    connection: &mut Connection<'_>,
    attempts: &[ConfirmationAttempt],
) -> Result<(), StoreError> {
    for attempt in attempts {
        query(
            "UPDATE sale_confirmation SET state = $4, attempts = $5, next_ms = $6, confirmed_ms = $7, \
             problem = $8 WHERE account = $1 AND request_id = $2 AND offer_id = $3 AND state <> 'confirmed'",
        )
        .bind(attempt.offer.account.as_ref())
        .bind(attempt.offer.request_id.to_string())
        .bind(attempt.offer.offer_id.as_ref())
        .bind(attempt.state.name())
        .bind(attempt.attempts)
        .bind(attempt.next.as_millisecond())
        .bind(attempt.confirmed.map(|confirmed| confirmed.as_millisecond()))
        .bind(&attempt.problem)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

/// A person wants it sent now.
pub(super) async fn repeat(
    connection: &mut Connection<'_>,
    offer: &OfferKey,
    now_ms: i64,
) -> Result<(), StoreError> {
    query(
        "UPDATE sale_confirmation SET state = 'waiting', next_ms = $4 \
         WHERE account = $1 AND request_id = $2 AND offer_id = $3 AND state <> 'confirmed'",
    )
    .bind(offer.account.as_ref())
    .bind(offer.request_id.to_string())
    .bind(offer.offer_id.as_ref())
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(())
}

/// Closes offers that nobody took in time; how many. Those in payment are closed by whoever watches the
/// payment.
pub(super) async fn expire(
    connection: &mut Connection<'_>,
    before_ms: i64,
    now_ms: i64,
) -> Result<u64, StoreError> {
    let done = query(
        "UPDATE offer SET status = 'CLOSED_TIMEOUT', updated_ms = $2 \
         WHERE (account, request_id, offer_id, day) IN (SELECT account, request_id, offer_id, day FROM offer \
             WHERE status IN ('PRE_CALC_READY', 'APPROVED', 'PAYMENT_LINK_FAILED') AND expires_ms < $1 LIMIT 500)",
    )
    .bind(before_ms)
    .bind(now_ms)
    .execute(connection)
    .await?;
    Ok(done.rows_affected())
}

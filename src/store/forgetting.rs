//! What is old is dropped, row by row. On PostgreSQL whole days go instead (`postgres::days`), and only what was kept longer
//! than its day goes this way.

use super::{
    StoreError,
    sql::{Connection, QueryBuilder, query_as},
};

/// In these an offer is being paid for.
macro_rules! in_payment {
    () => {
        "'PAYMENT_READY', 'PAYMENT_CANCELLED', 'PAYMENT_COMPLETED'"
    };
}
pub(super) use in_payment;

/// Drops what was accepted before that time, a portion at a time so that other writes are not held up; how many
/// calculations. What is not finished stays, and so does a sale that is not over or that the partner has not taken yet;
/// so do the confirmations of sales, which hold nothing personal.
pub(super) async fn forget(connection: &mut Connection<'_>, before_ms: i64) -> Result<u64, StoreError> {
    let (first, last) = match connection {
        Connection::Sqlite(_) => (i64::MIN, i64::MAX),
        Connection::Postgres(_) => (0, 0),
    };
    let sql = concat!(
        "SELECT account, request_id, day FROM calculation c \
         WHERE created_ms < $1 AND finished_ms IS NOT NULL AND day BETWEEN $2 AND $3 AND NOT EXISTS (\
             SELECT 1 FROM offer o WHERE o.account = c.account AND o.request_id = c.request_id AND o.day = c.day \
             AND o.status IN (",
        in_payment!(),
        ")) AND NOT EXISTS (SELECT 1 FROM conversation v \
             WHERE v.account = c.account AND v.request_id = c.request_id AND v.day = c.day \
             AND v.verdict IS NULL AND v.offer_id <> '') \
         AND NOT EXISTS (SELECT 1 FROM sale_confirmation s \
             WHERE s.account = c.account AND s.request_id = c.request_id AND s.state = 'waiting') LIMIT 500"
    );
    let old: Vec<(String, String, i64)> =
        query_as(sql).bind(before_ms).bind(first).bind(last).fetch_all(&mut *connection).await?;
    if old.is_empty() {
        return Ok(0);
    }
    for all_of in [
        "DELETE FROM offer WHERE (account, request_id, day) IN (",
        "DELETE FROM conversation WHERE (account, request_id, day) IN (",
        "DELETE FROM calculation WHERE (account, request_id, day) IN (",
    ] {
        let mut query = QueryBuilder::new(all_of);
        query.push_values(&old, |mut values, (account, request_id, day)| {
            values.push_bind(account).push_bind(request_id).push_bind(*day);
        });
        query.push(")");
        query.build().execute(connection).await?;
    }
    for all_of in [
        "DELETE FROM document WHERE (account, request_id) IN (",
        "DELETE FROM payment WHERE (account, request_id) IN (",
        "DELETE FROM calculation_key WHERE (account, request_id) IN (",
    ] {
        let mut query = QueryBuilder::new(all_of);
        query.push_values(&old, |mut values, (account, request_id, _)| {
            values.push_bind(account).push_bind(request_id);
        });
        query.push(")");
        query.build().execute(connection).await?;
    }
    Ok(old.len() as u64)
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use uuid::Uuid;

    use crate::store::{
        ConfirmationAttempt, ConfirmationState, ConversationRow, DocumentKind, DocumentRow, Inserted,
        NewConfirmation, OfferKey, PaymentRow, SaleChange, Store,
        trial::{Place, at, calculation, conversation, finished, offer, on_both_engines},
    };

    on_both_engines![
        what_is_not_over_outlives_its_day_and_goes_when_it_is,
        what_is_written_while_its_day_is_dropped_is_there,
    ];

    const DAY: i64 = 86_400;
    /// A day, and one that is kept.
    const OLD: i64 = 20_000 * DAY;
    const NEW: i64 = 20_003 * DAY;

    fn key(id: u128) -> OfferKey {
        let offer_id = format!("offer-{id}-1").as_str().into();
        OfferKey { account: "demo".into(), request_id: Uuid::from_u128(id), offer_id }
    }

    /// A calculation with a conversation, an offer, a link to pay by and a file.
    async fn sell(store: &Store, id: u128, second: i64, status: &'static str) {
        store.insert_calculation(calculation(store, id, at(second))).await.unwrap();
        let ended = ConversationRow { verdict: Some(0), ..conversation(store, id, "a") };
        store.note_conversation(ended).unwrap();
        let document = DocumentRow {
            offer: key(id),
            kind: DocumentKind::Policy,
            content_type: "application/pdf".into(),
            bytes: store.sealer.seal(b"policy"),
            fetched: at(second),
        };
        let payment = PaymentRow { insurer: "vsk".into(), correlation: format!("c-{id}"), offer: key(id) };
        let change = SaleChange {
            offers: vec![offer(id, 1, status)],
            payment: Some(payment),
            document: Some(document),
            ..SaleChange::default()
        };
        store.change_sale(change).unwrap().await.unwrap();
    }

    /// Whether all of it is there; panics where some of it is.
    async fn is_there(store: &Store, id: u128) -> bool {
        let (demo, request_id, offer_id): (Arc<str>, _, _) =
            ("demo".into(), Uuid::from_u128(id), key(id).offer_id);
        let there = [
            store.calculation("demo", request_id).await.unwrap().is_some(),
            !store.conversations(&demo, request_id, "quote").await.unwrap().is_empty(),
            !store.offers("demo", request_id).await.unwrap().is_empty(),
            !store.timelines(request_id).await.unwrap().is_empty(),
            store.document(&offer_id, DocumentKind::Policy).await.unwrap().is_some(),
            !store.offers_by_payment("vsk", &format!("c-{id}")).await.unwrap().is_empty(),
        ];
        assert!(there.iter().all(|it| *it == there[0]), "{id}: {there:?}");
        there[0]
    }

    async fn forget_all(store: &Store) {
        while store.forget(at(NEW)).await.unwrap() > 0 {}
    }

    async fn what_is_not_over_outlives_its_day_and_goes_when_it_is(place: Place) {
        let store = place.open().await;
        let all = [
            (1, OLD, "CLOSED_TIMEOUT"),
            (2, OLD, "CREATED"),
            (3, OLD + 100, "PAYMENT_READY"),
            (4, OLD + DAY, "CLOSED_PAID"),
            (5, OLD + DAY, "APPROVED"),
            (6, NEW - 1, "CLOSED_PAID"),
            (7, NEW, "CLOSED_PAID"),
        ];
        for (id, second, status) in all {
            sell(&store, id, second, status).await;
            // The second one is not finished.
            if id != 2 {
                store.finish(finished(id)).await.unwrap();
            }
        }
        // The partner has not taken the fourth one's sale; an operation on the fifth one's offer was cut off.
        let sale = NewConfirmation {
            offer: key(4),
            insurer: "vsk".into(),
            counterparty_id: 7,
            amount_kopecks: 1,
            is_upsaled: false,
            paid: at(OLD),
        };
        store
            .change_sale(SaleChange { confirmation: Some(sale), ..SaleChange::default() })
            .unwrap()
            .await
            .unwrap();
        let cut_off = |id| ConversationRow {
            operation: "confirm",
            offer_id: key(id).offer_id,
            ..conversation(&store, id, "a")
        };
        store.keep_conversation(cut_off(5)).await.unwrap();
        forget_all(&store).await;
        let mut there = Vec::new();
        for (id, ..) in all {
            there.push(is_there(&store, id).await);
        }
        assert_eq!(there, [false, true, true, true, true, false, true]);
        assert_eq!(store.unfinished().await.unwrap().len(), 1);
        let open = store.open_sales(at(0)).await.unwrap();
        assert_eq!(open.len(), 2, "one is being paid for, one was cut off: {open:?}");

        // What is kept goes on like any other.
        store.finish(finished(2)).await.unwrap();
        store.note_offer(offer(3, 1, "CLOSED_TIMEOUT")).unwrap();
        let confirmed = ConfirmationAttempt {
            offer: key(4),
            state: ConfirmationState::Confirmed,
            attempts: 1,
            next: at(OLD),
            confirmed: Some(at(OLD)),
            problem: None,
        };
        store.keep_attempts(vec![confirmed]).await.unwrap();
        store.keep_conversation(ConversationRow { verdict: Some(404), ..cut_off(5) }).await.unwrap();
        assert_eq!(store.offers("demo", Uuid::from_u128(3)).await.unwrap()[0].status, "CLOSED_TIMEOUT");
        forget_all(&store).await;
        for id in [2, 3, 4, 5] {
            assert!(!is_there(&store, id).await, "{id}");
        }
        // An id that is forgotten is as good as new, on whatever day.
        for (id, second) in [(1, NEW), (2, OLD)] {
            let again = store.insert_calculation(calculation(&store, id, at(second))).await.unwrap();
            let twice = store.insert_calculation(calculation(&store, id, at(NEW + DAY))).await.unwrap();
            assert_eq!((again, twice), (Inserted::New, Inserted::Existed));
        }
    }

    async fn what_is_written_while_its_day_is_dropped_is_there(place: Place) {
        let store = place.open().await;
        for id in 1..=20 {
            sell(&store, id, OLD, "PAYMENT_READY").await;
            store.finish(finished(id)).await.unwrap();
        }
        let writing = async {
            for round in 0..40 {
                for id in 1..=20 {
                    let expires = Some(at(NEW + round));
                    let row = crate::store::OfferRow { expires, ..offer(id, 1, "PAYMENT_READY") };
                    store.note_offer(row).unwrap();
                }
                store.flush().await.unwrap();
            }
        };
        tokio::join!(writing, forget_all(&store));
        for id in 1..=20 {
            let offers = store.offers("demo", Uuid::from_u128(id)).await.unwrap();
            let ends: Vec<_> = offers.iter().map(|offer| offer.expires).collect();
            assert_eq!(ends, [Some(at(NEW + 39))], "{id}");
        }
    }
}

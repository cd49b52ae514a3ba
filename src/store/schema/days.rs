//! Calculations by the day on which they were accepted, so that retention drops days instead of deleting rows.
//!
//! `day` counts days since 1970, UTC. `calculation_key` says of each calculation on which day it is looked for, and is what
//! makes its id unique over all days. Day 0 is for what is kept longer than its day (`postgres::days`), and for what
//! was there before there were days.

/// A file has no partitions: the tables are as they were, with the day in their keys, because one SQL text serves both
/// engines.
pub(super) const SQLITE: &str = "
    CREATE TABLE calculation_key (
        account    TEXT   NOT NULL,
        request_id TEXT   NOT NULL,
        day        BIGINT NOT NULL,
        PRIMARY KEY (account, request_id)
    );
    INSERT INTO calculation_key SELECT account, request_id, 0 FROM calculation;
    CREATE INDEX calculation_key_by_request ON calculation_key (request_id);

    ALTER TABLE calculation ADD COLUMN day BIGINT NOT NULL DEFAULT 0;
    DROP INDEX calculation_by_request;

    CREATE TABLE conversation_of_a_day (
        account     TEXT   NOT NULL,
        request_id  TEXT   NOT NULL,
        insurer     TEXT   NOT NULL,
        operation   TEXT   NOT NULL,
        offer_id    TEXT   NOT NULL,
        run         BIGINT NOT NULL,
        asked       BIGINT NOT NULL,
        creating    BIGINT NOT NULL,
        point       BLOB,
        verdict     BIGINT,
        message     BLOB,
        updated_ms  BIGINT NOT NULL,
        day         BIGINT NOT NULL,
        PRIMARY KEY (account, request_id, insurer, operation, offer_id, day)
    );
    INSERT INTO conversation_of_a_day
        SELECT account, request_id, insurer, operation, offer_id, run, asked, creating, point, verdict, message,
            updated_ms, 0
        FROM conversation;
    DROP TABLE conversation;
    ALTER TABLE conversation_of_a_day RENAME TO conversation;
    CREATE INDEX conversation_open ON conversation (operation) WHERE verdict IS NULL AND offer_id <> '';

    CREATE TABLE offer_of_a_day (
        account     TEXT   NOT NULL,
        request_id  TEXT   NOT NULL,
        offer_id    TEXT   NOT NULL,
        insurer     TEXT   NOT NULL,
        status      TEXT   NOT NULL,
        body        BLOB,
        message     BLOB,
        position    BIGINT NOT NULL,
        updated_ms  BIGINT NOT NULL,
        identity    TEXT,
        sale        BLOB,
        expires_ms  BIGINT,
        day         BIGINT NOT NULL,
        PRIMARY KEY (account, request_id, offer_id, day)
    );
    INSERT INTO offer_of_a_day
        SELECT account, request_id, offer_id, insurer, status, body, message, position, updated_ms, identity, sale,
            expires_ms, 0
        FROM offer;
    DROP TABLE offer;
    ALTER TABLE offer_of_a_day RENAME TO offer;
    CREATE INDEX offer_expiring ON offer (expires_ms) WHERE status IN ('PRE_CALC_READY', 'APPROVED', 'PAYMENT_LINK_FAILED');
    CREATE INDEX offer_in_payment ON offer (status)
        WHERE status IN ('PAYMENT_READY', 'PAYMENT_CANCELLED', 'PAYMENT_COMPLETED');
    ";

/// What was there becomes day 0 as it stands, so nothing is copied. What comes on a day without a partition goes to the
/// rest, which is scanned whenever a day is made and should be empty.
pub(super) const POSTGRES: &str = "
    CREATE TABLE calculation_key (
        account    TEXT   NOT NULL,
        request_id TEXT   NOT NULL,
        day        BIGINT NOT NULL,
        PRIMARY KEY (account, request_id)
    );
    INSERT INTO calculation_key SELECT account, request_id, 0 FROM calculation;
    CREATE INDEX calculation_key_by_request ON calculation_key (request_id);
    CREATE INDEX calculation_key_by_day ON calculation_key (day);

    ALTER TABLE calculation RENAME TO calculation_kept;
    ALTER TABLE calculation_kept ADD COLUMN day BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE calculation_kept DROP CONSTRAINT calculation_pkey;
    DROP INDEX calculation_unfinished;
    DROP INDEX calculation_unfinished_by_owner;
    DROP INDEX calculation_by_request;
    CREATE TABLE calculation (
        LIKE calculation_kept INCLUDING DEFAULTS, PRIMARY KEY (account, request_id, day)
    ) PARTITION BY LIST (day);
    ALTER TABLE calculation ATTACH PARTITION calculation_kept FOR VALUES IN (0);
    CREATE TABLE calculation_rest PARTITION OF calculation DEFAULT;
    CREATE INDEX calculation_unfinished ON calculation (created_ms) WHERE finished_ms IS NULL;
    CREATE INDEX calculation_unfinished_by_owner ON calculation (owner) WHERE finished_ms IS NULL;

    ALTER TABLE conversation RENAME TO conversation_kept;
    ALTER TABLE conversation_kept ADD COLUMN day BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE conversation_kept DROP CONSTRAINT conversation_of_an_offer_pkey;
    DROP INDEX conversation_open;
    CREATE TABLE conversation (
        LIKE conversation_kept INCLUDING DEFAULTS,
        PRIMARY KEY (account, request_id, insurer, operation, offer_id, day)
    ) PARTITION BY LIST (day);
    ALTER TABLE conversation ATTACH PARTITION conversation_kept FOR VALUES IN (0);
    CREATE TABLE conversation_rest PARTITION OF conversation DEFAULT;
    CREATE INDEX conversation_open ON conversation (operation) WHERE verdict IS NULL AND offer_id <> '';

    ALTER TABLE offer RENAME TO offer_kept;
    ALTER TABLE offer_kept ADD COLUMN day BIGINT NOT NULL DEFAULT 0;
    ALTER TABLE offer_kept DROP CONSTRAINT offer_pkey;
    DROP INDEX offer_expiring;
    DROP INDEX offer_in_payment;
    CREATE TABLE offer (
        LIKE offer_kept INCLUDING DEFAULTS, PRIMARY KEY (account, request_id, offer_id, day)
    ) PARTITION BY LIST (day);
    ALTER TABLE offer ATTACH PARTITION offer_kept FOR VALUES IN (0);
    CREATE TABLE offer_rest PARTITION OF offer DEFAULT;
    CREATE INDEX offer_expiring ON offer (expires_ms) WHERE status IN ('PRE_CALC_READY', 'APPROVED', 'PAYMENT_LINK_FAILED');
    CREATE INDEX offer_in_payment ON offer (status)
        WHERE status IN ('PAYMENT_READY', 'PAYMENT_CANCELLED', 'PAYMENT_COMPLETED');
    ";

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use sqlx::{AssertSqlSafe, Connection as _, PgConnection, SqliteConnection, migrate::Migrator};
    use uuid::Uuid;

    use super::super::{DAYS, Dialect, migrations};
    use crate::{
        config::StoreConfig,
        store::{
            DocumentKind, Inserted,
            trial::{Place, at, calculation, conversation, finished, offer, on_both_engines},
        },
    };

    on_both_engines![what_was_written_before_there_were_days_is_all_there_and_goes_on];

    /// The tables as they were, with three calculations: one is over, one is being paid for, one is not finished.
    async fn write_old(place: &Place) {
        let before = |dialect| {
            let migrations = migrations(dialect);
            let before = migrations.iter().filter(|migration| migration.version < DAYS).cloned();
            Migrator::with_migrations(before.collect())
        };
        match place.config() {
            StoreConfig::Sqlite(_) => {
                let path = place.folder().join("veer.db");
                let options =
                    sqlx::sqlite::SqliteConnectOptions::new().filename(path).create_if_missing(true);
                let mut connection = SqliteConnection::connect_with(&options).await.unwrap();
                before(Dialect::Sqlite).run(&mut connection).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(rows("x"))).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
            StoreConfig::Postgres(config) => {
                let mut connection = PgConnection::connect(config.url.reveal()).await.unwrap();
                before(Dialect::Postgres).run(&mut connection).await.unwrap();
                sqlx::raw_sql(AssertSqlSafe(rows("E"))).execute(&mut connection).await.unwrap();
                connection.close().await.unwrap();
            }
        }
    }

    fn rows(engine: &str) -> String {
        // The same bytes, as each engine writes them.
        let bytes = |hex: &str| if engine == "x" { format!("x'{hex}'") } else { format!("'\\x{hex}'") };
        let (digest, sealed) = (bytes(&"07".repeat(32)), bytes("007b7d"));
        let mut sql = String::new();
        for (id, status, finished) in
            [(1, "CREATED", "200"), (2, "PAYMENT_READY", "200"), (3, "CREATED", "NULL")]
        {
            let key = format!("'demo', '{}'", Uuid::from_u128(id));
            sql += &format!(
                "INSERT INTO calculation (account, request_id, fingerprint, partner, created_ms, deadline_ms, request, \
                 status, finished_ms, timeline, dictionary) \
                 VALUES ({key}, {digest}, 'yandex', 100, 200, {sealed}, 'CALCULATION_READY', {finished}, NULL, 1); \
                 INSERT INTO conversation (account, request_id, insurer, operation, offer_id, run, asked, creating, point, \
                 verdict, message, updated_ms) \
                 VALUES ({key}, 'alfastrah', 'quote', '', 0, 1, 1, {sealed}, NULL, NULL, 100); \
                 INSERT INTO offer (account, request_id, offer_id, insurer, status, body, message, position, updated_ms, \
                 identity, sale, expires_ms) \
                 VALUES ({key}, 'offer-{id}-1', 'alfastrah', '{status}', {sealed}, NULL, 1, 100, '{{}}', NULL, 300); \
                 INSERT INTO payment VALUES ('vsk', 'c-{id}', {key}, 'offer-{id}-1'); \
                 INSERT INTO document VALUES ('offer-{id}-1', 'policy', {key}, 'text/plain', {sealed}, 100);"
            );
        }
        sql
    }

    async fn what_was_written_before_there_were_days_is_all_there_and_goes_on(place: Place) {
        write_old(&place).await;
        let store = place.open().await;
        let demo: Arc<str> = "demo".into();
        let id = Uuid::from_u128;
        for number in [1, 2, 3] {
            let found = store.calculation("demo", id(number)).await.unwrap().unwrap();
            assert_eq!((found.fingerprint, found.created.as_millisecond()), ([7; 32], 100));
            let rows = store.conversations(&demo, id(number), "quote").await.unwrap();
            assert_eq!(store.sealer.open(rows[0].point.as_ref().unwrap()).unwrap(), b"{}");
            let offers = store.offers("demo", id(number)).await.unwrap();
            assert_eq!((offers.len(), offers[0].identity.as_deref()), (1, Some("{}")));
            assert_eq!(offers[0].expires.unwrap().as_millisecond(), 300);
            assert_eq!(store.timelines(id(number)).await.unwrap()[0].dictionary, Some(1));
            assert_eq!(store.offers_by_payment("vsk", &format!("c-{number}")).await.unwrap().len(), 1);
            let document = store.document(&format!("offer-{number}-1"), DocumentKind::Policy).await.unwrap();
            assert_eq!(document.unwrap().bytes, b"{}");
            let again =
                store.insert_calculation(calculation(&store, number, at(1_790_000_000))).await.unwrap();
            assert_eq!(again, Inserted::Existed);
        }
        assert_eq!(store.unfinished().await.unwrap().len(), 1);
        // They change where they are.
        store.keep_conversation(conversation(&store, 3, "later")).await.unwrap();
        store.note_offer(offer(3, 1, "APPROVED")).unwrap();
        store.finish(finished(3)).await.unwrap();
        let rows = store.conversations(&demo, id(3), "quote").await.unwrap();
        assert_eq!(
            (rows.len(), store.sealer.open(rows[0].point.as_ref().unwrap()).unwrap()),
            (1, &b"later"[..])
        );
        let offers = store.offers("demo", id(3)).await.unwrap();
        assert_eq!(offers.iter().map(|offer| &*offer.status).collect::<Vec<_>>(), ["APPROVED"]);
        // And are forgotten when they are over.
        while store.forget(at(1_790_000_000)).await.unwrap() > 0 {}
        let mut there = Vec::new();
        for number in [1, 2, 3] {
            there.push(store.calculation("demo", id(number)).await.unwrap().is_some());
        }
        assert_eq!(there, [false, true, false]);
        assert!(store.document("offer-1-1", DocumentKind::Policy).await.unwrap().is_none());
    }
}

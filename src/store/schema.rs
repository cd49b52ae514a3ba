//! The tables.
//!
//! One SQL text for SQLite and PostgreSQL but for a word: times are milliseconds since 1970 in BIGINT, sealed values
//! are BLOB, which PostgreSQL calls BYTEA.

use sqlx::{
    AssertSqlSafe, SqlSafeStr,
    migrate::{Migration, MigrationType, Migrator},
};

/// Whose words are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Dialect {
    Sqlite,
    Postgres,
}

/// Applied in order, once each; never edited, only added to.
const MIGRATIONS: &[(i64, &str, &str)] = &[
    (1, "calculations", CALCULATIONS),
    (2, "sales", SALES),
    (3, "dictionary", DICTIONARY),
    (4, "insurers", INSURERS),
    (5, "day counts", DAY_COUNTS),
    (6, "tuning", TUNING),
    (7, "replicas", REPLICAS),
];

/// What brings tables up to date. On PostgreSQL it takes a lock of the database, so that of several that
/// begin at once one does it.
pub(super) fn migrations(dialect: Dialect) -> Migrator {
    let migration = |(version, name, sql): &(i64, &'static str, &'static str)| {
        let sql = match dialect {
            Dialect::Sqlite => sql.into_sql_str(),
            Dialect::Postgres => AssertSqlSafe(sql.replace(" BLOB", " BYTEA")).into_sql_str(),
        };
        Migration::new(*version, (*name).into(), MigrationType::Simple, sql, false)
    };
    Migrator::with_migrations(MIGRATIONS.iter().map(migration).collect())
}

const CALCULATIONS: &str = "
    CREATE TABLE calculation (
        account     TEXT   NOT NULL,
        request_id  TEXT   NOT NULL,
        fingerprint BLOB   NOT NULL,
        partner     TEXT   NOT NULL,
        created_ms  BIGINT NOT NULL,
        deadline_ms BIGINT NOT NULL,
        request     BLOB   NOT NULL,
        status      TEXT   NOT NULL,
        finished_ms BIGINT,
        answer      BLOB,
        timeline    BLOB,
        PRIMARY KEY (account, request_id)
    );
    CREATE INDEX calculation_unfinished ON calculation (created_ms) WHERE finished_ms IS NULL;
    CREATE INDEX calculation_by_age ON calculation (created_ms);
    CREATE INDEX calculation_by_request ON calculation (request_id);

    CREATE TABLE conversation (
        account     TEXT   NOT NULL,
        request_id  TEXT   NOT NULL,
        insurer     TEXT   NOT NULL,
        operation   TEXT   NOT NULL,
        asked       BIGINT NOT NULL,
        creating    BIGINT NOT NULL,
        point       BLOB,
        verdict     BIGINT,
        message     BLOB,
        updated_ms  BIGINT NOT NULL,
        PRIMARY KEY (account, request_id, insurer, operation)
    );

    CREATE TABLE offer (
        account     TEXT   NOT NULL,
        request_id  TEXT   NOT NULL,
        offer_id    TEXT   NOT NULL,
        insurer     TEXT   NOT NULL,
        status      TEXT   NOT NULL,
        body        BLOB,
        message     BLOB,
        position    BIGINT NOT NULL,
        updated_ms  BIGINT NOT NULL,
        PRIMARY KEY (account, request_id, offer_id)
    );
    ";

/// An answer is rendered from its offers, so it is not kept a second time. A conversation is about one
/// offer of an insurer, or (with an empty id) about its quote; `run` counts its beginnings.
const SALES: &str = "
    ALTER TABLE calculation DROP COLUMN answer;

    CREATE TABLE conversation_of_an_offer (
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
        PRIMARY KEY (account, request_id, insurer, operation, offer_id)
    );
    INSERT INTO conversation_of_an_offer
        SELECT account, request_id, insurer, operation, '', 0, asked, creating, point, verdict, message, updated_ms
        FROM conversation;
    DROP TABLE conversation;
    ALTER TABLE conversation_of_an_offer RENAME TO conversation;
    CREATE INDEX conversation_open ON conversation (operation) WHERE verdict IS NULL AND offer_id <> '';

    ALTER TABLE offer ADD COLUMN identity TEXT;
    ALTER TABLE offer ADD COLUMN sale BLOB;
    ALTER TABLE offer ADD COLUMN expires_ms BIGINT;
    CREATE INDEX offer_expiring ON offer (expires_ms) WHERE status IN ('PRE_CALC_READY', 'APPROVED', 'PAYMENT_LINK_FAILED');
    CREATE INDEX offer_in_payment ON offer (status)
        WHERE status IN ('PAYMENT_READY', 'PAYMENT_CANCELLED', 'PAYMENT_COMPLETED');

    CREATE TABLE payment (
        insurer     TEXT   NOT NULL,
        correlation TEXT   NOT NULL,
        account     TEXT   NOT NULL,
        request_id  TEXT   NOT NULL,
        offer_id    TEXT   NOT NULL,
        PRIMARY KEY (insurer, correlation, offer_id)
    );
    CREATE INDEX payment_by_request ON payment (account, request_id);

    CREATE TABLE document (
        offer_id     TEXT   NOT NULL,
        kind         TEXT   NOT NULL,
        account      TEXT   NOT NULL,
        request_id   TEXT   NOT NULL,
        content_type TEXT   NOT NULL,
        bytes        BLOB   NOT NULL,
        fetched_ms   BIGINT NOT NULL,
        PRIMARY KEY (offer_id, kind)
    );
    CREATE INDEX document_by_request ON document (account, request_id);

    CREATE TABLE sale_confirmation (
        account         TEXT   NOT NULL,
        request_id      TEXT   NOT NULL,
        offer_id        TEXT   NOT NULL,
        insurer         TEXT   NOT NULL,
        counterparty_id BIGINT NOT NULL,
        amount_kopecks  BIGINT NOT NULL,
        is_upsaled      BIGINT NOT NULL,
        paid_ms         BIGINT NOT NULL,
        state           TEXT   NOT NULL,
        attempts        BIGINT NOT NULL,
        next_ms         BIGINT NOT NULL,
        confirmed_ms    BIGINT,
        problem         TEXT,
        PRIMARY KEY (account, request_id, offer_id)
    );
    CREATE INDEX sale_confirmation_due ON sale_confirmation (account, next_ms) WHERE state = 'waiting';
    CREATE INDEX sale_confirmation_by_state ON sale_confirmation (state, account, paid_ms);
    CREATE INDEX sale_confirmation_by_age ON sale_confirmation (paid_ms);

    CREATE TABLE own_key (
        name  TEXT NOT NULL PRIMARY KEY,
        value BLOB NOT NULL
    );
    ";

/// Nothing here is deleted but old calculations. Years 0 to 0 are all years; empty texts are none.
const DICTIONARY: &str = "
    ALTER TABLE calculation ADD COLUMN dictionary BIGINT;

    CREATE TABLE dictionary_version (
        number       BIGINT NOT NULL PRIMARY KEY,
        published_ms BIGINT NOT NULL,
        author       TEXT   NOT NULL,
        note         TEXT   NOT NULL,
        last_year    BIGINT NOT NULL,
        content      BLOB   NOT NULL
    );

    CREATE TABLE dictionary_content (
        name    TEXT NOT NULL PRIMARY KEY,
        content BLOB NOT NULL
    );

    CREATE TABLE insurer_vehicle (
        dictionary TEXT   NOT NULL,
        brand      TEXT   NOT NULL,
        model      TEXT   NOT NULL,
        category   TEXT   NOT NULL,
        first_year BIGINT NOT NULL,
        last_year  BIGINT NOT NULL,
        brand_code TEXT   NOT NULL,
        code       TEXT   NOT NULL,
        first_ms   BIGINT NOT NULL,
        gone_ms    BIGINT,
        PRIMARY KEY (dictionary, brand, model, category, first_year, last_year, brand_code, code, first_ms)
    );
    CREATE INDEX insurer_vehicle_now ON insurer_vehicle (dictionary) WHERE gone_ms IS NULL;

    CREATE TABLE vehicle_mapping (
        dictionary TEXT   NOT NULL,
        category   TEXT   NOT NULL,
        brand      TEXT   NOT NULL,
        model      TEXT   NOT NULL,
        entry      BIGINT NOT NULL,
        state      TEXT   NOT NULL,
        how        TEXT   NOT NULL,
        confidence BIGINT NOT NULL,
        author     TEXT   NOT NULL,
        note       TEXT   NOT NULL,
        from_ms    BIGINT NOT NULL,
        to_ms      BIGINT,
        PRIMARY KEY (dictionary, category, brand, model, entry, state, from_ms)
    );
    CREATE INDEX vehicle_mapping_now ON vehicle_mapping (dictionary) WHERE to_ms IS NULL;

    CREATE TABLE dictionary_import (
        dictionary TEXT   NOT NULL,
        at_ms      BIGINT NOT NULL,
        source     TEXT   NOT NULL,
        author     TEXT   NOT NULL,
        report     TEXT   NOT NULL,
        PRIMARY KEY (dictionary, at_ms)
    );
    ";

/// What insurers told by themselves, and the revisions of their specs that conversations may have begun with.
const INSURERS: &str = "
    CREATE TABLE insurer_call (
        insurer     TEXT   NOT NULL,
        correlation TEXT   NOT NULL,
        digest      BLOB   NOT NULL,
        call        BLOB   NOT NULL,
        received_ms BIGINT NOT NULL,
        taken       BIGINT NOT NULL,
        PRIMARY KEY (insurer, correlation, digest)
    );
    CREATE INDEX insurer_call_by_age ON insurer_call (received_ms);

    CREATE TABLE spec_revision (
        adapter     TEXT   NOT NULL,
        revision    BIGINT NOT NULL,
        manifest    TEXT   NOT NULL,
        spec        TEXT   NOT NULL,
        replaced_ms BIGINT,
        PRIMARY KEY (adapter, revision)
    );
    ";

/// How many calls a lane has reserved of a day's quota; the day is of Moscow, as days since 1970.
const DAY_COUNTS: &str = "
    CREATE TABLE lane_day (
        insurer  TEXT   NOT NULL,
        lane     TEXT   NOT NULL,
        day      BIGINT NOT NULL,
        reserved BIGINT NOT NULL,
        PRIMARY KEY (insurer, lane, day)
    );
    ";

/// What operators changed while the gateway ran, and what the watched file said last. Nothing here is deleted: it is
/// the answer to who did what, when and why. An empty lane is the insurer as a whole; no value takes a layer back.
const TUNING: &str = "
    CREATE TABLE tuning_revision (
        number     BIGINT NOT NULL PRIMARY KEY,
        at_ms      BIGINT NOT NULL,
        author     TEXT   NOT NULL,
        reason     TEXT   NOT NULL,
        through    TEXT   NOT NULL,
        insurer    TEXT   NOT NULL,
        lane       TEXT   NOT NULL,
        knob       TEXT   NOT NULL,
        layer      TEXT   NOT NULL,
        value      TEXT,
        from_value TEXT   NOT NULL,
        to_value   TEXT   NOT NULL,
        until_ms   BIGINT
    );
    CREATE INDEX tuning_revision_by_knob ON tuning_revision (insurer, lane, knob, layer, number);

    CREATE TABLE tuning_file (
        insurer TEXT NOT NULL,
        lane    TEXT NOT NULL,
        knob    TEXT NOT NULL,
        value   TEXT NOT NULL,
        PRIMARY KEY (insurer, lane, knob)
    );
    ";

/// Who is there, and whose a calculation is. `gone` is 0 for one that is here, 1 for one that has stopped, 2 when its work is
/// another's; it never goes back. An owner that has no row is gone.
const REPLICAS: &str = "
    CREATE TABLE replica (
        id       TEXT   NOT NULL PRIMARY KEY,
        address  TEXT   NOT NULL,
        since_ms BIGINT NOT NULL,
        beat     BIGINT NOT NULL,
        chores   BIGINT NOT NULL,
        gone     BIGINT NOT NULL,
        gone_ms  BIGINT,
        heir     TEXT
    );
    CREATE UNIQUE INDEX replica_of_chores ON replica (chores) WHERE chores = 1 AND gone = 0;

    ALTER TABLE calculation ADD COLUMN owner TEXT;
    CREATE INDEX calculation_unfinished_by_owner ON calculation (owner) WHERE finished_ms IS NULL;
    ";

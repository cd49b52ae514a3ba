//! The tables.
//!
//! One SQL text for SQLite and PostgreSQL but for a few words: times are milliseconds since 1970 in
//! BIGINT, sealed values are blobs.

/// Applied in order, once each; never edited, only added to.
pub(super) const MIGRATIONS: &[(i64, &str, &str)] = &[(
    1,
    "calculations",
    "
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
    ",
)];

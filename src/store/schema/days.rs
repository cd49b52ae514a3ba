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
    DROP INDEX calculation_by_request;
    CREATE TABLE calculation (
        LIKE calculation_kept INCLUDING DEFAULTS, PRIMARY KEY (account, request_id, day)
    ) PARTITION BY LIST (day);
    ALTER TABLE calculation ATTACH PARTITION calculation_kept FOR VALUES IN (0);
    CREATE TABLE calculation_rest PARTITION OF calculation DEFAULT;
    CREATE INDEX calculation_unfinished ON calculation (created_ms) WHERE finished_ms IS NULL;

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

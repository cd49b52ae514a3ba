//! One SQL text for both engines.
//!
//! A table's file writes its statements once, as with sqlx: `query(text).bind(value).execute(connection)`. What
//! differs between SQLite and PostgreSQL ends here. Both understand `$1` placeholders, `ON CONFLICT`, `RETURNING`, row
//! values and `UPDATE … FROM`; columns are BIGINT, TEXT and bytes, and only those can be bound ([`Value`]). What one
//! of them does not know (`now()`, BOOLEAN, JSON operators, arrays, `rowid`, `x''`) is not used; neither is an order of
//! texts, which is the locale's on a server.
//!
//! A [`Connection`] is the writer's, inside a transaction; a [`Reader`] is a pool.

mod builder;
mod connection;
mod query;
mod value;

pub(super) use self::{
    builder::{QueryBuilder, Separated},
    connection::{Connection, PATIENCE, Reader, patiently},
    query::{query, query_as},
    value::Value,
};

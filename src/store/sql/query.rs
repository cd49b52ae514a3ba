//! A statement and its values.

use std::marker::PhantomData;

use sqlx::{SqlSafeStr, SqlStr};

use super::{
    Value,
    connection::{Answers, Columns, Connection},
};

/// A statement.
pub(in crate::store) struct Query<'v> {
    pub(super) text: SqlStr,
    pub(super) values: Vec<Value<'v>>,
}

/// A statement whose rows are wanted, as tuples of their columns.
pub(in crate::store) struct QueryAs<'v, O> {
    query: Query<'v>,
    rows: PhantomData<O>,
}

/// What a statement did.
pub(in crate::store) struct Written(pub(super) u64);

/// A statement with that text.
pub(in crate::store) fn query<'v>(text: impl SqlSafeStr) -> Query<'v> {
    Query { text: text.into_sql_str(), values: Vec::new() }
}

/// A statement with that text, whose rows are wanted.
pub(in crate::store) fn query_as<'v, O>(text: impl SqlSafeStr) -> QueryAs<'v, O> {
    query(text).into()
}

// === impl Query ===

impl<'v> Query<'v> {
    /// Binds the next value.
    pub(in crate::store) fn bind(mut self, value: impl Into<Value<'v>>) -> Self {
        self.values.push(value.into());
        self
    }

    /// Runs it.
    pub(in crate::store) async fn execute(
        self,
        connection: &mut Connection<'_>,
    ) -> Result<Written, sqlx::Error> {
        connection.execute(self).await
    }
}

// === impl QueryAs ===

impl<'v, O: Columns> QueryAs<'v, O> {
    /// Binds the next value.
    pub(in crate::store) fn bind(mut self, value: impl Into<Value<'v>>) -> Self {
        self.query.values.push(value.into());
        self
    }

    /// All of its rows.
    pub(in crate::store) async fn fetch_all(self, by: impl Answers) -> Result<Vec<O>, sqlx::Error> {
        by.fetch(self.query).await
    }

    /// The first of its rows, where there is one.
    pub(in crate::store) async fn fetch_optional(self, by: impl Answers) -> Result<Option<O>, sqlx::Error> {
        Ok(self.fetch_all(by).await?.into_iter().next())
    }

    /// Its one row.
    pub(in crate::store) async fn fetch_one(self, by: impl Answers) -> Result<O, sqlx::Error> {
        self.fetch_optional(by).await?.ok_or(sqlx::Error::RowNotFound)
    }
}

impl<'v, O> From<Query<'v>> for QueryAs<'v, O> {
    fn from(query: Query<'v>) -> Self {
        Self { query, rows: PhantomData }
    }
}

// === impl Written ===

impl Written {
    /// How many rows it wrote, changed or deleted.
    pub(in crate::store) fn rows_affected(&self) -> u64 {
        self.0
    }
}

//! A statement whose length depends on its rows.

use std::fmt::Write;

use sqlx::{AssertSqlSafe, SqlSafeStr};

use super::{
    Value,
    query::{Query, QueryAs},
};

/// Gathers a statement's text and its values.
pub(in crate::store) struct QueryBuilder<'v> {
    text: String,
    values: Vec<Value<'v>>,
}

/// One row of [`QueryBuilder::push_values`].
pub(in crate::store) struct Separated<'b, 'v> {
    builder: &'b mut QueryBuilder<'v>,
    is_first: bool,
}

// === impl QueryBuilder ===

impl<'v> QueryBuilder<'v> {
    /// Begins a statement.
    pub(in crate::store) fn new(text: &'static str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds text.
    pub(in crate::store) fn push(&mut self, text: &'static str) {
        self.text.push_str(text);
    }

    /// Adds `VALUES` and a row for each of `rows`.
    pub(in crate::store) fn push_values<R>(
        &mut self,
        rows: impl IntoIterator<Item = R>,
        mut push: impl FnMut(Separated<'_, 'v>, R),
    ) {
        self.push("VALUES ");
        for (number, row) in rows.into_iter().enumerate() {
            self.push(if number == 0 { "(" } else { ", (" });
            push(Separated { builder: self, is_first: true }, row);
            self.push(")");
        }
    }

    /// The statement.
    pub(in crate::store) fn build(self) -> Query<'v> {
        // Its text is of ours alone; what comes from outside is bound.
        Query { text: AssertSqlSafe(self.text).into_sql_str(), values: self.values }
    }

    /// The statement, whose rows are wanted.
    pub(in crate::store) fn build_query_as<O>(self) -> QueryAs<'v, O> {
        self.build().into()
    }
}

// === impl Separated ===

impl<'v> Separated<'_, 'v> {
    /// Adds the row's next value.
    pub(in crate::store) fn push_bind(&mut self, value: impl Into<Value<'v>>) -> &mut Self {
        if !std::mem::take(&mut self.is_first) {
            self.builder.push(", ");
        }
        self.builder.values.push(value.into());
        // Writing into a text does not fail.
        let _ = write!(self.builder.text, "${}", self.builder.values.len());
        self
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_numbered_through_all_rows() {
        let mut builder = QueryBuilder::new("INSERT INTO it (a, b) ");
        builder.push_values([(1, "x"), (2, "y")], |mut row, (a, b)| {
            row.push_bind(i64::from(a)).push_bind(b);
        });
        builder.push(" ON CONFLICT DO NOTHING");
        let built = builder.build();
        let text = "INSERT INTO it (a, b) VALUES ($1, $2), ($3, $4) ON CONFLICT DO NOTHING";
        assert_eq!((built.text.as_str(), built.values.len()), (text, 4));
    }
}

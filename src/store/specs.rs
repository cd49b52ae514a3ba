//! The texts of specs: every revision that conversations may have begun with.
//!
//! A conversation that was saved on an earlier revision goes on with it after a restart, when its file is long
//! another one. A revision that was replaced is kept for as long as calculations are.

use jiff::Timestamp;

use super::{
    Store, StoreError,
    sql::{Connection, query, query_as},
    writer::Entry,
};

/// One revision of an insurer's spec.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SpecRow {
    /// The adapter.
    pub adapter: String,
    /// Its number, under which its flows save their states.
    pub revision: u32,
    /// The manifest that it was compiled with.
    pub manifest: String,
    /// The spec.
    pub spec: String,
}

impl Store {
    /// Writes down that these revisions, and no others, are spoken now; returns when it is durable.
    pub async fn keep_specs(&self, rows: Vec<SpecRow>) -> Result<(), StoreError> {
        self.ask(|done| Entry::Specs(rows, done)).await?
    }

    /// Drops revisions that were replaced before `before`.
    pub async fn forget_specs(&self, before: Timestamp) -> Result<(), StoreError> {
        let before_ms = before.as_millisecond();
        self.ask(|done| Entry::ForgetSpecs { before_ms, done }).await?
    }

    /// Every revision that is kept, by adapter and number.
    pub async fn specs(&self) -> Result<Vec<SpecRow>, StoreError> {
        let sql = "SELECT adapter, revision, manifest, spec FROM spec_revision";
        let mut rows: Vec<(String, i64, String, String)> = query_as(sql).fetch_all(self.reader()).await?;
        rows.sort_unstable();
        let row = |(adapter, revision, manifest, spec)| {
            Some(SpecRow { adapter, revision: u32::try_from(revision).ok()?, manifest, spec })
        };
        Ok(rows.into_iter().filter_map(row).collect())
    }
}

pub(super) async fn write(
    connection: &mut Connection<'_>,
    rows: &[SpecRow],
    now: i64,
) -> Result<(), StoreError> {
    let sql = "UPDATE spec_revision SET replaced_ms = $1 WHERE replaced_ms IS NULL";
    query(sql).bind(now).execute(&mut *connection).await?;
    for row in rows {
        query(
            "INSERT INTO spec_revision (adapter, revision, manifest, spec) VALUES ($1, $2, $3, $4) \
             ON CONFLICT (adapter, revision) DO UPDATE SET manifest = excluded.manifest, spec = excluded.spec, \
             replaced_ms = NULL",
        )
        .bind(&row.adapter)
        .bind(i64::from(row.revision))
        .bind(&row.manifest)
        .bind(&row.spec)
        .execute(&mut *connection)
        .await?;
    }
    Ok(())
}

pub(super) async fn forget(connection: &mut Connection<'_>, before_ms: i64) -> Result<(), StoreError> {
    let sql = "DELETE FROM spec_revision WHERE replaced_ms < $1";
    query(sql).bind(before_ms).execute(connection).await?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        store::trial::{Place, on_both_engines},
        telemetry,
    };

    on_both_engines![replaced_revisions_stay_until_nothing_can_need_them];

    fn row(adapter: &str, revision: u32) -> SpecRow {
        let text = |what: &str| format!("{what} {revision}");
        SpecRow { adapter: adapter.into(), revision, manifest: text("manifest"), spec: text("spec") }
    }

    async fn replaced_revisions_stay_until_nothing_can_need_them(place: Place) {
        let store = place.open().await;
        store.keep_specs(vec![row("a", 1), row("b", u32::MAX)]).await.unwrap();
        store.keep_specs(vec![row("a", 2), row("b", u32::MAX)]).await.unwrap();
        assert_eq!(store.specs().await.unwrap(), [row("a", 1), row("a", 2), row("b", u32::MAX)]);
        store.forget_specs(Timestamp::UNIX_EPOCH).await.unwrap();
        assert_eq!(store.specs().await.unwrap().len(), 3);
        let soon = telemetry::now() + jiff::SignedDuration::from_secs(60);
        store.forget_specs(soon).await.unwrap();
        assert_eq!(store.specs().await.unwrap(), [row("a", 2), row("b", u32::MAX)]);
        // One that comes back is spoken again.
        store.keep_specs(vec![row("a", 1)]).await.unwrap();
        store.forget_specs(soon).await.unwrap();
        assert_eq!(store.specs().await.unwrap(), [row("a", 1)]);
    }
}

//! Secrets of the gateway's own.

use super::{
    Sealed, Sealer, StoreError,
    sql::{Connection, query, query_as},
};

/// The secret of that name; made where there is none, once, whoever else begins at the same time.
pub(super) async fn keep(
    connection: &mut Connection<'_>,
    sealer: &Sealer,
    name: &str,
) -> Result<[u8; 32], StoreError> {
    let new = sealer.seal(&rand::random::<[u8; 32]>());
    query("INSERT INTO own_key (name, value) VALUES ($1, $2) ON CONFLICT DO NOTHING")
        .bind(name)
        .bind(&new.0)
        .execute(connection)
        .await?;
    let (kept,): (Vec<u8>,) =
        query_as("SELECT value FROM own_key WHERE name = $1").bind(name).fetch_one(connection).await?;
    let kept = Sealed(kept);
    sealer.open(&kept)?.try_into().map_err(|_| StoreError::Database(format!("the key {name} is damaged")))
}

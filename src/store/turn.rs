//! One start at a time: what a gateway writes before it serves (its first dictionary, its catalogue) is written once.

use std::time::Duration;

use sqlx::PgConnection;

use super::{
    Store, StoreError,
    sql::{Reader, patiently},
};

/// Half of the lock's key, the other half is the schema's: "veer".
const LOCK: i32 = 0x7665_6572;
/// One that hangs in its start is not waited for any longer.
const LONGEST: Duration = Duration::from_secs(60);

/// This gateway's turn to start: the next one's begins when it is dropped.
pub struct Turn(#[expect(dead_code, reason = "it is held")] Option<PgConnection>);

impl Store {
    /// Waits until no other replica is in the middle of its start; not for ever.
    pub async fn turn(&self) -> Result<Turn, StoreError> {
        let Reader::Postgres(pool) = self.reader() else { return Ok(Turn(None)) };
        let mut connection = pool.acquire().await?.detach();
        let asked = sqlx::query("SELECT pg_advisory_lock($1, hashtext(current_schema()))")
            .bind(LOCK)
            .execute(&mut connection);
        match tokio::time::timeout(LONGEST, asked).await {
            Ok(locked) => {
                locked?;
            }
            Err(_) => {
                tracing::warn!("another replica has been starting for {LONGEST:?}; it is not waited for");
                return Ok(Turn(None));
            }
        }
        // The server must notice when the holder's machine vanishes.
        let sql = "SELECT set_config('tcp_keepalives_idle', '10', false), \
                   set_config('tcp_keepalives_interval', '5', false), set_config('tcp_keepalives_count', '3', false)";
        patiently(sqlx::query(sql).execute(&mut connection)).await?;
        Ok(Turn(Some(connection)))
    }
}

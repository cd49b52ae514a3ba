//! Connections to one address: as many as are needed at once, so that no request waits for another's answer.

use std::{
    net::SocketAddr,
    sync::{Mutex, PoisonError},
};

use crate::http::Connection;

/// The connections that wait to be used again.
pub(crate) struct Pool {
    address: SocketAddr,
    idle: Mutex<Vec<Connection>>,
}

// === impl Pool ===

impl Pool {
    /// None is open yet.
    pub(crate) fn new(address: SocketAddr) -> Self {
        Self { address, idle: Mutex::default() }
    }

    /// Sends a complete request over an idle connection or a new one; what `read` makes of its 200.
    pub(crate) async fn ask<T>(&self, request: &[u8], read: impl FnOnce(&[u8]) -> T) -> Result<T, String> {
        let idle = self.idle.lock().unwrap_or_else(PoisonError::into_inner).pop();
        let mut connection = match idle {
            Some(connection) => connection,
            None => Connection::open(self.address).await?,
        };
        let made = read(connection.ask(request).await?);
        self.idle.lock().unwrap_or_else(PoisonError::into_inner).push(connection);
        Ok(made)
    }
}

//! What other replicas published, imported and decided is served here, too.
//!
//! Every change of what is served leaves another stamp in the store, so a look costs one row. Where the stamp is not the
//! one that was seen last, everything is read again, as at a start. Whoever makes a change looks first, and learns with it
//! whether another replica's came in between.

use std::sync::{Arc, MutexGuard as StdMutexGuard, PoisonError};

use tokio::sync::MutexGuard;

use super::{
    Dictionary, DictionaryError, Published,
    service::{read_books, unpacked},
    work::blocking,
};
use crate::store::{DictionaryChange, StoreError};

// === impl Dictionary ===

impl Dictionary {
    /// Takes in what other replicas have written; whether there was anything.
    pub async fn refresh(&self) -> Result<bool, DictionaryError> {
        let _changing = self.0.changing.lock().await;
        self.catch_up().await
    }

    /// The leave to change something, with all that others changed taken in.
    pub(super) async fn change(&self) -> Result<MutexGuard<'_, ()>, DictionaryError> {
        let changing = self.0.changing.lock().await;
        if self.0.store.is_shared() {
            self.catch_up().await?;
        }
        Ok(changing)
    }

    /// Writes a change down.
    pub(super) async fn write(&self, change: DictionaryChange) -> Result<(), StoreError> {
        if let Some(stamps) = self.0.store.change_dictionary(change).await? {
            let mut seen = self.seen();
            if *seen == stamps.before {
                *seen = stamps.after;
            }
        }
        Ok(())
    }

    async fn catch_up(&self) -> Result<bool, DictionaryError> {
        let store = &self.0.store;
        // Before anything is read: what changes meanwhile is taken in with the next look.
        let last = store.dictionary_stamp().await?;
        if *self.seen() == last {
            return Ok(false);
        }
        let before = self.published();
        let row = store.dictionary_version(None).await?;
        let published = match row.filter(|row| row.number != before.version.number) {
            Some(row) => {
                let (version, records) = unpacked(row).await?;
                let made = blocking(move || {
                    let published = Published::new(version, &records);
                    // Ready before anybody asks.
                    published.answers.warm();
                    published
                });
                Arc::new(made.await?)
            }
            None => before.clone(),
        };
        let books = read_books(store, &published).await?;
        let number = published.version.number;
        self.0.published.store(published);
        self.0.books.store(Arc::new(books));
        *self.seen() = last;
        if number != before.version.number {
            tracing::info!(
                version = number,
                "a version of the dictionary that another replica published is served"
            );
        }
        Ok(true)
    }

    fn seen(&self) -> StdMutexGuard<'_, Vec<u8>> {
        self.0.seen.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

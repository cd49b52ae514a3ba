//! What every change of the dictionary needs.

use super::DictionaryError;

/// Under which name the draft is kept.
pub(super) const DRAFT: &str = "draft";

/// The gateway itself, where no person acts.
pub(super) const OURSELVES: &str = "veer";

/// Runs what computes for long off the threads that serve.
pub(super) async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> T + Send + 'static,
) -> Result<T, DictionaryError> {
    crate::blocking::run(work).await.map_err(|_| DictionaryError::Stopping)
}

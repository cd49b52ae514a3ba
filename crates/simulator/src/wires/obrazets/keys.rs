//! Idempotency keys: the same key with the same body is the same application.

use std::{
    collections::HashMap,
    sync::{Mutex, PoisonError},
};

/// The keys that came with applications.
#[derive(Default)]
pub(super) struct Keys(Mutex<HashMap<String, Used>>);

struct Used {
    body: Vec<u8>,
    application: String,
}

/// What a key turns out to be.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Key {
    /// This application was made under it, by this call or an earlier one.
    Of(String),
    /// It came with another body before.
    Reused,
}

// === impl Keys ===

impl Keys {
    /// The application of a key, which is made where the key is new.
    pub(super) fn use_for<E>(
        &self,
        key: &str,
        body: &[u8],
        make: impl FnOnce() -> Result<String, E>,
    ) -> Result<Key, E> {
        let mut used = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(used) = used.get(key) {
            return Ok(if used.body == body { Key::Of(used.application.clone()) } else { Key::Reused });
        }
        let application = make()?;
        used.insert(key.to_owned(), Used { body: body.to_vec(), application: application.clone() });
        Ok(Key::Of(application))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_key_makes_one_application_and_takes_no_other_body() {
        let keys = Keys::default();
        let make = |key: &str, body: &str, id: &str| keys.use_for(key, body.as_bytes(), || Ok::<_, ()>(id.into()));
        assert_eq!(make("k", "{}", "a"), Ok(Key::Of("a".into())));
        assert_eq!(make("k", "{}", "b"), Ok(Key::Of("a".into())));
        assert_eq!(make("k", "{ }", "c"), Ok(Key::Reused));
        assert_eq!(make("l", "{}", "d"), Ok(Key::Of("d".into())));
        assert_eq!(keys.use_for("m", b"", || Err(1)), Err(1));
        assert_eq!(make("m", "{}", "e"), Ok(Key::Of("e".into())), "a refused one uses no key up");
    }
}

//! A memory that forgets its oldest entries when there are very many.

use std::{
    collections::{HashMap, VecDeque},
    hash::Hash,
    sync::{Mutex, MutexGuard, PoisonError},
};

/// The newest entries by key.
pub(crate) struct Recent<K, V>(Mutex<Kept<K, V>>);

struct Kept<K, V> {
    by_key: HashMap<K, V>,
    order: VecDeque<K>,
}

const KEPT: usize = 200_000;

// === impl Recent ===

impl<K: Hash + Eq + Clone, V: Clone> Recent<K, V> {
    /// Keeps an entry; one under the same key is replaced.
    pub(crate) fn put(&self, key: K, value: V) {
        let mut kept = self.lock();
        if kept.by_key.insert(key.clone(), value).is_none() {
            kept.order.push_back(key);
        }
        if kept.order.len() > KEPT {
            let oldest = kept.order.pop_front();
            oldest.map(|key| kept.by_key.remove(&key));
        }
    }

    /// The entry under that key, after `change`.
    pub(crate) fn with<R>(&self, key: &K, change: impl FnOnce(&mut V) -> R) -> Option<(V, R)> {
        let mut kept = self.lock();
        let value = kept.by_key.get_mut(key)?;
        let result = change(value);
        Some((value.clone(), result))
    }

    /// The entry under that key.
    pub(crate) fn get(&self, key: &K) -> Option<V> {
        self.lock().by_key.get(key).cloned()
    }

    fn lock(&self) -> MutexGuard<'_, Kept<K, V>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<K, V> Default for Recent<K, V> {
    fn default() -> Self {
        Self(Mutex::new(Kept { by_key: HashMap::new(), order: VecDeque::new() }))
    }
}

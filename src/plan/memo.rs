//! Answers that many machines share, found once.

use std::collections::HashMap;
use std::hash::Hash;
use std::sync::RwLock;

/// Answers by question, for any thread.
pub(super) struct Memo<K, V>(RwLock<HashMap<K, V>>);

impl<K, V> Default for Memo<K, V> {
    fn default() -> Self {
        Memo(RwLock::new(HashMap::new()))
    }
}

impl<K: Eq + Hash, V: Clone> Memo<K, V> {
    /// The answer to a question, made when it is asked first. Two threads may make it twice.
    pub(super) fn get(&self, key: K, make: impl FnOnce() -> V) -> V {
        let known = self.0.read().unwrap_or_else(|poisoned| poisoned.into_inner()).get(&key).cloned();
        known.unwrap_or_else(|| {
            let value = make();
            self.0.write().unwrap_or_else(|poisoned| poisoned.into_inner()).insert(key, value.clone());
            value
        })
    }
}

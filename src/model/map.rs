//! A small map in the order of its keys: most machines have a handful of labels, and there are many machines.

use std::sync::Arc;

use crate::source::Spanned;

/// Values by name, each with the place that set it.
#[derive(Clone, Debug, Hash)]
pub struct Map<T>(Vec<(Arc<str>, Spanned<T>)>);

impl<T> Default for Map<T> {
    fn default() -> Self {
        Map(Vec::new())
    }
}

impl<T> Map<T> {
    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(key))
    }

    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Spanned<T>> {
        self.find(key).ok().map(|index| &self.0[index].1)
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: impl AsRef<str> + Into<Arc<str>>, value: Spanned<T>) {
        match self.find(key.as_ref()) {
            Ok(index) => self.0[index].1 = value,
            Err(index) => self.0.insert(index, (key.into(), value)),
        }
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        if let Ok(index) = self.find(key) {
            self.0.remove(index);
        }
    }

    /// Makes room for more keys.
    pub fn reserve(&mut self, more: usize) {
        self.0.reserve_exact(more);
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Spanned<T>)> {
        self.0.iter().map(|(key, value)| (key, value))
    }
}

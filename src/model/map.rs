//! A small map in the order of its keys: most machines have a handful of labels, and there are many machines.

use std::sync::Arc;

use crate::source::Spanned;

/// Keys in their order.
type Keys = Arc<[Arc<str>]>;

/// Values by name, each with the place that set it.
#[derive(Clone, Debug, Hash)]
pub struct Map<T> {
    /// Apart from the values, since most machines have the same labels.
    keys: Keys,
    /// Of each key.
    values: Box<[Spanned<T>]>,
}

impl<T> Default for Map<T> {
    fn default() -> Self {
        Map { keys: Arc::default(), values: Box::default() }
    }
}

impl<T> Map<T> {
    /// The value of a key.
    pub fn get(&self, key: &str) -> Option<&Spanned<T>> {
        let index = self.keys.binary_search_by(|known| (**known).cmp(key)).ok()?;
        self.values.get(index)
    }

    /// Keys and values, by key.
    pub fn iter(&self) -> impl Iterator<Item = (&Arc<str>, &Spanned<T>)> {
        self.keys.iter().zip(&self.values)
    }
}

/// A [`Map`] while it is made.
#[derive(Clone, Debug)]
pub struct Pairs<T>(Vec<(Arc<str>, Spanned<T>)>);

impl<T: Clone> Pairs<T> {
    /// Those of a map, with room for some more.
    pub fn of(map: &Map<T>, more: usize) -> Pairs<T> {
        let mut pairs = Vec::with_capacity(map.values.len() + more);
        pairs.extend(map.iter().map(|(key, value)| (key.clone(), value.clone())));
        Pairs(pairs)
    }

    fn find(&self, key: &str) -> Result<usize, usize> {
        self.0.binary_search_by(|(known, _)| (**known).cmp(key))
    }

    /// Sets the value of a key.
    pub fn insert(&mut self, key: Arc<str>, value: Spanned<T>) {
        match self.find(&key) {
            Ok(index) => self.0[index].1 = value,
            Err(index) => self.0.insert(index, (key, value)),
        }
    }

    /// Removes a key.
    pub fn remove(&mut self, key: &str) {
        if let Ok(index) = self.find(key) {
            self.0.remove(index);
        }
    }

    /// The map.
    pub fn map(self, known: &mut KnownKeys) -> Map<T> {
        let keys = known.of(&self.0);
        Map { keys, values: self.0.into_iter().map(|(_, value)| value).collect() }
    }
}

/// How many lists of keys are remembered.
const MOST: usize = 16;

/// The keys of maps that were made before. A map with the same keys shares theirs.
#[derive(Debug, Default)]
pub struct KnownKeys(Vec<Keys>);

impl KnownKeys {
    fn of<T>(&mut self, pairs: &[(Arc<str>, T)]) -> Keys {
        let same = |keys: &&Keys| keys.iter().eq(pairs.iter().map(|(key, _)| key));
        if let Some(keys) = self.0.iter().find(same) {
            return keys.clone();
        }
        let keys: Keys = pairs.iter().map(|(key, _)| key.clone()).collect();
        if self.0.len() < MOST {
            self.0.push(keys.clone());
        }
        keys
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::source::Span;

    fn map(keys: &[&str], known: &mut KnownKeys) -> Map<usize> {
        let mut pairs = Pairs::of(&Map::default(), 0);
        keys.iter().enumerate().for_each(|(at, key)| pairs.insert((*key).into(), Spanned::new(at, Span::default())));
        pairs.map(known)
    }

    fn read(map: &Map<usize>) -> Vec<(&str, usize)> {
        map.iter().map(|(key, value)| (&**key, value.value)).collect()
    }

    #[test]
    fn it_is_in_the_order_of_its_keys_and_the_last_value_stays() {
        let known = &mut KnownKeys::default();
        let first = map(&["b", "a", "b", "c"], known);
        assert_eq!(read(&first), [("a", 1), ("b", 2), ("c", 3)]);
        assert_eq!((first.get("b").map(|value| value.value), first.get("d").is_none()), (Some(2), true));
        let mut pairs = Pairs::of(&first, 1);
        pairs.remove("b");
        pairs.remove("d");
        assert_eq!(read(&pairs.map(known)), [("a", 1), ("c", 3)]);
        assert_eq!(read(&first).len(), 3);
    }

    #[test]
    fn the_same_keys_are_shared_and_no_others() {
        let known = &mut KnownKeys::default();
        let (one, same, other) = (map(&["a", "b"], known), map(&["b", "a"], known), map(&["a", "c"], known));
        assert!(Arc::ptr_eq(&one.keys, &same.keys));
        assert_eq!(read(&other), [("a", 0), ("c", 1)]);
        for number in 0..3 * MOST {
            let key = number.to_string();
            assert_eq!(read(&map(&[&key], known)), [(&*key, 0)]);
        }
        assert_eq!(known.0.len(), MOST);
    }
}

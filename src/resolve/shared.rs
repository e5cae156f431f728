//! Texts that machines have in common: a fleet of many machines has few racks and owners, and each is kept in memory once.

use std::sync::Arc;

use crate::model::KnownKeys;

/// How many keys are remembered.
const KEYS: usize = 16;

/// How many values of a key are remembered.
const VALUES: usize = 64;

/// The labels that were read last. What it gives is what it is given; only the memory behind it is shared.
#[derive(Default)]
pub(super) struct Shared {
    labels: Vec<(Arc<str>, Values)>,
    /// The keys of maps.
    pub(super) keys: KnownKeys,
}

impl Shared {
    /// A label's key and value.
    pub(super) fn label(&mut self, key: &str, value: &str) -> (Arc<str>, Arc<str>) {
        if let Some((known, values)) = self.labels.iter_mut().find(|(known, _)| **known == *key) {
            return (known.clone(), values.of(value));
        }
        let key: Arc<str> = key.into();
        if self.labels.len() == KEYS {
            return (key, value.into());
        }
        let mut values = Values(vec![None; VALUES]);
        let value = values.of(value);
        self.labels.push((key.clone(), values));
        (key, value)
    }
}

/// Values of a key, each in a slot that its end tells: those of neighbours mostly end in different digits.
struct Values(Vec<Option<Arc<str>>>);

impl Values {
    fn of(&mut self, value: &str) -> Arc<str> {
        let end = value.bytes().rev().take(3).fold(0, |sum, byte| sum * 7 + usize::from(byte));
        let slot = &mut self.0[end % VALUES];
        match slot {
            Some(known) if **known == *value => known.clone(),
            _ => slot.insert(value.into()).clone(),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{KEYS, Shared, VALUES};

    #[test]
    fn neighbours_share_and_nothing_is_mixed_up() {
        let mut shared = Shared::default();
        let (key, rack) = shared.label("rack", "r1");
        let (_, next) = shared.label("rack", "r2");
        let (again, same) = shared.label("rack", "r1");
        assert!(Arc::ptr_eq(&key, &again) && Arc::ptr_eq(&rack, &same));
        assert_eq!((&*rack, &*next), ("r1", "r2"));
        for number in 0..3 * VALUES {
            let (_, value) = shared.label("rack", &format!("r{number}"));
            assert_eq!(&*value, &*format!("r{number}"));
            let (key, value) = shared.label(&format!("key-{number}"), &format!("value-{number}"));
            assert_eq!((&*key, &*value), (&*format!("key-{number}"), &*format!("value-{number}")));
        }
        assert_eq!(shared.labels.len(), KEYS);
    }
}

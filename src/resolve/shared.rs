//! Texts that neighbours have in common: a fleet of many machines has few racks, and each is kept in memory once.

use std::sync::Arc;

/// How many labels are remembered.
const MOST: usize = 16;

/// The labels that were read last, by key. What it gives is what it is given; only the memory behind it is shared.
#[derive(Default)]
pub(super) struct Shared {
    last: Vec<(Arc<str>, Arc<str>)>,
}

impl Shared {
    /// A label's key and value.
    pub(super) fn label(&mut self, key: &str, value: &str) -> (Arc<str>, Arc<str>) {
        if let Some((known, last)) = self.last.iter_mut().find(|(known, _)| **known == *key) {
            if **last != *value {
                *last = value.into();
            }
            return (known.clone(), last.clone());
        }
        let label: (Arc<str>, Arc<str>) = (key.into(), value.into());
        if self.last.len() < MOST {
            self.last.push(label.clone());
        }
        label
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::{MOST, Shared};

    #[test]
    fn neighbours_share_and_nothing_is_mixed_up() {
        let mut shared = Shared::default();
        let (key, rack) = shared.label("rack", "r1");
        let (again, same) = shared.label("rack", "r1");
        assert!(Arc::ptr_eq(&key, &again) && Arc::ptr_eq(&rack, &same));
        let (_, next) = shared.label("rack", "r2");
        assert_eq!((&*rack, &*next), ("r1", "r2"));
        for number in 0..3 * MOST {
            let (key, value) = shared.label(&format!("key-{number}"), &format!("value-{number}"));
            assert_eq!((&*key, &*value), (&*format!("key-{number}"), &*format!("value-{number}")));
        }
        assert_eq!(shared.last.len(), MOST);
    }
}

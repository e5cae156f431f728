//! A list that is mostly one element long: most machines have one network card, and there are many machines.

use std::hash::{Hash, Hasher};
use std::ops::Deref;

/// Some values in order; one alone needs no room elsewhere.
#[derive(Clone, Debug)]
pub enum Few<T> {
    /// One.
    One(T),
    /// None, or several.
    List(Box<[T]>),
}

impl<T> Default for Few<T> {
    fn default() -> Self {
        Few::List(Box::default())
    }
}

impl<T> Deref for Few<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        match self {
            Few::One(value) => std::slice::from_ref(value),
            Few::List(values) => values,
        }
    }
}

impl<'f, T> IntoIterator for &'f Few<T> {
    type Item = &'f T;
    type IntoIter = std::slice::Iter<'f, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// What is in it, however it is kept.
impl<T: Hash> Hash for Few<T> {
    fn hash<H: Hasher>(&self, hasher: &mut H) {
        (**self).hash(hasher);
    }
}

impl<T> FromIterator<T> for Few<T> {
    fn from_iter<I: IntoIterator<Item = T>>(values: I) -> Self {
        let mut values: Vec<T> = values.into_iter().collect();
        match (values.pop(), values.is_empty()) {
            (Some(only), true) => Few::One(only),
            (last, _) => {
                values.extend(last);
                Few::List(values.into())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::Few;

    #[test]
    fn it_holds_what_it_is_made_from() {
        for length in 0..4 {
            let values: Vec<u16> = (0..length).collect();
            let few: Few<u16> = values.iter().copied().collect();
            assert_eq!(*few, *values);
            assert_eq!(matches!(few, Few::One(_)), length == 1);
        }
        assert_eq!(Few::<u16>::default().len(), 0);
    }
}

//! Names of source files, shared: most entries of a manifest have the same.

use std::borrow::Cow;
use std::cell::RefCell;
use std::sync::Arc;

use serde::{Deserialize, Deserializer, Serializer};

thread_local! {
    static LAST: RefCell<Arc<str>> = RefCell::new(Arc::from(""));
}

/// The name as the last one was shared, if it is the same.
pub(super) fn shared(name: &str) -> Arc<str> {
    LAST.with_borrow_mut(|last| {
        if **last != *name {
            *last = Arc::from(name);
        }
        Arc::clone(last)
    })
}

pub(super) fn serialize<S: Serializer>(name: &Arc<str>, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(name)
}

pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Arc<str>, D::Error> {
    #[derive(Deserialize)]
    struct Name<'n>(#[serde(borrow)] Cow<'n, str>);
    Name::deserialize(deserializer).map(|name| shared(&name.0))
}

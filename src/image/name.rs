//! Names from an image, for people.

use crate::report::clean;

/// A path or a name from an image, shown on one line: nothing in it may move the cursor, break a line or end a comment.
pub(super) fn shown(name: &[u8]) -> String {
    clean(&String::from_utf8_lossy(name)).replace(['\n', '\t'], "\u{fffd}")
}

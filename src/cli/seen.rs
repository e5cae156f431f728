//! What files are like, to see when they change.

use std::os::unix::fs::MetadataExt;
use std::path::PathBuf;

/// Time, size and inode of some files; nothing for one that is missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Print(Vec<Option<(i64, i64, u64, u64)>>);

impl Print {
    /// What files are like now.
    pub(super) fn of(files: &[PathBuf]) -> Print {
        let one = |file: &PathBuf| {
            let meta = std::fs::metadata(file).ok()?;
            Some((meta.mtime(), meta.mtime_nsec(), meta.size(), meta.ino()))
        };
        Print(files.iter().map(one).collect())
    }
}

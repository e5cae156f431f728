//! The tree that is served: safe paths, how to produce their bytes, and where each comes from.

use std::borrow::Cow;

use serde::{Deserialize, Serialize};

/// A path inside the tree: relative, with `/`, and nothing that a server, a shell or a file system reads as more
/// than a name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct TreePath(String);

impl TreePath {
    /// Takes a path whose parts are safe by type (a MAC address, a host name …).
    ///
    /// # Panics
    /// When it is not [safe](TreePath::is_safe): a fault of fleetc, never of its input.
    pub fn new(path: impl Into<String>) -> TreePath {
        let path = path.into();
        assert!(TreePath::is_safe(&path), "unsafe path in the tree: {path:?}");
        TreePath(path)
    }

    /// Whether `path` is relative, without empty, `.` or `..` parts, and printable ASCII without `\`.
    pub fn is_safe(path: &str) -> bool {
        let is_part = |part: &[u8]| {
            let plain = part.iter().all(|byte| byte.is_ascii_graphic() && *byte != b'\\');
            plain && !matches!(part, b"" | b"." | b"..") && part.len() < 256
        };
        path.len() < 4096 && path.as_bytes().split(|byte| *byte == b'/').all(is_part)
    }

    /// The path as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// What a file holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Body<'a> {
    /// These bytes.
    Bytes(Cow<'a, [u8]>),
    /// A copy of the source file of this name (see [`crate::source::Loader`]).
    Copy(&'a str),
}

/// The line that a file of the tree comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Origin<'a> {
    /// Source file, relative to the fleet file's folder.
    pub file: &'a str,
    /// Line, from 1.
    pub line: u32,
}

/// One file of the tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct File<'a> {
    /// Where it is served.
    pub path: TreePath,
    /// What it holds.
    pub body: Body<'a>,
}

/// What files are made from, in short: the same mark, the same files, whatever else changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Mark(pub [u8; 16]);

/// A tree whose files are made one at a time, in the order of their paths, by as many threads as ask.
pub trait Tree: Sync {
    /// How many files there are.
    fn len(&self) -> usize;

    /// Whether there are none.
    fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Makes the file at `index`; paths grow strictly with the index, by bytes.
    fn file(&self, index: usize) -> File<'_>;

    /// The path of the file at `index`, for those who need no more of it.
    fn path(&self, index: usize) -> TreePath {
        self.file(index).path
    }

    /// Puts the path of the file at `index` in the place of what `path` holds: for those who ask for many.
    fn put_path(&self, index: usize, path: &mut String) {
        path.clear();
        path.push_str(self.path(index).as_str());
    }

    /// What the file at `index` comes from.
    fn origin(&self, index: usize) -> Origin<'_>;

    /// The machine that alone reads the file at `index`, by a number; none for what several read. Files of one machine
    /// are best made together.
    fn reader(&self, _index: usize) -> Option<u32> {
        None
    }

    /// How many machines have files that they alone read; their numbers count from 0.
    fn machines(&self) -> u32 {
        0
    }

    /// The mark of what a machine's files are made from, apart from the [ground](Tree::ground); none when that is not
    /// known.
    fn mark(&self, _machine: u32) -> Option<Mark> {
        None
    }

    /// The mark of what all machines have in common.
    fn ground(&self) -> Option<Mark> {
        None
    }

    /// Says that a machine's files were published before, made from the same on the same ground: whoever looks at files
    /// as they are made has seen these.
    fn known(&self, _machine: u32) {}

    /// Makes several files. Whoever wants to see each file before it is published looks on here.
    fn batch(&self, indices: &[u32]) -> Vec<File<'_>> {
        indices.iter().map(|index| self.file(*index as usize)).collect()
    }

    /// Whether the tree may be published, as far as its files tell; asked when each was made in a batch.
    fn is_right(&self) -> bool {
        true
    }

    /// How many files have paths that sort before `path`, by bytes: found by halving.
    fn before(&self, path: &[u8]) -> usize {
        let mut other = String::with_capacity(96);
        let (mut from, mut to) = (0, self.len());
        while from < to {
            let middle = from.midpoint(to);
            self.put_path(middle, &mut other);
            if other.as_bytes() < path { from = middle + 1 } else { to = middle }
        }
        from
    }

    /// The index of the file at a path.
    fn index(&self, path: &str) -> Option<usize> {
        let index = self.before(path.as_bytes());
        (index < self.len() && self.path(index).as_str() == path).then_some(index)
    }

    /// Whether files lie in the folder `path`, written without a slash at its end.
    fn has_folder(&self, path: &[u8]) -> bool {
        let inside = [path, b"/"].concat();
        let first = self.before(&inside);
        first < self.len() && self.path(first).as_str().as_bytes().starts_with(&inside)
    }

    /// The file at a path.
    fn find(&self, path: &str) -> Option<File<'_>> {
        self.index(path).map(|index| self.file(index))
    }
}

/// The name of the list of files at the root of the tree.
pub const MANIFEST: &str = "manifest.json";

#[cfg(test)]
mod tests {
    use super::TreePath;

    #[test]
    fn only_plain_relative_paths_are_safe() {
        for path in ["a", "a/b.c", "icis/get_config/52:54:00:00:00:01"] {
            assert!(TreePath::is_safe(path), "{path}");
        }
        for path in ["", "/a", "a/", "a//b", ".", "a/../b", "a\\b", "a b", "ä", "a\n"] {
            assert!(!TreePath::is_safe(path), "{path}");
        }
    }
}

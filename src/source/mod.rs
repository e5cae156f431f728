//! Files that were read, and places in them.
//!
//! [`Sources`] keeps the text of every file for as long as findings may want to draw it. A [`Span`] is a file and a
//! byte range, small enough to stand beside every value; [`Spanned`] is a value with the place that set it.

mod span;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};
use std::sync::{Arc, OnceLock};

pub use span::{FileId, Span, Spanned};

/// The largest source text that is read, in bytes: some two million hosts.
pub const MAX_SOURCE_BYTES: u64 = 512 << 20;

/// What is said of a file that [`Disk`] does not read.
pub const OUTSIDE: &str = "lies outside the folder of the fleet file";

/// A position for people: line and column from 1, the column in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Position {
    /// Line, from 1.
    pub line: u32,
    /// Column in characters, from 1.
    pub column: u32,
}

/// One file that was read.
#[derive(Debug)]
pub struct Source {
    /// Its path relative to the folder of the fleet file, with `/`: the same on every machine.
    pub name: String,
    /// Its path as the user would open it.
    pub shown: String,
    /// Its text, shared with those who read it while more files are added.
    pub text: Arc<String>,
    /// Line breaks before every [`STEP`]th byte.
    breaks: OnceLock<Vec<u32>>,
    /// Characters before every [`STEP`]th byte.
    characters: OnceLock<Vec<u32>>,
}

/// Bytes that are walked through for a line or a column; what is before them was counted.
const STEP: usize = 1024;

impl Source {
    /// The line (from 1) that holds the byte at `offset`.
    pub fn line_of(&self, offset: u32) -> u32 {
        self.breaks_before(offset as usize) + 1
    }

    /// The byte range of a line (from 1), without its line break.
    pub fn line_range(&self, line: u32) -> (usize, usize) {
        let start = self.start_of(line.clamp(1, self.line_count()));
        let rest = &self.text.as_bytes()[start..];
        let end = memchr::memchr(b'\n', rest).map_or(self.text.len(), |newline| start + newline);
        (start, start + self.text[start..end].trim_end_matches('\r').len())
    }

    /// How many lines the text has.
    pub fn line_count(&self) -> u32 {
        self.breaks_before(self.text.len()) + 1
    }

    /// Where a line (from 1) begins that is there.
    fn start_of(&self, line: u32) -> usize {
        let Some(wanted) = line.checked_sub(2) else { return 0 };
        let steps = self.breaks();
        // The break before it is the one behind `wanted` others.
        let step = steps.partition_point(|before| *before <= wanted) - 1;
        let from = step * STEP;
        let mut breaks = memchr::memchr_iter(b'\n', &self.text.as_bytes()[from..]);
        breaks.nth((wanted - steps[step]) as usize).map_or(self.text.len(), |newline| from + newline + 1)
    }

    fn breaks_before(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let offset = offset.min(bytes.len());
        let step = offset / STEP;
        self.breaks()[step] + breaks(&bytes[step * STEP..offset])
    }

    /// There is a step at least: that of the first byte.
    fn breaks(&self) -> &[u32] {
        self.breaks.get_or_init(|| counts(self.text.as_bytes(), breaks))
    }

    /// Line and column of the byte at `offset`.
    pub fn position(&self, offset: u32) -> Position {
        let line = self.line_of(offset);
        let start = self.start_of(line);
        let offset = offset as usize;
        if !self.text.is_char_boundary(offset) {
            return Position { line, column: 1 };
        }
        let before = match offset.saturating_sub(start) {
            0..=STEP => characters(&self.text.as_bytes()[start..offset]),
            _ => self.characters_before(offset) - self.characters_before(start),
        };
        // A byte-order mark takes no column in any editor.
        let mark = start == 0 && offset > 0 && self.text.starts_with('\u{feff}');
        let column = before - u32::from(mark) + 1;
        Position { line, column }
    }

    /// Characters before a byte, without a walk through all of a long line: a fleet may be one line of JSON.
    fn characters_before(&self, offset: usize) -> u32 {
        let bytes = self.text.as_bytes();
        let steps = self.characters.get_or_init(|| counts(bytes, characters));
        let step = offset / STEP;
        steps[step] + characters(&bytes[step * STEP..offset])
    }
}

/// What there is before every [`STEP`]th byte, the end included if it is one.
fn counts(bytes: &[u8], count: fn(&[u8]) -> u32) -> Vec<u32> {
    let mut before = 0;
    let mut counts = Vec::with_capacity(bytes.len() / STEP + 1);
    counts.push(before);
    counts.extend(bytes.chunks_exact(STEP).map(|chunk| {
        before += count(chunk);
        before
    }));
    counts
}

/// How many lines end in these bytes.
fn breaks(bytes: &[u8]) -> u32 {
    memchr::memchr_iter(b'\n', bytes).count() as u32
}

/// How many characters start in these bytes.
fn characters(bytes: &[u8]) -> u32 {
    bytes.iter().filter(|byte| (**byte as i8) >= -0x40).count() as u32
}

/// Every file that was read, in the order of reading.
#[derive(Debug, Default)]
pub struct Sources {
    files: Vec<Source>,
    folder: String,
}

impl Sources {
    /// No files yet. `folder` is put before names when they are shown; empty for the current folder.
    pub fn new(folder: impl Into<String>) -> Self {
        Sources { files: Vec::new(), folder: folder.into() }
    }

    /// The folder of the fleet file, as it is shown; empty for the current folder.
    pub fn folder(&self) -> &str {
        &self.folder
    }

    /// Adds a text under its name relative to the fleet file's folder.
    pub fn add(&mut self, name: impl Into<String>, text: impl Into<String>) -> FileId {
        let name = name.into();
        let shown = if self.folder.is_empty() || name.starts_with('<') {
            name.clone()
        } else {
            format!("{}/{name}", self.folder.trim_end_matches('/'))
        };
        self.add_shown(name, shown, text)
    }

    /// Adds a text that has nothing to do with the fleet file's folder: it is shown as the user named it.
    pub fn add_foreign(&mut self, path: impl Into<String>, text: impl Into<String>) -> FileId {
        let path = path.into();
        self.add_shown(path.clone(), path, text)
    }

    fn add_shown(&mut self, name: String, shown: String, text: impl Into<String>) -> FileId {
        self.files.push(Source {
            name,
            shown,
            text: Arc::new(text.into()),
            breaks: OnceLock::new(),
            characters: OnceLock::new(),
        });
        FileId(self.files.len() as u32 - 1)
    }

    /// The file of an id that [`Sources::add`] gave.
    pub fn get(&self, id: FileId) -> &Source {
        &self.files[id.0 as usize]
    }

    /// The ids of all files.
    pub fn ids(&self) -> impl Iterator<Item = FileId> + use<> {
        (0..self.files.len() as u32).map(FileId)
    }

    /// The text a span covers; empty where the span does not fall on whole characters.
    pub fn slice(&self, span: Span) -> &str {
        self.get(span.file).text.get(span.start as usize..span.end as usize).unwrap_or("")
    }

    /// The file that was added under `name`.
    pub fn find(&self, name: &str) -> Option<FileId> {
        self.files.iter().position(|file| file.name == name).map(|index| FileId(index as u32))
    }
}

/// Where sources come from: the one seam through which fleetc reads.
pub trait Loader: Sync {
    /// Opens a file by its name relative to the fleet file's folder.
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>>;

    /// Whether it reads files that lie outside the folder of the fleet file.
    fn leaves(&self) -> bool {
        false
    }

    /// Names of files beside `name`, for a suggestion when it is missing; may be empty.
    fn siblings(&self, name: &str) -> Vec<String>;

    /// Reads a whole text file, up to [`MAX_SOURCE_BYTES`]. Text that is not UTF-8 is an error of kind `InvalidData`.
    fn read(&self, name: &str) -> io::Result<String> {
        let mut bytes = Vec::new();
        self.open(name)?.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > MAX_SOURCE_BYTES {
            let message = format!("larger than {} MiB", MAX_SOURCE_BYTES >> 20);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        String::from_utf8(bytes).map_err(|error| {
            let at = error.utf8_error().valid_up_to();
            let line = error.as_bytes()[..at].iter().filter(|byte| **byte == b'\n').count() + 1;
            io::Error::new(io::ErrorKind::InvalidData, format!("not UTF-8 text (line {line})"))
        })
    }
}

/// Reads from a folder on disk, and nothing outside it unless that is allowed.
#[derive(Debug)]
pub struct Disk {
    root: PathBuf,
    leaves: bool,
}

impl Disk {
    /// Reads files below `root`; the current folder when empty.
    pub fn new(root: impl Into<PathBuf>) -> Self {
        let root = root.into();
        Disk { root: if root.as_os_str().is_empty() { PathBuf::from(".") } else { root }, leaves: false }
    }

    /// The same; whether it also follows `..`, absolute paths and symlinks out of the folder is up to the user.
    pub fn leaving(self, leaves: bool) -> Self {
        Disk { leaves, ..self }
    }

    /// The whole path of a file that [`Loader::open`] would open.
    ///
    /// # Errors
    /// When it lies outside the folder and that is not allowed, is missing, or is no regular file.
    #[allow(clippy::disallowed_methods)] // the reading seam
    pub fn locate(&self, name: &str) -> io::Result<PathBuf> {
        let plain = Path::new(name).components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
        let root = self.root.canonicalize()?;
        let path = root.join(name).canonicalize()?;
        if !self.leaves && (!plain || !path.starts_with(&root)) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, OUTSIDE));
        }
        if path.is_dir() {
            return Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder"));
        }
        if !path.is_file() {
            return Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file"));
        }
        Ok(path)
    }
}

impl Loader for Disk {
    #[allow(clippy::disallowed_methods)] // the reading seam
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        Ok(Box::new(std::fs::File::open(self.locate(name)?)?))
    }

    fn leaves(&self) -> bool {
        self.leaves
    }

    #[allow(clippy::disallowed_methods)] // the reading seam
    fn siblings(&self, name: &str) -> Vec<String> {
        let folder = Path::new(name).parent().unwrap_or(Path::new(""));
        let Ok(entries) = std::fs::read_dir(self.root.join(folder)) else { return Vec::new() };
        let mut names: Vec<String> = entries
            .filter_map(|entry| Some(folder.join(entry.ok()?.file_name()).to_str()?.to_string()))
            .take(1000)
            .collect();
        names.sort();
        names
    }
}

/// Reads from a map: for tests, examples in rule pages, and standard input.
#[derive(Debug, Default)]
pub struct Memory {
    /// Contents by name.
    pub files: BTreeMap<String, Vec<u8>>,
}

impl Memory {
    /// A map of texts.
    pub fn new<'a>(files: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let files = files.into_iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()));
        Memory { files: files.collect() }
    }
}

impl Loader for Memory {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let name = name.strip_prefix("./").unwrap_or(name);
        match self.files.get(name) {
            Some(bytes) => Ok(Box::new(bytes.as_slice())),
            None => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
        }
    }

    fn siblings(&self, _name: &str) -> Vec<String> {
        self.files.keys().cloned().collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_count_characters_and_skip_the_byte_order_mark() {
        let mut sources = Sources::new("");
        let id = sources.add("f.yaml", "\u{feff}ä: b\r\nžluť: x\n");
        let source = sources.get(id);
        assert_eq!(source.position(3), Position { line: 1, column: 1 });
        assert_eq!(source.position(5), Position { line: 1, column: 2 });
        let x = source.text.find('x').unwrap_or_default() as u32;
        assert_eq!(source.position(x), Position { line: 2, column: 7 });
        assert_eq!(source.line_range(1), (0, 8));
    }

    #[test]
    fn columns_in_long_lines_are_counted_the_same() {
        let mut sources = Sources::new("");
        let text = format!("\u{feff}{}\n{}", "ž".repeat(3070), "ž😀b".repeat(STEP));
        let id = sources.add("f.json", text);
        let source = sources.get(id);
        let (mut line, mut column) = (1, 1);
        for (offset, c) in source.text.char_indices() {
            assert_eq!(source.position(offset as u32), Position { line, column });
            match c {
                '\n' => (line, column) = (line + 1, 1),
                '\u{feff}' => {}
                _ => column += 1,
            }
        }
        assert_eq!(source.text.len() % STEP, 0, "the end is looked up at a step");
        assert_eq!(source.position(source.text.len() as u32), Position { line, column });
    }

    #[test]
    fn lines_are_those_of_a_walk_through_the_text() {
        let long = "x".repeat(3 * STEP + 7);
        let texts = ["", "\n", "a", "a\n", "a\r\nb\r", &long, &"\n".repeat(2 * STEP), &"ab\ncde\r\n".repeat(STEP)];
        for text in texts.into_iter().map(str::to_string).chain([format!("{long}\n{long}\n\n{long}")]) {
            let mut sources = Sources::new("");
            let id = sources.add("f.yaml", text.clone());
            let source = sources.get(id);
            let mut start = 0;
            for (index, line) in text.split('\n').enumerate() {
                let number = index as u32 + 1;
                let end = start + line.len();
                assert_eq!(source.line_range(number), (start, start + line.trim_end_matches('\r').len()));
                for offset in [start, end] {
                    assert_eq!(source.line_of(offset as u32), number);
                    let column = (offset - start) as u32 + 1;
                    assert_eq!(source.position(offset as u32), Position { line: number, column });
                }
                start = end + 1;
            }
            let count = text.split('\n').count() as u32;
            assert_eq!((source.line_count(), source.line_of(u32::MAX)), (count, count));
            assert_eq!(source.line_range(0), source.line_range(1));
            assert_eq!(source.line_range(count + 1), source.line_range(count));
        }
    }

    #[test]
    fn a_span_is_twelve_bytes() {
        assert_eq!(size_of::<Span>(), 12);
    }
}

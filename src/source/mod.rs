//! Files that were read, and places in them.
//!
//! [`Sources`] keeps the text of every file for as long as findings may want to draw it. A [`Span`] is a file and a
//! byte range, small enough to stand beside every value; [`Spanned`] is a value with the place that set it.

mod file;
mod span;

use std::collections::BTreeMap;
use std::io::{self, Read};
use std::path::{Component, Path, PathBuf};

pub use file::{Position, Source};
pub use span::{FileId, Span, Spanned};

/// The largest source text that is read, in bytes: some two million hosts.
pub const MAX_SOURCE_BYTES: u64 = 512 << 20;

/// What is said of a file that [`Disk`] does not read.
pub const OUTSIDE: &str = "lies outside the folder of the fleet file";

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
        self.files.push(Source::new(name, shown, text.into()));
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

//! The manifest: the list of what fleetc wrote, at the root of the tree.
#![allow(clippy::disallowed_methods)]

mod checksum;
pub(super) mod lines;
mod parts;
mod source_name;

use std::fmt;
use std::io::{self, Read, Seek, Write};
use std::sync::Arc;

use rayon::prelude::*;
use schemars::JsonSchema;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::Digest;

pub use checksum::Checksum;
pub(super) use parts::{Parts, line};

use crate::source::Loader;
use crate::tree::{Body, MANIFEST, Tree, TreePath};

/// The version of the manifest that this fleetc writes and reads.
pub const VERSION: u32 = 1;

/// The largest manifest that is written and read, in bytes: some ten million files.
pub const MAX_BYTES: u64 = 2 << 30;

/// The list of every file that fleetc wrote into the output folder, except the list itself. A file that is not listed
/// is not fleetc's, and no build changes it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(title = "fleetc manifest")]
pub struct Manifest {
    /// Version of this format: 1.
    #[schemars(extend("const" = 1))]
    pub version: u32,
    /// The files, sorted by the bytes of their paths; no path twice.
    pub files: Vec<Entry>,
}

/// One file of the tree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Entry {
    /// Where it is served, relative to the output folder, with `/`.
    #[serde(with = "tree_path")]
    #[schemars(with = "String", extend("pattern" = r"^[!-\[\]-~]+$"))]
    pub path: TreePath,
    /// Its size in bytes.
    pub size: u64,
    /// SHA-256 of its bytes, in lower-case hexadecimal.
    #[schemars(with = "String", extend("pattern" = "^[0-9a-f]{64}$"))]
    pub sha256: Checksum,
    /// The line of a source file that it comes from.
    pub origin: Origin,
}

/// The line of a source file that a file of the tree comes from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Origin {
    /// The source file, relative to the folder of the fleet file.
    #[serde(with = "source_name")]
    #[schemars(with = "String")]
    pub file: Arc<str>,
    /// The line in it, from 1.
    pub line: u32,
}

impl From<crate::tree::Origin<'_>> for Origin {
    fn from(origin: crate::tree::Origin<'_>) -> Origin {
        Origin { file: source_name::shared(origin.file), line: origin.line }
    }
}

mod tree_path {
    use super::{Deserialize, Deserializer, Serializer, TreePath};

    pub(super) fn serialize<S: Serializer>(path: &TreePath, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(path.as_str())
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<TreePath, D::Error> {
        let path = String::deserialize(deserializer)?;
        if !TreePath::is_safe(&path) {
            return Err(serde::de::Error::custom(format!("{path:?} is no path inside a tree")));
        }
        Ok(TreePath::new(path))
    }
}

/// Why bytes are not a manifest.
#[derive(Debug)]
pub struct ManifestError(String);

impl fmt::Display for ManifestError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for ManifestError {}

impl Manifest {
    /// Reads the bytes of a `manifest.json`.
    ///
    /// # Errors
    /// When they are not JSON, have a key more or less, another version, a path that could lead out of the tree, or
    /// paths that are not sorted or not unique.
    pub fn parse(bytes: &[u8]) -> Result<Manifest, ManifestError> {
        Manifest::read(&mut io::Cursor::new(bytes))
    }

    /// Reads a `manifest.json`, from its beginning.
    ///
    /// # Errors
    /// As [`Manifest::parse`] does; or when it cannot be read.
    pub fn read(file: &mut (impl Read + Seek)) -> Result<Manifest, ManifestError> {
        let unread = |error: io::Error| ManifestError(format!("its `{MANIFEST}` cannot be read: {error}"));
        file.rewind().map_err(unread)?;
        if let Some(files) = lines::read(file).map_err(unread)? {
            return Manifest { version: VERSION, files }.checked();
        }
        // Not as fleetc writes it, or damaged.
        file.rewind().map_err(unread)?;
        let mut bytes = Vec::new();
        file.take(MAX_BYTES).read_to_end(&mut bytes).map_err(unread)?;
        let manifest: Manifest = serde_json::from_slice(&bytes)
            .map_err(|error| ManifestError(format!("its `{MANIFEST}` is none: {error}")))?;
        manifest.checked()
    }

    fn checked(self) -> Result<Manifest, ManifestError> {
        let manifest = self;
        if manifest.version != VERSION {
            let version = manifest.version;
            return Err(ManifestError(format!(
                "its `{MANIFEST}` has version {version}, and this fleetc reads version {VERSION}"
            )));
        }
        let mut last = "";
        for entry in &manifest.files {
            let path = entry.path.as_str();
            if path == MANIFEST {
                return Err(ManifestError(format!("its `{MANIFEST}` lists itself")));
            }
            if path <= last {
                return Err(ManifestError(format!("its `{MANIFEST}` is not sorted at `{path}`")));
            }
            last = path;
        }
        Ok(manifest)
    }
}

/// Writes a manifest, a line a file, as the entries come.
pub(super) struct Writer<W> {
    sink: W,
    empty: bool,
    size: u64,
}

impl<W: Write> Writer<W> {
    /// Begins a manifest in `sink`.
    pub(super) fn new(sink: W) -> io::Result<Writer<W>> {
        let mut writer = Writer { sink, empty: true, size: 0 };
        writer.put(format!("{{\"version\": {VERSION}, \"files\": [\n").as_bytes())?;
        Ok(writer)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.size += bytes.len() as u64;
        if self.size > MAX_BYTES {
            let message = format!("larger than {} GiB", MAX_BYTES >> 30);
            return Err(io::Error::new(io::ErrorKind::FileTooLarge, message));
        }
        self.sink.write_all(bytes)
    }

    /// Adds what [`line()`] made of one or more entries.
    pub(super) fn lines(&mut self, lines: &[u8]) -> io::Result<()> {
        if lines.is_empty() {
            return Ok(());
        }
        if !self.empty {
            self.put(b",\n")?;
        }
        self.empty = false;
        self.put(lines)
    }

    /// Ends the manifest; gives the sink back, unflushed, and the size of the manifest.
    pub(super) fn finish(mut self) -> io::Result<(W, u64)> {
        self.put(if self.empty { b"]}\n" } else { b"\n]}\n" })?;
        Ok((self.sink, self.size))
    }
}

/// An [`Entry`] to be written.
#[derive(Serialize)]
pub(super) struct Line<'l> {
    pub(super) path: &'l str,
    pub(super) size: u64,
    pub(super) sha256: Checksum,
    pub(super) origin: LineOrigin<'l>,
}

/// An [`Origin`] to be written.
#[derive(Serialize)]
pub(super) struct LineOrigin<'l> {
    file: &'l str,
    line: u32,
}

impl<'l> From<crate::tree::Origin<'l>> for LineOrigin<'l> {
    fn from(origin: crate::tree::Origin<'l>) -> LineOrigin<'l> {
        LineOrigin { file: origin.file, line: origin.line }
    }
}

/// The bytes that the manifest of a tree has when it is published, for a tree that is not.
///
/// # Errors
/// When a copied file cannot be read through `loader`.
pub fn text(tree: &dyn Tree, loader: &dyn Loader) -> io::Result<Vec<u8>> {
    let summed = |index| {
        let file = tree.file(index);
        let mut sum = sha2::Sha256::new();
        let size = match &file.body {
            Body::Bytes(bytes) => {
                sum.update(bytes);
                bytes.len() as u64
            }
            Body::Copy(name) => io::copy(&mut loader.open(name)?, &mut Summing(&mut sum))?,
        };
        Ok((file.path, size, Checksum(sum.finalize().into()), tree.origin(index)))
    };
    let files: io::Result<Vec<_>> = (0..tree.len()).into_par_iter().map(summed).collect();
    let mut lines = Vec::new();
    for (path, size, sha256, origin) in files? {
        line(&mut lines, &Line { path: path.as_str(), size, sha256, origin: origin.into() })?;
    }
    let mut writer = Writer::new(Vec::new())?;
    writer.lines(&lines)?;
    Ok(writer.finish()?.0)
}

/// Sums what is written.
struct Summing<'s>(&'s mut sha2::Sha256);

impl Write for Summing<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.update(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    fn entry(path: &str) -> Entry {
        let origin = Origin { file: "fleet.yaml".into(), line: 7 };
        Entry { path: TreePath::new(path), size: 3, sha256: Checksum([0xa5; 32]), origin }
    }

    fn as_line(entry: &Entry) -> Line<'_> {
        let origin = LineOrigin { file: &entry.origin.file, line: entry.origin.line };
        Line { path: entry.path.as_str(), size: entry.size, sha256: entry.sha256, origin }
    }

    fn write(runs: &[&[Entry]]) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new()).unwrap();
        for run in runs {
            let mut lines = Vec::new();
            for entry in *run {
                line(&mut lines, &as_line(entry)).unwrap();
                let whole = serde_json::to_vec(entry).unwrap();
                assert!(lines.ends_with(&whole), "an entry is written as it is read");
            }
            writer.lines(&lines).unwrap();
        }
        writer.finish().unwrap().0
    }

    #[test]
    fn a_file_is_a_line() {
        let text = String::from_utf8(write(&[&[entry("a"), entry("b")], &[], &[entry("c")]])).unwrap();
        let line = |path| {
            let sum = "a5".repeat(32);
            format!(r#"{{"path":"{path}","size":3,"sha256":"{sum}","origin":{{"file":"fleet.yaml","line":7}}}}"#)
        };
        let expected = format!("{{\"version\": 1, \"files\": [\n{},\n{},\n{}\n]}}\n", line("a"), line("b"), line("c"));
        assert_eq!(text, expected);
        assert_eq!(write(&[]), b"{\"version\": 1, \"files\": [\n]}\n");
    }

    #[test]
    fn what_is_written_is_read() {
        let entries = [entry("a"), entry("a.b"), entry("a/b"), entry("icis/get_config/52:54:00:00:00:01")];
        let manifest = Manifest::parse(&write(&[&entries])).unwrap();
        assert_eq!(manifest, Manifest { version: 1, files: entries.to_vec() });
        assert_eq!(Manifest::parse(&write(&[])).unwrap().files, []);
    }

    #[test]
    fn the_reader_is_strict() {
        let good = String::from_utf8(write(&[&[entry("a"), entry("b")]])).unwrap();
        for (from, to, why) in [
            ("\"version\": 1", "\"version\": 2", "version 2"),
            ("\"version\": 1, ", "", "missing field `version`"),
            ("\"version\": 1", "\"version\": 1, \"more\": 1", "unknown field `more`"),
            ("\"size\":3", "\"size\":-3", "invalid value"),
            ("\"size\":3", "\"size\":3,\"mode\":1", "unknown field `mode`"),
            ("\"path\":\"a\"", "\"path\":\"../a\"", "no path inside a tree"),
            ("\"path\":\"a\"", "\"path\":\"/a\"", "no path inside a tree"),
            ("\"path\":\"a\"", "\"path\":\"c\"", "not sorted at `b`"),
            ("\"path\":\"a\"", "\"path\":\"b\"", "not sorted at `b`"),
            ("\"path\":\"b\"", "\"path\":\"manifest.json\"", "lists itself"),
            ("a5a5", "A5a5", "no SHA-256 sum"),
            ("a5a5", "a5", "no SHA-256 sum"),
            ("]}\n", "]}\n{}", "trailing characters"),
            ("]}\n", "]", "EOF"),
        ] {
            let bad = good.replacen(from, to, 1);
            assert_ne!(bad, good);
            let error = Manifest::parse(bad.as_bytes()).unwrap_err().to_string();
            assert!(error.contains(why), "{error}");
        }
        assert!(Manifest::parse(b"").is_err());
        assert!(Manifest::parse(b"{\"name\": \"a web app\"}").is_err());
    }

    #[test]
    fn what_could_not_be_read_again_is_not_written() {
        let mut writer = Writer::new(io::sink()).unwrap();
        let lines = vec![b' '; 64 << 20];
        let error = (0..).find_map(|_| writer.lines(&lines).err()).unwrap();
        assert_eq!(error.to_string(), "larger than 2 GiB");
        assert_eq!(writer.size.div_ceil(64 << 20), 33, "at the first byte too many");
    }

    #[test]
    fn the_schema_describes_every_field() {
        let schema = serde_json::to_value(schemars::schema_for!(Manifest)).unwrap();
        assert_eq!(schema["additionalProperties"], false);
        assert_eq!(schema["properties"]["version"]["const"], 1);
        assert!(schema["properties"]["files"]["description"].is_string());
        let entry = &schema["$defs"]["Entry"]["properties"];
        for field in ["path", "size", "sha256", "origin"] {
            assert!(entry[field]["description"].is_string(), "{field}");
        }
        assert_eq!(entry["sha256"]["pattern"], "^[0-9a-f]{64}$");
    }
}

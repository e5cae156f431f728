//! What machines were before, known from a built tree: its manifest, and its files where they are at hand.
//!
//! A tree has what machines read, and not the lines that made it so; those that are shown are the head's. With the
//! manifest alone, that a file differs is known, and not what in it does.

mod compare;
mod lines;
mod read;
mod strangers;

use std::fmt;
use std::io::Read;
use std::sync::Arc;

use sha2::Digest;

pub(super) use compare::Trees;

use crate::model::Mac;
use crate::publish::Manifest;
use crate::publish::manifest::{Checksum, Entry};
use crate::source::Loader;

/// A tree that was built before.
pub struct Built<'b> {
    manifest: &'b Manifest,
    /// Its files; none where the manifest is all there is.
    files: Option<&'b dyn Loader>,
    /// What it is called, for messages.
    called: String,
    /// The folder of the service's answers; none where no file tells.
    service: Option<String>,
    /// The machines, by name.
    machines: Vec<Machine>,
}

/// A machine of a built tree.
#[derive(Debug)]
struct Machine {
    /// Its name; of one that has its system, where the manifest is all there is, the address of its first card.
    name: Arc<str>,
    /// Its cards, in their order.
    macs: Vec<Mac>,
    installs: bool,
    /// The sum of its boot script.
    script: Checksum,
}

impl Machine {
    /// Whether its name is known.
    fn is_named(&self) -> bool {
        !self.name.contains(':')
    }
}

/// Why a tree cannot be compared with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BuiltError(String);

impl fmt::Display for BuiltError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for BuiltError {}

impl<'b> Built<'b> {
    /// Reads which machines a tree is for. `files` reads its files by their paths; without it, what can be told is told
    /// from the manifest. `called` is what messages call the tree.
    ///
    /// # Errors
    /// When a file is not there, or is not what the manifest says.
    pub fn read(
        manifest: &'b Manifest,
        files: Option<&'b dyn Loader>,
        called: impl Into<String>,
    ) -> Result<Built<'b>, BuiltError> {
        let called = called.into();
        let mut built = Built { manifest, files, called, service: None, machines: Vec::new() };
        built.service = read::service(manifest);
        built.machines = read::machines(&built)?;
        Ok(built)
    }

    fn entry(&self, path: &str) -> Option<&'b Entry> {
        let files = &self.manifest.files;
        files.binary_search_by(|entry| entry.path.as_str().cmp(path)).ok().map(|index| &files[index])
    }

    fn sum(&self, path: &str) -> Option<Checksum> {
        self.entry(path).map(|entry| entry.sha256)
    }

    /// The bytes of a file; none where the manifest is all there is, or does not list it.
    fn bytes(&self, path: &str) -> Result<Option<Vec<u8>>, BuiltError> {
        let (Some(files), Some(entry)) = (self.files, self.entry(path)) else { return Ok(None) };
        let mut bytes = Vec::new();
        let fault = |what: String| BuiltError(format!("`{path}` of {} {what}", self.called));
        let read = files.open(path).and_then(|file| file.take(entry.size + 1).read_to_end(&mut bytes));
        read.map_err(|error| fault(format!("cannot be read: {error}")))?;
        match sum(&bytes) == entry.sha256 {
            true => Ok(Some(bytes)),
            false => Err(fault("is not what its `manifest.json` says: build the tree anew".to_string())),
        }
    }

    fn text(&self, path: &str) -> Result<Option<String>, BuiltError> {
        Ok(self.bytes(path)?.map(|bytes| String::from_utf8_lossy(&bytes).into_owned()))
    }

    /// A path below the folder of the service's answers.
    fn below(&self, rest: &str) -> String {
        format!("{}/{rest}", self.service.as_deref().unwrap_or_default())
    }
}

/// The SHA-256 sum of some bytes.
fn sum(bytes: &[u8]) -> Checksum {
    Checksum(sha2::Sha256::digest(bytes).into())
}

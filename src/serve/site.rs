//! What is served: the tree of a fleet, made when it is asked for, and folders besides it. A seam: it reads files.
#![allow(clippy::disallowed_methods)]

use std::fs::File;
use std::io::ErrorKind;
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, RecvTimeoutError, SyncSender};
use std::sync::{Arc, Mutex, OnceLock, PoisonError};
use std::time::Duration;

use sha2::Digest;

use super::answer::{Found, Identity};
use super::guide::{Asked, Guide, shown};
use super::path::Target;
use crate::emit::Emission;
use crate::model::Fleet;
use crate::publish::manifest::{self, Checksum};
use crate::source::{Disk, Sources};
use crate::tree::{Body, MANIFEST, Tree};

/// The bytes of a file.
#[derive(Debug)]
pub enum Content {
    /// None: it is no file.
    None,
    /// These.
    Bytes(Arc<[u8]>),
    /// Those of a file on disk.
    File(File),
}

/// What is asked of a site, and where the reply goes.
pub struct Query {
    /// What is asked for.
    pub target: Target,
    /// Where the reply goes.
    pub reply: SyncSender<Reply>,
}

/// What a site replies.
pub struct Reply {
    /// What there is.
    pub found: Found,
    /// Its bytes.
    pub content: Content,
    /// What the request says of the machine.
    pub asked: Asked,
}

/// A tree to serve, with what lies besides it.
pub struct Site<'f> {
    emission: Emission<'f>,
    guide: Guide<'f>,
    loader: &'f Disk,
    roots: &'f [PathBuf],
    /// The path of the server's URL: `/fleet`, or nothing.
    folder: String,
    manifest: OnceLock<Option<Arc<[u8]>>>,
}

impl<'f> Site<'f> {
    /// The site of a fleet without errors. Its copied files are read by `loader`; what the tree does not have is looked
    /// for in `roots`, one after the other.
    pub fn new(fleet: &'f Fleet, sources: &'f Sources, loader: &'f Disk, roots: &'f [PathBuf]) -> Site<'f> {
        Site {
            emission: Emission::new(fleet, sources),
            guide: Guide::new(fleet),
            loader,
            roots,
            folder: fleet.server.url.path().to_string(),
            manifest: OnceLock::new(),
        }
    }

    /// The names of all hosts.
    pub fn hosts(&self) -> Vec<String> {
        self.guide.hosts()
    }

    /// Whether something is served at a path relative to the tree.
    pub fn has(&self, path: &str) -> bool {
        matches!(self.look(path.as_bytes()).0, Found::File(_))
    }

    /// Answers queries until `stop` is set, or nobody is left to ask. Any number of threads may do so.
    pub fn answer(&self, queries: &Mutex<Receiver<Query>>, stop: &AtomicBool) {
        while !stop.load(Ordering::Relaxed) {
            let next = queries.lock().unwrap_or_else(PoisonError::into_inner).recv_timeout(Duration::from_millis(100));
            match next {
                Ok(query) => {
                    let reply = self.reply(&query.target);
                    // Whoever asked may be gone.
                    let _ = query.reply.send(reply);
                }
                Err(RecvTimeoutError::Timeout) => {}
                Err(RecvTimeoutError::Disconnected) => return,
            }
        }
    }

    /// What there is for a request.
    pub fn reply(&self, target: &Target) -> Reply {
        let Some(below) = target.below(&self.folder) else {
            let asked = target.bytes();
            let above = [asked.strip_suffix(b"/").unwrap_or(asked), b"/"].concat();
            let leads_here = format!("{}/", self.folder).as_bytes().starts_with(&above);
            let found = if leads_here { Found::Folder } else { Found::Nothing };
            let path = shown(&String::from_utf8_lossy(asked));
            return Reply { found, content: Content::None, asked: Asked { path, ..Asked::default() } };
        };
        let path = &below[1..];
        let asked = self.guide.read(&String::from_utf8_lossy(path));
        let (found, content) = self.look(path);
        Reply { found, content, asked }
    }

    /// What there is at a path relative to the tree; a folder's may end in a slash.
    fn look(&self, path: &[u8]) -> (Found, Content) {
        let nothing = |found| (found, Content::None);
        let Some(folder) = path.strip_suffix(b"/").or_else(|| path.is_empty().then_some(path)) else {
            if let Some(found) = std::str::from_utf8(path).ok().and_then(|path| self.in_tree(path)) {
                return found;
            }
            return self.besides(path);
        };
        // A folder shows its index, where there is one; the tree has none.
        match self.besides(&[path, b"index.html"].concat()) {
            (Found::Nothing, _) => {}
            index => return index,
        }
        let in_tree = self.emission.has_folder(folder);
        let besides = || self.roots.iter().any(|root| root.join(relative(folder)).is_dir());
        nothing(if folder.is_empty() || in_tree || besides() { Found::Folder } else { Found::Nothing })
    }

    fn in_tree(&self, path: &str) -> Option<(Found, Content)> {
        let bytes = |bytes: Arc<[u8]>| {
            let tag = format!("\"{}\"", Checksum(sha2::Sha256::digest(&bytes).into()));
            (Found::File(Identity { length: bytes.len() as u64, tag }), Content::Bytes(bytes))
        };
        if path == MANIFEST {
            let make = || manifest::text(&self.emission, self.loader).ok().map(Arc::from);
            return Some(self.manifest.get_or_init(make).clone().map_or((Found::Broken, Content::None), bytes));
        }
        if let Some(file) = self.emission.find(path) {
            return Some(match file.body {
                Body::Bytes(made) => bytes(Arc::from(&*made)),
                Body::Copy(name) => self.loader.locate(name).map_or((Found::Broken, Content::None), |path| open(&path)),
            });
        }
        self.emission.has_folder(path.as_bytes()).then_some((Found::Folder, Content::None))
    }

    /// What lies in the folders besides the tree.
    fn besides(&self, path: &[u8]) -> (Found, Content) {
        let found = self.roots.iter().map(|root| open(&root.join(relative(path))));
        let mut found = found.filter(|(found, _)| *found != Found::Nothing);
        found.next().unwrap_or((Found::Nothing, Content::None))
    }
}

/// A path below a folder: what was asked for has no `..` (see [`Target`]).
fn relative(path: &[u8]) -> &Path {
    Path::new(std::ffi::OsStr::from_bytes(path))
}

/// Opens a file for an answer.
fn open(path: &Path) -> (Found, Content) {
    let failed = |error: std::io::Error| match error.kind() {
        ErrorKind::PermissionDenied => (Found::Denied, Content::None),
        _ => (Found::Nothing, Content::None),
    };
    // A pipe would be waited for when it is opened; it is looked at first.
    let meta = match std::fs::metadata(path) {
        Ok(meta) if meta.is_dir() => return (Found::Folder, Content::None),
        Ok(meta) if !meta.is_file() => return (Found::Nothing, Content::None),
        Ok(meta) => meta,
        Err(error) => return failed(error),
    };
    match File::open(path) {
        Ok(file) => {
            // As nginx makes it: by time and size, since a kernel is too large to be summed at each request.
            let meta = file.metadata().unwrap_or(meta);
            let tag = format!("\"{:x}-{:x}\"", meta.mtime(), meta.len());
            (Found::File(Identity { length: meta.len(), tag }), Content::File(file))
        }
        Err(error) => failed(error),
    }
}

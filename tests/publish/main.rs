//! Publishing: what is written, what is kept, what is refused, and what readers and other builds see meanwhile.
#![allow(clippy::unwrap_used, clippy::disallowed_methods)]

mod any;
mod faults;
mod foreign;
mod full;
mod hunted;
mod killed;
mod others;
mod strangers;
mod written;

#[path = "../support/installer.rs"]
mod installer;
#[path = "../support/ipxe.rs"]
mod ipxe;
#[path = "../support/program.rs"]
mod program;
#[path = "../support/server.rs"]
mod server;

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};

use fleetc::publish::{Manifest, PublishError, Published, publish};
use fleetc::source::Memory;
use fleetc::tree::{self, Body, Origin, Tree, TreePath};

/// A tree in memory. A content that begins with `copy:` names a source file.
struct Files {
    files: Vec<(String, String)>,
    /// Is called with the index of each file that is made.
    made: Box<dyn Fn(usize) + Sync>,
}

fn files<const N: usize>(files: [(&str, &str); N]) -> Files {
    Files::new(files.map(|(path, text)| (path.to_string(), text.to_string())).to_vec())
}

impl Files {
    fn new(files: Vec<(String, String)>) -> Files {
        Files { files, made: Box::new(|_| ()) }
    }

    fn when(mut self, made: impl Fn(usize) + Sync + 'static) -> Files {
        self.made = Box::new(made);
        self
    }
}

impl Tree for Files {
    fn len(&self) -> usize {
        self.files.len()
    }

    fn file(&self, index: usize) -> tree::File<'_> {
        (self.made)(index);
        let (path, text) = &self.files[index];
        let body = match text.strip_prefix("copy:") {
            Some(name) => Body::Copy(name),
            None => Body::Bytes(text.as_bytes().into()),
        };
        tree::File { path: TreePath::new(path), body, origin: Origin { file: "fleet.yaml", line: index as u32 + 1 } }
    }
}

/// A folder of its own, with the output folder `srv/out` in it.
struct Site {
    folder: tempfile::TempDir,
    loader: Memory,
}

impl Site {
    fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        Site { folder, loader: Memory::new([("a.tar", "an artifact"), ("empty", "")]) }
    }

    fn out(&self) -> PathBuf {
        self.folder.path().join("srv/out")
    }

    fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.out().join(name)
    }

    fn publish(&self, tree: &Files) -> Result<Published, PublishError> {
        publish(tree, &self.loader, &self.out(), &|note| panic!("{note}"), &|_| ())
    }

    fn put(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Everything in the output folder but the manifest, which must list exactly `tree`.
    fn content(&self, tree: &Files) -> BTreeMap<PathBuf, String> {
        let mut content = content(&self.out());
        let text = content.remove(Path::new("manifest.json")).unwrap();
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        let listed = manifest.files.iter().map(|entry| entry.path.as_str().to_string());
        assert_eq!(listed.collect::<Vec<_>>(), tree.files.iter().map(|file| file.0.clone()).collect::<Vec<_>>());
        for (index, entry) in manifest.files.iter().enumerate() {
            assert_eq!(entry.size, content[Path::new(entry.path.as_str())].len() as u64);
            assert_eq!((entry.origin.file.as_str(), entry.origin.line), ("fleet.yaml", index as u32 + 1));
        }
        assert_eq!(names(self.out().parent().unwrap()), ["out"], "nothing is left beside the output folder");
        content
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

fn walk(root: &Path, each: &mut dyn FnMut(&Path, &fs::Metadata)) {
    for entry in fs::read_dir(root).unwrap() {
        let path = entry.unwrap().path();
        let seen = fs::symlink_metadata(&path).unwrap();
        each(&path, &seen);
        if seen.is_dir() {
            walk(&path, each);
        }
    }
}

/// Every path under a folder, with the text of a file, `-> target` of a symlink, `/` of an empty folder.
fn content(root: &Path) -> BTreeMap<PathBuf, String> {
    let mut content = BTreeMap::new();
    walk(root, &mut |path, seen| {
        let text = match seen.file_type() {
            kind if kind.is_symlink() => format!("-> {}", fs::read_link(path).unwrap().display()),
            kind if kind.is_file() => fs::read_to_string(path).unwrap(),
            kind if !kind.is_dir() => "special".to_string(),
            _ if fs::read_dir(path).unwrap().next().is_some() => return,
            _ => "/".to_string(),
        };
        content.insert(path.strip_prefix(root).unwrap().to_path_buf(), text);
    });
    content
}

/// Inode, times and mode of everything under a folder and of the folder.
fn state(root: &Path) -> BTreeMap<PathBuf, (u64, i64, i64, i64, i64, u32)> {
    let of = |seen: &fs::Metadata| {
        (seen.ino(), seen.mtime(), seen.mtime_nsec(), seen.ctime(), seen.ctime_nsec(), seen.mode())
    };
    let mut state = BTreeMap::from([(PathBuf::new(), of(&fs::metadata(root).unwrap()))]);
    walk(root, &mut |path, seen| {
        state.insert(path.to_path_buf(), of(seen));
    });
    state
}

/// What the content of a tree is on disk.
fn expected(tree: &Files, foreign: &[(&str, &str)]) -> BTreeMap<PathBuf, String> {
    let files = tree.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    files.chain(foreign.iter().copied()).map(|(path, text)| (path.into(), text.to_string())).collect()
}

fn identity(path: PathBuf) -> (u64, i64, i64) {
    let seen = fs::symlink_metadata(path).unwrap();
    (seen.ino(), seen.mtime(), seen.mtime_nsec())
}

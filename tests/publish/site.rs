//! A folder to publish into, and what is in it.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::Mutex;

use fleetc::publish::{Manifest, Output, PublishError, Published, Spare, publish};
use fleetc::source::Memory;

use crate::tree_files::{Files, content, names, walk};

/// A folder of its own, with the output folder `srv/out` in it.
pub struct Site {
    pub folder: tempfile::TempDir,
    pub loader: Memory,
    /// What was said of files that somebody edited or took away; it was to be no more than that.
    pub lost: Mutex<Vec<String>>,
}

impl Site {
    pub fn new() -> Site {
        let folder = tempfile::tempdir().unwrap();
        let loader = Memory::new([("a.tar", "an artifact"), ("empty", "")]);
        Site { folder, loader, lost: Mutex::default() }
    }

    pub fn out(&self) -> PathBuf {
        self.folder.path().join("srv/out")
    }

    pub fn path(&self, name: impl AsRef<Path>) -> PathBuf {
        self.out().join(name)
    }

    pub fn publish(&self, tree: &Files) -> Result<Published, PublishError> {
        self.publish_in(tree, &Output::new(&self.out(), crate::SPARE))
    }

    pub fn publish_in(&self, tree: &Files, out: &Output<'_>) -> Result<Published, PublishError> {
        let notice = |note: &str| {
            assert!(note.contains("as the last build left"), "{note}");
            self.lost.lock().unwrap().push(note.to_string());
        };
        publish(tree, &self.loader, out, &notice, &|_| ())
    }

    /// What is beside the output folder, but for a spare and its ledger.
    pub fn beside(&self) -> Vec<String> {
        let mut names = names(self.out().parent().unwrap());
        let spare = [".out.fleetc-ledger", ".out.fleetc-spare"];
        names.retain(|name| name != "out" && !(crate::SPARE == Spare::Always && spare.contains(&name.as_str())));
        names
    }

    pub fn put(&self, name: &str, text: &str) {
        fs::create_dir_all(self.path(name).parent().unwrap()).unwrap();
        fs::write(self.path(name), text).unwrap();
    }

    pub fn text(&self, name: &str) -> String {
        fs::read_to_string(self.path(name)).unwrap()
    }

    /// Everything in the output folder but the manifest, which must list exactly `tree`.
    pub fn content(&self, tree: &Files) -> BTreeMap<PathBuf, String> {
        let mut content = content(&self.out());
        let text = content.remove(Path::new("manifest.json")).unwrap();
        let manifest = Manifest::parse(text.as_bytes()).unwrap();
        let listed = manifest.files.iter().map(|entry| entry.path.as_str().to_string());
        assert_eq!(listed.collect::<Vec<_>>(), tree.files.iter().map(|file| file.0.clone()).collect::<Vec<_>>());
        for (index, entry) in manifest.files.iter().enumerate() {
            assert_eq!(entry.size, content[Path::new(entry.path.as_str())].len() as u64);
            assert_eq!((&*entry.origin.file, entry.origin.line), ("fleet.yaml", index as u32 + 1));
        }
        assert_eq!(self.beside(), [""; 0], "nothing is left beside the output folder");
        content
    }
}

/// Inode, times and mode of everything under a folder and of the folder.
pub fn state(root: &Path) -> BTreeMap<PathBuf, (u64, i64, i64, i64, i64, u32)> {
    let of = |seen: &fs::Metadata| {
        (seen.ino(), seen.mtime(), seen.mtime_nsec(), seen.ctime(), seen.ctime_nsec(), seen.mode())
    };
    let mut state = BTreeMap::from([(PathBuf::new(), of(&fs::metadata(root).unwrap()))]);
    walk(root, &mut |path, seen| {
        state.insert(path.to_path_buf(), of(seen));
    });
    state
}

pub fn identity(path: PathBuf) -> (u64, i64, i64) {
    let seen = fs::symlink_metadata(path).unwrap();
    (seen.ino(), seen.mtime(), seen.mtime_nsec())
}

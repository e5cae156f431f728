//! Trees in memory, and what is in folders on disk.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fleetc::tree::{self, Body, Origin, Tree, TreePath};

/// A tree in memory. A content that begins with `copy:` names a source file.
pub struct Files {
    pub files: Vec<(String, String)>,
    /// Is called with the index of each file that is made.
    pub made: Box<dyn Fn(usize) + Sync>,
}

/// A tree of these paths and contents.
pub fn files<const N: usize>(files: [(&str, &str); N]) -> Files {
    Files::new(files.map(|(path, text)| (path.to_string(), text.to_string())).to_vec())
}

impl Files {
    pub fn new(files: Vec<(String, String)>) -> Files {
        Files { files, made: Box::new(|_| ()) }
    }

    pub fn when(mut self, made: impl Fn(usize) + Sync + 'static) -> Files {
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
        tree::File { path: TreePath::new(path), body }
    }

    fn origin(&self, index: usize) -> Origin<'_> {
        Origin { file: "fleet.yaml", line: index as u32 + 1 }
    }
}

/// What is in a folder, by name.
pub fn names(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).unwrap();
    let mut names: Vec<_> = entries.map(|entry| entry.unwrap().file_name().to_string_lossy().into_owned()).collect();
    names.sort();
    names
}

/// Calls `each` with everything below a folder.
pub fn walk(root: &Path, each: &mut dyn FnMut(&Path, &fs::Metadata)) {
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
pub fn content(root: &Path) -> BTreeMap<PathBuf, String> {
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

/// What the content of a tree is on disk.
pub fn expected(tree: &Files, foreign: &[(&str, &str)]) -> BTreeMap<PathBuf, String> {
    let files = tree.files.iter().map(|(path, text)| (path.as_str(), text.as_str()));
    files.chain(foreign.iter().copied()).map(|(path, text)| (path.into(), text.to_string())).collect()
}

//! A tree in memory that can be changed, and the verdict on it.

use std::collections::BTreeMap;

use fleetc::compile::Compiled;
use fleetc::diag::{Report, Sink};
use fleetc::rules::walk;
use fleetc::source::Loader;
use fleetc::tree::{Body, File, Origin, Tree, TreePath};

use crate::example;

/// The files of a tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files(pub BTreeMap<String, Vec<u8>>);

impl Files {
    /// The tree of a compiled fleet.
    pub fn of(compiled: &Compiled, loader: &dyn Loader) -> Option<Files> {
        example::tree(compiled, loader).map(Files)
    }

    /// The lines of a script.
    pub fn lines(&self, path: &str) -> Vec<String> {
        let text = String::from_utf8(self.0[path].clone()).unwrap();
        text.lines().map(str::to_string).collect()
    }

    /// The same tree with other lines in a script.
    pub fn with(&self, path: &str, lines: &[String]) -> Files {
        let mut files = self.clone();
        files.0.insert(path.to_string(), (lines.join("\n") + "\n").into_bytes());
        files
    }
}

impl Tree for Files {
    fn len(&self) -> usize {
        self.0.len()
    }

    fn file(&self, index: usize) -> File<'_> {
        let (path, bytes) = self.0.iter().nth(index).unwrap();
        let copy = path.starts_with("artifacts/");
        let body = if copy { Body::Copy("a boot file") } else { Body::Bytes(bytes.into()) };
        File { path: TreePath::new(path), body }
    }

    fn origin(&self, _index: usize) -> Origin<'_> {
        Origin { file: "fleet.yaml", line: 1 }
    }
}

/// A tree whose files are made host by host, as publishing makes them.
struct ByHost<'t> {
    tree: &'t Files,
    readers: Vec<Option<u32>>,
}

impl Tree for ByHost<'_> {
    fn len(&self) -> usize {
        self.tree.len()
    }

    fn file(&self, index: usize) -> File<'_> {
        self.tree.file(index)
    }

    fn origin(&self, index: usize) -> Origin<'_> {
        self.tree.origin(index)
    }

    fn reader(&self, index: usize) -> Option<u32> {
        self.readers[index]
    }
}

/// What is said of a tree at the end, after `size` files at a time were looked at as they were made.
pub fn judged_in_batches(compiled: &Compiled, files: &Files, size: usize) -> Vec<(String, String)> {
    let fleet = compiled.fleet().unwrap();
    let host_of = |path: &String| {
        let is_own = |host: &fleetc::model::Host| {
            let card = |mac: &fleetc::source::Spanned<fleetc::model::Mac>| {
                path.contains(&mac.value.colons()) || path.contains(&mac.value.hyphens())
            };
            host.macs.iter().any(card) || path.contains(&format!("/{}/", host.name.value.as_str()))
        };
        fleet.hosts.iter().position(is_own).map(|host| host as u32)
    };
    let tree = ByHost { tree: files, readers: files.0.keys().map(host_of).collect() };
    let mut order: Vec<u32> = (0..tree.len() as u32).collect();
    order.sort_by_key(|index| tree.readers[*index as usize].unwrap_or(u32::MAX));
    let sink = Sink::default();
    let followed = walk::Followed::new(fleet, &tree, &sink);
    for batch in order.chunks(size) {
        let mut batch = batch.to_vec();
        batch.sort_unstable();
        assert_eq!(followed.batch(&batch).len(), batch.len());
    }
    let right = followed.is_right();
    let found = said(sink);
    assert_eq!(right, found.is_empty());
    found
}

/// What is said of a tree: place, message and help.
pub fn judged(compiled: &Compiled, tree: &dyn Tree) -> Vec<(String, String)> {
    let sink = Sink::default();
    walk::Followed::new(compiled.fleet().unwrap(), tree, &sink).is_right();
    said(sink)
}

fn said(sink: Sink) -> Vec<(String, String)> {
    let mut report = Report::default();
    report.add(sink);
    let findings = report.findings.into_iter().map(|finding| {
        assert_eq!(finding.diagnostic.rule.id, "astray-boot-path");
        (finding.diagnostic.message, finding.diagnostic.help.unwrap())
    });
    findings.collect()
}

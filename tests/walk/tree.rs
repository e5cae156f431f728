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
        File { path: TreePath::new(path), body, origin: Origin { file: "fleet.yaml", line: 1 } }
    }
}

/// What is said of a tree: place, message and help.
pub fn judged(compiled: &Compiled, tree: &dyn Tree) -> Vec<(String, String)> {
    let sink = Sink::default();
    walk::Followed::new(compiled.fleet().unwrap(), tree, &sink).is_right();
    let mut report = Report::default();
    report.add(sink);
    let findings = report.findings.into_iter().map(|finding| {
        assert_eq!(finding.diagnostic.rule.id, "astray-boot-path");
        (finding.diagnostic.message, finding.diagnostic.help.unwrap())
    });
    findings.collect()
}

//! The fleets of `examples/`, compiled in memory.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};

use fleetc::compile::{Compiled, compile};
use fleetc::diag::{Level, Levels};
use fleetc::emit::Emission;
use fleetc::source::{Disk, Loader};
use fleetc::tree::{Body, Tree};
use serde_json::Value;

/// A folder of `examples/`.
#[derive(Clone, Debug)]
pub struct Example {
    pub name: String,
    pub folder: PathBuf,
}

/// Every folder of `examples/`, by name.
pub fn all() -> Vec<Example> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples");
    let mut found: Vec<Example> = fs::read_dir(root)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .filter(|path| path.is_dir())
        .map(|folder| Example { name: folder.file_name().unwrap().to_str().unwrap().to_string(), folder })
        .collect();
    found.sort_by(|a, b| a.name.cmp(&b.name));
    let names: Vec<&str> = found.iter().map(|example| example.name.as_str()).collect();
    for known in ["bulk", "minimal", "mixed", "pilot"] {
        assert!(names.contains(&known), "examples/{known} is gone");
    }
    found
}

/// One example.
pub fn named(name: &str) -> Example {
    all().into_iter().find(|example| example.name == name).unwrap()
}

impl Example {
    /// The text of its fleet file.
    pub fn text(&self) -> String {
        fs::read_to_string(self.folder.join("fleet.yaml")).unwrap()
    }

    /// Its fleet file as other programs read it.
    pub fn document(&self) -> Value {
        serde_yaml::from_str(&self.text()).unwrap()
    }

    /// Compiles its fleet file, or another text in its place.
    pub fn compile(&self, text: &str) -> Compiled {
        compile("fleet.yaml", text.to_string(), "", &Disk::new(&self.folder), &Levels::default())
    }

    /// The files of its tree, without the manifest.
    pub fn tree(&self) -> BTreeMap<String, Vec<u8>> {
        let compiled = self.compile(&self.text());
        tree(&compiled, &Disk::new(&self.folder)).unwrap_or_else(|| panic!("{}: {:#?}", self.name, findings(&compiled)))
    }
}

/// The files of a compiled fleet, in memory; none when it has errors.
///
/// # Panics
/// When the paths do not grow: what publishes the tree, and the manifest, rely on their order.
pub fn tree(compiled: &Compiled, loader: &dyn Loader) -> Option<BTreeMap<String, Vec<u8>>> {
    let emission = Emission::new(compiled.fleet()?, &compiled.sources);
    let mut files: BTreeMap<String, Vec<u8>> = BTreeMap::new();
    for index in 0..emission.len() {
        let file = emission.file(index);
        let path = file.path.as_str().to_string();
        if let Some((last, _)) = files.last_key_value() {
            assert!(*last < path, "{path} comes after {last}");
        }
        let bytes = match file.body {
            Body::Bytes(bytes) => bytes.into_owned(),
            Body::Copy(name) => {
                let mut bytes = Vec::new();
                loader.open(name).unwrap().read_to_end(&mut bytes).unwrap();
                bytes
            }
        };
        files.insert(path, bytes);
    }
    Some(files)
}

/// What was found, a line each.
pub fn findings(compiled: &Compiled) -> Vec<String> {
    let findings = compiled.report.findings.iter();
    findings
        .map(|finding| {
            let found = &finding.diagnostic;
            let line = compiled.sources.get(found.place.span.file).line_of(found.place.span.start);
            let level = if finding.level == Level::Error { "error" } else { "warning" };
            format!("{level}[{}] line {line}: {}", found.rule.id, found.message)
        })
        .collect()
}

/// The installer's templates in a tree: path, and content as JSON.
pub fn templates(tree: &BTreeMap<String, Vec<u8>>) -> impl Iterator<Item = (&str, Value)> {
    let found = tree.iter().filter(|(path, _)| path.ends_with("/ister_config.json"));
    found.map(|(path, bytes)| (path.as_str(), serde_json::from_slice(bytes).unwrap()))
}

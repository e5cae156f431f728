//! A tree that is not what the fleet makes of it, and what is said of it before it would be published.

use std::collections::BTreeMap;

use fleetc::compile::Compiled;
use fleetc::diag::Sink;
use fleetc::emit::Emission;
use fleetc::rules::walk;
use fleetc::tree::{Body, File, Origin, Tree};

/// A tree with other bytes in some of its files.
struct Changed<'f> {
    tree: Emission<'f>,
    changed: BTreeMap<String, Vec<u8>>,
}

impl Tree for Changed<'_> {
    fn len(&self) -> usize {
        self.tree.len()
    }

    fn file(&self, index: usize) -> File<'_> {
        let file = self.tree.file(index);
        match self.changed.get(file.path.as_str()) {
            Some(bytes) => File { body: Body::Bytes(bytes.into()), ..file },
            None => file,
        }
    }

    fn origin(&self, index: usize) -> Origin<'_> {
        self.tree.origin(index)
    }
}

/// Judges the tree of a fleet without errors, with other bytes in some of its files; what is found joins what was found.
pub fn judge(compiled: &mut Compiled, changed: BTreeMap<String, Vec<u8>>) {
    let sink = Sink::default();
    let fleet = compiled.fleet().expect("a fleet without errors");
    let tree = Changed { tree: Emission::new(fleet, &compiled.sources), changed };
    walk::Followed::new(fleet, &tree, &sink).is_right();
    compiled.add(sink);
}

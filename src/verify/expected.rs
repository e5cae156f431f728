//! What a server should have: the files of a tree, and what follows from the list of them.

use std::collections::BTreeMap;

use crate::model::Mac;
use crate::publish::manifest::{Checksum, Entry};

use super::kind::Kind;

/// Where the list of files comes from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Source {
    /// The server's own `manifest.json`.
    Server,
    /// A tree on this machine.
    Tree,
    /// A fleet file, compiled.
    Fleet,
}

/// Gives the bytes of a small file of the tree by its path.
pub type Texts<'t> = &'t (dyn Fn(&str) -> Option<Vec<u8>> + Sync);

/// What a server should have.
pub struct Expected<'e> {
    /// The files of the tree, sorted by their paths, without the manifest.
    pub files: Vec<Entry>,
    /// Where that list comes from.
    pub source: Source,
    /// The sums of boot files that are not part of the tree, by URL, as the fleet file gives them.
    pub sums: BTreeMap<String, Checksum>,
    /// The bytes of a small file of the tree, where they are on this machine.
    pub text: Option<Texts<'e>>,
    /// The files that the server's manifest lists, when that is another one.
    pub theirs: Vec<Entry>,
    /// The folder of the service's answers.
    service: String,
}

impl<'e> Expected<'e> {
    /// What a server should have: these files. `text` gives those that are on this machine.
    pub fn new(files: Vec<Entry>, source: Source, text: Option<Texts<'e>>) -> Expected<'e> {
        let serves = |kind| matches!(kind, Kind::Conf | Kind::Template | Kind::Config | Kind::Role);
        let path = files.iter().map(|file| file.path.as_str()).find(|path| serves(Kind::of(path)));
        let service = path.and_then(|path| path.split('/').next()).unwrap_or("icis").to_string();
        Expected { files, source, sums: BTreeMap::new(), text, theirs: Vec::new(), service }
    }

    /// The file at a path.
    pub fn find(&self, path: &str) -> Option<&Entry> {
        find(&self.files, path)
    }

    /// The file that the server's own, other manifest lists at a path.
    pub fn theirs(&self, path: &str) -> Option<&Entry> {
        find(&self.theirs, path)
    }

    /// The folder of the service's answers.
    pub fn service(&self) -> &str {
        &self.service
    }

    /// The addresses of all listed network cards, with hyphens.
    pub fn macs(&self) -> impl Iterator<Item = &str> {
        let scripts = inside(&self.files, "boot/").iter().filter_map(|file| file.path.as_str().strip_prefix("boot/"));
        scripts.filter_map(|name| name.strip_suffix(".ipxe"))
    }

    /// Whether machines that are not listed are installed.
    pub fn installs_unlisted(&self) -> bool {
        self.find(&format!("{}/static/ister/ister.conf", self.service())).is_some()
    }

    /// An address that no host lists, with hyphens: always the same for the same fleet.
    pub fn unlisted(&self) -> String {
        let free = |mac: &String| self.find(&format!("boot/{mac}.ipxe")).is_none();
        let macs = (1..=u16::MAX).map(|number| format!("52-54-00-ff-{:02x}-{:02x}", 255 - (number >> 8), number & 255));
        macs.into_iter().find(free).unwrap_or_else(|| "52-54-00-fe-ff-01".to_string())
    }

    /// The path of a listed card's script.
    pub fn script(&self, mac: Mac) -> Option<&Entry> {
        self.find(&crate::emit::boot_script(mac))
    }
}

fn find<'e>(files: &'e [Entry], path: &str) -> Option<&'e Entry> {
    files.binary_search_by(|file| file.path.as_str().cmp(path)).ok().map(|index| &files[index])
}

/// The files whose paths begin with `prefix`.
pub fn inside<'e>(files: &'e [Entry], prefix: &str) -> &'e [Entry] {
    let start = files.partition_point(|file| file.path.as_str() < prefix);
    let count = files[start..].partition_point(|file| file.path.as_str().starts_with(prefix));
    &files[start..start + count]
}

/// How two lists of files differ: files of the first alone, of the second alone, and of both with other bytes.
pub fn compare(ours: &[Entry], theirs: &[Entry]) -> [usize; 3] {
    let alone = |a: &[Entry], b: &[Entry]| a.iter().filter(|file| find(b, file.path.as_str()).is_none()).count();
    let other = |file: &&Entry| find(theirs, file.path.as_str()).is_some_and(|their| their.sha256 != file.sha256);
    [alone(ours, theirs), alone(theirs, ours), ours.iter().filter(other).count()]
}

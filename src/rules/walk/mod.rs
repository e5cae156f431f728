//! What `build` proves before it publishes: every machine, on every path through the scripts of the tree, ends where the
//! fleet file says.

mod installer;
mod machine;
mod shape;
mod verdict;

use std::borrow::Cow;
use std::collections::HashMap;
use std::hash::{BuildHasher, RandomState};

use rayon::prelude::*;

use crate::diag::{Sink, rule};
use crate::emit::ENTRY;
use crate::ipxe::{Content, What, World};
use crate::model::{Fleet, Host};
use crate::tree::{Body, Tree};
use shape::Shapes;
use verdict::{Aim, Judge, Who};

rule! {
    /// ## What it does
    /// A tree whose scripts lead a machine elsewhere than the fleet file says. `fleetc build` runs the scripts as iPXE
    /// does, for each card of each host and for a machine that is not listed, along every path: each file may be there
    /// or not, each kernel may start or not. It looks before it publishes.
    ///
    /// No fleet file is known that does this: it would be a fault of fleetc. Nothing is published then, and the finding
    /// has the path to report.
    ///
    /// ## Why it matters
    /// A boot script that takes a wrong turn wipes a machine that has its system (contract I-88), or installs one as
    /// another. What a script left behind is joined to the next kernel (X-3); a kernel without its `isterconf=` wipes
    /// `sda` (I-3).
    ///
    /// ## Example
    /// A host that has its system, with a script that starts an installer:
    ///
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed }   # <-
    /// ```
    /// ```text tree/boot/52-54-00-00-00-01.ipxe
    /// #!ipxe
    /// kernel http://192.168.1.1/linux initrd=initrd isterconf=http://192.168.1.1/icis/static/ister/node-1/ister.conf
    /// initrd --name initrd http://192.168.1.1/initrd
    /// boot
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, state: installed }
    /// ```
    /// ```text tree/boot/52-54-00-00-00-01.ipxe
    /// #!ipxe
    /// imgfree
    /// exit 1
    /// ```
    pub(crate) ASTRAY_BOOT_PATH, astray_boot_path: "astray-boot-path", Ipxe, Error, fixed;
}

/// Follows every machine on every path through a tree, and reports each that is led astray, once for each card.
///
/// A host is taken to have its listed cards and at most one more.
pub fn judge(fleet: &Fleet, tree: &dyn Tree, sink: &Sink) {
    let served = Served::new(fleet, tree);
    let shapes = Shapes::new(served.script.as_ref());
    let judge = Judge { fleet, served: &served, shapes: &shapes, sink };
    let numbered = unlisted(&judge);
    fleet.hosts.par_iter().for_each(|host| listed(&judge, host, numbered));
}

/// Judges a machine that is not listed. Whether any script asks for cards by their numbers.
fn unlisted(judge: &Judge<'_>) -> bool {
    let fleet = judge.fleet;
    let place = fleet.unknown_at.unwrap_or(fleet.server.url.span);
    let role = fleet.unknown_role();
    let cards = machine::unlisted(fleet);
    let aim = role.map_or(Aim::Disk, |role| Aim::Unlisted(role.value));
    let who = Who { name: None, words: "a machine that is not listed", place };
    let numbered = judge.paths(&machine::alone(&cards[0]), &aim, &who);
    if numbered {
        for machine in machine::orders(&cards, &cards[0]) {
            judge.paths(&machine, &aim, &who);
        }
    }
    if let Some(role) = role {
        judge.report(installer::unlisted(judge, role.value).err(), &who);
    }
    numbered
}

/// Judges a host: booted by each of its cards, and by one that is not listed.
fn listed(judge: &Judge<'_>, host: &Host, numbered: bool) {
    let name = host.name.as_str();
    let cards: Vec<String> = host.macs.iter().map(|mac| mac.value.colons()).collect();
    let aim = if host.installs() { Aim::Host(host) } else { Aim::Disk };
    for (mac, card) in host.macs.iter().zip(&cards) {
        let words = format!("`{name}`, booted by {card},");
        let who = Who { name: Some(name), words: &words, place: mac.span };
        if judge.paths(&machine::alone(card), &aim, &who) {
            for machine in machine::orders(&machine::with_another(&cards), card) {
                judge.paths(&machine, &aim, &who);
            }
        }
    }
    let place = host.name.span;
    // Where numbers mean nothing, it is one more machine that is not listed; and where that is not installed, all is said.
    if numbered || judge.fleet.unknown_role().is_some() {
        let all = machine::with_another(&cards);
        let words = format!("`{name}`, booted by a card that is not listed,");
        for machine in machine::orders(&all, &all[cards.len()]) {
            judge.paths(&machine, &Aim::Disk, &Who { name: Some(name), words: &words, place });
        }
    }
    if host.installs() {
        let words = format!("`{name}`");
        judge.report(installer::host(judge, host).err(), &Who { name: Some(name), words: &words, place });
    }
}

/// The tree as machines see it, and the boot files that are on a server besides.
struct Served<'j> {
    tree: &'j dyn Tree,
    /// The index of each file, by a hash of its path: every machine looks for some.
    files: HashMap<u64, usize>,
    hasher: RandomState,
    /// The URL of its root, with a slash at its end.
    root: String,
    entry: String,
    /// The entry, read once for all machines: it may have a label for each card.
    script: Option<Content>,
}

impl<'j> Served<'j> {
    fn new(fleet: &Fleet, tree: &'j dyn Tree) -> Served<'j> {
        let (root, entry) = (fleet.server.url.join(""), fleet.server.url.join(ENTRY));
        let hasher = RandomState::new();
        let hashes: Vec<u64> =
            (0..tree.len()).into_par_iter().map(|index| hasher.hash_one(tree.path(index).as_str())).collect();
        let files = hashes.into_iter().enumerate().map(|(index, hash)| (hash, index)).collect();
        let mut served = Served { tree, files, hasher, root, entry, script: None };
        served.script = served.get(&served.entry, What::Program);
        served
    }

    /// The path in the tree that a URL leads to.
    fn path<'u>(&self, url: &'u str) -> Option<&'u str> {
        url.strip_prefix(&self.root)
    }

    /// The index of the file at a path.
    fn index(&self, path: &str) -> Option<usize> {
        let index = *self.files.get(&self.hasher.hash_one(path))?;
        let is_it = |index: &usize| self.tree.path(*index).as_str() == path;
        // Two paths may have one hash.
        Some(index).filter(is_it).or_else(|| (0..self.tree.len()).find(is_it))
    }

    /// The file at a path.
    fn find(&self, path: &str) -> Option<Body<'j>> {
        self.index(path).map(|index| self.tree.file(index).body)
    }

    /// The bytes of a file of the tree, by its URL.
    fn bytes(&self, url: &str) -> Option<Cow<'j, [u8]>> {
        match self.find(self.path(url)?)? {
            Body::Bytes(bytes) => Some(bytes),
            Body::Copy(_) => None,
        }
    }
}

impl World for Served<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        if let Some(entry) = self.script.as_ref().filter(|_| url == self.entry) {
            return Some(entry.clone());
        }
        let path = self.path(url);
        match (path.and_then(|path| self.find(path)), what) {
            (Some(Body::Bytes(bytes)), _) => Some(Content::of(&bytes)),
            (Some(Body::Copy(_)), _) | (None, What::Image) => Some(Content::Image),
            // What another server has is not known, and so no script.
            (None, What::Program) => path.is_none().then_some(Content::Text),
        }
    }
}

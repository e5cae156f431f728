//! What `build` proves before it publishes: every machine, on every path through the scripts of the tree, ends where the
//! fleet file says.

mod installer;
mod machine;
mod served;
mod shape;
mod template;
mod verdict;

use std::sync::atomic::{AtomicBool, Ordering};

use rayon::prelude::*;

use crate::diag::{Sink, rule};
use crate::model::{Fleet, Host};
use crate::tree::{File, Mark, Origin, Tree, TreePath};
use served::{Ground, Served};
use shape::Shapes;
use template::Beginnings;
use verdict::{Aim, Judge, Who};

rule! {
    /// ## What it does
    /// A tree whose scripts lead a machine elsewhere than the fleet file says. `fleetc build` runs the scripts as iPXE
    /// does, for each card of each host and for a machine that is not listed, along every path: each file may be there
    /// or not, each kernel may start or not. It looks at each file as it is made, before it publishes.
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

/// A tree that is followed while it is made: each machine on every path, once its files are at hand. A host is taken to
/// have its listed cards and at most one more.
pub struct Followed<'w> {
    fleet: &'w Fleet,
    tree: &'w dyn Tree,
    ground: Ground<'w>,
    shapes: Shapes,
    beginnings: Beginnings,
    sink: &'w Sink,
    /// Whether any script asks for cards by their numbers.
    numbered: bool,
    /// By host: whether it was followed.
    done: Vec<AtomicBool>,
}

impl<'w> Followed<'w> {
    /// Begins to follow, with a machine that is not listed. Whoever is led astray is reported to `sink`, once for each
    /// card.
    pub fn new(fleet: &'w Fleet, tree: &'w dyn Tree, sink: &'w Sink) -> Followed<'w> {
        let ground = Ground::new(fleet, tree);
        let shapes = Shapes::new(ground.script.as_ref());
        let done = fleet.hosts.iter().map(|_| AtomicBool::new(false)).collect();
        let beginnings = Beginnings::new(fleet.roles.len());
        let mut followed = Followed { fleet, tree, ground, shapes, beginnings, sink, numbered: false, done };
        followed.numbered = unlisted(&followed.judge(&[]));
        followed
    }

    /// A judge of the machine that has these files for itself, as far as they are at hand.
    fn judge<'j>(&'j self, own: &'j [&'j File<'j>]) -> Judge<'j> {
        Judge {
            fleet: self.fleet,
            served: Served { ground: &self.ground, own },
            shapes: &self.shapes,
            beginnings: &self.beginnings,
            sink: self.sink,
        }
    }

    /// Follows a host, unless it was followed before.
    fn host(&self, index: usize, own: &[&File<'_>]) {
        if !self.done[index].swap(true, Ordering::Relaxed) {
            listed(&self.judge(own), &self.fleet.hosts[index], self.numbered);
        }
    }
}

impl Tree for Followed<'_> {
    fn len(&self) -> usize {
        self.tree.len()
    }

    fn file(&self, index: usize) -> File<'_> {
        self.tree.file(index)
    }

    fn path(&self, index: usize) -> TreePath {
        self.tree.path(index)
    }

    fn put_path(&self, index: usize, path: &mut String) {
        self.tree.put_path(index, path);
    }

    fn origin(&self, index: usize) -> Origin<'_> {
        self.tree.origin(index)
    }

    fn reader(&self, index: usize) -> Option<u32> {
        self.tree.reader(index)
    }

    fn machines(&self) -> u32 {
        self.tree.machines()
    }

    fn mark(&self, machine: u32) -> Option<Mark> {
        self.tree.mark(machine)
    }

    fn ground(&self) -> Option<Mark> {
        self.tree.ground()
    }

    fn known(&self, machine: u32) {
        self.done[machine as usize].store(true, Ordering::Relaxed);
        self.tree.known(machine);
    }

    fn batch(&self, indices: &[u32]) -> Vec<File<'_>> {
        let files = self.tree.batch(indices);
        let made = indices.iter().zip(&files);
        let mut read: Vec<(u32, u32, &File<'_>)> =
            made.filter_map(|(index, file)| Some((self.tree.reader(*index as usize)?, *index, file))).collect();
        // Machine by machine, the files of each in the order of their paths.
        read.sort_unstable_by_key(|(host, index, _)| (*host, *index));
        for read in read.chunk_by(|(host, ..), (next, ..)| host == next) {
            let own: Vec<&File<'_>> = read.iter().map(|(.., file)| *file).collect();
            self.host(read[0].0 as usize, &own);
        }
        files
    }

    /// Follows whoever was not followed yet.
    fn is_right(&self) -> bool {
        (0..self.fleet.hosts.len()).into_par_iter().for_each(|host| self.host(host, &[]));
        self.sink.is_empty() && self.tree.is_right()
    }

    fn before(&self, path: &[u8]) -> usize {
        self.tree.before(path)
    }
}

/// Judges a machine that is not listed. Whether any script asks for cards by their numbers.
fn unlisted(judge: &Judge<'_>) -> bool {
    let fleet = judge.fleet;
    let place = fleet.unknown_at.unwrap_or(fleet.server.url.span);
    let role = fleet.unknown_role();
    let cards = machine::unlisted(fleet);
    let aim = role.map_or(Aim::Disk, |role| Aim::Unlisted(role.value));
    let who = Who { name: None, card: None, place };
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
    let name = Some(host.name.as_str());
    let cards: Vec<String> = host.macs.iter().map(|mac| mac.value.colons()).collect();
    let aim = if host.installs() { Aim::Host(host) } else { Aim::Disk };
    for (mac, card) in host.macs.iter().zip(&cards) {
        let who = Who { name, card: Some(card), place: mac.span };
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
        let who = Who { name, card: Some("a card that is not listed"), place };
        for machine in machine::orders(&all, &all[cards.len()]) {
            judge.paths(&machine, &Aim::Disk, &who);
        }
    }
    if host.installs() {
        judge.report(installer::host(judge, host).err(), &Who { name, card: None, place });
    }
}

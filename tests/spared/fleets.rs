//! A fleet that changes from build to build: whatever is made anew or taken from the last build, the tree is byte for byte
//! what a first build makes.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::MetadataExt;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};

use fleetc::compile::compile;
use fleetc::diag::{Levels, Sink};
use fleetc::emit::Emission;
use fleetc::publish::{Output, Published, Spare, publish};
use fleetc::rules::walk::Followed;
use fleetc::source::Memory;
use fleetc::tree::{File, Mark, Origin, Tree, TreePath};
use proptest::prelude::*;

/// A machine as the fleet file has it.
#[derive(Clone, Debug)]
struct Machine {
    role: usize,
    installed: bool,
    canary: bool,
    port: Option<u8>,
    address: bool,
    cards: u8,
}

/// A fleet file, as it is now.
#[derive(Clone, Debug)]
struct Fleet {
    machines: BTreeMap<u8, Machine>,
    comments: usize,
    swap: u8,
    greeting: u8,
    unlisted: bool,
}

/// What changes in a fleet file.
#[derive(Clone, Debug)]
enum Edit {
    Machine(u8, Machine),
    Remove(u8),
    Comment,
    Swap(u8),
    Greeting(u8),
    Unlisted(bool),
}

fn machine() -> impl Strategy<Value = Machine> {
    let parts = (0..3usize, any::<bool>(), any::<bool>(), proptest::option::of(0..3u8), any::<bool>(), 1..3u8);
    parts.prop_map(|(role, installed, canary, port, address, cards)| Machine {
        role,
        installed,
        canary,
        port,
        address,
        cards,
    })
}

fn edit() -> impl Strategy<Value = Edit> {
    prop_oneof![
        8 => (0..8u8, machine()).prop_map(|(number, machine)| Edit::Machine(number, machine)),
        2 => (0..8u8).prop_map(Edit::Remove),
        2 => Just(Edit::Comment),
        1 => (1..4u8).prop_map(Edit::Swap),
        1 => (0..3u8).prop_map(Edit::Greeting),
        1 => any::<bool>().prop_map(Edit::Unlisted),
    ]
}

impl Fleet {
    fn new(machines: Vec<Machine>) -> Fleet {
        let machines = (0..).zip(machines).collect();
        Fleet { machines, comments: 0, swap: 1, greeting: 0, unlisted: false }
    }

    fn edit(&mut self, edit: &Edit) {
        match edit {
            Edit::Machine(number, machine) => drop(self.machines.insert(*number, machine.clone())),
            Edit::Remove(number) => drop(self.machines.remove(number)),
            Edit::Comment => self.comments += 1,
            Edit::Swap(swap) => self.swap = *swap,
            Edit::Greeting(greeting) => self.greeting = *greeting,
            Edit::Unlisted(unlisted) => self.unlisted = *unlisted,
        }
    }

    fn text(&self) -> String {
        let Fleet { machines, comments, swap, unlisted, .. } = self;
        let comments = "# One more line.\n".repeat(*comments);
        let unknown = if *unlisted { "{ install: web }" } else { "refuse" };
        let machine = |(number, machine): (&u8, &Machine)| {
            let role = ["web", "db", "plain"][machine.role];
            let macs: Vec<String> =
                (0..machine.cards).map(|card| format!("52:54:00:00:{card:02x}:{number:02x}")).collect();
            let mut text = format!("  node-{number}:\n    mac: [{}]\n    role: {role}\n", macs.join(", "));
            if machine.installed {
                text += "    state: installed\n";
            }
            if machine.canary {
                text += "    release: canary\n";
            }
            if let Some(port) = machine.port {
                text += &format!("    vars: {{ port: {port} }}\n");
            }
            if machine.address {
                text += &format!("    address: 10.0.0.{}\n", 10 + number);
            }
            text
        };
        let machines: String = machines.iter().map(machine).collect();
        let machines = if machines.is_empty() { "  {}\n".to_string() } else { machines };
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c you@desk";
        format!(
            "{comments}version: 1
server: {{ url: http://10.0.0.1 }}
unknown: {unknown}
networks:
  all: {{ cidr: 10.0.0.0/24, gateway: 10.0.0.1, dns: 10.0.0.2 }}
releases:
  stable: {{ version: 29880, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: 69 }} }}
  canary: {{ version: 30010, kernel: linux-c, initrd: initrd-c, installer: {{ kind: ister, version: 69 }} }}
layouts:
  one-disk:
    - disk: sda
      partitions:
        - {{ size: 512M, type: EFI, filesystem: vfat, mount: /boot }}
        - {{ size: {swap}G, type: swap }}
        - {{ size: rest, filesystem: ext4, mount: / }}
defaults:
  release: stable
  layout: one-disk
  interface: eno1
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, openssh-server, systemd-networkd-autostart]
  users: [{{ name: ada, sudo: true, ssh_key: {key} }}]
roles:
  web: {{ cloud_config: web.yaml, vars: {{ port: 80 }} }}
  db: {{ cloud_config: db.yaml }}
  plain: {{}}
hosts:
{machines}"
        )
    }

    fn loader(&self) -> Memory {
        let web = format!(
            "#cloud-config\n# {}\nwrite_files:\n  - path: /etc/port\n    content: \"{{{{ vars.port }}}}\"\nservice:\n  - mask: ucd.service\n",
            self.greeting
        );
        let db = "#cloud-config\n# Set once.\nservice:\n  - mask: ucd.service\n";
        Memory::new([("web.yaml", web.as_str()), ("db.yaml", db)])
    }
}

/// A tree that counts the files that are made of it.
struct Counted<'t> {
    tree: &'t dyn Tree,
    made: AtomicUsize,
}

impl Tree for Counted<'_> {
    fn len(&self) -> usize {
        self.tree.len()
    }
    fn file(&self, index: usize) -> File<'_> {
        self.made.fetch_add(1, Ordering::Relaxed);
        self.tree.file(index)
    }
    fn path(&self, index: usize) -> TreePath {
        self.tree.path(index)
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
    fn index(&self, path: &str) -> Option<usize> {
        self.tree.index(path)
    }
}

/// What a build did: what it says, and how many files it made.
fn build(fleet: &Fleet, out: &Path, spare: Spare) -> (Published, usize) {
    let loader = fleet.loader();
    let compiled = compile("fleet.yaml", fleet.text(), "", &loader, &Levels::default());
    let emitted = compiled.fleet().unwrap_or_else(|| {
        panic!(
            "{:?}\n{}",
            compiled.report.findings.iter().map(|found| &found.diagnostic.message).collect::<Vec<_>>(),
            fleet.text()
        )
    });
    let (emission, sink) = (Emission::new(emitted, &compiled.sources), Sink::default());
    let counted = Counted { tree: &emission, made: AtomicUsize::new(0) };
    let followed = Followed::new(emitted, &counted, &sink);
    let published = publish(&followed, &loader, &Output::new(out, spare), &|note| panic!("{note}"), &|_| ()).unwrap();
    (published, counted.made.into_inner())
}

fn bytes(root: &Path) -> BTreeMap<PathBuf, Vec<u8>> {
    let mut bytes = BTreeMap::new();
    crate::tree_files::walk(root, &mut |path, seen| {
        if seen.is_file() {
            bytes.insert(path.strip_prefix(root).unwrap().to_path_buf(), fs::read(path).unwrap());
        }
    });
    bytes
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_turn_makes_what_a_first_build_makes(
        machines in proptest::collection::vec(machine(), 1..6),
        steps in proptest::collection::vec(proptest::collection::vec(edit(), 0..3), 4..10),
    ) {
        let folder = tempfile::tempdir().unwrap();
        let out = folder.path().join("out");
        let mut fleet = Fleet::new(machines);
        build(&fleet, &out, Spare::Always);
        // The build after the first leaves a spare, of files that are older than itself.
        std::thread::sleep(std::time::Duration::from_millis(20));
        fleet.edit(&Edit::Comment);
        build(&fleet, &out, Spare::Always);
        for (step, edits) in steps.iter().enumerate() {
            edits.iter().for_each(|edit| fleet.edit(edit));
            let identity = |name: &str| {
                let seen = fs::metadata(folder.path().join(name)).unwrap();
                (seen.ino(), seen.created().ok())
            };
            let spare = identity(".out.fleetc-spare");
            let (published, _) = build(&fleet, &out, Spare::Always);
            let turned = identity("out") == spare;
            prop_assert_eq!(turned, published.written > 0 || published.removed > 0, "step {}", step);
            let first = folder.path().join(format!("first-{step}"));
            build(&fleet, &first, Spare::Never);
            prop_assert!(bytes(&out) == bytes(&first), "step {}: {}", step, fleet.text());
        }
    }
}

#[test]
fn only_a_machine_that_changed_is_made() {
    let folder = tempfile::tempdir().unwrap();
    let out = folder.path().join("out");
    let plain = Machine { role: 0, installed: false, canary: false, port: None, address: true, cards: 1 };
    let mut fleet = Fleet::new(vec![plain.clone(); 50]);
    let (first, all) = build(&fleet, &out, Spare::Always);
    fleet.edit(&Edit::Comment);
    let (published, second) = build(&fleet, &out, Spare::Always);
    assert_eq!(
        (published.written, published.files),
        (1, first.files),
        "the manifest, which has lines of the fleet file"
    );
    assert!(second <= 4, "the first spare is made of what was published: {second}");
    for (edit, at_most) in [
        (Edit::Comment, 4),
        // Its script, its answer, two files of the installer, twice each: compared, and written.
        (Edit::Machine(7, Machine { canary: true, ..plain.clone() }), 12),
        (Edit::Machine(7, Machine { canary: true, port: Some(1), ..plain.clone() }), 14),
        (Edit::Machine(60, plain.clone()), 14),
        (Edit::Remove(3), 4),
    ] {
        fleet.edit(&edit);
        let (published, made) = build(&fleet, &out, Spare::Always);
        assert!(made <= at_most && published.written <= at_most, "{edit:?}: {made} made, {published:?}");
    }
    // What all have in common: each is made, and each is followed.
    let (_, made) = {
        fleet.edit(&Edit::Swap(3));
        build(&fleet, &out, Spare::Always)
    };
    assert!(made > all);
}

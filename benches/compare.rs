//! Times whole commands on fleets of several sizes, beside named others, in one run: read the ratios.
//!
//! `cargo bench --bench compare`, or with sizes: `cargo bench --bench compare -- 1000 1000000`. Debian packages: git,
//! python3-jinja2, python3-yaml.
//!
//! Trees that were timed are put aside on a disk, and removed when all of a size is done: ext4 takes several times as long
//! to create files right after many were removed. `--keep` leaves them, for a disk that is thrown away.
// A step that fails ends the run with its place: a figure from half a run is worse than none.
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod generate;
mod measure;

use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use fleetc::diag::Sink;
use fleetc::draft::FleetDraft;
use fleetc::resolve::resolve;
use fleetc::source::{Disk, Sources, Span};
use fleetc::yaml::{self, Decoder};
use granit_parser::{Event, Parser};
use measure::Row;

const FLEETC: &str = env!("CARGO_BIN_EXE_fleetc");

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("bare") => bare(&arguments[1]),
        Some("typed") => typed(&arguments[1]),
        Some("nodes") => nodes(&arguments[1]),
        Some("unjudged") => unjudged(Path::new(&arguments[1])),
        Some("write") => write(Path::new(&arguments[2]), arguments[1].parse().unwrap()),
        _ => {
            let keep = arguments.iter().any(|argument| argument == "--keep");
            let sizes = arguments.iter().filter(|argument| *argument != "--keep");
            let size = |size: &String| size.parse().unwrap_or_else(|_| panic!("`{size}` is no number of hosts"));
            let sizes: Vec<u32> = sizes.map(size).collect();
            let sizes = if sizes.is_empty() { vec![100, 1_000, 10_000, 100_000] } else { sizes };
            measure::head();
            for hosts in sizes {
                let bench = Bench::new(hosts);
                bench.tables();
                if !keep {
                    let _ = std::fs::remove_dir_all(&bench.folder);
                }
            }
        }
    }
}

/// Writes a generated fleet into a folder.
fn write(folder: &Path, hosts: u32) {
    std::fs::create_dir_all(folder).unwrap();
    std::fs::write(folder.join("fleet.yaml"), generate::fleet(hosts)).unwrap();
    std::fs::write(folder.join("role.yaml"), generate::ROLE).unwrap();
}

/// The YAML library's events, and nothing made of them.
fn bare(file: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let scalars = Parser::new_from_str(&text).filter(|event| matches!(event, Ok((Event::Scalar(..), _)))).count();
    println!("{scalars} scalars");
}

/// serde_yaml's successor, into a value of its own.
fn typed(file: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    let value: serde_yaml::Value = serde_yaml::from_str(&text).unwrap();
    println!("{}", value["hosts"].as_mapping().unwrap().len());
}

/// Text to nodes: what fleetc has of a text when the bare parse has nothing.
fn nodes(file: &str) {
    let text = std::fs::read_to_string(file).unwrap();
    println!("{} nodes", yaml::parse(&text).unwrap().len());
}

/// What `check` does, without a single rule over the fleet.
fn unjudged(file: &Path) {
    let text = std::fs::read_to_string(file).unwrap();
    let mut sources = Sources::new("");
    let id = sources.add("fleet.yaml", text);
    let text = sources.get(id).text.clone();
    let sink = Sink::default();
    let document = yaml::read(&text, id, &sink).unwrap();
    let decoder = Decoder::new(&document, id, &sink);
    let draft: FleetDraft<'_> = decoder.read(document.root().unwrap(), "").unwrap();
    let loader = Disk::new(file.parent().unwrap());
    let fleet = resolve(draft, &decoder, Span::start_of(id), &mut sources, &loader, &sink);
    assert!(sink.is_empty());
    println!("{} hosts", fleet.hosts.len());
    std::process::exit(0);
}

/// A fleet of one size, in a folder of its own.
struct Bench {
    hosts: u32,
    folder: PathBuf,
    /// Trees that were moved out of the way.
    gone: Cell<u32>,
}

/// The key of hosts that is changed in one line.
const CHANGE: (&str, &str) = ("role: storage", "role: edge");

impl Bench {
    fn new(hosts: u32) -> Self {
        let folder = std::env::temp_dir().join(format!("fleetc-bench-{}-{hosts}", std::process::id()));
        let _ = std::fs::remove_dir_all(&folder);
        write(&folder, hosts);
        Bench { hosts, folder, gone: Cell::new(0) }
    }

    /// A path in the folder.
    fn path(&self, name: &str) -> String {
        self.folder.join(name).to_str().unwrap().to_string()
    }

    /// Runs a command to its end, untimed.
    fn must(&self, command: &[&str]) {
        let status = Command::new(command[0]).args(&command[1..]).stdout(Stdio::null()).status().unwrap();
        assert!(status.success(), "{command:?}: {status}");
    }

    fn tables(&self) {
        let this = std::env::current_exe().unwrap();
        let this = this.to_str().unwrap();
        let fleet = self.path("fleet.yaml");
        self.print(&[
            row("bare event parse", vec![this, "bare", &fleet], &[]),
            row("serde_yaml's successor", vec![this, "typed", &fleet], &["bare event parse"]),
            row("text to nodes", vec![this, "nodes", &fleet], &["bare event parse"]),
            row("check without rules", vec![this, "unjudged", &fleet], &["bare event parse"]),
            row("check", vec![FLEETC, "check", &fleet], &["bare event parse", "check without rules"]),
        ]);
        self.trees();
        self.changes();
        self.plans();
    }

    /// Trees from nothing, beside what else makes as many files.
    fn trees(&self) {
        let [fleet, tree, copy, tar] = ["fleet.yaml", "tree", "copy", "tree.tar"].map(|name| self.path(name));
        self.must(&[FLEETC, "build", &fleet, "-o", &tree]);
        self.must(&["tar", "-cf", &tar, "-C", &tree, "."]);
        let script = concat!(env!("CARGO_MANIFEST_DIR"), "/benches/script.py");
        if !self.is_huge() {
            self.must(&["python3", script, &fleet, &copy]);
            self.same_files(&tree, &copy);
        }
        let kept = self.path("kept");
        std::fs::rename(&tree, &kept).unwrap();
        let empty = || {
            self.without(&copy);
            std::fs::create_dir_all(&copy).unwrap();
        };
        self.without(&copy);
        let (no_tree, no_copy) = (|| self.without(&tree), || self.without(&copy));
        let before = |prepare, row| Row { prepare: Some(prepare), ..row };
        let synced = format!("tar -xf {tar} -C {copy} && sync -f {copy}");
        let mut rows = vec![
            before(&empty, row("tar -xf", vec!["tar", "-xf", &tar, "-C", &copy], &[])),
            before(&empty, row("tar -xf, and sync", vec!["sh", "-c", &synced], &[])),
        ];
        let mut against: &[&str] = &["tar -xf", "tar -xf, and sync"];
        if !self.is_huge() {
            rows.push(before(&no_copy, row("cp -r", vec!["cp", "-r", &kept, &copy], &[])));
            rows.push(before(&no_copy, row("Jinja2", vec!["python3", script, &fleet, &copy], &[])));
            against = &["tar -xf", "tar -xf, and sync", "cp -r", "Jinja2"];
        }
        rows.push(before(&no_tree, row("build, cold", vec![FLEETC, "build", &fleet, "-o", &tree], against)));
        self.print(&rows);
    }

    /// Moves a tree out of the way, and waits for the disk: `build` brings its tree there before it publishes, and must not
    /// wait for what others have left to be written.
    fn without(&self, path: &str) {
        if self.is_in_memory() {
            let _ = std::fs::remove_dir_all(path);
        } else {
            self.gone.set(self.gone.get() + 1);
            let _ = std::fs::rename(path, self.path(&format!("gone-{}", self.gone.get())));
        }
        self.must(&["sync"]);
    }

    /// Whether the folder is on a file system in memory, where removed files cost nothing afterwards.
    fn is_in_memory(&self) -> bool {
        const TMPFS: u64 = 0x0102_1994;
        rustix::fs::statfs(&self.folder).unwrap().f_type as u64 == TMPFS
    }

    /// Whether Python would take too long, and more memory than there is.
    fn is_huge(&self) -> bool {
        self.hosts > 200_000
    }

    /// Both trees have the same files, apart from the manifest, or the comparison is none.
    fn same_files(&self, tree: &str, other: &str) {
        let list = |folder: &str| {
            let found = Command::new("find").args([folder, "-type", "f", "-printf", "%P\n"]).output().unwrap();
            let mut names: Vec<String> = String::from_utf8(found.stdout).unwrap().lines().map(str::to_string).collect();
            names.retain(|name| name != "manifest.json");
            names.sort();
            names
        };
        assert!(list(tree) == list(other), "{tree} and {other} differ in their files");
    }

    /// Builds over a tree that is there.
    fn changes(&self) {
        let [fleet, tree] = ["fleet.yaml", "tree"].map(|name| self.path(name));
        let text = std::fs::read_to_string(&fleet).unwrap();
        let toggle = Cell::new(false);
        let change = || {
            toggle.set(!toggle.get());
            let changed = if toggle.get() { text.replacen(CHANGE.0, CHANGE.1, 1) } else { text.clone() };
            std::fs::write(&fleet, changed).unwrap();
        };
        // Whatever the size, there is a spare to begin with, unless a row is about that.
        let build = |spare| vec![FLEETC, "build", &fleet, "-o", &tree, "--spare", spare];
        let settled = || {
            change();
            self.must(&build("always"));
        };
        let alone = || {
            self.must(&build("never"));
            change();
        };
        let young = || {
            self.must(&build("never"));
            self.without(&tree);
            self.must(&build("always"));
            change();
        };
        self.print(&[
            row("check", vec![FLEETC, "check", &fleet], &[]),
            Row { prepare: Some(&settled), ..row("build, nothing changed", build("always"), &["check"]) },
            Row { prepare: Some(&change), ..row("build, one host changed", build("always"), &["check"]) },
            Row {
                prepare: Some(&young),
                ..row("build, one host changed, the first time", build("always"), &["check"])
            },
            Row { prepare: Some(&alone), ..row("build, one host changed, no spare", build("never"), &["check"]) },
        ]);
        std::fs::write(&fleet, text).unwrap();
    }

    /// Plans against a revision.
    fn plans(&self) {
        let folder = self.folder.to_str().unwrap();
        let fleet = self.path("fleet.yaml");
        let git = |arguments: &[&str]| {
            let set = ["git", "-C", folder, "-c", "user.name=bench", "-c", "user.email=bench@localhost"];
            self.must(&[&set, arguments].concat());
        };
        git(&["init", "-q"]);
        git(&["add", "fleet.yaml", "role.yaml"]);
        git(&["commit", "-q", "-m", "as it was"]);
        let text = std::fs::read_to_string(&fleet).unwrap();
        let changed = text.replacen(CHANGE.0, CHANGE.1, 1);
        let (as_it_was, one_line) =
            (|| std::fs::write(&fleet, &text).unwrap(), || std::fs::write(&fleet, &changed).unwrap());
        let plan = || vec![FLEETC, "plan", &fleet, "--base", "HEAD"];
        self.print(&[
            row("check", vec![FLEETC, "check", &fleet], &[]),
            Row { prepare: Some(&as_it_was), ..row("plan, nothing changed", plan(), &["check"]) },
            Row { prepare: Some(&one_line), ..row("plan, one line changed", plan(), &["check"]) },
        ]);
    }

    fn print(&self, rows: &[Row<'_>]) {
        let megabytes = std::fs::metadata(self.folder.join("fleet.yaml")).unwrap().len() as f64 / 1e6;
        let rounds = match self.hosts {
            0..50_000 => 5,
            50_000..200_000 => 3,
            _ => 1,
        };
        measure::table(self.hosts, megabytes, rounds, rows);
    }
}

fn row<'r>(name: &'static str, command: Vec<&'r str>, against: &'static [&'static str]) -> Row<'r> {
    Row { name, command, prepare: None, against }
}

//! Times whole commands on fleets of several sizes, beside named others, in one run: read the ratios.
//!
//! `cargo bench --bench compare -- 1000 10000 100000`
#![allow(clippy::print_stdout, clippy::unwrap_used, clippy::disallowed_methods, missing_docs)]

mod generate;

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fleetc::diag::Sink;
use fleetc::draft::FleetDraft;
use fleetc::resolve::resolve;
use fleetc::source::{Disk, Sources, Span};
use fleetc::yaml::{self, Decoder};
use granit_parser::{Event, Parser};

const FLEETC: &str = env!("CARGO_BIN_EXE_fleetc");

/// One command's figures.
struct Figures {
    seconds: f64,
    peak_mb: f64,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    match arguments.first().map(String::as_str) {
        Some("bare") => bare(&arguments[1]),
        Some("typed") => typed(&arguments[1]),
        Some("unjudged") => unjudged(Path::new(&arguments[1])),
        Some("write") => write(Path::new(&arguments[2]), arguments[1].parse().unwrap()),
        _ => {
            let sizes: Vec<u32> = arguments.iter().map(|size| size.parse().unwrap()).collect();
            let sizes = if sizes.is_empty() { vec![1_000, 10_000, 100_000] } else { sizes };
            println!("{:>9} {:>8}  {:42} {:>9} {:>7} {:>9}", "hosts", "MB", "command", "seconds", "ratio", "peak MB");
            for hosts in sizes {
                table(hosts);
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

fn table(hosts: u32) {
    let folder = std::env::temp_dir().join(format!("fleetc-bench-{}-{hosts}", std::process::id()));
    let _ = std::fs::remove_dir_all(&folder);
    write(&folder, hosts);
    let (fleet, tree, copy) = (folder.join("fleet.yaml"), folder.join("tree"), folder.join("copy"));
    let (fleet, tree, copy) = (fleet.to_str().unwrap(), tree.to_str().unwrap(), copy.to_str().unwrap());
    let megabytes = std::fs::metadata(fleet).unwrap().len() as f64 / 1e6;
    let this = std::env::current_exe().unwrap();
    let this = this.to_str().unwrap();
    let tar = folder.join("tree.tar");
    let tar = tar.to_str().unwrap();
    let runs = if hosts > 200_000 { 1 } else { 3 };
    let print = |name: &str, figures: &Figures, base: Option<(&str, &Figures)>| {
        let ratio = base.map_or(String::new(), |(_, base)| format!("{:.2}", figures.seconds / base.seconds));
        let name = base.map_or(name.to_string(), |(other, _)| format!("{name} (to {other})"));
        println!("{hosts:>9} {megabytes:>8.1}  {name:42} {:>9.3} {ratio:>7} {:>9.0}", figures.seconds, figures.peak_mb);
    };
    let remove = |path: &str| {
        let _ = std::fs::remove_dir_all(path);
    };

    let bare = median(runs, &|| {}, &[this, "bare", fleet]);
    print("bare event parse", &bare, None);
    let typed = median(runs, &|| {}, &[this, "typed", fleet]);
    print("serde_yaml's successor", &typed, Some(("bare", &bare)));
    let check = median(runs, &|| {}, &[FLEETC, "check", fleet]);
    print("check", &check, Some(("bare", &bare)));
    let unjudged = median(runs, &|| {}, &[this, "unjudged", fleet]);
    print("check without rules", &unjudged, Some(("bare", &bare)));
    print("check", &check, Some(("check without rules", &unjudged)));
    let build = median(runs, &|| remove(tree), &[FLEETC, "build", fleet, "-o", tree]);
    assert!(Command::new("tar").args(["-cf", tar, "-C", tree, "."]).status().unwrap().success());
    let prepare = || {
        remove(copy);
        std::fs::create_dir_all(copy).unwrap();
    };
    let untar = median(runs, &prepare, &["tar", "-xf", tar, "-C", copy]);
    print("tar -xf", &untar, None);
    print("build, cold", &build, Some(("tar -xf", &untar)));
    let same = median(runs, &|| {}, &[FLEETC, "build", fleet, "-o", tree]);
    print("build, nothing changed", &same, Some(("check", &check)));
    let text = std::fs::read_to_string(fleet).unwrap();
    let toggle = std::cell::Cell::new(false);
    let change = || {
        toggle.set(!toggle.get());
        let changed = if toggle.get() { text.replacen("role: storage", "role: edge", 1) } else { text.clone() };
        std::fs::write(fleet, changed).unwrap();
    };
    let one = median(runs, &change, &[FLEETC, "build", fleet, "-o", tree]);
    print("build, one host changed", &one, Some(("check", &check)));
    let _ = std::fs::remove_dir_all(&folder);
}

fn median(runs: usize, prepare: &dyn Fn(), command: &[&str]) -> Figures {
    let mut all: Vec<Figures> = (0..runs)
        .map(|_| {
            prepare();
            run(command)
        })
        .collect();
    all.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    let peak_mb = all.iter().map(|figures| figures.peak_mb).fold(0.0, f64::max);
    Figures { seconds: all[all.len() / 2].seconds, peak_mb }
}

/// Runs a command to its end and asks the system for its peak memory while it runs.
fn run(command: &[&str]) -> Figures {
    let start = Instant::now();
    let mut child = Command::new(command[0]).args(&command[1..]).stdout(Stdio::null()).spawn().unwrap();
    let status = format!("/proc/{}/status", child.id());
    let mut peak: f64 = 0.0;
    loop {
        if let Ok(text) = std::fs::read_to_string(&status) {
            let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
            let kilobytes = line.and_then(|line| line.split_whitespace().next()?.parse::<f64>().ok());
            peak = peak.max(kilobytes.unwrap_or(0.0) / 1024.0);
        }
        if let Some(status) = child.try_wait().unwrap() {
            assert!(status.success(), "{command:?}: {status}");
            return Figures { seconds: start.elapsed().as_secs_f64(), peak_mb: peak };
        }
        std::thread::sleep(Duration::from_millis(2));
    }
}

//! The walks of all machines of all examples, and of random fleets, against a second reader that shares no code.

use std::collections::BTreeMap;

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::model::{FromText, Host, Mac};
use fleetc::source::{Disk, Loader};
use fleetc::trace::{By, Outcome, Trace, trace};
use proptest::test_runner::{Config, RngAlgorithm, TestCaseError, TestError, TestRng, TestRunner};

use crate::ipxe::{self, End, Machine};
use crate::{example, fleets, installer};

type Files = BTreeMap<String, Vec<u8>>;

/// A card that no fleet lists.
const UNLISTED: &str = "52:54:00:ff:ff:01";

/// What the other reader finds: every URL, what is on the screen, whether a kernel starts.
struct Walk {
    urls: Vec<String>,
    screen: Vec<String>,
    boots: bool,
}

fn other(url: &str, files: &Files, cards: Vec<String>, booted: usize) -> Walk {
    let file = |path: &str| files.get(path).cloned();
    let mut get = |asked: &str| {
        let path = asked.strip_prefix(url).and_then(|path| path.strip_prefix('/'));
        // Scripts and configurations are in the tree; a boot file may be on any server.
        let known = path.and_then(file);
        let script = asked.ends_with(".ipxe") || asked.ends_with(".txt");
        known.or_else(|| (!script).then(Vec::new))
    };
    let mac = cards[booted].clone();
    let machine = Machine { booted, cards };
    let ipxe::Walk { end, fetched, screen, executed: _ } =
        ipxe::boot(&machine, &format!("{url}/ipxe_boot_script.txt"), &mut get, &mut || false);
    // Which number it is, only the machine knows.
    let screen = screen.into_iter().map(|line| line.replace("SERIAL-1", "${serial}")).collect();
    let mut walk = Walk { urls: fetched, screen, boots: false };
    if let End::Boot(boot) = end {
        let installation = installer::install(&boot, &mac, &mut get).unwrap();
        walk.urls.extend(installation.fetched);
        walk.boots = true;
        // The hook of a machine that is not listed is a line of Python with one address.
        let hooks = installation.template["PostNonChrootShell"].as_array().cloned().unwrap_or_default();
        for hook in hooks.iter().filter_map(|hook| hook.as_str()) {
            walk.urls.extend(hook.split("urlopen(\"").nth(1).map(|rest| rest.split('"').next().unwrap().to_string()));
        }
    }
    walk
}

/// The same of what is traced.
fn this(trace: &Trace) -> Walk {
    let lines = trace.requests.iter().filter(|request| request.by == By::Ipxe).flat_map(|request| &request.then);
    let echo = lines.filter_map(|line| line.strip_prefix("echo").map(|text| text.trim_start().to_string()));
    Walk {
        urls: trace.requests.iter().map(|request| request.url.clone()).collect(),
        screen: echo.collect(),
        boots: trace.outcome == Outcome::Installed,
    }
}

/// The first thing in which two readers differ, for any machine of a fleet.
fn difference(compiled: &Compiled, loader: &dyn Loader) -> Option<String> {
    let files = example::tree(compiled, loader)?;
    let fleet = compiled.fleet()?;
    let url = fleet.server.url.as_str().to_string();
    let unlisted = Mac::from_text(UNLISTED).unwrap();
    let cards = |host: &Host| -> Vec<String> { host.macs.iter().map(|mac| mac.colons()).collect() };
    // Of many hosts of one kind, some say it all.
    let hosts = fleet.hosts.iter().take(12).flat_map(|host| (0..host.macs.len()).map(move |card| (Some(host), card)));
    for (host, card) in hosts.chain([(None, 0)]) {
        let mac = host.map_or(unlisted, |host| host.macs[card].value);
        let expected = other(&url, &files, host.map_or_else(|| vec![UNLISTED.to_string()], cards), card);
        let found = trace(fleet, &compiled.sources, mac, host, false);
        let Walk { urls, screen, boots } = this(&found);
        if (&urls, &screen, boots) != (&expected.urls, &expected.screen, expected.boots) {
            return Some(format!(
                "{mac}: {urls:#?}\n{screen:#?}, expected {:#?}\n{:#?}",
                expected.urls, expected.screen
            ));
        }
        if boots != host.map_or(fleet.unknown_role().is_some(), Host::installs) {
            return Some(format!("{mac}: installs: {boots}"));
        }
        for request in found.requests.iter() {
            let file = request.path.as_ref().map(|path| &files[path]);
            if let (Some(file), Some(size)) = (file, request.size)
                && file.len() != size
            {
                return Some(format!("{}: {size} bytes", request.url));
            }
            if request.found && (request.file.is_none() || request.line.is_none()) {
                return Some(format!("{} has no origin", request.url));
            }
        }
    }
    None
}

#[test]
fn machines_of_the_examples_walk_as_another_reader_says() {
    for example in example::all() {
        let compiled = example.compile(&example.text());
        assert!(compiled.fleet().is_some());
        assert_eq!(difference(&compiled, &Disk::new(&example.folder)), None, "{}", example.name);
    }
}

#[test]
fn machines_of_any_fleet_walk_as_another_reader_says() {
    let config = Config { cases: 300, failure_persistence: None, max_shrink_iters: 200, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let tapes = proptest::collection::vec(proptest::num::u16::ANY, 0..500);
    let mut sound = std::sync::atomic::AtomicUsize::new(0);
    let result = runner.run(&tapes, |numbers| {
        let mut tape = fleets::Tape::new(&numbers);
        let fleet = fleets::fleet(&mut tape);
        let text = fleets::text(&mut tape, &fleet);
        let files = fleets::files();
        let compiled = compile("fleet.yaml", text.clone(), "", &files, &Levels::default());
        sound.fetch_add(usize::from(compiled.fleet().is_some()), std::sync::atomic::Ordering::Relaxed);
        match difference(&compiled, &files) {
            Some(difference) => Err(TestCaseError::fail(format!("{difference}\n\n{text}"))),
            None => Ok(()),
        }
    });
    match result {
        Err(TestError::Fail(fault, _)) => panic!("{fault}"),
        other => other.unwrap(),
    }
    assert!(*sound.get_mut() > 50, "only {sound:?} of the fleets have a tree");
}

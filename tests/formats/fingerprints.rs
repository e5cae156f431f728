//! Fingerprints of findings: unique in a run, and the same when other lines come or go.

use std::collections::BTreeSet;

use fleetc::report::{Format, Style};

use super::{compiled, fleets, json, whole};

/// Each finding's fingerprint as both formats have it, which is the same.
fn prints(fleet: &str) -> Vec<String> {
    of(&compiled(fleet, &[]))
}

fn of(compiled: &fleetc::compile::Compiled) -> Vec<String> {
    let sarif = json(Format::Sarif, compiled, &Style::PLAIN);
    let gitlab = json(Format::Gitlab, compiled, &Style::PLAIN);
    let results = sarif["runs"][0]["results"].as_array().unwrap().iter();
    let prints: Vec<String> =
        results.map(|result| result["partialFingerprints"]["fleetcFinding/v1"].as_str().unwrap().to_string()).collect();
    let theirs: Vec<&str> =
        gitlab.as_array().unwrap().iter().map(|violation| violation["fingerprint"].as_str().unwrap()).collect();
    assert_eq!(prints, theirs);
    prints
}

#[test]
fn lines_above_and_below_change_nothing() {
    let hosts = "hosts:\n  a: { mac: 52:54, role: x }\n  b: { mac: 52:54, role: x }\n";
    let before = prints(&whole(hosts));
    assert_eq!(before.len(), 4);
    let more = hosts.replace("  b:", "\n  # another\n  c: { mac: 52:54:00:00:00:03, role: compute }\n  b:");
    assert_eq!(before, prints(&whole(&format!("# moved\n\n{more}"))));
    assert_eq!(before, prints(&whole(&more).replace('\n', "\r\n")));
    let other = prints(&whole(&hosts.replace("a: { mac: 52:54,", "a: { mac: 52:55,")));
    assert_eq!((&before[2..], before[..2].iter().any(|print| other.contains(print))), (&other[2..], false));
}

#[test]
fn findings_of_a_run_differ() {
    for fleet in fleets() {
        let prints = of(&fleet);
        assert_eq!(prints.iter().collect::<BTreeSet<_>>().len(), prints.len());
    }
    // Many on one line, as in a fleet of JSON.
    let hosts: String = (0..500).map(|n| format!("a{n}: {{mac: 52:54, role: x}}, ")).collect();
    let many = prints(&whole(&format!("hosts: {{{hosts}}}\n")));
    assert_eq!((many.len(), many.iter().collect::<BTreeSet<_>>().len()), (1000, 1000));
    // Two equal lines in one list.
    let equal = "roles:\n  compute:\n    bundles:\n      add:\n      - vim\n      - vim\n      - vim\n";
    let prints = prints(&whole(equal));
    assert_eq!((prints.len(), prints[0] == prints[1]), (2, false));
}

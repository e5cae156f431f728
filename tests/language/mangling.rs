//! Bad input of any kind gets a finding, never a panic, and every place lies in its file.

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::{Disk, Memory};
use proptest::prelude::*;

use crate::stands::stands;

const EXAMPLES: &[&str] = &["minimal", "pilot", "mixed"];

fn survive(folder: &str, text: String) {
    stands(&compile("fleet.yaml", text, "", &Disk::new(folder), &Levels::default()));
}

fn example(name: &str) -> (String, String) {
    let folder = format!("{}/examples/{name}", env!("CARGO_MANIFEST_DIR"));
    let text = std::fs::read_to_string(format!("{folder}/fleet.yaml")).unwrap();
    (folder, text)
}

#[test]
fn cut_at_every_seventh_byte() {
    for name in EXAMPLES {
        let (folder, text) = example(name);
        for at in (0..text.len()).step_by(7).filter(|at| text.is_char_boundary(*at)) {
            survive(&folder, text[..at].to_string());
        }
    }
}

#[test]
fn each_line_dropped_or_doubled() {
    for name in EXAMPLES {
        let (folder, text) = example(name);
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        for index in 0..lines.len() {
            let mut dropped = lines.clone();
            dropped.remove(index);
            survive(&folder, dropped.concat());
            let mut doubled = lines.clone();
            doubled.insert(index, lines[index]);
            survive(&folder, doubled.concat());
        }
    }
}

/// A text after edits: where, what comes, and how many bytes go.
pub fn edited(text: &str, edits: Vec<(prop::sample::Index, String, usize)>) -> String {
    let mut text = text.to_string();
    for (at, insert, remove) in edits {
        let floor = |mut at: usize| {
            while !text.is_char_boundary(at) {
                at -= 1;
            }
            at
        };
        let start = floor(at.index(text.len()));
        let end = floor((start + remove).min(text.len())).max(start);
        text.replace_range(start..end, &insert);
    }
    text
}

/// Role texts with everything in them, and what nothing is said about but that it is wrong.
const ROLES: &[&str] = &[
    include_str!("../rules/roles/managed.yaml"),
    include_str!("../rules/roles/web.yaml"),
    include_str!("../rules/roles/storage.yaml"),
    include_str!("../rules/roles/latest.yaml"),
];

/// A role text in a file of its own, and the same one inside the fleet file, for a role and for hosts.
fn survive_role(role: &str) {
    let (_, text) = example("mixed");
    let file = Memory::new([("roles/base.yaml", role), ("boot/linux-29880", "x"), ("boot/initrd-29880", "x")]);
    stands(&compile("fleet.yaml", text.clone(), "", &file, &Levels::default()));
    let indented: String = role.lines().map(|line| format!("      {line}\n")).collect();
    let text = text.replace("    cloud_config: roles/base.yaml\n", &format!("    cloud_config: |\n{indented}"));
    stands(&compile("fleet.yaml", text, "", &file, &Levels::default()));
}

#[test]
fn roles_cut_at_every_twenty_third_byte() {
    for role in ROLES {
        for at in (0..role.len()).step_by(23).filter(|at| role.is_char_boundary(*at)) {
            survive_role(&role[..at]);
        }
    }
}

#[test]
fn each_line_of_a_role_dropped_doubled_or_moved() {
    for role in ROLES {
        let lines: Vec<&str> = role.split_inclusive('\n').collect();
        for index in 0..lines.len() {
            let mut dropped = lines.clone();
            let line = dropped.remove(index);
            survive_role(&dropped.concat());
            dropped.push(line);
            survive_role(&dropped.concat());
            let mut doubled = lines.clone();
            doubled.insert(index, lines[index]);
            survive_role(&doubled.concat());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_edits(name in prop::sample::select(EXAMPLES), edits in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\n\tä\u{feff}]{0,4}", 0usize..8), 1..6)) {
        let (folder, text) = example(name);
        survive(&folder, edited(&text, edits));
    }

    #[test]
    fn random_text(text in "[ -~\n]{0,200}") {
        survive(".", text);
    }

    #[test]
    fn random_roles(edits in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\n{}%ä]{0,6}"), 1..5)) {
        let (folder, text) = example("mixed");
        let mut role = std::fs::read_to_string(format!("{folder}/roles/base.yaml")).unwrap();
        for (at, insert) in edits {
            let mut start = at.index(role.len());
            while !role.is_char_boundary(start) { start -= 1; }
            role.insert_str(start, &insert);
        }
        let indented: String = role.lines().map(|line| format!("      {line}\n")).collect();
        let text = text.replace("    cloud_config: roles/base.yaml\n", &format!("    cloud_config: |\n{indented}"));
        survive(&folder, text);
    }

    #[test]
    fn random_rich_roles(
        role in prop::sample::select(ROLES),
        edits in prop::collection::vec((any::<prop::sample::Index>(), "[ -~\n\t:{}\\[\\]|>&*!'\"#%é\u{85}-]{0,5}", 0usize..12), 1..6),
    ) {
        survive_role(&edited(role, edits));
    }
}

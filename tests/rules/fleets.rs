//! Fleets for what no rule's page can show: several places at once, and what must stay silent.

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Finding;
use fleetc::source::Memory;

use super::part::of_a_part;

const BASE: &str = include_str!("base.yaml");
const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c x";
const BUNDLES: &str =
    "[kernel-native, os-core, os-core-update, os-cloudguest, openssh-server, systemd-networkd-autostart]";

/// An excerpt with the sections of the base that it lacks.
fn whole(excerpt: &str) -> String {
    let mut text = excerpt.replace("KEY", KEY).replace("BUNDLES", BUNDLES);
    let mut wanted = false;
    let keys: Vec<String> =
        text.lines().filter(|line| line.starts_with(|c: char| c.is_alphabetic())).map(first_word).collect();
    for line in BASE.lines() {
        if line.starts_with(|c: char| c.is_alphabetic()) {
            wanted = !keys.contains(&first_word(line));
        }
        if wanted {
            text.push_str(line);
            text.push('\n');
        }
    }
    text
}

fn first_word(line: &str) -> String {
    line.split(':').next().unwrap_or_default().to_string()
}

pub fn compiled(excerpt: &str) -> Compiled {
    let files = [("role.yaml", "#cloud-config\nservice:\n  - mask: ucd.service\n")];
    compile("fleet.yaml", whole(excerpt), "", &Memory::new(files), &of_a_part())
}

/// What is found, as `line rule`, by place.
pub fn found(excerpt: &str) -> Vec<String> {
    let compiled = compiled(excerpt);
    let place = |finding: &Finding| {
        let span = finding.diagnostic.place.span;
        format!("{} {}", compiled.sources.get(span.file).line_of(span.start), finding.diagnostic.rule.id)
    };
    compiled.report.findings.iter().map(place).collect()
}

/// The lines of the places of the only finding, the main one first.
pub fn places(excerpt: &str) -> Vec<u32> {
    let compiled = compiled(excerpt);
    let [finding] = compiled.report.findings.as_slice() else {
        panic!("{:?}", found(excerpt));
    };
    let labels = std::iter::once(&finding.diagnostic.place).chain(&finding.diagnostic.related);
    labels.map(|label| compiled.sources.get(label.span.file).line_of(label.span.start)).collect()
}

/// A layout of one disk `sda` with these partitions, one a line from line 5 on.
pub fn layout(disk: &str, partitions: &[&str]) -> String {
    let lines: Vec<String> = partitions.iter().map(|partition| format!("        - {{ {partition} }}\n")).collect();
    format!("layouts:\n  one-disk:\n    - {disk}\n      partitions:\n{}", lines.concat())
}

pub const ESP: &str = "size: 512M, type: EFI, filesystem: vfat, mount: /boot";
pub const ROOT: &str = "size: 20G, filesystem: ext4, mount: /";

/// A layout with one partition besides the usual, on line 7.
pub fn beside(partition: &str) -> Vec<String> {
    found(&layout("disk: sda", &[ESP, ROOT, partition]))
}

//! What a role text needs of the network, in releases whose ucd runs before there is one.

use super::case::Case;
use super::packages;
use super::read::{Place, Text};
use super::role::{Body, Role};
use super::{shell, text};
use crate::diag::rule;
use crate::facts::{Releases, When};
use crate::model::{Release, Version};
use crate::source::Span;

rule! {
    /// ## What it does
    /// Bundles, updates or commands of a role text that need the network, for a release whose ucd runs before the network
    /// is started.
    ///
    /// ## Why it matters
    /// Up to the end of 2019 (release 31790) ucd's unit stands before `systemd-networkd` in the order of the boot (contract
    /// U-4): a download fails, and the newest of these wait five minutes for a network that cannot come. Bundles of the
    /// fleet file are there before the first boot.
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// fbootcmd:
    ///   - curl -o /etc/motd http://192.168.1.1/motd   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: "0644"
    ///     content: |
    ///       managed by the fleet file
    /// ```
    NETWORK_BEFORE_IT_STARTS, network_before_it_starts: "network-before-it-starts", FirstBoot, Error, fixed;
}

/// The day of ucd v44, the first that does not run before the network (contract U-4).
const HAS_NETWORK: &str = "2019-12-03";

/// The version of a release, when its ucd runs before the network is up. A mix has numbers of its own, and any ucd.
pub(super) fn early(release: &Release) -> Option<Span> {
    let Version::Number(number) = release.version.value else { return None };
    let releases = Releases::get();
    let before = releases.known().contains(&number) && releases.when(number, HAS_NETWORK) == When::Before;
    before.then_some(release.version.span)
}

/// Judges what needs the network.
pub(super) fn judge(case: &Case<'_>, role: &Role<'_>) {
    match case.around.early {
        Some(release) => too_early(case, role, release),
        // One fault of one text, where another machine has such a release.
        None if case.around.early_elsewhere => {}
        None => waits(case, role),
    }
}

fn too_early(case: &Case<'_>, role: &Role<'_>, release: Span) {
    let report = |place: Place, what: &str, help: &str| {
        let message = format!("ucd of this release runs before the network is up: {what}");
        let finding =
            case.finding(&NETWORK_BEFORE_IT_STARTS, place, message).and(release, "a release of before 2019-12");
        case.report(finding.help(help));
    };
    for block in &role.blocks {
        let place = block.key.place;
        match &block.body {
            Body::Packages(names) if !names.is_empty() => {
                report(place, "it can add no bundle", "list them in the role: `bundles: { add: […] }`");
            }
            Body::Upgrade(Some(true)) => report(place, "it can update nothing", "install a newer release instead"),
            Body::Wait(Some(true)) => report(place, "it waits for what cannot come", "remove it"),
            Body::Commands(list) | Body::FirstCommands(list) => {
                for command in list.iter().filter(|command| needs_network(&command.line())) {
                    let place = text::first_line(case, &command.words[0]);
                    let help =
                        "let a unit that starts behind `network-online.target` do it; `write_files` writes units";
                    report(place, "this command fails", help);
                }
            }
            _ => {}
        }
    }
}

fn waits(case: &Case<'_>, role: &Role<'_>) {
    let wait = |block: &&super::role::Block<'_>| matches!(block.body, Body::Wait(_));
    for (at, block) in role.blocks.iter().enumerate() {
        let names: &[Text<'_>] = match &block.body {
            Body::Packages(names) if !names.is_empty() => names,
            Body::Upgrade(Some(true)) => &[],
            _ => continue,
        };
        if !role.blocks[..at].iter().any(|block| wait(&block)) {
            let late = role.blocks[at..].iter().find(wait).map(|block| &block.key);
            // The others wait for the same, once.
            return packages::waits(case, &block.key, names, late);
        }
    }
}

/// Whether a command asks another machine for something, while ucd waits for it.
fn needs_network(line: &str) -> bool {
    if line.trim_end().ends_with('&') || line.contains("systemd-run") {
        return false;
    }
    shell::commands(line).iter().any(|words| match shell::program(words) {
        Some((
            "curl" | "wget" | "swupd" | "ssh" | "scp" | "sftp" | "ping" | "dnf" | "ntpdate" | "nslookup" | "dig",
            _,
        )) => true,
        Some(("git", rest)) => rest.iter().any(|word| matches!(*word, "clone" | "pull" | "fetch" | "ls-remote")),
        Some(("rsync", rest)) => rest.iter().any(|word| word.contains(':') && !word.starts_with('-')),
        Some(("pip" | "pip3" | "npm" | "gem" | "cargo" | "go", rest)) => rest.first() == Some(&"install"),
        Some(("docker" | "podman", rest)) => matches!(rest.first(), Some(&"pull" | &"login")),
        Some(("sh" | "bash", ["-c", script])) => needs_network(script.trim_matches(['"', '\''])),
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::needs_network;

    #[test]
    fn commands_that_ask_others() {
        for yes in [
            "curl http://x",
            "cd / && sudo git clone x",
            "https_proxy=x wget x",
            "rsync -a h:/x /y",
            "sh -c 'ping -c1 x'",
        ] {
            assert!(needs_network(yes), "{yes}");
        }
        for no in
            ["git init /srv", "rsync -a /x /y", "echo curl", "curl http://x &", "systemd-run curl x", "mkdir /srv/wget"]
        {
            assert!(!needs_network(no), "{no}");
        }
    }
}

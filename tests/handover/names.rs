//! `/etc/hosts` and `ssh_config`, read by those who read them.

use std::fs;
use std::path::Path;
use std::process::Command;

use fleetc::beside::{Kind, quote};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use crate::control::{command, find, said, written};
use crate::example;

/// Runs commands of the shell in which this text is `/etc/hosts`.
fn with_hosts(text: &str, commands: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("hosts");
    fs::write(&place, text).unwrap();
    find("getent");
    let script = format!("mount --bind {} /etc/hosts && {commands}", place.display());
    let mut command = Command::new(find("unshare"));
    let output = command.args(["--user", "--map-root-user", "--mount", "sh", "-c", &script]).output().unwrap();
    assert!(output.status.success(), "these tests make namespaces of their own: {}", said(&output));
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn the_resolver_finds_each_machine_by_each_name() {
    for (name, domain) in [("pilot", ""), ("mixed", ".example")] {
        let example = example::named(name);
        let compiled = example.compile(&example.text());
        let text = written(&compiled, Kind::Hosts, &[]);
        for host in &compiled.fleet().unwrap().hosts {
            let name = host.name.as_str();
            let Some(address) = &host.address else {
                assert_eq!(with_hosts(&text, &format!("getent -s files hosts {name} || true")), "");
                continue;
            };
            let found =
                with_hosts(&text, &format!("getent -s files hosts {name}; getent -s files hosts {}", address.ip));
            let network = if address.ip.octets()[1] == 1 { "front" } else { "back" };
            let mut names = vec![name.to_string()];
            if !domain.is_empty() {
                names.insert(0, format!("{name}.{network}{domain}"));
            }
            for line in found.lines() {
                let words: Vec<&str> = line.split_whitespace().collect();
                assert_eq!(words, [vec![address.ip.to_string()], names.clone()].concat(), "{found}");
            }
            assert_eq!(found.lines().count(), 2, "{found}");
        }
    }
}

#[test]
fn machines_without_an_address_are_counted() {
    let pilot = example::named("pilot");
    let one = written(&pilot.compile(&pilot.text()), Kind::Hosts, &[]);
    assert_eq!(one.lines().nth(1), Some("# `node-004` has no address of its own and is not here."));
    let mixed = example::named("mixed");
    let four = written(&mixed.compile(&mixed.text()), Kind::Hosts, &[]);
    let said = "# 4 machines have no address of their own and are not here; the first is `old-01`.";
    assert_eq!(four.lines().nth(1), Some(said));
}

/// What `ssh` would do to reach a machine: its settings by name.
fn settings(config: &Path, machine: &str) -> Vec<(String, String)> {
    let home = tempfile::tempdir().unwrap();
    let output = command("ssh", home.path()).args(["-T", "-G", "-F"]).arg(config).arg(machine).output().unwrap();
    assert!(output.status.success() && output.stderr.is_empty(), "{machine}: {}", said(&output));
    let text = String::from_utf8(output.stdout).unwrap();
    text.lines()
        .filter_map(|line| line.split_once(' '))
        .map(|(key, value)| (key.to_string(), value.to_string()))
        .collect()
}

#[test]
fn ssh_reaches_each_machine_as_who_may_log_in() {
    for example in example::all() {
        let folder = tempfile::tempdir().unwrap();
        let config = folder.path().join("fleet");
        let compiled = example.compile(&example.text());
        fs::write(&config, written(&compiled, Kind::SshConfig, &[])).unwrap();
        let plain = folder.path().join("plain");
        fs::write(&plain, "").unwrap();
        let hosts = &compiled.fleet().unwrap().hosts;
        for host in hosts.iter().take(8) {
            let name = host.name.as_str();
            let address = host.address.as_ref().map_or(name.to_string(), |address| address.ip.to_string());
            // The installer's user, where a script makes the others.
            let user = if name.starts_with("old-") { "ada" } else { "ansible" };
            for by in [name, address.as_str()] {
                let mut found = settings(&config, by);
                let mut own = settings(&plain, by);
                for (key, value) in [("hostname", address.as_str()), ("user", user)] {
                    let at = |list: &[(String, String)]| list.iter().position(|(known, _)| known == key).unwrap();
                    assert_eq!(found.remove(at(&found)).1, value, "{by}");
                    own.remove(at(&own));
                }
                // Nothing else is changed: above all, host keys are looked at as they always are.
                found.retain(|(key, _)| key != "host");
                own.retain(|(key, _)| key != "host");
                assert_eq!(found, own, "{by}");
            }
        }
    }
}

#[test]
fn ssh_reads_back_what_is_quoted() {
    let mut runner = TestRunner::deterministic();
    let signs = proptest::string::string_regex("[ -~é]{1,10}|[ \"'\\\\#=,a]{1,8}").unwrap();
    let folder = tempfile::tempdir().unwrap();
    let config = folder.path().join("config");
    let mut quoted = 0;
    for _ in 0..120 {
        let text: String = signs.new_tree(&mut runner).unwrap().current();
        match quote::ssh_config(&text) {
            Ok(word) => {
                fs::write(&config, format!("Host node-1\n    User {word}\n")).unwrap();
                let found = settings(&config, "node-1");
                let user = found.into_iter().find(|(key, _)| key == "user").unwrap().1;
                assert_eq!(user, text, "{word}");
                quoted += 1;
            }
            Err(_) => assert!(text.contains(['%', '$']), "{text:?}"),
        }
    }
    assert!(quoted > 60, "{quoted}");
}

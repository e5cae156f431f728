//! What dnsmasq knows: files that dnsmasq itself accepts, and what `fleetc emit` wrote for it.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use proptest::prelude::*;

use crate::program::fleetc;
use crate::{text, write};

/// Whether dnsmasq takes a configuration.
///
/// # Panics
/// When it is not installed: a test that is not run proves nothing.
fn accepts(folder: &Path, name: &str) -> Result<(), String> {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut command = Command::new("dnsmasq");
    command.env("PATH", format!("{path}:/usr/sbin")).current_dir(folder).args(["--test", "-C", name]);
    let output = command.output().unwrap_or_else(|error| {
        panic!("these tests need `dnsmasq` ({error}); on Debian: apt-get install dnsmasq-base");
    });
    if output.status.success() { Ok(()) } else { Err(String::from_utf8_lossy(&output.stderr).into_owned()) }
}

const CONFIGURATION: &str = "\
# The rack.
interface=eth0
dhcp-range = set:net-front,10.1.0.128,10.1.0.253,255.255.255.0,1h
dhcp-option=tag:net-front,option:router,10.1.0.1
dhcp-option=tag:net-front,6,10.1.0.2
dhcp-host=52:54:00:00:00:01,10.1.0.11,node-1
dhcp-host=52:54:00:00:00:02,52:54:00:0:0:3,set:rack1,set:old,node-2.front.example,10.1.0.12,infinite   # two cards
 dhcp-host = 52:54:00:00:00:04 , \"12h\" , 45m
dhcp-host=52:54:00:00:00:05,id:01:52:54:00:00:00:05,node-5
dhcp-host=52:54:00:00:00:06,id:*,[::6],node-6,3600
dhcp-host=52:54:00:00:00:07,ignore
dhcp-host=52:54:00:*:*:*,set:many
dhcp-host=node-9,10.1.0.19
dhcp-host=52:54:00:00:00:0a,tag:!old,node-10
";

#[test]
fn every_form_of_a_host_is_read() {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &[("dnsmasq.conf", CONFIGURATION)]);
    accepts(folder.path(), "dnsmasq.conf").unwrap();
    let run = fleetc(folder.path(), &["import", "dnsmasq", "dnsmasq.conf", "-o", "fleet"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    let fleet = text(folder.path(), "fleet/fleet.yaml");
    let expected = "
networks:
  front: { cidr: 10.1.0.0/24, gateway: 10.1.0.1, dns: 10.1.0.2, dhcp_range: 10.1.0.128-10.1.0.253 }
";
    assert!(fleet.contains(expected), "{fleet}");
    let expected = "
hosts:
  12h: { mac: \"52:54:00:00:00:04\" }
  node-1: { mac: \"52:54:00:00:00:01\", address: 10.1.0.11 }
  node-2: { mac: [\"52:54:00:00:00:02\", \"52:54:00:00:00:03\"], address: 10.1.0.12, labels: { tag: rack1 old } }
  node-5: { mac: \"52:54:00:00:00:05\" }
  node-6: { mac: \"52:54:00:00:00:06\" }
  node-10: { mac: \"52:54:00:00:00:0a\" }
";
    assert!(fleet.ends_with(expected), "{fleet}");
    let said: Vec<&str> = run.stdout.lines().filter(|line| line.starts_with("warning[")).collect();
    let said: Vec<&str> = said.iter().map(|line| line.strip_prefix("warning[not-imported]: ").unwrap()).collect();
    assert_eq!(
        said,
        [
            "`id:01:52:54:00:00:00:05` is how the machine calls itself, which changes from",
            "`[::6]` is an address of IPv6, which the installer cannot set",
            "this machine is left out: dnsmasq is told to ignore this machine",
            "this machine is left out: it is a pattern, and no address of a card",
            "this machine is left out: it has no MAC address",
            "`tag:!old` is a condition",
        ]
    );
}

#[test]
fn leases_give_names_and_cards() {
    let folder = tempfile::tempdir().unwrap();
    let leases = "\
1764300000 52:54:00:00:00:02 10.1.0.130 node-2 01:52:54:00:00:00:02
0 52:54:00:00:00:01 10.1.0.131 * *
1764300001 52:54:00:00:00:03 10.1.0.132 node-3 ff:00
duid 00:01:00:01:2c:01:01:01:52:54:00:00:00:99
1764300002 1234 fd00::1 node-2 00:01
";
    write(folder.path(), &[("dnsmasq.leases", leases)]);
    let run = fleetc(folder.path(), &["import", "dnsmasq", "dnsmasq.leases", "-o", "fleet", "--names", "node-#"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    assert!(
        run.stdout.contains("warning[not-imported]: the leases of IPv6 from here on are left out"),
        "{}",
        run.stdout
    );
    let expected = "
hosts:
  node-1: { mac: \"52:54:00:00:00:01\" }
  node-2: { mac: \"52:54:00:00:00:02\" }
  node-3: { mac: \"52:54:00:00:00:03\" }
";
    assert!(text(folder.path(), "fleet/fleet.yaml").ends_with(expected));
}

/// What dnsmasq would refuse is refused.
#[test]
fn what_dnsmasq_refuses_is_an_error() {
    let folder = tempfile::tempdir().unwrap();
    for line in ["dhcp-host=52:54:00:00:00:0g,a", "dhcp-host=\"52:54:00:00:00:01", "dhcp-host=52:54:00:00:00:01,a_!b"] {
        write(folder.path(), &[("dnsmasq.conf", &format!("port=0\n{line}\n"))]);
        assert!(accepts(folder.path(), "dnsmasq.conf").is_err(), "{line}");
        let run = fleetc(folder.path(), &["import", "dnsmasq", "dnsmasq.conf", "-o", "fleet"]);
        assert_eq!(run.code, Some(1), "{line}: {}", run.stdout);
        assert!(run.stdout.contains("[dnsmasq.conf:2:"), "{line}: {}", run.stdout);
    }
}

/// Hosts of a fleet: name → MAC addresses and address.
fn hosts(folder: &Path) -> BTreeMap<String, (Vec<String>, Option<String>)> {
    let text = text(folder, "fleet.yaml");
    let compiled = fleetc::compile::compile(
        "fleet.yaml",
        text,
        "",
        &fleetc::source::Disk::new(folder),
        &fleetc::diag::Levels::default(),
    );
    let fleet = compiled.resolved().unwrap();
    let host = |host: &fleetc::model::Host| {
        let macs = host.macs.iter().map(|mac| mac.colons()).collect();
        (host.name.as_str().to_string(), (macs, host.address.map(|address| address.ip.to_string())))
    };
    fleet.hosts.iter().map(host).collect()
}

#[test]
fn what_emit_wrote_comes_back() {
    for example in ["pilot", "mixed"] {
        let folder = tempfile::tempdir().unwrap();
        let source = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example);
        let server = if example == "mixed" { vec!["--tftp-server", "10.1.0.1"] } else { Vec::new() };
        let emitted = fleetc(&source, &[&["emit", "dnsmasq"][..], &server].concat());
        assert_eq!(emitted.code, Some(0), "{}", emitted.stderr);
        fs::write(folder.path().join("fleet.conf"), emitted.stdout).unwrap();
        let run = fleetc(folder.path(), &["import", "dnsmasq", "fleet.conf", "-o", "fleet"]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
        assert_eq!(hosts(&folder.path().join("fleet")), hosts(&source), "{example}");
    }
}

/// A part of a `dhcp-host` line, and whether it is the name.
fn part() -> impl Strategy<Value = (String, bool)> {
    prop_oneof![
        Just(("set:a".to_string(), false)),
        Just(("12h".to_string(), false)),
        Just(("7".to_string(), false)),
        Just(("infinite".to_string(), false)),
        Just(("id:*".to_string(), false)),
        "[a-z][a-z0-9-]{0,6}[a-z]".prop_map(|name| (name, true)),
        "[0-9]{1,3}[hmd]".prop_map(|name| (format!("\"{name}\""), true)),
        "[a-z]{1,4}\\.example".prop_map(|name| (name, true)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, ..ProptestConfig::default() })]

    /// The last name of a line that dnsmasq takes is the name that is imported.
    #[test]
    fn lines_are_read_as_dnsmasq_reads_them(parts in prop::collection::vec(part(), 1..4), blanks in "[ ]{0,2}") {
        let folder = tempfile::tempdir().unwrap();
        let values: Vec<&str> = parts.iter().map(|(text, _)| text.as_str()).collect();
        let line = format!("dhcp-host{blanks}={blanks}52:54:00:00:00:01{blanks},{}\n", values.join(&format!("{blanks},")));
        write(folder.path(), &[("dnsmasq.conf", &line)]);
        prop_assume!(accepts(folder.path(), "dnsmasq.conf").is_ok());
        let words = ["ignore", "infinite", "localhost"];
        prop_assume!(!values.iter().any(|value| words.contains(value) && *value != "infinite"));
        let run = fleetc(folder.path(), &["import", "dnsmasq", "dnsmasq.conf", "-o", "fleet", "--names", "none-#"]);
        prop_assert_eq!(run.code, Some(0), "{}{}", line, run.stdout);
        let name = parts.iter().rfind(|(_, name)| *name).map_or("none-1", |(text, _)| text.trim_matches('"'));
        let name = name.split('.').next().unwrap();
        let found: Vec<String> = hosts(&folder.path().join("fleet")).into_keys().collect();
        prop_assert_eq!(found, [name.to_string()], "{}", line);
    }
}

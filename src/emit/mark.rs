//! Marks: what a machine's files are made from, in short.
//!
//! A file of a host is made from the host and from what all hosts have in common, the ground. Places are no part of
//! either: a line more above a host changes none of its files.

use std::hash::{Hash, Hasher};
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::model::{Fleet, Host, Vars};
use crate::tree::Mark;

/// The mark of a host. `own` tells whether it has a role text of its own, which depends on where values are set.
pub(super) fn host(fleet: &Fleet, host: &Host, own: bool) -> Mark {
    let Host { name, macs, role, address, settings, labels, vars } = host;
    let mut bytes = Bytes(Vec::with_capacity(512));
    (name, macs, role, address, own).hash(&mut bytes);
    // What a host shares with its role is in the ground.
    let role = fleet.role(role.value);
    unless_shared(&mut bytes, settings, &role.settings);
    unless_shared(&mut bytes, labels, &role.labels);
    unless_shared(&mut bytes, vars, &role.vars);
    written(&mut bytes, vars);
    bytes.mark()
}

/// The mark of what all hosts have in common; `entry` is the script that DHCP names, through which each of them goes.
pub(super) fn ground(fleet: &Fleet, entry: &[u8]) -> Mark {
    let Fleet {
        server,
        unknown,
        unknown_at: _,
        guards: _,
        defaults: _,
        networks,
        releases,
        layouts,
        roles,
        texts,
        hosts: _,
        strays: _,
    } = fleet;
    let mut bytes = Bytes(Vec::new());
    (server, unknown, networks, releases, layouts, roles, texts, entry).hash(&mut bytes);
    roles.iter().for_each(|role| written(&mut bytes, &role.vars));
    bytes.mark()
}

fn unless_shared<T: Hash>(bytes: &mut Bytes, own: &Arc<T>, shared: &Arc<T>) {
    (!Arc::ptr_eq(own, shared)).then_some(own).hash(bytes);
}

/// Variables as templates write them: `0.0` and `-0.0` are one value to a hash, and two to a template.
fn written(bytes: &mut Bytes, vars: &Vars) {
    vars.iter().for_each(|(key, value)| (key, value.value.to_string()).hash(bytes));
}

/// Takes what is hashed, byte for byte: a hash of 64 bits would be too short to rely on.
struct Bytes(Vec<u8>);

impl Bytes {
    fn mark(&self) -> Mark {
        let sum: [u8; 32] = Sha256::digest(&self.0).into();
        let mut mark = [0; 16];
        mark.copy_from_slice(&sum[..16]);
        Mark(mark)
    }
}

impl Hasher for Bytes {
    fn write(&mut self, bytes: &[u8]) {
        self.0.extend_from_slice(bytes);
    }

    fn finish(&self) -> u64 {
        self.mark().0.iter().take(8).fold(0, |sum, byte| sum << 8 | u64::from(*byte))
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::compile::compile;
    use crate::diag::Levels;
    use crate::emit::Emission;
    use crate::source::Memory;
    use crate::tree::Tree;

    const FLEET: &str = "\
version: 1
server: { url: http://10.0.0.1 }
networks:
  all: { cidr: 10.0.0.0/24, gateway: 10.0.0.1, dns: 10.0.0.2 }
releases:
  stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }
  canary: { version: 30010, kernel: linux-c, initrd: initrd-c, installer: { kind: ister, version: 69 } }
layouts:
  one-disk:
    - disk: sda
      partitions:
        - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
        - { size: rest, filesystem: ext4, mount: /, label: top }
defaults:
  release: stable
  layout: one-disk
  interface: eno1
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, openssh-server, systemd-networkd-autostart]
  users: [{ name: ada, sudo: true, ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c you@desk }]
roles:
  web: { cloud_config: role.yaml, vars: { port: 80 }, labels: { tier: front } }
  db: { cloud_config: role.yaml, vars: { port: 5432 } }
hosts:
  node-1: { mac: 52:54:00:00:00:01, role: web, address: 10.0.0.11 }
  node-2: { mac: 52:54:00:00:00:02, role: web, vars: { port: 81 }, state: installed }
";
    const ROLE: &str = "#cloud-config\n# {{ vars.port }}\nservice:\n  - mask: ucd.service\n";

    /// The mark of the ground, and those of the hosts.
    fn marks(text: &str, role: &str) -> (Mark, Vec<Mark>) {
        let loader = Memory::new([("role.yaml", role)]);
        let compiled = compile("fleet.yaml", text.to_string(), "", &loader, &Levels::default());
        let fleet = compiled.fleet().unwrap_or_else(|| panic!("{:?}", compiled.report));
        let emission = Emission::new(fleet, &compiled.sources);
        let hosts = (0..emission.machines()).map(|machine| emission.mark(machine).unwrap());
        (emission.ground().unwrap(), hosts.collect())
    }

    #[test]
    fn what_a_host_is_made_from_is_in_its_mark_alone() {
        let (ground, hosts) = marks(FLEET, ROLE);
        assert_ne!(hosts[0], hosts[1]);
        for (from, to) in [
            ("node-1:", "node-0:"),
            ("00:01, role: web", "00:11, role: web"),
            ("00:01, role: web", "00:01, role: db"),
            ("10.0.0.11", "10.0.0.12"),
            ("10.0.0.11 }", "10.0.0.11, state: installed }"),
            ("10.0.0.11 }", "10.0.0.11, release: canary }"),
            ("10.0.0.11 }", "10.0.0.11, bundles: { add: [vim] } }"),
            ("10.0.0.11 }", "10.0.0.11, labels: { tier: back } }"),
            ("10.0.0.11 }", "10.0.0.11, vars: { port: 81 } }"),
            // It says what its role says, and so has a text of its own.
            ("10.0.0.11 }", "10.0.0.11, vars: { port: 80 } }"),
        ] {
            let text = FLEET.replacen(from, to, 1);
            assert_ne!(text, FLEET);
            let (same, other) = marks(&text, ROLE);
            assert_ne!(other[0], hosts[0], "{to}");
            assert_eq!((same, other[1]), (ground, hosts[1]), "{to}");
        }
    }

    #[test]
    fn what_all_have_in_common_is_in_the_ground() {
        let (ground, hosts) = marks(FLEET, ROLE);
        for (from, to) in [
            ("url: http://10.0.0.1", "url: http://10.0.0.9"),
            ("version: 1\n", "version: 1\nunknown: local\n"),
            ("dns: 10.0.0.2", "dns: 10.0.0.3"),
            ("version: 30010", "version: 30020"),
            ("label: top", "label: bottom"),
            ("tier: front", "tier: back"),
            ("port: 80", "port: 8080"),
            ("eno1", "eno2"),
            ("name: ada,", "name: ada, uid: 1001,"),
        ] {
            let text = FLEET.replacen(from, to, 1);
            assert_ne!(text, FLEET);
            assert_ne!(marks(&text, ROLE).0, ground, "{to}");
        }
        assert_ne!(marks(FLEET, &ROLE.replace("# {{", "# Port {{")).0, ground);
        let zero = |zero: &str| marks(&FLEET.replace("port: 8", &format!("zero: {zero}, port: 8")), ROLE);
        assert!(zero("0.0").0 != zero("-0.0").0 && zero("0.0").1[1] != zero("-0.0").1[1]);
        // Nothing but places changes.
        for (from, to) in [("version: 1\n", "version: 1\n# A comment.\n\n"), ("sda", "\"sda\"")] {
            assert_eq!(marks(&FLEET.replacen(from, to, 1), ROLE), (ground, hosts.clone()), "{to}");
        }
    }
}

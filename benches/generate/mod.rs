//! A fleet of any size as an admin would write it: comments, both styles of YAML, overrides here and there.

use std::fmt::Write;

const HEAD: &str = "\
# A generated fleet, for measuring.
version: 1

server:
  url: http://10.0.0.1

unknown: refuse

networks:
  all:
    cidr: 10.0.0.0/8
    gateway: 10.0.0.1
    dns: 10.0.0.2

releases:
  stable:
    version: 29880
    kernel: linux
    initrd: initrd
    boot_args: [quiet, rw]
    installer: { kind: ister, version: 69 }
  canary:
    version: 30010
    kernel: linux-canary
    initrd: initrd-canary
    boot_args: [quiet, rw]
    installer: { kind: ister, version: 69 }

layouts:
  one-disk:
    - disk: sda
      partitions:
        - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
        - { size: 4G, type: swap }
        - { size: rest, filesystem: ext4, mount: / }

defaults:
  release: stable
  layout: one-disk
  interface: eno1
  bundles: [kernel-native, os-core, os-core-update, os-cloudguest, openssh-server, systemd-networkd-autostart]

roles:
  compute: { cloud_config: role.yaml }
  storage: { cloud_config: role.yaml, bundles: { add: [storage-utils] } }
  edge: { cloud_config: role.yaml, labels: { tier: edge } }

hosts:
";

/// The role text of generated fleets.
pub const ROLE: &str = "\
#cloud-config
users:
  - name: ansible
    gecos: Ansible control
    homedir: /home/ansible
    no-create-home: false
    no-user-group: false
    groups: wheel
    ssh-authorized-keys:
      - ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c control@fleet
    sudo:
      - ALL=(ALL) NOPASSWD:ALL
service:
  - mask: ucd.service
";

/// A fleet file with `hosts` hosts; the same text for the same number. About 250 bytes a host.
pub fn fleet(hosts: u32) -> String {
    let mut text = String::from(HEAD);
    for index in 0..hosts {
        host(&mut text, index).expect("writing to a string");
    }
    text
}

fn host(text: &mut String, index: u32) -> std::fmt::Result {
    let [_, a, b, c] = index.to_be_bytes();
    let mac = format!("52:54:00:{a:02x}:{b:02x}:{c:02x}");
    // The address part begins behind those of the server and the name server.
    let [_, x, y, z] = (index + 256).to_be_bytes();
    let role = ["compute", "compute", "compute", "storage", "edge"][index as usize % 5];
    if index.is_multiple_of(40) {
        writeln!(text, "  # rack {}, row {}", index / 40, index / 400)?;
    }
    if index % 10 == 7 {
        return writeln!(
            text,
            "  node-{index:07}: {{ mac: \"{mac}\", role: {role}, address: 10.{x}.{y}.{z}, labels: {{ rack: r{}, row: w{}, asset: \"A-{index:08}\" }} }}   # taken over",
            index / 40,
            index / 400
        );
    }
    writeln!(text, "  node-{index:07}:")?;
    if index % 4 == 1 {
        let [_, d, e, f] = (index + 0x80_0000).to_be_bytes();
        writeln!(text, "    mac:\n      - {mac}\n      - 52:54:00:{d:02x}:{e:02x}:{f:02x}    # second card")?;
    } else {
        writeln!(text, "    mac: {mac}")?;
    }
    writeln!(text, "    role: {role}")?;
    writeln!(text, "    address: 10.{x}.{y}.{z}")?;
    if index % 50 == 3 {
        writeln!(text, "    release: canary")?;
    }
    if index % 20 == 5 {
        writeln!(text, "    state: installed   # since the spring")?;
    }
    writeln!(
        text,
        "    labels:\n      rack: r{}\n      row: w{}\n      asset: A-{index:08}\n      owner: team-{}",
        index / 40,
        index / 400,
        index % 37
    )
}

//! A small system for Debian's kernel that asks for what the installer asks for, and shows what it got.
//!
//! `support/debian-kernel` unpacks the kernel, its network drivers and busybox into `target/`.
#![allow(dead_code)]

use std::fs;
use std::path::{Path, PathBuf};

/// Each line that the system shows begins with it.
pub const MARK: &str = "INSTALLER";

/// Network drivers, in the order in which they need each other.
const DRIVERS: [&str; 8] = [
    "virtio_ring",
    "virtio",
    "virtio_pci_legacy_dev",
    "virtio_pci_modern_dev",
    "virtio_pci",
    "failover",
    "net_failover",
    "virtio_net",
];

/// The steps of contract 1.1, as far as they ask the network, and I-1 to I-21: the kernel's command line, `ister.conf`, the
/// template that its first line names, then the role that the service has for the card's address. A template without
/// service may name a role in a hook (contract I-87), which is asked for as the hook would.
const INIT: &str = r#"#!/bin/busybox sh
/bin/busybox mkdir -p /proc /sys /dev /etc /tmp
/bin/busybox mount -t devtmpfs dev /dev
exec > /dev/ttyS0 2>&1
/bin/busybox --install -s /bin
export PATH=/bin
mount -t proc proc /proc
mount -t sysfs sys /sys
# Lines are set apart by empty ones: a console may write in the middle.
say() { printf '\nINSTALLER %s .\n\n' "$*"; }
stop() { say "$@"; sleep 1000; }
say line "$(cat /proc/cmdline)"

for driver in virtio_ring virtio virtio_pci_legacy_dev virtio_pci_modern_dev virtio_pci failover net_failover virtio_net; do
    [ ! -f /drivers/$driver.ko ] || insmod /drivers/$driver.ko || stop failed $driver
done
ip link set eth0 up
udhcpc -i eth0 -s /lease -n -q -t 10 -T 1 > /tmp/udhcpc 2>&1 || stop failed udhcpc "$(cat /tmp/udhcpc)"

get() { # URL, file
    wget -q -O "$2" "$1" || stop failed "$1"
    say got "$1" "$(base64 "$2" | tr -d '\n')"
}
for word in $(cat /proc/cmdline); do
    case "$word" in isterconf=*) conf="$(echo "$word" | cut -d = -f 2)" ;; esac
done
[ -n "$conf" ] || stop failed no isterconf
get "$conf" /tmp/conf
get "$(head -n 1 /tmp/conf | cut -d = -f 2)" /tmp/template
service="$(sed -n 's/.*"IsterCloudInitSvc": *"\([^"]*\)".*/\1/p' /tmp/template)"
if [ -n "$service" ]; then
    get "${service}get_config/$(cat /sys/class/net/eth0/address)" /tmp/config
    get "${service}get_role/$(sed 's/.*"role": *"\([^"]*\)".*/\1/' /tmp/config)" /tmp/role
else
    role="$(grep -o 'http://[^"\\]*/get_role/[^"\\]*' /tmp/template)"
    [ -z "$role" ] || get "$role" /tmp/role
fi
stop done
"#;

/// What the DHCP client runs when it has an address.
const LEASE: &str = r#"#!/bin/busybox sh
[ "$1" = bound ] || exit 0
ip address add "$ip/$mask" dev "$interface"
ip route add default via "$router"
for server in $dns; do echo "nameserver $server"; done > /etc/resolv.conf
"#;

/// A file of `target/debian-kernel`.
fn unpacked(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian-kernel").join(name)
}

/// The place of Debian's kernel.
///
/// # Panics
/// When it was not unpacked.
pub fn kernel() -> PathBuf {
    assert!(unpacked("complete").exists(), "these tests need Debian's kernel: run tests/support/debian-kernel");
    unpacked("linux")
}

/// The initrd, an archive in the form that the kernel reads (`newc`), not compressed.
pub fn initrd() -> Vec<u8> {
    kernel();
    let mut archive = Vec::new();
    for folder in ["bin", "drivers"] {
        entry(&mut archive, folder, 0o040_755, &[]);
    }
    entry(&mut archive, "bin/busybox", 0o100_755, &fs::read(unpacked("busybox")).unwrap());
    for driver in DRIVERS {
        // What is not there is part of the kernel.
        if let Ok(bytes) = fs::read(unpacked(&format!("{driver}.ko"))) {
            entry(&mut archive, &format!("drivers/{driver}.ko"), 0o100_644, &bytes);
        }
    }
    entry(&mut archive, "lease", 0o100_755, LEASE.as_bytes());
    entry(&mut archive, "init", 0o100_755, INIT.as_bytes());
    entry(&mut archive, "TRAILER!!!", 0, &[]);
    archive
}

/// Adds a file to an archive: 13 numbers of 8 hexadecimal digits, the name, the bytes, both filled up to 4.
fn entry(archive: &mut Vec<u8>, name: &str, mode: u32, bytes: &[u8]) {
    let (size, length) = (u32::try_from(bytes.len()).unwrap(), u32::try_from(name.len() + 1).unwrap());
    let inode = u32::try_from(archive.len()).unwrap();
    archive.extend(b"070701");
    for number in [inode, mode, 0, 0, 1, 0, size, 0, 0, 0, 0, length, 0] {
        archive.extend(format!("{number:08x}").bytes());
    }
    let mut fill = |more: &[u8]| {
        archive.extend(more);
        archive.resize(archive.len().next_multiple_of(4), 0);
    };
    fill(&[name.as_bytes(), b"\0"].concat());
    fill(bytes);
}

//! Boot files and kernel command lines.

use crate::fleets::found;

#[test]
fn boot_arguments_and_files() {
    let release = |keys: &str| {
        found(&format!(
            "releases:\n  stable: {{ version: 29880, {keys}, installer: {{ kind: ister, version: 69 }} }}\n"
        ))
    };
    assert_eq!(
        release(
            "kernel: linux, initrd: initrd, boot_args: [console=tty0, console=ttyS0, rdinit=/usr/lib/systemd/systemd]"
        ),
        [""; 0]
    );
    assert_eq!(release("kernel: linux, initrd: initrd, boot_args: [rdinit=/bin/sh]"), ["2 init-argument"]);
    assert_eq!(release("kernel: http://192.168.1.1/linux, initrd: linux"), ["2 kernel-is-initrd"]);
    assert_eq!(
        release("kernel: https://m.example/linux, initrd: http://127.0.0.1/i"),
        ["2 boot-over-https", "2 loopback-server"]
    );
    let long = "x".repeat(2000);
    let fleet = |name: &str| {
        found(&format!(
            "releases:\n  stable: {{ version: 29880, kernel: linux, initrd: initrd, boot_args: [quiet, {long}], installer: {{ kind: ister, version: 69 }} }}\nhosts:\n  a: {{ mac: 52:54:00:00:00:01, role: compute }}\n{name}"
        ))
    };
    assert_eq!(fleet(""), ["2 long-kernel-line"]);
}

#[test]
fn the_longest_name_makes_the_longest_line() {
    // initrd=initrd isterconf=http://192.168.1.1/icis/static/ister/NAME/ister.conf ARGUMENT
    let room = fleetc::emit::KERNEL_LINE_LIMIT
        - "initrd=initrd isterconf=http://192.168.1.1/icis/static/ister//ister.conf ".len();
    let fleet = |argument: usize, hosts: &str| {
        let argument = "x".repeat(argument);
        found(&format!(
            "releases:\n  stable: {{ version: 29880, kernel: linux, initrd: initrd, boot_args: [{argument}], installer: {{ kind: ister, version: 69 }} }}\n{hosts}"
        ))
    };
    let hosts =
        "hosts:\n  n: { mac: 52:54:00:00:00:01, role: compute }\n  node-1: { mac: 52:54:00:00:00:02, role: compute }\n";
    assert_eq!(fleet(room - 6, hosts), [""; 0]);
    assert_eq!(fleet(room - 5, hosts), ["2 long-kernel-line"]);
    // Without hosts, the line of machines that are not listed, which names no host.
    let unlisted = "unknown: { install: compute }\nhosts: {}\n";
    assert_eq!(fleet(room + 1, unlisted), [""; 0]);
    assert_eq!(fleet(room + 2, unlisted), ["2 long-kernel-line"]);
}

#[test]
fn machines_that_are_installed_may_boot_the_network_again() {
    // contract I-88
    let fleet = |host: &str| {
        let role = "roles:\n  compute:\n    cloud_config: |\n      #!/bin/sh\n      # ipmitool chassis bootdev pxe is for people\n      ipmitool chassis bootdev pxe\n";
        found(&format!("{role}hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: compute{host} }}\n"))
    };
    assert_eq!(fleet(""), ["6 reinstalls-for-ever"]);
    assert_eq!(fleet(", state: installed"), [""; 0]);
}

//! Installers, users and bundles.

use crate::fleets::{found, places};

#[test]
fn an_installer_is_asked_for_no_more_than_it_knows() {
    let fleet = |version: u32, settings: &str| {
        found(&format!(
            "releases:\n  stable: {{ version: 29880, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: {version} }} }}\ndefaults: {{ release: stable, layout: one-disk, bundles: BUNDLES, {settings} }}\n"
        ))
    };
    for (since, setting) in [
        (42, "legacy_bios: true"),
        (43, "https_proxy: http://p"),
        (53, "cmdline: quiet"),
        (55, "hooks: { pre_install_shell: [sync] }"),
        (55, "hooks: { post_nonchroot_shell: [sync] }"),
        (55, "hooks: { post_chroot: [sync] }"),
        (55, "hooks: { post_chroot_shell: [sync] }"),
        (64, "mirror_url: http://m, version_url: http://m"),
    ] {
        let old = fleet(since - 1, setting);
        assert!(!old.is_empty() && old.iter().all(|rule| rule == "3 needs-newer-installer"), "{setting}: {old:?}");
        assert_eq!(fleet(since, setting), [""; 0], "{setting}");
    }
    // What an older installer does anyway needs no newer one.
    assert_eq!(
        fleet(40, "legacy_bios: false, software_manager: swupd, hooks: { post_nonchroot: [/bin/true] }"),
        [""; 0]
    );
    assert_eq!(fleet(70, ""), ["2 unknown-installer-version"]);
    assert_eq!(fleet(37, "cmdline: quiet"), ["2 unknown-installer-version"]);
    assert_eq!(fleet(65, "users: [{ name: ada, ssh_key: KEY }]"), ["3 empty-password", "3 needs-newer-installer"]);
    assert_eq!(fleet(66, "users: [{ name: ada, sudo: true }]"), ["3 sudo-without-login"]);
}

#[test]
fn users_with_keys_need_no_password() {
    let users = |users: &str| {
        found(&format!("defaults:\n  release: stable\n  layout: one-disk\n  bundles: BUNDLES\n  users:\n{users}"))
    };
    assert_eq!(
        users(
            "    - { name: ada, sudo: true, uid: 1000, ssh_key: KEY }\n    - { name: bob, sudo: false, uid: 60000, ssh_key: KEY }\n"
        ),
        [""; 0]
    );
    assert_eq!(
        users("    - { name: ada, ssh_key: KEY }\n    - { name: ada, uid: 99, ssh_key: KEY }\n"),
        ["7 duplicate-user", "7 uid-out-of-range"]
    );
}

/// A fleet of one machine: its release, and what else is in `defaults`.
fn fleet(version: &str, defaults: &str) -> Vec<String> {
    found(&format!(
        "releases:\n  stable: {{ version: {version}, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: 69 }} }}\ndefaults: {{ release: stable, layout: one-disk, {defaults} }}\n"
    ))
}

#[test]
fn kernels_by_any_name() {
    let bundles = |version, bundles: &str| fleet(version, &format!("bundles: [{bundles}, systemd-networkd-autostart]"));
    for kernel in ["kernel-kvm", "kernel-lts", "kernel-native, kernel-native-dkms, kernel-install", "kernel-lts2018"] {
        assert_eq!(bundles("29880", kernel), [""; 0], "{kernel}");
    }
    assert_eq!(bundles("29880", "kernel-native-dkms"), ["3 no-kernel"]);
    // One includes the other; kernel-kvm is a kernel of its own up to 36420, of May 2022.
    assert_eq!(bundles("43000", "kernel-lts, kernel-ltscurrent"), [""; 0]);
    assert_eq!(bundles("43000", "kernel-native, kernel-kvm"), [""; 0]);
    assert_eq!(bundles("29880", "kernel-native, kernel-kvm"), ["3 several-kernels"]);
    assert_eq!(bundles("43000", "kernel-native, kernel-lts"), ["3 several-kernels"]);
    // A block list is blamed at its first line, and the list of a role for what its hosts only add to.
    let block = "defaults:\n  release: stable\n  layout: one-disk\n  bundles:\n    - os-core\n    - os-cloudguest\n    - systemd-networkd-autostart\n";
    assert_eq!(found(block), ["5 no-kernel"]);
    let edited = format!(
        "{block}hosts:\n  a: {{ mac: 52:54:00:00:00:01, role: compute, bundles: {{ add: [nginx] }} }}\n  b: {{ mac: 52:54:00:00:00:02, role: compute, bundles: {{ add: [jq] }} }}\n"
    );
    assert_eq!(found(&edited), ["5 no-kernel"]);
}

#[test]
fn the_boot_manager_came_with_another_bundle_once() {
    let cmdline = |version, bundles: &str| fleet(version, &format!("bundles: [{bundles}], cmdline: quiet"));
    let autostart = "os-core, systemd-networkd-autostart";
    assert_eq!(cmdline("29880", &format!("kernel-native, {autostart}")), [""; 0]);
    assert_eq!(cmdline("29880", autostart), ["3 cmdline-without-bootloader"]);
    assert_eq!(cmdline("29880", &format!("bootloader, {autostart}")), ["3 no-kernel"]);
    // 18080 is of 2017-09-27, 18230 of 2017-10-03
    assert_eq!(cmdline("18080", "kernel-native, os-core"), ["3 cmdline-without-bootloader"]);
    assert_eq!(cmdline("18080", "kernel-native, os-core-update"), [""; 0]);
    assert_eq!(cmdline("18230", "kernel-native, os-core"), [""; 0]);
}

#[test]
fn a_release_has_its_bundles_and_no_others() {
    let bundle = |version, name: &str| fleet(version, &format!("bundles: [kernel-native, {name}, NetworkManager]"));
    let missing = ["3 bundle-not-in-release"];
    // Gone, not yet there, and never: the days are those of the tags.
    assert_eq!(bundle("29880", "kernel-iot-lts2018, kernel-native-dkms"), ["3 several-kernels"]);
    for (version, name) in [
        ("29880", "cloud-network"),
        ("29880", "os-core-plus"),
        ("42710", "python2-basic"),
        ("29880", "ngnix"),
        ("29880", "Nginx"),
        ("43760", "no-such-thing"),
        ("latest", "cloud-network"),
        ("latest", "no-such-thing"),
        ("43770", "no-such-thing"),
    ] {
        assert_eq!(bundle(version, name), missing, "{version} {name}");
    }
    for (version, name) in [
        ("29880", "nginx"),
        ("30270", "os-core-plus"),
        ("latest", "os-core-plus"),
        // It may be a single package in these.
        ("43760", "nginx"),
        ("latest", "nginx"),
        ("43770", "nginx"),
    ] {
        assert_eq!(bundle(version, name), [""; 0], "{version} {name}");
    }
    for (version, name) in [("latest", "python2-basic"), ("43770", "python2-basic")] {
        assert_eq!(bundle(version, name), ["3 doubtful-bundle"], "{version} {name}");
    }
}

#[test]
fn mixes_have_bundles_of_their_own() {
    let bundle = |more: &str, name: &str| fleet("29880", &format!("bundles: [{name}, NetworkManager], {more}"));
    for more in ["mirror_url: http://m, version_url: http://m", "hooks: { pre_install_shell: [sync] }"] {
        // What nobody knows may bring anything, a kernel too.
        assert_eq!(bundle(more, "my-tools"), [""; 0], "{more}");
        assert_eq!(bundle(more, "kernel-native, cloud-network"), ["3 doubtful-bundle"], "{more}");
    }
    let mix = "hosts:\n  a: { mac: 52:54:00:00:00:01, role: compute }\nreleases:\n  stable: { version: 120, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }\ndefaults: { release: stable, layout: one-disk, bundles: [my-kernel], mirror_url: http://m, version_url: http://m }\n";
    assert_eq!(found(mix), [""; 0]);
}

#[test]
fn a_bundle_is_blamed_where_it_stands_and_once() {
    let fleet = "releases:\n  stable: { version: 29880, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }\n  canary: { version: 30010, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }\ndefaults:\n  release: stable\n  layout: one-disk\n  bundles: [kernel-native, cloud-network, NetworkManager]\nhosts:\n  a: { mac: 52:54:00:00:00:01, role: compute, release: canary }\n  b: { mac: 52:54:00:00:00:02, role: compute, bundles: { add: [os-core-plus] } }\n  c: { mac: 52:54:00:00:00:03, role: compute, bundles: { add: [os-core-plus] } }\n  d: { mac: 52:54:00:00:00:04, role: compute, state: installed, bundles: { add: [nonsense] } }\n";
    assert_eq!(found(fleet), ["7 bundle-not-in-release", "10 bundle-not-in-release", "11 bundle-not-in-release"]);
}

/// What is misspelt may be what brings a kernel, an SSH server, sudo or the network.
#[test]
fn a_misspelt_bundle_is_the_only_thing_to_say() {
    let users = "users: [{ name: ada, sudo: true, ssh_key: KEY }], cmdline: quiet";
    for bundles in ["kernel-natve, os-cloudguest", "kernel-native, os-cloudgest", "kernel-native, os-cloudguest, iwdd"]
    {
        let found = fleet("29880", &format!("bundles: [{bundles}], {users}"));
        assert_eq!(found, ["3 bundle-not-in-release"], "{bundles}");
    }
}

#[test]
fn names_that_differ_by_case_are_repaired() {
    let edits = |bundles: &str| {
        let compiled = crate::fleets::compiled(&format!(
            "defaults: {{ release: stable, layout: one-disk, bundles: [kernel-native, {bundles}] }}\n"
        ));
        let edits = compiled.report.findings.iter().flat_map(|finding| finding.diagnostic.fix.clone());
        edits.map(|edit| edit.text).collect::<Vec<String>>()
    };
    assert_eq!(edits("networkmanager"), ["NetworkManager"]);
    assert_eq!(edits("networkmanager, NetworkManager"), [""; 0]);
    assert_eq!(edits("NetworkManager, cloud-network"), ["network-basic"]);
    assert_eq!(edits("NetworkManger"), [""; 0], "a guess is no repair");
}

#[test]
fn some_bundles_are_there_in_name_only() {
    let bundle = |version, name: &str| fleet(version, &format!("bundles: [kernel-native, {name}, NetworkManager]"));
    let outdated = ["3 outdated-bundle"];
    // 34710 is of 2021-06-04, 34760 of 2021-06-15; 40270 of 2023-10-30, 40300 of 2023-10-31
    assert_eq!(bundle("34710", "os-installer"), [""; 0]);
    assert_eq!(bundle("34760", "os-installer"), outdated);
    assert_eq!(bundle("40270", "pxe-server"), [""; 0]);
    assert_eq!(bundle("40300", "pxe-server"), outdated);
    assert_eq!(bundle("43760", "telemetrics"), outdated);
    assert_eq!(bundle("43760", "linuxcnc"), outdated);
    assert_eq!(bundle("43700", "linuxcnc"), [""; 0]);
    assert_eq!(bundle("43760", "sysadmin-remote"), [""; 0], "in work is not outdated");
}

#[test]
fn python_is_there_since_a_day() {
    let hook = |version, more: &str| {
        fleet(version, &format!("bundles: [kernel-native, os-cloudguest, systemd-networkd-autostart{more}"))
    };
    let python = "], hooks: { post_chroot: [/usr/bin/python3 -V] }";
    // 30170 is of 2019-07-02, 30210 of 2019-07-04
    assert_eq!(hook("30170", python), ["3 no-python"]);
    assert_eq!(hook("30170", &format!(", python3-basic{python}")), [""; 0]);
    assert_eq!(hook("30170", &format!(", ansible{python}")), [""; 0]);
    assert_eq!(hook("30210", python), [""; 0]);
    // The installer has its own.
    assert_eq!(hook("30170", "], hooks: { post_nonchroot_shell: [python3 -V] }"), [""; 0]);
    let text = "roles:\n  compute:\n    cloud_config: |\n      #!/usr/bin/env python3\n      print(1)\n";
    assert_eq!(found(text), ["4 no-python"]);
}

#[test]
fn what_starts_the_network_depends_on_the_release() {
    let fleet = |version, more: &str| fleet(version, &format!("bundles: [kernel-native, os-cloudguest{more}"));
    for version in ["29780", "43760", "latest"] {
        assert_eq!(fleet(version, "]"), ["3 network-not-started"], "{version}");
    }
    assert_eq!(fleet("29750", "]"), [""; 0]);
    for more in [
        ", NetworkManager-basic]",
        ", desktop-kde]",
        ", desktop]",
        "], hooks: { post_chroot_shell: [systemctl enable systemd-networkd] }",
    ] {
        assert_eq!(fleet("29880", more), [""; 0], "{more}");
    }
}

#[test]
fn packages_are_no_bundles() {
    let fleet = "defaults: { release: stable, layout: one-disk, software_manager: dnf, bundles: [linux-native, micro-config-drive], cmdline: quiet }\nroles:\n  compute: { cloud_config: role.yaml }\n";
    assert_eq!(found(fleet), [""; 0]);
}

#[test]
fn a_role_text_needs_what_applies_it() {
    let parent = "roles:\n  base: { cloud_config: role.yaml }\n  compute: { extends: base }\n  storage: { extends: base, bundles: [kernel-native, systemd-networkd-autostart] }\nhosts:\n  a: { mac: 52:54:00:00:00:01, role: compute }\n  b: { mac: 52:54:00:00:00:02, role: storage }\n";
    assert_eq!(places(parent), [2, 4, 7]);
}

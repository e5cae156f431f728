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

#[test]
fn kernels_by_any_name() {
    let bundles = |bundles: &str| {
        found(&format!(
            "defaults:\n  release: stable\n  layout: one-disk\n  bundles: [{bundles}, systemd-networkd-autostart]\n"
        ))
    };
    for kernel in
        ["kernel-kvm", "kernel-ltscurrent", "kernel-native, kernel-native-dkms, kernel-install", "my-kernel, os-core"]
    {
        assert_eq!(bundles(kernel), [""; 0], "{kernel}");
    }
    assert_eq!(bundles("kernel-native-dkms"), ["4 no-kernel"]);
    // A block list is blamed at its first line.
    let block = "defaults:\n  release: stable\n  layout: one-disk\n  bundles:\n    - os-core\n    - os-cloudguest\n    - systemd-networkd-autostart\n";
    assert_eq!(found(block), ["5 no-kernel"]);
}

#[test]
fn what_starts_the_network_depends_on_the_release() {
    let fleet = |version: &str, more: &str| {
        found(&format!(
            "releases:\n  stable: {{ version: {version}, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: 69 }} }}\ndefaults: {{ release: stable, layout: one-disk, bundles: [kernel-native, os-cloudguest{more} }}\n"
        ))
    };
    for version in ["29780", "43760", "latest"] {
        assert_eq!(fleet(version, "]"), ["3 network-not-started"], "{version}");
    }
    assert_eq!(fleet("29750", "]"), [""; 0]);
    for more in [
        ", NetworkManager-basic]",
        ", desktop]",
        "], hooks: { post_chroot_shell: [systemctl enable systemd-networkd] }",
    ] {
        assert_eq!(fleet("29880", more), [""; 0], "{more}");
    }
}

#[test]
fn bundles_are_gone_from_a_release_on() {
    let fleet = |version: u32, kernel: &str| {
        found(&format!(
            "releases:\n  stable: {{ version: {version}, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: 69 }} }}\ndefaults: {{ release: stable, layout: one-disk, bundles: [{kernel}, systemd-networkd-autostart] }}\n"
        ))
    };
    assert_eq!(fleet(29880, "kernel-lts2018"), [""; 0]);
    assert_eq!(fleet(42710, "kernel-lts2018"), ["3 removed-bundle"]);
}

#[test]
fn packages_are_no_bundles() {
    let fleet = "defaults: { release: stable, layout: one-disk, software_manager: dnf, bundles: [linux-native, micro-config-drive], cmdline: quiet }\nroles:\n  compute: { cloud_config: role.yaml }\n";
    assert_eq!(found(fleet), [""; 0]);
}

#[test]
fn a_role_text_needs_what_applies_it() {
    let fleet = |version: u32, ister: u32| {
        found(&format!(
            "releases:\n  stable: {{ version: {version}, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: {ister} }} }}\nroles:\n  compute: {{ cloud_config: role.yaml }}\n"
        ))
    };
    assert_eq!(fleet(15100, 64), [""; 0]);
    assert_eq!(fleet(15040, 64), ["2 release-without-ucd"]);
    assert_eq!(fleet(15100, 63), ["2 release-without-ucd"]);
    let parent = "roles:\n  base: { cloud_config: role.yaml }\n  compute: { extends: base }\n  storage: { extends: base, bundles: [kernel-native, systemd-networkd-autostart] }\nhosts:\n  a: { mac: 52:54:00:00:00:01, role: compute }\n  b: { mac: 52:54:00:00:00:02, role: storage }\n";
    assert_eq!(places(parent), [2, 4, 7]);
}

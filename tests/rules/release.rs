//! Releases, and the installers and boot files that go with them.

use crate::fleets::{found, places};

/// A role text for a release and an installer; without the bundle that only later releases have.
fn role(version: &str, ister: u32) -> Vec<String> {
    found(&format!(
        "releases:\n  stable: {{ version: {version}, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: {ister} }} }}\nroles:\n  compute: {{ cloud_config: role.yaml }}\ndefaults: {{ release: stable, layout: one-disk, bundles: [kernel-native, os-cloudguest] }}\n"
    ))
}

#[test]
fn release_and_installer_agree_on_the_client() {
    let wrong = ["2 release-without-ucd"];
    assert_eq!(role("15100", 64), [""; 0]);
    assert_eq!(role("15040", 64), wrong);
    assert_eq!(role("15100", 63), wrong);
    // An old installer changes nothing in the unit of these, and no error tells.
    assert_eq!(role("15040", 63), wrong);
    assert_eq!(role("9560", 38), wrong);
    // In spring 2016 both agreed; what lies between two tags is not known.
    assert_eq!(role("6970", 38), [""; 0]);
    assert_eq!(role("15060", 64), [""; 0]);
    assert_eq!(role("latest", 63), [wrong[0], "5 network-not-started"]);
}

/// A release by its number and its boot files.
fn release(version: &str, files: &str, ister: u32) -> Vec<String> {
    found(&format!(
        "releases:\n  stable: {{ version: {version}, {files}, installer: {{ kind: ister, version: {ister} }} }}\ndefaults: {{ release: stable, layout: one-disk, bundles: [kernel-native, NetworkManager] }}\n"
    ))
}

#[test]
fn numbers_that_nobody_gave() {
    let number = |version| release(version, "kernel: linux, initrd: initrd", 69);
    for version in ["2988", "29885", "298800", "6960", "1", "4294967295"] {
        assert_eq!(number(version), ["2 unknown-release"], "{version}");
    }
    // Others lie between the tags, and some may come.
    for version in ["29890", "6980", "43770", "44760", "latest"] {
        assert_eq!(number(version).iter().filter(|rule| rule.contains("unknown-release")).count(), 0, "{version}");
    }
    // A mix has its own.
    let mix = "releases:\n  stable: { version: 29885, kernel: linux, initrd: initrd, installer: { kind: ister, version: 69 } }\ndefaults: { release: stable, layout: one-disk, bundles: [kernel-native, NetworkManager], hooks: { pre_install_shell: [sync] } }\n";
    assert_eq!(found(mix), [""; 0]);
}

#[test]
fn boot_files_tell_their_release() {
    let files = |image: &str| format!("kernel: linux, initrd: {image}");
    let of = |version, image: &str, ister| release(version, &files(image), ister);
    // 31470 is of 2019-10-31, 31520 of 2019-11-04
    for image in ["clear-31520-pxe/initrd", "http://m:8080/31890/initrd", "initrd.img-43760", "initrd_31890"] {
        assert_eq!(of("latest", image, 69), ["2 image-without-ister"], "{image}");
    }
    for image in
        ["clear-31470-pxe/initrd", "http://31890.example:31890/initrd", "5.4.31890/initrd", "v31890", "20191104"]
    {
        assert_eq!(of("latest", image, 69), [""; 0], "{image}");
    }
    // ister 64 is of August 2018: 24120 is of 2018-07-31, 24170 of 2018-08-01
    assert_eq!(of("24190", "24120/initrd", 64), ["2 installer-newer-than-image"]);
    assert_eq!(of("24190", "24170/initrd", 64), [""; 0]);
    assert_eq!(of("24190", "24120/initrd", 63), [""; 0]);
    // The format changed at 29780; the tag before is 29750.
    for (version, image, crossed) in [
        ("29780", "29750", true),
        ("29750", "29780", true),
        ("30780", "29780", true),
        ("29750", "28000", false),
        ("29780", "29760", false),
        ("29780", "30750", false),
        ("latest", "28000", false),
    ] {
        let found = of(version, &format!("{image}/initrd"), 69);
        let expected: &[&str] = if crossed { &["2 format-crossing"] } else { &[] };
        assert_eq!(found, expected, "{version} by {image}");
    }
    // The kernel is asked when the initrd says nothing.
    assert_eq!(release("latest", "kernel: 31890/linux, initrd: initrd", 69), ["2 image-without-ister"]);
}

#[test]
fn one_initrd_holds_one_installer() {
    let two = |initrd: &str, ister: u32| {
        format!(
            "releases:\n  stable: {{ version: 29880, kernel: linux, initrd: initrd, installer: {{ kind: ister, version: 69 }} }}\n  canary:\n    version: 30010\n    kernel: linux\n    initrd: {initrd}\n    installer: {{ kind: ister, version: {ister} }}\n"
        )
    };
    assert_eq!(found(&two("initrd", 68)), ["7 image-with-two-installers"]);
    assert_eq!(places(&two("initrd", 68)), [7, 2, 6]);
    assert_eq!(found(&two("initrd", 69)), [""; 0]);
    assert_eq!(found(&two("initrd-68", 68)), [""; 0]);
}

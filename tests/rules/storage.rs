//! Layouts.

use crate::fleets::{ESP, ROOT, beside, compiled, found, layout, places};

#[test]
fn sizes_at_their_limits() {
    let disk = |size: &str, partitions: &[&str]| {
        let partitions = format!("{{ {} }}", partitions.join(" }, { "));
        found(&format!("layouts:\n  one-disk:\n    - {{ disk: sda, size: {size}, partitions: [{partitions}] }}\n"))
    };
    // contract I-52: 1 MiB is not to be had
    assert_eq!(disk("21G", &[ESP, "size: 20991M, filesystem: ext4, mount: /"]), [""; 0]);
    assert_eq!(disk("21G", &[ESP, "size: 20992M, filesystem: ext4, mount: /"]), ["3 partitions-do-not-fit"]);
    let rest = "size: rest, filesystem: ext4, mount: /data";
    assert_eq!(disk("21G", &[ESP, "size: 20736M, filesystem: ext4, mount: /", rest]), ["3 small-partition"]);
    assert_eq!(disk("21G", &[ESP, "size: 20735M, filesystem: ext4, mount: /", rest]), [""; 0]);
    assert_eq!(disk("21G", &[ESP, "size: 20991M, filesystem: ext4, mount: /", rest]), ["3 partitions-do-not-fit"]);
    assert_eq!(disk("21G", &["size: 1M", ESP, ROOT]), ["3 partitions-do-not-fit"]);
    assert_eq!(disk("21G", &["size: 2M", ESP, ROOT]), [""; 0]);
    // Less than 1 GiB behind the root partition may come from rounding.
    assert_eq!(disk("21G", &[ESP, ROOT]), [""; 0]);
    assert_eq!(disk("22G", &[ESP, ROOT]), ["3 free-space-behind-root"]);
    assert_eq!(disk("1T", &[ESP, "size: rest, filesystem: ext4, mount: /"]), [""; 0]);
    assert_eq!(disk("2G", &[ESP, "size: rest, filesystem: ext4, mount: /"]), [""; 0]);
    assert_eq!(disk("800M", &[ESP, "size: rest, filesystem: ext4, mount: /"]), ["3 small-partition"]);
}

#[test]
fn partitions_of_every_kind() {
    for (partition, rules) in [
        ("size: rest", &[][..]),
        ("size: rest, filesystem: xfs", &[]),
        ("size: rest, type: swap", &[]),
        ("size: rest, type: swap, filesystem: swap", &[]),
        ("size: rest, filesystem: xfs, mount: /var", &[]),
        ("size: rest, filesystem: xfs, mount: /home", &[]),
        ("size: rest, filesystem: btrfs, mount: /var/lib/docker", &[]),
        ("size: rest, filesystem: vfat, mount: /data", &[]),
        ("size: rest, filesystem: ext4, mount: /usr/local, force_unit: true", &[]),
        ("size: rest, filesystem: ext4, mount: /usrdata", &[]),
        ("size: rest, filesystem: ext4, mount: /data, label: a234567890123456", &[]),
        ("size: rest, filesystem: ext4, mount: /data, keep: false", &[]),
        ("size: rest, filesystem: ext4, mount: /home/data", &["mount-below-home"]),
        ("size: rest, filesystem: ext4, mount: /usr/local", &["mount-without-unit"]),
        ("size: rest, filesystem: ext4, mount: /usr/lib", &["separate-system-folder"]),
        ("size: rest, filesystem: ext4, mount: /etc", &["separate-system-folder"]),
        ("size: rest, filesystem: ext4, mount: /run/data", &["separate-system-folder"]),
        ("size: rest, type: swap, filesystem: ext4, mount: /data", &["swap-by-half"]),
        ("size: rest, filesystem: ext4, mount: /data, label: a2345678901234567", &["label-too-long"]),
        ("size: rest, keep: true", &["idle-partition-key"]),
        ("size: rest, options: -m 1", &["idle-partition-key"]),
        ("size: rest, encryption: { name: a, passphrase: b }", &["idle-partition-key"]),
        ("size: rest, filesystem: ext4, force_unit: true", &["idle-partition-key"]),
        (
            "size: rest, filesystem: ext4, encryption: { name: a, passphrase: b }",
            &["unopened-encryption", "served-passphrase"],
        ),
        (
            "size: rest, filesystem: ext4, mount: /srv, force_unit: true, encryption: { name: a, passphrase: b }",
            &["unopened-encryption", "served-passphrase"],
        ),
    ] {
        let wanted: Vec<String> = rules.iter().map(|rule| format!("7 {rule}")).collect();
        assert_eq!(beside(partition), wanted, "{partition}");
    }
}

#[test]
fn a_layout_with_a_fault_has_no_others() {
    let fleet = layout(
        "disk: sda",
        &["size: 512MB, type: EFI, filesystem: vfat, mount: /boot", "size: rest, filesystem: ext4, mount: /"],
    );
    assert_eq!(found(&fleet), ["5 malformed-size"]);
    assert_eq!(found("layouts:\n  one-disk:\n    - { disk: sda, partitions: [] }\n"), ["3 empty-list"]);
    assert_eq!(found("layouts:\n  one-disk: []\n"), ["2 empty-list"]);
}

#[test]
fn bios_machines_need_no_boot_partition() {
    let fleet = |settings: &str| {
        found(&format!(
            "{}defaults: {{ release: stable, layout: one-disk, bundles: BUNDLES{settings} }}\n",
            layout("disk: sda", &[ROOT])
        ))
    };
    assert_eq!(fleet(""), ["2 no-boot-partition"]);
    assert_eq!(fleet(", legacy_bios: true"), [""; 0]);
    assert_eq!(fleet(", legacy_bios: maybe"), ["6 malformed-value"]);
    // A layout that nobody uses says nothing of firmware.
    assert_eq!(
        found(&format!(
            "{}  two:\n    - {{ disk: sda, partitions: [{{ {ROOT} }}] }}\n",
            layout("disk: sda", &[ESP, ROOT])
        )),
        [""; 0]
    );
    // Mounted where other systems have it.
    let elsewhere = layout("disk: sda", &["size: 512M, type: EFI, filesystem: vfat, mount: /boot/efi", ROOT]);
    assert_eq!(found(&elsewhere), ["5 no-boot-partition"]);
}

#[test]
fn keeping_is_judged_with_the_settings_of_the_machines() {
    let kept = layout("disk: sda", &[ESP, ROOT, "size: rest, filesystem: ext4, mount: /home, keep: true"]);
    let fleet = |settings: &str| {
        format!("{kept}defaults:\n  release: stable\n  layout: one-disk\n  bundles: BUNDLES\n{settings}")
    };
    assert_eq!(places(&fleet("  keep_partition_table: false\n"))[..3], [7, 12, 10]);
    assert_eq!(found(&fleet("  keep_partition_table: true\n")), [""; 0]);
    assert_eq!(found(&fleet("  keep_partition_table: yes\n")), ["12 malformed-value"]);
}

#[test]
fn disks_whose_names_are_alike() {
    let disks = |second: &str| {
        found(&format!(
            "layouts:\n  one-disk:\n    - {{ disk: sda, partitions: [{{ {ESP} }}, {{ {ROOT} }}] }}\n    - {{ disk: {second}, partitions: [{{ size: rest, filesystem: xfs, mount: /data }}] }}\n"
        ))
    };
    // `sdaa1` sorts behind every partition of `sda`: letters come after digits.
    assert_eq!(disks("sdaa"), [""; 0]);
    assert_eq!(disks("nvme0n1"), [""; 0]);
    assert_eq!(disks("sda"), ["4 duplicate-disk"]);
    assert_eq!(disks("sda1"), ["4 colliding-disk-names", "4 no-whole-disk"]);
}

#[test]
fn secrets_are_not_told() {
    let encrypted = layout(
        "disk: sda",
        &[
            ESP,
            "size: 20G, filesystem: ext4, mount: /, encryption: { name: root, passphrase: hush }",
            "size: 4G, type: swap, encryption: { name: root, passphrase: hush }",
        ],
    );
    let compiled = compiled(&encrypted);
    assert!(compiled.report.findings.len() > 2);
    for finding in &compiled.report.findings {
        let found = &finding.diagnostic;
        let texts = std::iter::once(&found.place).chain(&found.related).map(|label| label.text.as_str());
        let mut texts = texts.chain([found.message.as_str()]).chain(found.help.as_deref());
        assert!(texts.all(|text| !text.contains("hush")), "{found:?}");
    }
}

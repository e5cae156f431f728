//! Templates that the installer takes, as they stand for those of its own repository, of the service's, of
//! clr-installer's and of the guides: disks, versions, bundles and hooks are theirs.

mod others;

use serde_json::{Value, json};

/// A template.
pub struct Template {
    /// Where one like it was found.
    pub name: &'static str,
    pub json: Value,
    /// The keys of which a fleet file has no place for something.
    pub left: &'static [&'static str],
    /// The errors that a machine of its own would have, which may be allowed.
    pub allowed: &'static [&'static str],
    /// The error that keeps machines from being installed so, which is none that may be allowed.
    pub refused: Option<&'static str>,
}

impl Template {
    fn left(self, left: &'static [&'static str]) -> Template {
        Template { left, ..self }
    }

    fn allowed(self, allowed: &'static [&'static str]) -> Template {
        Template { allowed, ..self }
    }

    fn refused(self, by: &'static str) -> Template {
        Template { refused: Some(by), ..self }
    }
}

pub const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk";
pub const HASH: &str = "$6$saltsalt$0123456789012345678901234567890123456789012345678901234567890123456789012345";

type Part = (&'static str, &'static str, &'static str, &'static str);

/// The firmware's partition and one for all the rest.
pub const fn two(boot: &'static str, root: &'static str) -> [Part; 2] {
    [(boot, "EFI", "vfat", "/boot"), (root, "linux", "ext4", "/")]
}

/// The same with swap space between them.
pub const fn three(boot: &'static str, swap: &'static str, root: &'static str) -> [Part; 3] {
    [(boot, "EFI", "vfat", "/boot"), (swap, "swap", "swap", ""), (root, "linux", "ext4", "/")]
}

/// A template for one disk: an image file, unless it is named as the kernel names disks.
pub fn template(disk: &str, parts: &[Part], version: impl Into<Value>, bundles: &str) -> Value {
    let with = |index: usize, key: &str, text: &str| {
        let mut entry = json!({ "disk": disk, "partition": index + 1 });
        entry[key] = text.into();
        entry
    };
    let numbered = || parts.iter().enumerate();
    let layout = numbered().map(|(index, (size, kind, ..))| {
        let mut entry = with(index, "size", size);
        entry["type"] = (*kind).into();
        entry
    });
    let mounts = numbered().filter(|(_, part)| !part.3.is_empty());
    json!({
        "DestinationType": if disk.contains('.') { "virtual" } else { "physical" },
        "PartitionLayout": layout.collect::<Vec<_>>(),
        "FilesystemTypes": numbered().map(|(index, part)| with(index, "type", part.2)).collect::<Vec<_>>(),
        "PartitionMountPoints": mounts.map(|(index, part)| with(index, "mount", part.3)).collect::<Vec<_>>(),
        "Version": version.into(),
        "Bundles": bundles.split(' ').collect::<Vec<_>>(),
    })
}

/// The text of a template, a top-level key a line.
pub fn text(template: &Value) -> String {
    let members = template.as_object().unwrap().iter();
    let lines: Vec<String> = members.map(|(key, value)| format!("{key:?}: {value}")).collect();
    format!("{{\n{}\n}}\n", lines.join(",\n"))
}

/// A template with more keys.
fn and(mut template: Value, more: Value) -> Value {
    template.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    template
}

fn options(mut template: Value, options: &str) -> Value {
    template["FilesystemTypes"][0]["options"] = options.into();
    template
}

fn found(name: &'static str, json: Value) -> Template {
    Template { name, json, left: &[], allowed: &[], refused: None }
}

/// A template with a program in `PostNonChroot` whose path leads from nobody knows where.
fn relative(name: &'static str, json: Value, script: &str) -> Template {
    found(name, and(json, json!({ "PostNonChroot": [script] }))).left(&["PostNonChroot"])
}

/// One partition, for machines that boot by BIOS.
fn bios(disk: &str, size: &'static str, version: impl Into<Value>, bundles: &str) -> Value {
    and(template(disk, &[(size, "linux", "ext4", "/")], version, bundles), json!({ "LegacyBios": true }))
}

const INSTALLER: &str = "kernel-native os-installer os-core-update os-core os-core-dev bootloader";
const CLOUD: &str = "kernel-kvm os-core os-core-update os-cloudguest telemetrics";
const LIVE: &str =
    "bootloader editors kernel-native network-basic os-core-update os-core openssh-server sysadmin-basic";

/// All of them.
pub fn all() -> Vec<Template> {
    let (clr, programs) = (others::clr_installer(), others::with_programs());
    [ister(), history(), others::service_and_guides(), clr, programs].into_iter().flatten().collect()
}

/// The installer's own, as they are last.
fn ister() -> Vec<Template> {
    let user = json!({ "Users": [{ "username": "test", "key": KEY, "uid": 1000, "sudo": true }] });
    let hooks = json!({
        "PostNonChrootShell": ["touch $ISTER_CHROOT/post-non-chroot-shell"],
        "PostChroot": ["/post-chroot.sh"], "PostChrootShell": ["touch /post-chroot-shell"],
    });
    let live = "kernel-native os-core-update os-core os-utils bootloader";
    let provision = "kernel-native os-installer os-core-update os-core bootloader openssh-server";
    vec![
        found("cloud-config.json", template("cloud.img", &two("512M", "800M"), 7340, CLOUD)),
        found(
            "container-config.json",
            options(template("container.img", &[("2G", "linux", "ext4", "/")], 2120, "os-core"), "-b 4096"),
        )
        .refused("no-boot-partition"),
        found("full-good.json", and(template("test.img", &two("512M", "1G"), 930, "kernel-kvm"), user))
            .allowed(&["sudo-without-bundle"]),
        relative(
            "installer-config.json",
            template("installer.img", &two("64M", "2G"), "latest", INSTALLER),
            "./installation-image-post-update-version.py",
        ),
        relative(
            "installer-config-vm.json",
            template("installer-val.img", &two("64M", "8G"), "latest", INSTALLER),
            "./vm-installation-image-post-update-version.py",
        ),
        relative(
            "live-config.json",
            template("live.img", &two("64M", "5G"), 6000, live),
            "./live-image-post-update-version.py",
        ),
        found("mbr.json", bios("mbr.img", "500M", 8860, "kernel-native os-core os-core-update")),
        found("min-good.json", template("test.img", &three("512M", "4G", "rest"), 930, "kernel-kvm")),
        relative(
            "pre-post.json",
            and(template("test.img", &two("64M", "2G"), "latest", "os-core"), hooks),
            "./post-non-chroot.sh",
        )
        .allowed(&["no-kernel"]),
        relative(
            "provision-config.json",
            template("provision.img", &two("64M", "1750M"), 12000, provision),
            "./provision-image-post-update-version.py",
        ),
        found(
            "release-image-config.json",
            template("release.img", &three("32M", "16M", "5G"), "latest", "kernel-native os-core os-core-update"),
        ),
    ]
}

/// Earlier ones of the installer's, and those that its tests make.
fn history() -> Vec<Template> {
    let user =
        json!({ "Users": [{ "username": "user", "key": KEY, "uid": "1001", "sudo": true, "fullname": "A User" }] });
    let native = "kernel-native os-core";
    let mut texts = template("sdb", &three("512M", "512M", "rest"), 800, native);
    for list in ["PartitionLayout", "FilesystemTypes", "PartitionMountPoints"] {
        for entry in texts[list].as_array_mut().unwrap() {
            entry["partition"] = entry["partition"].to_string().into();
        }
    }
    let mut all = Vec::new();
    for version in [1440, 1650, 1870, 2010, 2250, 2570] {
        all.push(relative(
            "installation-image-config.json, an early one",
            template("test.img", &two("16M", "512M"), version, "kernel-native os-core os-installer"),
            "./installation-image-post-update-version.py",
        ));
    }
    for version in [2570, 4000, 6000] {
        let json = template("release.img", &three("32M", "16M", "4G"), version, "kernel-native os-core os-core-update");
        all.push(found("release-image-config.json, an early one", json));
    }
    all.extend([
        found("installer-config.json, an early one", template("installer.img", &two("64M", "2G"), 6580, INSTALLER)),
        found("cloud-image.config.json", template("cloud.img", &two("512M", "800M"), 2570, CLOUD)),
        found(
            "shell-nonchroot-post.json",
            and(
                template("test.img", &two("64M", "2G"), "latest", "kernel-native os-installer os-core-update os-core"),
                json!({ "PostNonChrootShell": ["touch $ISTER_CHROOT/foo"] }),
            ),
        ),
        found(
            "good_virtual_disk_template",
            template("test.img", &three("512M", "512M", "rest"), 800, "kernel-kvm os-core"),
        ),
        found("good_latest_template", template("sda", &three("512M", "512M", "rest"), "latest", native)),
        found("full_user_install_template", and(template("sda", &three("512M", "512M", "rest"), 800, native), user))
            .allowed(&["sudo-without-bundle"]),
        found("good_template_string_partitions", texts),
    ]);
    all
}

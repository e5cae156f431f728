//! What `fleetc image` prints goes into a fleet file as it is, and `fleetc check` takes it.

use std::fs;
use std::path::Path;

use crate::model::{Item, image, provision};
use crate::program::{Run, fleetc};

/// The rest of a fleet file: everything but `releases`, with a host that takes `release`.
fn fleet(stanza: &str, release: &str) -> String {
    let base = fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/rules/base.yaml")).unwrap();
    let (before, after) = base.split_once("releases:\n").unwrap();
    let after = &after[after.find("layouts:").unwrap()..];
    format!("{before}{stanza}{}", after.replace("release: stable", &format!("release: {release}")))
}

/// Makes boot files in `folder`, and checks a fleet with what was printed.
fn pasted(folder: &Path, items: &[Item], out: &str, release: &str) -> (Run, Run) {
    let place = image(folder, "image", items);
    let made = fleetc(folder, &["image", place.to_str().unwrap(), "-o", out]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    fs::write(folder.join("fleet.yaml"), fleet(&made.stdout, release)).unwrap();
    (made, fleetc(folder, &["check"]))
}

#[test]
fn what_is_printed_is_a_release() {
    let clean = "no faults: 1 host (1 to install, 0 installed), 1 role, 1 release\n";
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let away = folder.join("a/deep");
    // A folder that is there, a new one, this one, by its whole path, and with marks that YAML reads in its own way.
    for out in ["boot", "a/b/c", ".", "./x", away.to_str().unwrap(), "@~,-odd"] {
        let (made, check) = pasted(folder, &provision(), out, "clear-29880");
        assert_eq!((check.code, check.stdout.as_str()), (Some(0), clean), "{}\n{}", made.stdout, check.stdout);
        assert_eq!(made.stderr, "");
        // Digests are those of the files: with another byte in one, `check` says so.
        let initrd = folder.join(out).join("initrd-29880");
        let mut bytes = fs::read(&initrd).unwrap();
        *bytes.last_mut().unwrap() ^= 1;
        fs::write(&initrd, bytes).unwrap();
        let check = fleetc(folder, &["check"]);
        assert!(check.code == Some(1) && check.stdout.contains("error[wrong-digest]"), "{}", check.stdout);
    }
    let built = fleetc(folder, &["build", "-o", "public"]);
    assert_eq!(built.code, Some(1), "{}", built.stdout);
}

#[test]
fn folders_that_no_fleet_file_can_name() {
    let folder = tempfile::tempdir().unwrap();
    let here = folder.path().join("here");
    fs::create_dir(&here).unwrap();
    for out in ["../there", "with blank", "ž"] {
        let place = image(&here, "image", &provision());
        let made = fleetc(&here, &["image", place.to_str().unwrap(), "-o", out]);
        assert_eq!(made.code, Some(0), "{}", made.stderr);
        assert!(made.stderr.starts_with("note: no fleet file can name a file in `"), "{}", made.stderr);
        assert!(made.stdout.contains("    kernel: { file: linux-29880, sha256: "), "{}", made.stdout);
    }
}

/// The provision image with a file in place of another.
fn with(path: &str, text: Option<&str>) -> Vec<Item> {
    let mut items = provision();
    items.retain(|item| item.path != path.as_bytes());
    items.extend(text.map(|text| Item::file(path, text)));
    items
}

#[test]
fn what_an_image_says_of_itself() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let no_version = |more: &[Item]| {
        let mut items = with("usr/share/clear/version", None);
        items.extend(more.iter().cloned());
        items
    };
    let os_release = Item::file("usr/lib/os-release", "ID=clear-linux-os\nVERSION_ID=29890\n");
    let (made, check) = pasted(folder, &no_version(&[os_release]), "boot", "clear-29890");
    assert!(made.stdout.contains(": release 29890, swupd format 28, ister 67 or later\n"), "{}", made.stdout);
    assert!(folder.join("boot/linux-29890").exists() && check.code == Some(0), "{}", check.stdout);
    // No release: files without a number, and the newest release that swupd in the image reads.
    let (made, check) = pasted(folder, &no_version(&[]), "none", "clear");
    assert!(made.stdout.contains(": no release number, swupd format 28,"), "{}", made.stdout);
    assert!(made.stdout.contains("  clear:\n    version: latest\n"), "{}", made.stdout);
    assert!(folder.join("none/initrd").exists() && check.code == Some(0), "{}", check.stdout);
    // An older ister.
    let (made, _) = pasted(folder, &with("usr/bin/ister.py", Some("LegacyBios ucd.service")), "old", "clear-29880");
    assert!(made.stdout.contains("    installer: { kind: ister, version: 64 }\n"), "{}", made.stdout);
    // Texts that are no numbers are not taken for any.
    let odd = with("usr/share/clear/version", Some("29880\nreleases: {}\n"));
    let (made, _) = pasted(folder, &odd, "odd", "clear");
    assert!(made.stdout.contains(": no release number,"), "{}", made.stdout);
}

#[test]
fn images_without_ister_give_no_release() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut items = with("usr/bin/ister.py", None);
    items.push(Item::file("usr/bin/clr-installer", "\u{7f}ELF").mode(0o755));
    items.push(Item::file("init", "#!/bin/sh\n").mode(0o755));
    let place = image(folder, "image", &items);
    let made = fleetc(folder, &["image", place.to_str().unwrap(), "-o", "boot"]);
    assert_eq!(made.code, Some(0), "{}", made.stderr);
    assert!(
        made.stdout.starts_with("# `image`, partition 2 (`part-2`): release 29880, swupd format 28, clr-installer\n")
    );
    assert!(!made.stdout.contains("releases:"), "{}", made.stdout);
    let sum = <sha2::Sha256 as sha2::Digest>::digest(fs::read(folder.join("boot/initrd-29880")).unwrap());
    let sum = data_encoding::HEXLOWER.encode(&sum);
    assert!(made.stdout.ends_with(&format!("# sha256 of initrd-29880: {sum}\n")), "{}", made.stdout);
    assert_eq!(
        made.stderr,
        "note: the image has an `/init` of its own; the machine starts that, not systemd\n\
         note: the image holds clr-installer, which reads nothing of a tree of fleetc\n \
         help: take an image from before November 2019 that holds ister\n"
    );
}

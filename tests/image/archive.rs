//! Boot files out of an archive, `clear-VERSION-pxe.tar.xz`; archives that are made to do harm.

use std::fs;
use std::path::Path;

use tar::{EntryType, Header};

use crate::listing::{expected, listed, unpacked};
use crate::model::{KERNEL, image, no_kernel, provision, tool, words};
use crate::program::{Run, fleetc, read};

/// An archive of files with any name.
fn archive(entries: &[(&[u8], EntryType, &[u8])]) -> Vec<u8> {
    let mut builder = tar::Builder::new(Vec::new());
    for (name, kind, bytes) in entries {
        let mut header = Header::new_gnu();
        header.as_gnu_mut().unwrap().name[..name.len()].copy_from_slice(name);
        header.set_entry_type(*kind);
        header.set_mode(0o644);
        if matches!(kind, EntryType::Symlink | EntryType::Link) {
            header.as_gnu_mut().unwrap().linkname[..bytes.len()].copy_from_slice(bytes);
        }
        let bytes = if kind.is_file() { bytes } else { &[][..] };
        header.set_size(bytes.len() as u64);
        header.set_cksum();
        builder.append(&header, bytes).unwrap();
    }
    builder.into_inner().unwrap()
}

fn run(folder: &Path, bytes: &[u8], more: &[&str]) -> Run {
    fs::write(folder.join("archive"), bytes).unwrap();
    fleetc(folder, &[&["image", "archive", "-o", "boot"], more].concat())
}

/// An initrd as `cpio` and `gzip` make it, of an image's files.
fn initrd(folder: &Path) -> Vec<u8> {
    let place = image(folder, "image", &provision());
    let run = fleetc(folder, &["image", place.to_str().unwrap(), "-o", "made"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    fs::read(folder.join("made/initrd-29880")).unwrap()
}

#[test]
fn both_files_come_out_as_they_are() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let initrd = initrd(folder);
    fs::write(folder.join("initrd"), &initrd).unwrap();
    fs::write(folder.join(KERNEL), no_kernel()).unwrap();
    // As `create_pxe.sh` makes it (contract P-4); and as others may: by another program, in a folder, not compressed.
    let line = ["--create", "--xz", "--file", "clear-pxe.tar.xz", "-C", folder.to_str().unwrap(), "initrd", KERNEL];
    let place = folder.join("clear-pxe.tar.xz");
    let mut line = line.map(str::to_string);
    line[3] = place.to_str().unwrap().to_string();
    tool("tar", "tar", &words(&line.each_ref().map(String::as_str)), b"");
    let kernel = format!("clear-pxe/{KERNEL}");
    let plain = archive(&[
        (b"./", EntryType::Directory, b""),
        (kernel.as_bytes(), EntryType::Regular, &no_kernel()),
        (b"clear-pxe/initrd", EntryType::Regular, &initrd),
        (b"README", EntryType::Regular, b"a text"),
    ]);
    for bytes in [fs::read(&place).unwrap(), plain] {
        let run = run(folder, &bytes, &[]);
        assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
        let first = "# `archive`, the archive: release 29880, swupd format 28, ister 67 or later\n";
        assert!(run.stdout.starts_with(first), "{}", run.stdout);
        assert!(run.stdout.contains("  clear-29880:\n    version: 29880\n"), "{}", run.stdout);
        assert!(fs::read(folder.join("boot/initrd-29880")).unwrap() == initrd);
        assert!(fs::read(folder.join("boot/linux-29880")).unwrap() == no_kernel());
        assert!(listed(&unpacked(&folder.join("boot/initrd-29880"))) == expected(&provision()));
    }
}

#[test]
fn names_lead_nowhere() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let initrd = initrd(folder);
    let (kernel, none) = (no_kernel(), &b""[..]);
    fs::remove_dir_all(folder.join("made")).unwrap();
    let regular = EntryType::Regular;
    let name = KERNEL.as_bytes();
    let absolute = format!("/tmp/{KERNEL}-out");
    let upwards = format!("../../{KERNEL}/../{KERNEL}\u{1b}[2J\nreleases: {{}}");
    type Entries<'a> = Vec<(&'a [u8], EntryType, &'a [u8])>;
    let good: [Entries<'_>; 3] = [
        // A name decides which file it is, and nothing else.
        vec![(b"../../initrd", regular, &initrd), (absolute.as_bytes(), regular, &kernel)],
        vec![(b"/initrd", regular, &initrd), (upwards.as_bytes(), regular, &kernel)],
        vec![
            (b"boot", EntryType::Symlink, b"/tmp"),
            (b"../x", regular, b"x"),
            (b"linux-29880", EntryType::Symlink, b"/tmp/x"),
            (b"null", EntryType::Char, none),
            (name, regular, &kernel),
            (b"initrd", regular, &initrd),
        ],
    ];
    for entries in good {
        let run = run(folder, &archive(&entries), &[]);
        assert_eq!(run.code, Some(0), "{}", run.stderr);
        let names: Vec<String> = read(folder).into_keys().collect();
        assert_eq!(names, ["archive", "boot/initrd-29880", "boot/linux-29880", "image"]);
        // What is printed is YAML with comments of one line each, and nothing that a terminal acts on.
        let comments: Vec<&str> = run.stdout.lines().take_while(|line| line.starts_with("# ")).collect();
        assert!(comments.len() == 3 && !run.stdout.contains('\u{1b}'), "{}", run.stdout);
        assert!(run.stdout.lines().nth(3) == Some("releases:"), "{}", run.stdout);
        fs::remove_dir_all(folder.join("boot")).unwrap();
    }
    let bad: [(Entries<'_>, &str); 9] = [
        (vec![(b"initrd", EntryType::Symlink, b"/etc/passwd"), (name, regular, &kernel)], "is no file, or too large"),
        (vec![(b"initrd", EntryType::Link, b"/etc/passwd"), (name, regular, &kernel)], "is no file, or too large"),
        (vec![(b"initrd", regular, &initrd), (name, EntryType::Char, none)], "is no file, or too large"),
        (vec![(b"initrd", EntryType::GNUSparse, none), (name, regular, &kernel)], "is no file, or too large"),
        (
            vec![(b"initrd", regular, &initrd), (b"a/initrd", regular, &initrd), (name, regular, &kernel)],
            "several files `initrd`",
        ),
        (vec![(b"initrd", regular, &initrd)], "has no kernel"),
        (vec![(name, regular, &kernel)], "has no `initrd`"),
        (vec![(b"initrd", regular, &initrd), (name, regular, b"text")], "is no Linux kernel"),
        (vec![(b"initrd", regular, &initrd[..initrd.len() - 9]), (name, regular, &kernel)], "cannot be unpacked"),
    ];
    for (entries, error) in bad {
        let run = run(folder, &archive(&entries), &[]);
        assert!(run.code == Some(2) && run.stderr.contains(error), "{error}: {}", run.stderr);
        assert!(!folder.join("boot").exists());
    }
}

#[test]
fn several_kernels_and_other_initrds() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let initrd = initrd(folder);
    let (one, mut two) = (no_kernel(), no_kernel());
    two.push(2);
    let regular = EntryType::Regular;
    let names: [&[u8]; 2] = [b"org.clearlinux.native.1", b"org.clearlinux.native.2"];
    let both = archive(&[(names[0], regular, &one), (names[1], regular, &two), (b"initrd", regular, &initrd)]);
    let error = "error: there are several kernels: `org.clearlinux.native.1`, `org.clearlinux.native.2`\n \
                 help: choose one: `--kernel NAME`\n";
    assert_eq!(run(folder, &both, &[]).stderr, error);
    assert_eq!(run(folder, &both, &["--kernel", "org.clearlinux.native.2"]).code, Some(0));
    assert_eq!(fs::read(folder.join("boot/linux-29880")).unwrap(), two);
    assert!(
        run(folder, &both, &["--kernel", "3"]).stderr.starts_with("error: there is no kernel `3`\n help: there is")
    );
    assert!(run(folder, &both, &["--partition", "2"]).stderr.starts_with("error: an archive has no partitions"));
    // An initrd that nothing here unpacks says nothing of itself, and is copied as it is.
    let other = archive(&[(names[0], regular, &one), (b"initrd", regular, b"\x28\xb5\x2f\xfd unknown")]);
    let found = run(folder, &other, &[]);
    assert_eq!(found.code, Some(0), "{}", found.stderr);
    assert!(found.stderr.starts_with("note: the initrd is compressed with something unknown"), "{}", found.stderr);
    assert!(
        found.stdout.starts_with("# `archive`, the archive: no release number, no known installer\n"),
        "{}",
        found.stdout
    );
    assert!(!found.stdout.contains("releases:") && found.stdout.contains("# sha256 of initrd: "), "{}", found.stdout);
    assert_eq!(fs::read(folder.join("boot/initrd")).unwrap(), b"\x28\xb5\x2f\xfd unknown");
    // Archives cut anywhere, or with any byte changed, give an error, or files that are whole.
    let whole = archive(&[(names[0], regular, &one), (b"initrd", regular, &initrd)]);
    for step in 0..40 {
        let mut bytes = whole.clone();
        let at = bytes.len() * step / 40 + step;
        bytes[at.min(whole.len() - 1)] ^= 1 << (step % 8);
        let cut = &whole[..whole.len() * step / 40];
        for bytes in [&bytes[..], cut] {
            let _ = fs::remove_dir_all(folder.join("boot"));
            let run = run(folder, bytes, &[]);
            match run.code {
                Some(2) => assert!(!folder.join("boot").exists(), "{}", run.stderr),
                code => assert_eq!((code, folder.join("boot").exists()), (Some(0), true), "{}", run.stderr),
            }
        }
    }
}

//! Which partition, which kernel: found, or asked for.

use std::fs;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};

use crate::listing::{expected, listed, unpacked};
use crate::model::{Item, KERNEL, START, disk, file_system, image, no_kernel, provision, tool, words};
use crate::program::{Run, fleetc};

/// Runs `fleetc image` on an image; the initrd must hold `items` when it succeeds.
fn run(folder: &Path, image: &Path, more: &[&str], items: &[Item]) -> Run {
    let _ = fs::remove_dir_all(folder.join("boot"));
    let line = [&["image", image.to_str().unwrap(), "-o", "boot"], more].concat();
    let run = fleetc(folder, &line);
    if run.code == Some(0) {
        assert!(listed(&unpacked(&folder.join("boot/initrd-29880"))) == expected(items), "{}", run.stdout);
    } else {
        assert!(!folder.join("boot").exists(), "{}", run.stderr);
    }
    run
}

/// Runs it on an image that it takes; gives back the first line that it says.
fn taken(folder: &Path, image: &Path, more: &[&str], items: &[Item]) -> String {
    let run = run(folder, image, more, items);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    run.stdout.lines().next().unwrap().to_string()
}

/// Runs it on an image that it does not take; gives back the error.
fn refused(folder: &Path, image: &Path, more: &[&str]) -> String {
    let run = run(folder, image, more, &[]);
    assert_eq!((run.code, run.stdout.as_str()), (Some(2), ""), "{}", run.stderr);
    run.stderr
}

/// A file system in a folder.
fn system(folder: &Path, name: &str, items: &[Item]) -> PathBuf {
    let place = folder.join(name);
    file_system(&place, 8 << 20, &[], items);
    place
}

/// A provision image with another file in it, so that two of them differ.
fn marked(mark: &str) -> Vec<Item> {
    let mut items = provision();
    items.push(Item::file("etc/mark", mark));
    items
}

#[test]
fn the_partition_with_the_system_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let (one, two) = (marked("1"), marked("two"));
    let (first, second) = (system(folder, "first", &one), system(folder, "second", &two));
    let data = system(folder, "data", &[Item::folder("usr"), Item::file("text", "data")]);
    let image = folder.join("image");
    let known = "release 29880, swupd format 28, ister 67 or later";
    // The only one that the kernel could start.
    disk(&image, &[(&data, "8300"), (&first, "8300")], &[]);
    assert_eq!(taken(folder, &image, &[], &one), format!("# `image`, partition 3 (`part-3`): {known}"));
    // The one whose type says so, whatever is in the others.
    disk(&image, &[(&first, "8300"), (&second, "8304"), (&data, "8300")], &[]);
    assert_eq!(taken(folder, &image, &[], &two), format!("# `image`, partition 3 (`part-3`): {known}"));
    assert_eq!(
        taken(folder, &image, &["--partition", "2"], &one),
        format!("# `image`, partition 2 (`part-2`): {known}")
    );
    // Neither: it asks.
    for codes in [["8300", "8300"], ["8304", "8304"]] {
        disk(&image, &[(&first, codes[0]), (&second, codes[1])], &[]);
        let error = "error: several partitions could hold the system: partition 2 (`part-2`), partition 3 (`part-3`)\n \
                     help: choose one: `--partition NUMBER`\n";
        assert_eq!(refused(folder, &image, &[]), error);
        assert_eq!(
            taken(folder, &image, &["--partition", "3"], &two),
            format!("# `image`, partition 3 (`part-3`): {known}")
        );
    }
    let error = refused(folder, &image, &["--partition", "1"]);
    assert!(error.starts_with("error: partition 1 has no ext4 file system"), "{error}");
    assert!(
        error.contains(" help: the image has partition 1, partition 2 (`part-2`), partition 3 (`part-3`)"),
        "{error}"
    );
    assert!(refused(folder, &image, &["--partition", "9"]).contains("there is no such partition"));
}

/// The system lies at no fixed place (contract P-2).
#[test]
fn tables_of_every_kind_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let items = marked("x");
    let only = system(folder, "only.img", &items);
    let first = taken(folder, &only, &[], &items);
    assert!(first.starts_with("# `only.img`, the whole image, which has no partition table: release 29880"), "{first}");
    let image = folder.join("image");
    // An MBR of two partitions.
    disk(&image, &[(&only, "8300")], &["--gpttombr=1:2"]);
    assert!(taken(folder, &image, &[], &items).starts_with("# `image`, partition 2: release"));
    // A GPT whose beginning is lost: there is another one at the end.
    disk(&image, &[(&only, "8300")], &[]);
    let file = fs::File::options().write(true).open(&image).unwrap();
    file.write_all_at(&[0; 33 * 512], 512).unwrap();
    assert!(taken(folder, &image, &[], &items).starts_with("# `image`, partition 2 (`part-2`): release"));
    // Both are lost.
    let length = file.metadata().unwrap().len();
    file.write_all_at(&[0; 512], length - 512).unwrap();
    let error = refused(folder, &image, &[]);
    assert!(error.starts_with("error: the partition table cannot be read: of a GPT there is only"), "{error}");
    // The list of partitions is damaged in the first one, and then in both.
    disk(&image, &[(&only, "8300")], &[]);
    let file = fs::File::options().write(true).open(&image).unwrap();
    file.write_all_at(b"x", 1024 + 56).unwrap();
    assert!(taken(folder, &image, &[], &items).starts_with("# `image`, partition 2 (`part-2`): release"));
    file.write_all_at(b"x", length - 33 * 512 + 56).unwrap();
    assert!(refused(folder, &image, &[]).contains("the partition table cannot be read: "));
}

#[test]
fn what_is_no_image_is_said() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let data = system(folder, "data", &[Item::folder("usr"), Item::file("text", "data")]);
    let cases: [(&str, Vec<u8>, &str); 4] = [
        ("empty", vec![], "this is no disk image"),
        ("text", b"a text\n".repeat(900), "this is no disk image"),
        ("zeros", vec![0; 1 << 20], "this is no disk image"),
        ("short.xz", b"\xfd7zXZ\0".to_vec(), "the image cannot be unpacked"),
    ];
    for (name, bytes, error) in cases {
        fs::write(folder.join(name), bytes).unwrap();
        let said = refused(folder, &folder.join(name), &[]);
        assert!(said.starts_with(&format!("error: {error}")) && said.contains("\n help: "), "{name}: {said}");
    }
    let said = refused(folder, &data, &[]);
    assert_eq!(
        said,
        "error: the image has no installer: neither `/usr/bin/ister.py` nor `/usr/bin/clr-installer`\n \
         help: give a provision image, as `clear-VERSION-provision.img` is\n"
    );
    assert_eq!(
        refused(folder, folder, &[]),
        format!("error: `{}` is a folder\n help: give the image: a file\n", folder.display())
    );
    assert!(refused(folder, &folder.join("none"), &[]).contains("none` cannot be read: no such file or directory"));
    // A disk on which no partition has a file system that can be read.
    let image = folder.join("image");
    disk(&image, &[(&folder.join("zeros"), "8300")], &[]);
    let said = refused(folder, &image, &[]);
    assert!(
        said.contains("no partition of the image has an ext4 file system\n help: it has partition 1, partition 2"),
        "{said}"
    );
    // An image that was cut while it was copied.
    let whole = crate::model::image(folder, "whole", &provision());
    let file = fs::File::options().write(true).open(&whole).unwrap();
    file.set_len((START + 5000) * 512).unwrap();
    let said = refused(folder, &whole, &[]);
    assert!(
        said.contains("partition 2 (`part-2`) ends at byte") && said.contains("help: the file is damaged or cut short"),
        "{said}"
    );
}

#[test]
fn the_kernel_is_found() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let mut items = provision();
    let other = "org.clearlinux.native.5.1.9-790";
    let mut bytes = no_kernel();
    bytes.push(9);
    items.push(Item::file(format!("usr/lib/kernel/{other}"), &bytes));
    items.push(Item::file("usr/lib/kernel/config-5.1.9-790.native", "no kernel"));
    let kernel = |name: &str, length: usize| {
        format!("\n# linux-29880: `{name}`, {length} bytes\n").replace("1024", "1,024").replace("1025", "1,025")
    };
    // The one that boots by itself.
    let place = image(folder, "two", &items);
    assert!(run(folder, &place, &[], &items).stdout.contains(&kernel(KERNEL, 1024)));
    assert!(run(folder, &place, &["--kernel", other], &items).stdout.contains(&kernel(other, 1025)));
    assert_eq!(fs::read(folder.join("boot/linux-29880")).unwrap(), bytes);
    let listed = format!("`{KERNEL}`, `{other}`");
    let error = format!("error: there is no kernel `../x`\n help: there is {listed}\n");
    assert_eq!(refused(folder, &place, &["--kernel", "../x"]), error);
    // None of them.
    items.retain(|item| item.path != b"usr/lib/kernel/default-native");
    let place = image(folder, "unclear", &items);
    let error = format!("error: there are several kernels: {listed}\n help: choose one: `--kernel NAME`\n");
    assert_eq!(refused(folder, &place, &[]), error);
    assert!(run(folder, &place, &["--kernel", KERNEL], &items).stdout.contains(&kernel(KERNEL, 1024)));
    // There is none.
    items.retain(|item| !item.path.starts_with(b"usr/lib/kernel/org"));
    let place = image(folder, "none", &items);
    assert!(refused(folder, &place, &[]).contains("the image has no kernel `/lib/kernel/org.clearlinux.native*`"));
    // What is called a kernel is none.
    items.push(Item::file(format!("usr/lib/kernel/{KERNEL}"), "a text"));
    let place = image(folder, "text", &items);
    assert!(refused(folder, &place, &[]).contains("is no Linux kernel for x86: it has no boot header"));
}

#[test]
fn compressed_images_are_read() {
    let folder = tempfile::tempdir().unwrap();
    let folder = folder.path();
    let items = marked("packed");
    let whole = image(folder, "image", &items);
    let bytes = taken(folder, &whole, &[], &items).replace("`image`", "");
    let initrd = fs::read(folder.join("boot/initrd-29880")).unwrap();
    for (program, package, ending, most) in [("xz", "xz-utils", "xz", "-9"), ("gzip", "gzip", "gz", "-1")] {
        let packed = folder.join(format!("image.{ending}"));
        let line = [most, "--stdout", whole.to_str().unwrap()];
        fs::write(&packed, tool(program, package, &words(&line), b"")).unwrap();
        let said = taken(folder, &packed, &[], &items);
        assert_eq!(said.replace(&format!("`image.{ending}`"), ""), bytes);
        assert!(fs::read(folder.join("boot/initrd-29880")).unwrap() == initrd);
        // One byte changed: an error, or what it was, where the byte decided nothing. The sum at the end decides.
        let whole = fs::read(&packed).unwrap();
        let length = whole.len();
        for at in [length / 2, length / 3, length - 7] {
            let mut damaged = whole.clone();
            damaged[at] ^= 4;
            fs::write(&packed, &damaged).unwrap();
            let _ = fs::remove_dir_all(folder.join("boot"));
            let run = fleetc(folder, &["image", packed.to_str().unwrap(), "-o", "boot"]);
            if run.code == Some(0) && at != length - 7 {
                assert!(fs::read(folder.join("boot/initrd-29880")).unwrap() == initrd);
            } else {
                assert!(run.stderr.starts_with("error: the image cannot be unpacked: "), "{}", run.stderr);
                assert!(!folder.join("boot").exists());
            }
        }
        // Cut short.
        fs::write(&packed, &whole[..length - 5]).unwrap();
        assert!(refused(folder, &packed, &[]).contains("the image cannot be unpacked"));
    }
}

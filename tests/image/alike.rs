//! An initrd holds what the image holds.

use std::fs;
use std::path::Path;

use proptest::prelude::*;

use crate::listing::{compare_content, expected, listed, unpacked};
use crate::model::{Item, Kind, file_system, image, provision};
use crate::program::fleetc;

/// Makes boot files in a folder; gives back the initrd, decompressed.
fn made(folder: &Path, image: &Path) -> Vec<u8> {
    let run = fleetc(folder, &["image", image.to_str().unwrap(), "-o", "boot"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""), "{}", run.stdout);
    unpacked(&folder.join("boot/initrd-29880"))
}

/// Bytes of which no two blocks are the same.
fn text(length: usize, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let next = |_| {
        state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
        (state >> 24) as u8
    };
    (0..length).map(next).collect()
}

/// A file with a hole between each two of its blocks: its list of blocks does not fit into its inode.
fn holed(blocks: usize) -> Vec<u8> {
    (0..blocks).flat_map(|block| if block % 2 == 0 { text(4096, block as u32) } else { vec![0; 4096] }).collect()
}

/// Every kind of file, with every kind of owner, permission and name.
fn every_kind() -> Vec<Item> {
    let mut items = provision();
    let long = "n".repeat(255);
    let deep: Vec<String> = (1..=12).map(|depth| vec!["a-name-of-twenty-one-"; depth].join("/")).collect();
    items.extend(deep.iter().map(|path| Item::folder(format!("usr/{path}"))));
    items.extend(["boot", "home", "media", "mnt", "root", "srv", "usr/home", "usr/share/empty"].map(Item::folder));
    items.extend([
        Item::file("usr/bin/sudo", text(70_001, 1)).mode(0o4755).owner(0, 7),
        Item::file("usr/bin/write", "w").mode(0o2711).owner(5, 65_534),
        Item::file("usr/bin/none", "").mode(0o000).owner(4_000_000_000, 3_000_000_000),
        Item::folder("usr/tmp").mode(0o1777).owner(65_536, 131_072),
        Item::new("usr/bin/sudo-too", Kind::Link(b"usr/bin/sudo".to_vec())),
        Item::new("etc/sudo-three", Kind::Link(b"usr/bin/sudo".to_vec())),
        Item::file("var/kept-elsewhere", "this stays, under other names"),
        Item::new("etc/from-var", Kind::Link(b"var/kept-elsewhere".to_vec())),
        Item::new("usr/from-var", Kind::Link(b"var/kept-elsewhere".to_vec())),
        Item::file("boot/gone", "not in the initrd"),
        Item::file("usr/home/kept", "only folders at the top are left out"),
        Item::file(b"etc/not-utf8-\xff\xfe", "x"),
        Item::file("etc/ blank and\ttab", "y"),
        Item::file(".hidden", "z"),
        Item::file(format!("etc/{long}"), "long"),
        Item::file(format!("usr/{}/end", deep[11]), "deep"),
        Item::symlink("etc/short", "x"),
        Item::symlink("etc/sixty", "s".repeat(60)),
        Item::symlink("etc/far", "../".repeat(300) + "away"),
        Item::symlink(b"etc/odd-\xe9", b"\xe9"),
        Item::file("usr/share/sparse", [vec![0; 300_000], vec![1], vec![0; 99_999]].concat()),
        Item::file("usr/share/hollow", vec![0; 123_456]),
        Item::file("usr/share/extents", holed(1200)),
        Item::file("usr/share/one-byte", "1"),
        Item::file("usr/share/four", "1234"),
        Item::file("usr/share/block", text(4096, 9)),
        Item::new("dev/null", Kind::Device('c', 1, 3)).mode(0o666),
        Item::new("dev/sda", Kind::Device('b', 8, 0)).mode(0o660).owner(0, 6),
        Item::new("dev/large", Kind::Device('b', 259, 65_000)).mode(0o600),
        Item::new("dev/pipe", Kind::Pipe).mode(0o620).owner(1, 2),
    ]);
    items.extend((0..700).map(|index| Item::file(format!("usr/share/empty/file-{index}"), format!("{index}\n"))));
    items
}

/// Without root, and without a mount (contract P-1, P-3).
#[test]
fn every_kind_of_file_is_as_in_the_image() {
    let (folder, items) = (tempfile::tempdir().unwrap(), every_kind());
    let archive = made(folder.path(), &image(folder.path(), "image", &items));
    let (expected, listed) = (expected(&items), listed(&archive));
    for (path, seen) in &expected {
        assert_eq!(listed.get(path), Some(seen), "{}", String::from_utf8_lossy(path));
    }
    assert_eq!(listed.len(), expected.len());
    let place = folder.path().join("unpacked");
    fs::create_dir(&place).unwrap();
    compare_content(&items, &archive, &place);
    // Each folder comes before what is in it, and no name leads out.
    let kernel = fs::read(folder.path().join("boot/linux-29880")).unwrap();
    assert_eq!(kernel, crate::model::no_kernel());
}

#[test]
fn file_systems_of_other_shapes_are_read() {
    let shapes: [&[&str]; 6] = [
        &["-b", "1024", "-I", "128", "-O", "^metadata_csum"],
        &["-b", "2048", "-O", "^metadata_csum,^64bit"],
        // ext2 and ext3, whose files have lists of blocks in place of extents.
        &["-O", "^has_journal,^extent,^64bit,^metadata_csum,^flex_bg,^huge_file,^dir_nlink,^extra_isize", "-I", "128"],
        &["-O", "^extent,^64bit,^metadata_csum", "-b", "1024"],
        &["-O", "^flex_bg,^resize_inode", "-g", "1024", "-b", "1024"],
        &["-I", "512", "-N", "20000", "-O", "metadata_csum_seed"],
    ];
    let items = every_kind();
    for shape in shapes {
        let folder = tempfile::tempdir().unwrap();
        let image = folder.path().join("image");
        // With lists of blocks, ext4-view does not read a hole as large as what one block lists, and says so.
        let large = [&b"usr/share/sparse"[..], b"usr/share/hollow"];
        let mut items = items.clone();
        items.retain(|item| !shape.concat().contains("^extent") || !large.contains(&item.path.as_slice()));
        file_system(&image, 40 << 20, shape, &items);
        let archive = made(folder.path(), &image);
        assert!(listed(&archive) == expected(&items), "{shape:?}");
        let place = folder.path().join("unpacked");
        fs::create_dir(&place).unwrap();
        compare_content(&items, &archive, &place);
    }
}

#[test]
fn the_same_image_gives_the_same_bytes() {
    let folder = tempfile::tempdir().unwrap();
    let image = image(folder.path(), "image", &every_kind());
    let mut seen = Vec::new();
    for threads in ["1", "2", "9"] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_fleetc"));
        command.args(["image", image.to_str().unwrap(), "-o", threads]).current_dir(folder.path());
        assert!(command.env("RAYON_NUM_THREADS", threads).output().unwrap().status.success());
        let place = folder.path().join(threads);
        seen.push(["linux-29880", "initrd-29880"].map(|name| fs::read(place.join(name)).unwrap()));
    }
    assert!(seen[0] == seen[1] && seen[1] == seen[2]);
    // Nothing of the machine or the moment is in it: no time, no name.
    assert_eq!(seen[0][1][..10], [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3]);
}

/// A tree of random names, contents, links and permissions below `usr/x`.
fn random() -> impl Strategy<Value = Vec<Item>> {
    let name =
        proptest::collection::vec(any::<u8>().prop_filter("no name", |byte| !b"\0/\"\n\r\\".contains(byte)), 1..20);
    let named = name.prop_filter("no name of a file", |name| name != b"." && name != b"..");
    let one = (named, 0..6_u8, 0..4_usize, 0..9000_usize, 0..0o1000_u32, any::<prop::sample::Index>());
    proptest::collection::vec(one, 0..40).prop_map(|parts| {
        let mut items = provision();
        items.push(Item::folder("usr/x"));
        let (mut folders, mut files) = (vec![b"usr/x".to_vec()], Vec::<Vec<u8>>::new());
        for (name, kind, depth, length, mode, index) in parts {
            let folder = folders[depth.min(folders.len() - 1)].clone();
            let path = [folder.as_slice(), b"/", &name].concat();
            if items.iter().any(|item| item.path == path) {
                continue;
            }
            // `debugfs`, which gives permissions, takes names of letters alone.
            let plain = name.iter().all(u8::is_ascii_alphanumeric);
            let mode = if plain { mode } else { 0o644 };
            let item = match kind {
                0 => Item::folder(&path),
                1 => Item::symlink(&path, &name),
                2 if !files.is_empty() => Item::new(&path, Kind::Link(index.get(&files).clone())),
                _ => Item::file(&path, text(length, length as u32)).mode(mode),
            };
            match item.kind {
                Kind::Folder => folders.push(path),
                Kind::File(_) => files.push(path),
                _ => {}
            }
            items.push(item);
        }
        items
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn random_trees_are_as_in_the_image(items in random()) {
        let folder = tempfile::tempdir().unwrap();
        let archive = made(folder.path(), &image(folder.path(), "image", &items));
        prop_assert_eq!(listed(&archive), expected(&items));
        let place = folder.path().join("unpacked");
        fs::create_dir(&place).unwrap();
        compare_content(&items, &archive, &place);
    }
}

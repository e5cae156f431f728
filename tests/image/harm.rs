//! Images that are damaged, or made to do harm, give an error or an archive that is sound: no panic, no endless work, no
//! memory by numbers that somebody wrote into them.

use std::cell::Cell;
use std::ffi::OsStr;
use std::fs;
use std::io::{self, Read};
use std::path::Path;
use std::rc::Rc;
use std::sync::mpsc::channel;
use std::time::Duration;

use fleetc::image::{Choice, Part, Watch, pack};

use crate::model::{Item, Kind, disk, file_system, provision, tool};

/// Ends work that goes on for too many bytes.
struct Bounded(Cell<u64>);

impl Watch for Bounded {
    fn expect(&self, _bytes: u64) {}

    fn done(&self, bytes: u64) -> io::Result<()> {
        self.0.set(self.0.get() + bytes);
        if self.0.get() > 64 << 20 { Err(io::Error::other("too much")) } else { Ok(()) }
    }
}

/// Packs an image in memory: the error, or the names in the archive, which must be sound.
fn packed(image: Vec<u8>) -> Result<Vec<Vec<u8>>, String> {
    let length = image.len() as u64;
    let (mut kernel, mut initrd) = (Vec::new(), Vec::new());
    let watch = Bounded(Cell::new(0));
    let image = Part::whole(Rc::new(image), length);
    pack(&image, Choice::default(), &mut kernel, &mut initrd, &watch).map_err(|error| error.message)?;
    let mut archive = Vec::new();
    flate2::bufread::GzDecoder::new(initrd.as_slice()).read_to_end(&mut archive).expect("gzip");
    Ok(names(&archive))
}

/// The names in an archive.
fn names(archive: &[u8]) -> Vec<Vec<u8>> {
    let (mut names, mut at) = (Vec::new(), 0);
    loop {
        let header = &archive[at..at + 110];
        assert_eq!(&header[..6], b"070701");
        let number = |index: usize| {
            let digits = std::str::from_utf8(&header[6 + 8 * index..14 + 8 * index]).expect("digits");
            usize::from_str_radix(digits, 16).expect("digits")
        };
        let (size, length) = (number(6), number(11));
        let name = archive[at + 110..at + 109 + length].to_vec();
        at = ((at + 110 + length).next_multiple_of(4) + size).next_multiple_of(4);
        if name == b"TRAILER!!!" {
            assert!(archive[at..].iter().all(|byte| *byte == 0));
            return names;
        }
        let mut parts = name.split(|byte| *byte == b'/');
        assert!(name == b"." || parts.all(|part| !matches!(part, b"" | b"." | b"..")), "{name:?}");
        assert!(!names.contains(&name), "{name:?} twice");
        names.push(name);
    }
}

/// Packs many images, each within a minute; gives back how many gave an archive.
fn all_packed(what: &str, images: impl Iterator<Item = Vec<u8>> + Send + 'static) -> (usize, usize) {
    let (send, receive) = channel();
    let worker = std::thread::spawn(move || {
        for image in images {
            send.send(packed(image).is_ok()).expect("somebody waits");
        }
    });
    let (mut good, mut all) = (0, 0);
    loop {
        match receive.recv_timeout(Duration::from_secs(60)) {
            Ok(packed) => {
                good += usize::from(packed);
                all += 1;
            }
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
            Err(_) => panic!("{what} {all} takes more than a minute"),
        }
    }
    worker.join().unwrap_or_else(|_| panic!("{what} {all} panics"));
    (good, all)
}

/// A small file system, with a file of many extents.
fn small(options: &[&str]) -> Vec<u8> {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("image");
    let mut items = provision();
    let holed: Vec<u8> = (0..40_u8).flat_map(|block| vec![block % 2 * 7; 4096]).collect();
    items.push(Item::file("etc/extents", holed));
    items.push(Item::symlink("etc/far", "far/".repeat(30)));
    items.push(Item::new("etc/again", Kind::Link(b"usr/bin/ister.py".to_vec())));
    items.extend((0..60).map(|index| Item::file(format!("usr/share/file-{index}"), "x")));
    let options = [&["-b", "1024", "-N", "128"], options].concat();
    file_system(&place, 1 << 20, &options, &items);
    fs::read(place).unwrap()
}

/// The same numbers each time.
fn random(state: &mut u64) -> u64 {
    *state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    *state >> 33
}

/// Images with some bytes changed, at places that hold something.
fn mutants(image: Vec<u8>, count: u64) -> impl Iterator<Item = Vec<u8>> + Send {
    let used: Vec<usize> = (0..image.len()).filter(|at| image[*at] != 0).collect();
    // What describes the file system lies at its beginning.
    let before = used.partition_point(|at| *at < 200 << 10);
    (0..count).map(move |seed| {
        let mut state = seed;
        let mut image = image.clone();
        for _ in 0..=random(&mut state) % 3 {
            let range = if random(&mut state).is_multiple_of(4) { used.len() } else { before };
            let at = used[random(&mut state) as usize % range];
            match random(&mut state) % 3 {
                0 => image[at] ^= 1 << (random(&mut state) % 8),
                1 => image[at] = random(&mut state) as u8,
                _ => image[at] = 0xff,
            }
        }
        image
    })
}

#[test]
fn changed_bytes_do_no_harm() {
    for options in [&["-O", "^has_journal"][..], &["-O", "^has_journal,^metadata_csum"]] {
        let image = small(options);
        assert!(packed(image.clone()).unwrap().len() > 80);
        let (good, all) = all_packed("mutant", mutants(image, 300));
        assert!(all == 300 && good > 5 && good < 300, "{options:?}: {good} of {all}");
    }
}

#[test]
fn every_number_of_a_superblock_may_be_any() {
    let image = small(&["-O", "^has_journal,^metadata_csum"]);
    let places = (1024..1024 + 0x180).step_by(2);
    let images = places.flat_map(move |at| {
        let image = image.clone();
        [&[0, 0][..], &[1, 0], &[0xff; 2], &[0xff; 4]].map(move |bytes| {
            let mut image = image.clone();
            image[at..at + bytes.len()].copy_from_slice(bytes);
            image
        })
    });
    let (good, all) = all_packed("superblock", images);
    assert!(all == 768 && good > 100, "{good} of {all}");
}

#[test]
fn an_image_may_end_anywhere() {
    let folder = tempfile::tempdir().unwrap();
    let system = folder.path().join("system");
    fs::write(&system, small(&["-O", "^has_journal"])).unwrap();
    let place = folder.path().join("image");
    disk(&place, &[(&system, "8300")], &[]);
    let bytes = fs::read(&place).unwrap();
    let start = crate::model::START as usize * 512;
    let end = start + (1 << 20);
    let ends = (0..4096).step_by(500).chain((start..end).step_by(40_961)).chain([end - 1]);
    let cut: Vec<Vec<u8>> = ends.map(|end| bytes[..end].to_vec()).collect();
    assert_eq!(all_packed("cut", cut.into_iter()).0, 0);
    // What stands behind the partition is not needed.
    assert!(packed(bytes[..end].to_vec()).is_ok());
}

/// Writes the header of a GPT with some of its numbers changed, and the sum of it set right.
fn with_header(image: &[u8], at: usize, number: &[u8]) -> Vec<u8> {
    let mut image = image.to_vec();
    for start in [512, image.len() - 512] {
        let header = &mut image[start..start + 92];
        header[at..at + number.len()].copy_from_slice(number);
        header[16..20].fill(0);
        let sum = crc32fast::hash(header).to_le_bytes();
        header[16..20].copy_from_slice(&sum);
    }
    image
}

#[test]
fn tables_may_say_anything() {
    let folder = tempfile::tempdir().unwrap();
    let system = folder.path().join("system");
    fs::write(&system, small(&["-O", "^has_journal"])).unwrap();
    let place = folder.path().join("image");
    disk(&place, &[(&system, "8300")], &[]);
    let image = fs::read(&place).unwrap();
    assert!(packed(with_header(&image, 0, b"EFI PART")).is_ok());
    // The size and the number of entries, and where they begin.
    for (at, number) in [(84, 0_u32), (84, 64), (84, u32::MAX), (80, 4096), (80, u32::MAX)] {
        let error = packed(with_header(&image, at, &number.to_le_bytes())).unwrap_err();
        assert!(error.starts_with("the partition table cannot be read"), "{error}");
    }
    for start in [u64::MAX, u64::MAX / 512, 1 << 40] {
        assert!(packed(with_header(&image, 72, &start.to_le_bytes())).is_err());
    }
    // A partition that ends before it begins, or far away.
    for (first, last) in [(10_240_u64, 10_239_u64), (10_240, u64::MAX), (u64::MAX, u64::MAX), (1 << 55, 1 << 56)] {
        let mut image = image.clone();
        let entry = 1024 + 128;
        image[entry + 32..entry + 40].copy_from_slice(&first.to_le_bytes());
        image[entry + 40..entry + 48].copy_from_slice(&last.to_le_bytes());
        let sum = crc32fast::hash(&image[1024..1024 + 128 * 128]);
        let mut image = with_header(&image, 88, &sum.to_le_bytes());
        let length = image.len();
        image[length - 512..].fill(0);
        assert!(packed(image).is_err(), "{first} {last}");
    }
    // An MBR of which every byte may be anything.
    let mut sector = vec![0; 2048];
    let mut state = 7;
    let sectors: Vec<Vec<u8>> = (0..200)
        .map(|_| {
            sector[446..510].iter_mut().for_each(|byte| *byte = random(&mut state) as u8);
            sector[510..512].copy_from_slice(&[0x55, 0xaa]);
            sector.clone()
        })
        .collect();
    assert_eq!(all_packed("MBR", sectors.into_iter()), (0, 200));
}

/// Changes a small file system by `debugfs`.
fn changed(options: &[&str], commands: &str) -> Result<Vec<Vec<u8>>, String> {
    let folder = tempfile::tempdir().unwrap();
    let place = folder.path().join("image");
    fs::write(&place, small(options)).unwrap();
    debugfs(&place, commands);
    packed(fs::read(&place).unwrap())
}

fn debugfs(image: &Path, commands: &str) {
    tool(
        "debugfs",
        "e2fsprogs",
        &["-w", "-f", "-"].map(OsStr::new).into_iter().chain([image.as_os_str()]).collect::<Vec<_>>(),
        commands.as_bytes(),
    );
}

#[test]
fn what_cannot_be_is_said() {
    let huge = 1_u64 << 40;
    let cases = [
        ("link usr etc/usr\n".to_string(), "is a folder that is in another place too"),
        ("link . etc/top\n".to_string(), "is a folder that is in another place too"),
        (format!("set_inode_field usr/share size {huge}\n"), "`/usr/share` cannot be a folder of 1099511627776 bytes"),
        (format!("set_inode_field etc/far size {huge}\n"), "`/etc/far` cannot be a symlink of 1099511627776 bytes"),
        (format!("set_inode_field etc/extents size {huge}\n"), "`/etc/extents` has 1099511627776 bytes"),
        ("rm usr/lib/systemd/systemd\n".to_string(), "the image has no `/usr/lib/systemd/systemd`"),
        ("mkdir init\n".to_string(), "`/init` of the image is no file that the kernel could start"),
        ("feature needs_recovery\n".to_string(), "the file system was not unmounted: its journal holds changes"),
    ];
    for (commands, expected) in cases {
        let options: &[&str] = if commands.contains("feature") { &[] } else { &["-O", "^has_journal"] };
        let error = changed(options, &commands).unwrap_err();
        assert!(error.contains(expected), "{commands}: {error}");
    }
    // Five files of almost 4 GiB, with nothing in them.
    let sparse: String =
        (0..5).map(|file| format!("set_inode_field usr/share/file-{file} size 4294967295\n")).collect();
    let error = changed(&["-O", "^has_journal"], &sparse).unwrap_err();
    assert!(error.starts_with("the files of the image have 214"), "{error}");
    // A name twice in a folder: the kernel would make one file of both.
    let mut image = small(&["-O", "^has_journal,^metadata_csum"]);
    let at = image.windows(7).position(|seven| seven == b"file-10").unwrap();
    image[at + 6] = b'1';
    assert_eq!(packed(image).unwrap_err(), "`/usr/share` has `file-11` twice");
}

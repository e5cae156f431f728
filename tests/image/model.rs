//! Images, by what is in them.

use std::ffi::OsStr;
use std::fs;
use std::io::{Seek, SeekFrom, Write};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, SystemTime};

/// A file of an image.
#[derive(Clone, Debug)]
pub struct Item {
    pub path: Vec<u8>,
    pub kind: Kind,
    /// Permissions.
    pub mode: u32,
    pub owner: (u32, u32),
}

/// What a file is.
#[derive(Clone, Debug)]
pub enum Kind {
    Folder,
    File(Vec<u8>),
    Symlink(Vec<u8>),
    /// Another name of a file that stands before it.
    Link(Vec<u8>),
    /// `c` or `b`, major and minor number.
    Device(char, u32, u32),
    Pipe,
}

/// When the content of all files was changed: 2017-07-14.
pub const MODIFIED: u64 = 1_500_000_000;

/// The kernel of images that nobody boots: what tells that it is one, and nothing else.
pub fn no_kernel() -> Vec<u8> {
    let mut bytes = vec![0; 0x400];
    bytes[0x202..0x206].copy_from_slice(b"HdrS");
    bytes
}

impl Item {
    pub fn new(path: impl AsRef<[u8]>, kind: Kind) -> Item {
        let mode = if matches!(kind, Kind::Folder) { 0o755 } else { 0o644 };
        Item { path: path.as_ref().to_vec(), kind, mode, owner: (0, 0) }
    }

    pub fn file(path: impl AsRef<[u8]>, text: impl AsRef<[u8]>) -> Item {
        Item::new(path, Kind::File(text.as_ref().to_vec()))
    }

    pub fn folder(path: impl AsRef<[u8]>) -> Item {
        Item::new(path, Kind::Folder)
    }

    pub fn symlink(path: impl AsRef<[u8]>, target: impl AsRef<[u8]>) -> Item {
        Item::new(path, Kind::Symlink(target.as_ref().to_vec()))
    }

    pub fn mode(mut self, mode: u32) -> Item {
        self.mode = mode;
        self
    }

    pub fn owner(mut self, user: u32, group: u32) -> Item {
        self.owner = (user, group);
        self
    }
}

/// The name of the kernel in images.
pub const KERNEL: &str = "org.clearlinux.native.5.1.5-782";

/// What a provision image has at least: folders, a kernel, an installer, what it says of itself.
pub fn provision() -> Vec<Item> {
    let folders = ["usr", "usr/bin", "usr/lib", "usr/lib/systemd", "usr/lib/kernel", "usr/lib64", "usr/share"];
    let more =
        ["usr/share/clear", "usr/share/defaults", "usr/share/defaults/swupd", "dev", "etc", "proc", "sys", "var"];
    let mut items: Vec<Item> = folders.into_iter().chain(more).map(Item::folder).collect();
    items.extend([
        Item::symlink("lib", "usr/lib"),
        Item::symlink("bin", "usr/bin"),
        Item::file("usr/lib/systemd/systemd", "a system\n").mode(0o755),
        Item::file(format!("usr/lib/kernel/{KERNEL}"), no_kernel()),
        Item::symlink("usr/lib/kernel/default-native", KERNEL),
        Item::file("usr/bin/ister.py", "LegacyBios HTTPSProxy ucd.service forcemu\n").mode(0o755),
        Item::file("usr/share/clear/version", "29880\n"),
        Item::file("usr/share/defaults/swupd/format", "28\n"),
    ]);
    items
}

/// Where a program is, as root's shell would find it.
fn program(name: &str, package: &str) -> PathBuf {
    let path = std::env::var("PATH").unwrap_or_default();
    let mut places = path.split(':').chain(["/usr/sbin", "/sbin"]).map(|folder| Path::new(folder).join(name));
    let found = places.find(|place| place.is_file());
    found.unwrap_or_else(|| panic!("these tests need `{name}`; on Debian: apt-get install {package}"))
}

/// Runs a program to its end; gives back what it says.
///
/// # Panics
/// When it is not installed or fails.
pub fn tool(name: &str, package: &str, arguments: &[&OsStr], input: &[u8]) -> Vec<u8> {
    let mut command = Command::new(program(name, package));
    command.args(arguments).env("LC_ALL", "C").stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut child = command.spawn().unwrap();
    let mut stdin = child.stdin.take().unwrap();
    let input = input.to_vec();
    let feed = std::thread::spawn(move || {
        // It may have read enough.
        let _ = stdin.write_all(&input);
    });
    let output = child.wait_with_output().unwrap();
    feed.join().unwrap();
    let errors = String::from_utf8_lossy(&output.stderr);
    // This one says a word of welcome, and succeeds whatever happens.
    let silent = name != "debugfs" || errors.lines().count() == 1;
    assert!(output.status.success() && silent, "{name} {arguments:?}: {errors}");
    output.stdout
}

/// The same with words.
pub fn words<'a>(line: &'a [&'a str]) -> Vec<&'a OsStr> {
    line.iter().map(OsStr::new).collect()
}

/// Makes a file system of `items` in the file `image`, `size` bytes large; `options` are those of `mkfs.ext4`.
pub fn file_system(image: &Path, size: u64, options: &[&str], items: &[Item]) {
    let folder = tempfile::tempdir().unwrap();
    // What only root can give to a file is given in the image.
    let mut changes = Vec::new();
    let mut set = |path: &[u8], field: &str, value: String| {
        changes
            .extend([b"set_inode_field \"/", path, b"\" ", field.as_bytes(), b" ", value.as_bytes(), b"\n"].concat());
    };
    let mut devices = String::new();
    for item in items {
        let place = folder.path().join(OsStr::from_bytes(&item.path));
        let path = String::from_utf8_lossy(&item.path);
        let (folder_of, name) = path.rsplit_once('/').unwrap_or(("", &path));
        let kind = match &item.kind {
            Kind::Folder => {
                fs::create_dir(&place).unwrap();
                0o040_000
            }
            Kind::File(text) => {
                write_sparse(&place, text);
                0o100_000
            }
            Kind::Symlink(target) => {
                symlink(OsStr::from_bytes(target), &place).unwrap();
                0o120_000
            }
            Kind::Link(of) => {
                fs::hard_link(folder.path().join(OsStr::from_bytes(of)), &place).unwrap();
                continue;
            }
            Kind::Device(letter, major, minor) => {
                devices.push_str(&format!("cd /{folder_of}\nmknod {name} {letter} {major} {minor}\n"));
                if *letter == 'c' { 0o020_000 } else { 0o060_000 }
            }
            Kind::Pipe => {
                devices.push_str(&format!("cd /{folder_of}\nmknod {name} p\n"));
                0o010_000
            }
        };
        let mode = if kind == 0o120_000 { 0o777 } else { item.mode };
        set(&item.path, "mode", format!("0{:o}", kind | mode));
        set(&item.path, "uid", item.owner.0.to_string());
        set(&item.path, "gid", item.owner.1.to_string());
    }
    for (field, value) in [("mode", "040755"), ("uid", "0"), ("gid", "0")] {
        set(b"", field, value.to_string());
    }
    let changes = [devices.as_bytes(), b"cd /\n", &changes].concat();
    let file = fs::File::create(image).unwrap();
    file.set_len(size).unwrap();
    let mut line = words(&["-q", "-F"]);
    line.extend(words(options));
    line.extend([OsStr::new("-d"), folder.path().as_os_str(), image.as_os_str()]);
    tool("mkfs.ext4", "e2fsprogs", &line, b"");
    tool("debugfs", "e2fsprogs", &[OsStr::new("-w"), OsStr::new("-f"), OsStr::new("-"), image.as_os_str()], &changes);
}

/// Writes a file, with holes where it has zeros for whole blocks.
fn write_sparse(place: &Path, text: &[u8]) {
    let mut file = fs::File::create(place).unwrap();
    for (index, block) in text.chunks(4096).enumerate().filter(|(_, block)| block.iter().any(|byte| *byte != 0)) {
        file.seek(SeekFrom::Start(index as u64 * 4096)).unwrap();
        file.write_all(block).unwrap();
    }
    file.set_len(text.len() as u64).unwrap();
    file.set_modified(SystemTime::UNIX_EPOCH + Duration::from_secs(MODIFIED)).unwrap();
}

/// Where the second partition begins in images, in sectors: not where `create_pxe.sh` would look.
pub const START: u64 = 10_240;

/// Puts file systems into partitions of a disk image, from the second one on; the first is for EFI. `codes` are their
/// types, as `sgdisk` knows them. `more` are further arguments for it.
pub fn disk(image: &Path, systems: &[(&Path, &str)], more: &[&str]) {
    let sizes: Vec<u64> = systems.iter().map(|(system, _)| fs::metadata(system).unwrap().len() / 512).collect();
    let file = fs::File::create(image).unwrap();
    file.set_len((START + sizes.iter().sum::<u64>() + 4096) * 512).unwrap();
    let mut line = vec!["--new=1:2048:10239".to_string(), "--typecode=1:ef00".to_string()];
    let mut start = START;
    for (number, (size, (system, code))) in (2..).zip(sizes.iter().zip(systems)) {
        line.push(format!("--new={number}:{start}:{}", start + size - 1));
        line.extend([format!("--typecode={number}:{code}"), format!("--change-name={number}:part-{number}")]);
        let mut file = fs::File::options().write(true).open(image).unwrap();
        file.seek(SeekFrom::Start(start * 512)).unwrap();
        std::io::copy(&mut fs::File::open(system).unwrap(), &mut file).unwrap();
        start += size;
    }
    line.extend(more.iter().map(|word| word.to_string()));
    let mut line: Vec<&OsStr> = line.iter().map(OsStr::new).collect();
    line.push(image.as_os_str());
    tool("sgdisk", "gdisk", &line, b"");
}

/// A disk image `NAME` in a folder, with a system of these files in the second partition.
pub fn image(folder: &Path, name: &str, items: &[Item]) -> PathBuf {
    image_of(folder, name, 16 << 20, items)
}

/// The same with a file system of so many bytes.
pub fn image_of(folder: &Path, name: &str, size: u64, items: &[Item]) -> PathBuf {
    let system = folder.join(format!("{name}.ext4"));
    file_system(&system, size, &[], items);
    let image = folder.join(name);
    disk(&image, &[(&system, "8300")], &[]);
    fs::remove_file(system).unwrap();
    image
}

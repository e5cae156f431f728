//! A kernel unpacks an initrd that was made here, and starts its `/init`, which says what the kernel made of it.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::initrd;
use crate::listing::kept;
use crate::model::{Item, KERNEL, Kind, MODIFIED, disk, file_system, provision};
use crate::program::fleetc;

/// How long a machine may take on a machine that is busy.
const LIMIT: Duration = Duration::from_secs(300);

/// Says of each file what it is: kind and permissions, owner, links, size, device; and the sum of the content.
const INIT: &str = r#"#!/usr/bin/busybox sh
b=/usr/bin/busybox
$b mount -t devtmpfs none /run
exec > /run/ttyS0 2>&1
$b stty -opost -F /run/ttyS0
echo BEGIN
$b find / -xdev ! -path '/run*' -exec $b stat -c 'S %f %u %g %h %s %t:%T %Y %n' '{}' ';'
$b find / -xdev -type f ! -path '/run*' -exec $b sha256sum '{}' ';'
echo END
$b poweroff -f
"#;

/// The files of the system that boots.
fn items() -> Vec<Item> {
    let mut items = provision();
    let busybox = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("target/debian-kernel/busybox")).unwrap();
    for item in &mut items {
        if item.path == b"usr/lib/systemd/systemd" {
            item.kind = Kind::File(INIT.as_bytes().to_vec());
        } else if item.path == format!("usr/lib/kernel/{KERNEL}").as_bytes() {
            item.kind = Kind::File(fs::read(initrd::kernel()).unwrap());
        }
    }
    items.extend(["run", "home", "usr/many"].map(Item::folder));
    items.extend([
        Item::file("usr/bin/busybox", busybox).mode(0o755),
        Item::new("usr/bin/sudo", Kind::Link(b"usr/bin/busybox".to_vec())),
        Item::new("etc/three", Kind::Link(b"usr/bin/busybox".to_vec())),
        Item::file("etc/owned", "x").mode(0o6750).owner(1000, 100_000),
        Item::folder("etc/sticky").mode(0o1777).owner(3, 4),
        Item::file("etc/sparse", [vec![0; 1_000_000], vec![1; 9], vec![0; 1_000_000]].concat()),
        Item::file("home/gone", "not there"),
        Item::symlink("etc/far", "far/".repeat(60)),
        Item::new("dev/console", Kind::Device('c', 5, 1)).mode(0o600),
        Item::new("dev/odd", Kind::Device('b', 259, 65_000)).mode(0o640).owner(0, 6),
        Item::new("dev/pipe", Kind::Pipe).mode(0o620),
        Item::file(format!("etc/{}", "n".repeat(255)), "long"),
    ]);
    items.extend((0..300).map(|index| Item::file(format!("usr/many/{index}"), format!("{index}"))));
    items
}

/// A program that is killed when the test ends, however it ends.
struct Killed(std::process::Child);

impl Drop for Killed {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

/// Starts a machine with a kernel and an initrd, until it goes off; gives back its console.
fn boot(folder: &Path) -> String {
    let console = folder.join("console");
    let mut command = Command::new("qemu-system-x86_64");
    command.args([
        "-accel",
        "tcg",
        "-m",
        "512",
        "-nodefaults",
        "-display",
        "none",
        "-no-reboot",
        "-icount",
        "shift=auto",
    ]);
    command.arg("-serial").arg(format!("file:{}", console.display()));
    command.arg("-kernel").arg(folder.join("boot/linux-29880")).arg("-initrd").arg(folder.join("boot/initrd-29880"));
    command.args(["-append", "console=ttyS0 quiet loglevel=1 panic=-1"]);
    let child = command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn();
    let mut machine = Killed(child.unwrap_or_else(|error| {
        panic!("no qemu-system-x86_64 ({error}); on Debian: apt-get install qemu-system-x86");
    }));
    let start = Instant::now();
    let said = || String::from_utf8_lossy(&fs::read(&console).unwrap_or_default()).into_owned();
    while machine.0.try_wait().unwrap().is_none() {
        assert!(start.elapsed() < LIMIT, "the machine does not end:\n{}", said());
        std::thread::sleep(Duration::from_millis(100));
    }
    said()
}

/// What the machine should say of a file.
fn expected(items: &[Item], item: &Item) -> Option<String> {
    let of = |item: &Item| match &item.kind {
        Kind::Link(of) => of.clone(),
        _ => item.path.clone(),
    };
    let first = items.iter().find(|other| other.path == of(item))?;
    let names = items.iter().filter(|other| of(other) == of(item)).count();
    let (kind, size, device, modified) = match &first.kind {
        Kind::File(text) => (0o100_000, text.len(), "0:0".to_string(), MODIFIED.to_string()),
        Kind::Symlink(target) => (0o120_000, target.len(), "0:0".to_string(), String::new()),
        Kind::Device(letter, major, minor) => {
            (if *letter == 'c' { 0o020_000 } else { 0o060_000 }, 0, format!("{major:x}:{minor:x}"), String::new())
        }
        Kind::Pipe => (0o010_000, 0, "0:0".to_string(), String::new()),
        Kind::Folder => (0o040_000, 0, "0:0".to_string(), String::new()),
        Kind::Link(_) => return None,
    };
    let mode = kind | if kind == 0o120_000 { 0o777 } else { first.mode };
    let (user, group) = first.owner;
    Some(format!("{mode:x} {user} {group} {names} {size} {device} {modified}"))
}

#[test]
fn a_kernel_unpacks_it_and_starts_init() {
    let folder = tempfile::tempdir().unwrap();
    let (items, place) = (items(), folder.path().join("image"));
    let system: PathBuf = folder.path().join("system");
    file_system(&system, 48 << 20, &[], &items);
    disk(&place, &[(&system, "8304")], &[]);
    let run = fleetc(folder.path(), &["image", "image", "-o", "boot"]);
    assert_eq!((run.code, run.stderr.as_str()), (Some(0), ""));
    let console = boot(folder.path());
    let (_, said) = console.split_once("BEGIN\n").unwrap_or_else(|| panic!("no `/init`:\n{console}"));
    let (said, _) = said.split_once("END\n").unwrap_or_else(|| panic!("it does not end:\n{console}"));
    let mut seen = std::collections::BTreeMap::new();
    let mut sums = std::collections::BTreeMap::new();
    for line in said.lines() {
        match line.strip_prefix("S ") {
            Some(rest) => {
                let words: Vec<&str> = rest.splitn(8, ' ').collect();
                seen.insert(words[7].trim_start_matches('/').to_string(), words[..7].to_vec());
            }
            None => {
                let (sum, path) = line.split_once("  /").unwrap_or_else(|| panic!("{line}"));
                sums.insert(path.to_string(), sum.to_string());
            }
        }
    }
    let items = kept(&items);
    let mut missing = Vec::new();
    for item in items.iter().filter(|item| item.path != b"." && item.path != b"run") {
        let path = String::from_utf8(item.path.clone()).unwrap();
        let wanted = expected(&items, item).unwrap();
        let wanted: Vec<&str> = wanted.split(' ').collect();
        let Some(found) = seen.remove(&path) else {
            missing.push(path);
            continue;
        };
        // Of folders the kernel counts links and sizes its own way; when links and devices were made, it says itself.
        let folder = matches!(item.kind, Kind::Folder);
        for (index, (wanted, found)) in wanted.iter().zip(&found).enumerate() {
            let own = folder && (index == 3 || index == 4) || wanted.is_empty();
            assert!(own || wanted == found, "{path}: {found:?} in place of {wanted:?}");
        }
        let text = items.iter().find(|other| match &item.kind {
            Kind::Link(of) => other.path == *of,
            _ => other.path == item.path,
        });
        if let Kind::File(text) = &text.unwrap().kind {
            let sum = <sha2::Sha256 as sha2::Digest>::digest(text);
            assert_eq!(sums.remove(&path), Some(data_encoding::HEXLOWER.encode(&sum)), "{path}");
        }
    }
    assert!(missing.is_empty(), "not there: {missing:?}");
    // Nothing else is there but the top, and what the kernel makes by itself.
    let others: Vec<&String> = seen.keys().filter(|path| !matches!(path.as_str(), "" | "run" | "root")).collect();
    assert!(others.is_empty() && !seen.contains_key("root/"), "{others:?}");
}

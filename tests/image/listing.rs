//! What an initrd holds: as it should be by what is in the image, and as `cpio` lists and unpacks it.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::fs;
use std::io::Read;
use std::os::unix::ffi::OsStrExt;
use std::path::Path;

use crate::model::{Item, Kind, tool, words};

/// What is seen of a file in an archive: `-rwsr-xr-x 3 7 8 1234`, or with `1,5` for a device.
pub type Listing = BTreeMap<Vec<u8>, String>;

/// What is left out (contract P-3).
const LEFT_OUT: [&str; 9] = ["boot", "home", "lib64", "lost+found", "media", "mnt", "root", "srv", "var"];

/// The files that are to be in the initrd: those of the image, without what is left out and with what is added.
pub fn kept(items: &[Item]) -> Vec<Item> {
    let top = |path: &[u8]| path.split(|byte| *byte == b'/').next().unwrap_or_default().to_vec();
    let out = |path: &[u8]| LEFT_OUT.iter().any(|name| name.as_bytes() == top(path));
    let mut kept: Vec<Item> = items.iter().filter(|item| !out(&item.path)).cloned().collect();
    // A link whose first name is left out is the first name now.
    let mut moved: BTreeMap<Vec<u8>, Vec<u8>> = BTreeMap::new();
    for item in &mut kept {
        let Kind::Link(of) = &item.kind else { continue };
        if !out(of) {
            continue;
        }
        if let Some(first) = moved.get(of) {
            item.kind = Kind::Link(first.clone());
        } else {
            moved.insert(of.clone(), item.path.clone());
            let first = items.iter().find(|item| item.path == *of).unwrap();
            *item = Item { path: item.path.clone(), ..first.clone() };
        }
    }
    kept.extend([Item::symlink("init", "/usr/lib/systemd/systemd"), Item::symlink("lib64", "/usr/lib64/")]);
    kept.push(Item::folder("."));
    kept
}

/// How `ls` writes kind and permissions.
fn letters(kind: char, mode: u32) -> String {
    let mut text: Vec<char> = format!("{kind}rwxrwxrwx").chars().collect();
    for bit in 0..9 {
        if mode & (1 << (8 - bit)) == 0 {
            text[bit + 1] = '-';
        }
    }
    for (bit, at, letter) in [(0o4000, 3, 's'), (0o2000, 6, 's'), (0o1000, 9, 't')] {
        if mode & bit != 0 {
            text[at] = if text[at] == 'x' { letter } else { letter.to_ascii_uppercase() };
        }
    }
    text.into_iter().collect()
}

/// What `cpio` should list. The content of a file with several names goes with the last of them.
pub fn expected(items: &[Item]) -> Listing {
    let items = kept(items);
    let first = |item: &Item| match &item.kind {
        Kind::Link(of) => of.clone(),
        _ => item.path.clone(),
    };
    // Names in the order of the archive: a folder's names one after the other, with what is in each.
    let order = |path: &[u8]| path.split(|byte| *byte == b'/').map(<[u8]>::to_vec).collect::<Vec<_>>();
    let mut names: BTreeMap<Vec<u8>, Vec<&Item>> = BTreeMap::new();
    items.iter().for_each(|item| names.entry(first(item)).or_default().push(item));
    let mut listing = Listing::new();
    for (of, mut names) in names {
        names.sort_by_key(|item| order(&item.path));
        let item = items.iter().find(|item| item.path == of).unwrap();
        let last = names.last().unwrap().path.clone();
        for Item { path, .. } in &names {
            let inside = |folder: &Item| {
                let parent = folder.path.rsplitn(2, |byte| *byte == b'/').nth(1).unwrap_or(b".");
                matches!(folder.kind, Kind::Folder) && folder.path != b"." && parent == path.as_slice()
            };
            let (kind, mode, size, links) = match &item.kind {
                Kind::Folder => ('d', item.mode, "0".to_string(), 2 + items.iter().filter(|item| inside(item)).count()),
                Kind::Symlink(target) => ('l', 0o777, target.len().to_string(), 1),
                Kind::File(text) if *path == last => ('-', item.mode, text.len().to_string(), names.len()),
                Kind::File(_) => ('-', item.mode, "0".to_string(), names.len()),
                Kind::Device(letter, major, minor) => (*letter, item.mode, format!("{major},{minor}"), names.len()),
                Kind::Pipe => ('p', item.mode, "0".to_string(), names.len()),
                Kind::Link(_) => unreachable!("it has a first name"),
            };
            let (user, group) = item.owner;
            let mut line = format!("{} {links} {user} {group} {size}", letters(kind, mode)).into_bytes();
            if let Kind::Symlink(target) = &item.kind {
                line.extend(b" -> ");
                line.extend(target);
            }
            listing.insert(path.clone(), String::from_utf8_lossy(&line).into_owned());
        }
    }
    listing
}

/// An initrd, decompressed.
pub fn unpacked(initrd: &Path) -> Vec<u8> {
    tool("gzip", "gzip", &[OsStr::new("-dc"), initrd.as_os_str()], b"")
}

/// What `cpio` lists.
pub fn listed(archive: &[u8]) -> Listing {
    let text = tool("cpio", "cpio", &words(&["--list", "--verbose", "--numeric-uid-gid", "--quiet"]), archive);
    let mut listing = Listing::new();
    for line in text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let mut at = 0;
        let mut word = || {
            at += line[at..].iter().take_while(|byte| **byte == b' ').count();
            let length = line[at..].iter().take_while(|byte| **byte != b' ').count();
            at += length;
            String::from_utf8(line[at - length..at].to_vec()).unwrap()
        };
        let (mode, links, user, group, mut size) = (word(), word(), word(), word(), word());
        if size.ends_with(',') {
            size.push_str(&word());
        }
        let _day = (word(), word(), word());
        let rest = &line[at + 1..];
        let (name, target) = match rest.windows(4).position(|four| four == b" -> ").filter(|_| mode.starts_with('l')) {
            Some(arrow) => (&rest[..arrow], &rest[arrow..]),
            None => (rest, &rest[..0]),
        };
        let seen = format!("{mode} {links} {user} {group} {size}{}", String::from_utf8_lossy(target));
        assert!(listing.insert(name.to_vec(), seen).is_none(), "twice: {}", String::from_utf8_lossy(name));
    }
    listing
}

/// Lets `cpio` unpack an archive into a folder, without devices, and compares the content of all files, and when it was
/// changed.
pub fn compare_content(items: &[Item], archive: &[u8], folder: &Path) {
    let mut line = words(&["-idm", "--quiet", "--no-preserve-owner", "-D"]);
    line.push(folder.as_os_str());
    line.extend(["--nonmatching", "dev/*"].map(OsStr::new));
    tool("cpio", "cpio", &line, archive);
    let items = kept(items);
    for item in &items {
        let of = match &item.kind {
            Kind::Link(of) => items.iter().find(|item| item.path == *of).unwrap(),
            _ => item,
        };
        let Kind::File(text) = &of.kind else { continue };
        let place = folder.join(OsStr::from_bytes(&item.path));
        let mut found = Vec::new();
        let mut file = fs::File::open(&place).unwrap_or_else(|error| panic!("{}: {error}", place.display()));
        file.read_to_end(&mut found).unwrap();
        assert!(found == *text, "{} has another content", place.display());
        let modified = file.metadata().unwrap().modified().unwrap();
        let seconds = modified.duration_since(std::time::SystemTime::UNIX_EPOCH).unwrap().as_secs();
        assert_eq!(seconds, crate::model::MODIFIED, "{}", place.display());
    }
}

//! The files of an initrd: the tree of an image's root, without what `create_pxe.sh` leaves out and with what it adds
//! (contract P-3).

use std::collections::{BTreeMap, BTreeSet};

use super::Watch;
use super::error::{CUT_SHORT, ImageError, failed};
use super::name::shown;
use super::system::{MAX_PATH, Node, System, kind};

/// What is left out, at the top of the tree (contract P-3).
const LEFT_OUT: [&[u8]; 9] = [b"boot", b"home", b"lib64", b"lost+found", b"media", b"mnt", b"root", b"srv", b"var"];

/// The symlinks that are added at the top (contract P-3).
const ADDED: [(&[u8], &[u8]); 2] = [(b"init", INIT), (b"lib64", b"/usr/lib64/")];

/// What the kernel starts.
pub(super) const INIT: &[u8] = b"/usr/lib/systemd/systemd";

/// More files than an image may have: a hundred times what a provision image has.
const MAX_FILES: usize = 1_000_000;

/// More bytes than an image may unpack to, on a machine that holds all of them in memory (contract P-6).
const MAX_BYTES: u64 = super::MAX_UNPACKED;

/// A file of an initrd.
pub(super) struct Entry {
    /// Its path from the top, without a slash at the beginning; `.` for the top itself.
    pub(super) path: Vec<u8>,
    /// What it is; its name is empty.
    pub(super) node: Node,
    /// Where a symlink leads to; else empty.
    pub(super) target: Vec<u8>,
    /// How many names the file has in the tree; of a folder, 2 and one for each folder in it.
    pub(super) links: u32,
}

/// The files of an initrd, each behind the folder that it is in.
pub(super) struct Tree {
    pub(super) entries: Vec<Entry>,
    /// Bytes of content, of each file once.
    pub(super) bytes: u64,
    /// Whether the image has an `/init` of its own, which `create_pxe.sh` leaves as it is.
    pub(super) own_init: bool,
}

impl Tree {
    /// Reads the tree of an image.
    ///
    /// # Errors
    /// When it cannot be read, or cannot be one that a machine unpacks and starts; when `watch` ends it.
    pub(super) fn read(system: &System, watch: &dyn Watch) -> Result<Tree, ImageError> {
        let mut walk = Walk { system, entries: Vec::new(), folders: BTreeSet::new() };
        let top = system.top()?;
        let (children, own_init) = walk.top(&top)?;
        let mut open = vec![Folder { path: Vec::new(), children: children.into_iter() }];
        while let Some(folder) = open.last_mut() {
            watch.done(0).map_err(failed("the image cannot be read"))?;
            let Some(child) = folder.children.next() else {
                open.pop();
                continue;
            };
            let path = [folder.path.as_slice(), &child.node.name].concat();
            open.extend(walk.add(path, child)?);
        }
        let mut tree = Tree { entries: walk.entries, bytes: 0, own_init };
        tree.count_links();
        tree.count_bytes()?;
        Ok(tree)
    }

    /// Counts the names of files, and the folders in folders.
    fn count_links(&mut self) {
        let mut names: BTreeMap<u32, u32> = BTreeMap::new();
        // Folders in each folder, by path: the parent of a path is what stands before its last slash.
        let mut inside: BTreeMap<Vec<u8>, u32> = BTreeMap::new();
        for entry in &self.entries {
            if entry.node.kind() != kind::FOLDER {
                *names.entry(entry.node.inode).or_default() += 1;
            } else if entry.path != b"." {
                let parent =
                    entry.path.iter().rposition(|byte| *byte == b'/').map_or(&b"."[..], |at| &entry.path[..at]);
                *inside.entry(parent.to_vec()).or_default() += 1;
            }
        }
        for entry in &mut self.entries {
            entry.links = match entry.node.kind() {
                kind::FOLDER => 2 + inside.get(&entry.path).copied().unwrap_or_default(),
                _ => names.get(&entry.node.inode).copied().unwrap_or(1),
            };
        }
    }

    /// Counts the bytes of each file once.
    fn count_bytes(&mut self) -> Result<(), ImageError> {
        let mut counted = BTreeSet::new();
        for Entry { path, node, .. } in self.entries.iter().filter(|entry| entry.node.kind() == kind::FILE) {
            if u32::try_from(node.size).is_err() {
                let error = ImageError::new(format!("`/{}` has {} bytes", shown(path), node.size));
                return Err(error.help("a file of an initrd has less than 4 GiB: remove it from the image"));
            }
            if counted.insert(node.inode) {
                self.bytes += node.size;
            }
        }
        if self.bytes > MAX_BYTES {
            let error = ImageError::new(format!("the files of the image have {} bytes", self.bytes));
            return Err(error.help("a machine unpacks them into its memory: 16 GiB is the most that is taken"));
        }
        Ok(())
    }
}

/// What is in a folder.
struct Child {
    node: Node,
    /// Where a symlink leads to that the image does not have.
    added: Option<&'static [u8]>,
}

/// A folder that is being read.
struct Folder {
    /// Its path, with a slash at the end; empty for the top.
    path: Vec<u8>,
    children: std::vec::IntoIter<Child>,
}

fn children(nodes: Vec<Node>) -> Vec<Child> {
    nodes.into_iter().map(|node| Child { node, added: None }).collect()
}

struct Walk<'s> {
    system: &'s System,
    entries: Vec<Entry>,
    /// The folders that were seen, by inode.
    folders: BTreeSet<u32>,
}

impl Walk<'_> {
    /// Adds the top; gives back what is in it, and whether `init` is there already.
    fn top(&mut self, top: &Node) -> Result<(Vec<Child>, bool), ImageError> {
        let found = self.system.list(b"/", top.size)?;
        let kept = found.into_iter().filter(|node| !LEFT_OUT.contains(&node.name.as_slice()));
        let mut children = children(kept.collect());
        let own = children.iter().find(|child| child.node.name == b"init").map(|child| child.node.kind());
        if own.is_some_and(|own| own != kind::FILE && own != kind::SYMLINK) {
            return Err(ImageError::new("`/init` of the image is no file that the kernel could start").help(NO_INIT));
        }
        if own.is_none() && self.system.start(INIT, 1)?.is_none() {
            let error = format!("the image has no `{}`, which its kernel would start", shown(INIT));
            return Err(ImageError::new(error).help(NO_INIT));
        }
        for (index, (name, target)) in ADDED.into_iter().enumerate() {
            if own.is_some() && name == b"init" {
                continue;
            }
            let node = Node {
                name: name.to_vec(),
                mode: kind::SYMLINK | 0o777,
                owner: (0, 0),
                modified: top.modified,
                size: target.len() as u64,
                // No image has inodes up to there: it would not fit.
                inode: u32::MAX - u32::try_from(index).unwrap_or_default(),
                device: (0, 0),
            };
            children.push(Child { node, added: Some(target) });
        }
        children.sort_by(|a, b| a.node.name.cmp(&b.node.name));
        self.folders.insert(top.inode);
        let node = Node { name: Vec::new(), ..top.clone() };
        self.entries.push(Entry { path: b".".to_vec(), node, target: Vec::new(), links: 0 });
        Ok((children, own.is_some()))
    }

    /// Adds a file; gives back what is in it, when it is a folder, with the beginning of the paths of that.
    fn add(&mut self, path: Vec<u8>, child: Child) -> Result<Option<Folder>, ImageError> {
        let node = child.node;
        let whole = [b"/", path.as_slice()].concat();
        // The kernel skips what has a longer name, in silence.
        if path.len() as u64 + 1 > MAX_PATH {
            let error = ImageError::new(format!("`{}` is longer than the 4,095 bytes of a path", shown(&whole)));
            return Err(error.help("remove that folder from the image"));
        }
        if self.entries.len() >= MAX_FILES {
            return Err(ImageError::new("the image has more than a million files").help("this is no provision image"));
        }
        let target = match child.added {
            Some(target) => target.to_vec(),
            None if node.kind() == kind::SYMLINK => self.system.target(&whole, &node)?,
            None => Vec::new(),
        };
        let mut inside = None;
        if node.kind() == kind::FOLDER {
            if !self.folders.insert(node.inode) {
                let error = format!("`{}` is a folder that is in another place too", shown(&whole));
                return Err(ImageError::new(error).help(CUT_SHORT));
            }
            let children = children(self.system.list(&whole, node.size)?).into_iter();
            inside = Some(Folder { path: [path.as_slice(), b"/"].concat(), children });
        }
        let node = Node { name: Vec::new(), ..node };
        self.entries.push(Entry { path, node, target, links: 0 });
        Ok(inside)
    }
}

const NO_INIT: &str = "give a provision image: one with an installer, as `clear-VERSION-provision.img` is";

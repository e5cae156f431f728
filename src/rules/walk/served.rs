//! The tree as machines see it, and the boot files that are on a server besides.

use std::borrow::Cow;

use crate::emit::ENTRY;
use crate::ipxe::{Content, What, World};
use crate::model::{Fleet, Release};
use crate::tree::{Body, File, Tree, TreePath};

/// What is the same for all machines.
pub(super) struct Ground<'j> {
    tree: &'j dyn Tree,
    /// The files that are not one machine's alone, by path, with their indices: they are few, and every machine asks for
    /// some.
    common: Vec<(TreePath, usize)>,
    /// The URL of the tree's root, with a slash at its end.
    root: String,
    /// The URL of the service, with a slash at its end.
    pub(super) service: String,
    /// What each release boots, in the order of the fleet.
    pub(super) boots: Vec<Boot>,
    entry: String,
    /// The entry, read once for all machines: it may have a label for each card.
    pub(super) script: Option<Content>,
}

impl<'j> Ground<'j> {
    pub(super) fn new(fleet: &Fleet, tree: &'j dyn Tree) -> Ground<'j> {
        let (root, entry) = (fleet.server.url.join(""), fleet.server.url.join(ENTRY));
        let common = (0..tree.len()).filter(|index| tree.reader(*index).is_none());
        let mut ground = Ground {
            tree,
            common: common.map(|index| (tree.path(index), index)).collect(),
            root,
            service: fleet.server.service_url(),
            boots: fleet.releases.iter().map(|release| Boot::of(release, fleet)).collect(),
            entry,
            script: None,
        };
        ground.script = Served { ground: &ground, own: &[] }.get(&ground.entry, What::Program);
        ground
    }

    /// The index of a file that is not at hand.
    fn index(&self, path: &str) -> Option<usize> {
        match self.common.binary_search_by(|(common, _)| common.as_str().cmp(path)) {
            Ok(at) => Some(self.common[at].1),
            Err(_) => self.tree.index(path),
        }
    }
}

/// What an installer of a release is booted with.
pub(super) struct Boot {
    /// The URL of its kernel.
    pub(super) kernel: String,
    /// The URL of its initrd.
    pub(super) initrd: String,
    /// The arguments behind the one that names the configuration, a blank before each.
    pub(super) arguments: String,
}

impl Boot {
    fn of(release: &Release, fleet: &Fleet) -> Boot {
        let [kernel, initrd] = [&release.kernel, &release.initrd].map(|file| file.source_url(&fleet.server));
        let arguments = release.boot_args.iter().flat_map(|argument| [" ", argument.as_str()]).collect();
        Boot { kernel, initrd, arguments }
    }
}

/// The tree as one machine sees it.
#[derive(Clone, Copy)]
pub(super) struct Served<'j> {
    pub(super) ground: &'j Ground<'j>,
    /// The files that it alone reads, by path, as far as they are at hand; the others are made again.
    pub(super) own: &'j [&'j File<'j>],
}

impl<'j> Served<'j> {
    /// The URL of the entry.
    pub(super) fn entry(&self) -> &'j str {
        &self.ground.entry
    }

    /// The path in the tree that a URL leads to.
    pub(super) fn path<'u>(&self, url: &'u str) -> Option<&'u str> {
        url.strip_prefix(&self.ground.root)
    }

    /// Whether there is a file at a URL of the tree.
    pub(super) fn has(&self, url: &str) -> bool {
        self.path(url).is_some_and(|path| self.at_hand(path).is_some() || self.ground.index(path).is_some())
    }

    fn at_hand(&self, path: &str) -> Option<&'j File<'j>> {
        let at = self.own.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(self.own[at])
    }

    /// The file at a path.
    fn find(&self, path: &str) -> Option<Body<'j>> {
        match self.at_hand(path) {
            Some(File { body: Body::Bytes(bytes), .. }) => Some(Body::Bytes(Cow::Borrowed(bytes))),
            Some(File { body: Body::Copy(name), .. }) => Some(Body::Copy(name)),
            None => self.ground.index(path).map(|index| self.ground.tree.file(index).body),
        }
    }

    /// The bytes of a file of the tree, by its URL.
    pub(super) fn bytes(&self, url: &str) -> Option<Cow<'j, [u8]>> {
        match self.find(self.path(url)?)? {
            Body::Bytes(bytes) => Some(bytes),
            Body::Copy(_) => None,
        }
    }
}

impl World for Served<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        if let Some(entry) = self.ground.script.as_ref().filter(|_| url == self.ground.entry) {
            return Some(entry.clone());
        }
        let path = self.path(url);
        match (path.and_then(|path| self.find(path)), what) {
            (Some(Body::Bytes(bytes)), _) => Some(Content::of(&bytes)),
            (Some(Body::Copy(_)), _) | (None, What::Image) => Some(Content::Image),
            // What another server has is not known, and so no script.
            (None, What::Program) => path.is_none().then_some(Content::Text),
        }
    }
}

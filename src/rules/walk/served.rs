//! The tree as machines see it, and the boot files that are on a server besides.

use std::borrow::Cow;

use crate::emit::ENTRY;
use crate::ipxe::{Content, What, World};
use crate::model::Fleet;
use crate::tree::{Body, File, Tree};

/// What is the same for all machines.
pub(super) struct Ground<'j> {
    tree: &'j dyn Tree,
    /// The URL of its root, with a slash at its end.
    root: String,
    entry: String,
    /// The entry, read once for all machines: it may have a label for each card.
    pub(super) script: Option<Content>,
}

impl<'j> Ground<'j> {
    pub(super) fn new(fleet: &Fleet, tree: &'j dyn Tree) -> Ground<'j> {
        let (root, entry) = (fleet.server.url.join(""), fleet.server.url.join(ENTRY));
        let mut ground = Ground { tree, root, entry, script: None };
        ground.script = Served { ground: &ground, hand: &[] }.get(&ground.entry, What::Program);
        ground
    }
}

/// The tree as one machine sees it.
#[derive(Clone, Copy)]
pub(super) struct Served<'j> {
    pub(super) ground: &'j Ground<'j>,
    /// Files that are made already, sorted by path; the machine's own are mostly among them.
    pub(super) hand: &'j [File<'j>],
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
        self.path(url).is_some_and(|path| self.at_hand(path).is_some() || self.ground.tree.index(path).is_some())
    }

    fn at_hand(&self, path: &str) -> Option<&'j File<'j>> {
        let at = self.hand.binary_search_by(|file| file.path.as_str().cmp(path)).ok()?;
        Some(&self.hand[at])
    }

    /// The file at a path.
    fn find(&self, path: &str) -> Option<Body<'j>> {
        match self.at_hand(path) {
            Some(File { body: Body::Bytes(bytes), .. }) => Some(Body::Bytes(Cow::Borrowed(bytes))),
            Some(File { body: Body::Copy(name), .. }) => Some(Body::Copy(name)),
            None => self.ground.tree.find(path).map(|file| file.body),
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

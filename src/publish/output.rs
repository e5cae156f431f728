//! Where a tree is published.

use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::Spare;
use super::rotate::{self, Looked};

/// The output folder of a build, and what is kept beside it.
pub struct Output<'o> {
    pub(super) folder: &'o Path,
    pub(super) spare: Spare,
    pub(super) looked: Option<Looked>,
}

impl<'o> Output<'o> {
    /// A folder for a tree: it is created when it is missing; a symlink to a folder is followed. `spare` says whether the
    /// generation that is replaced is kept for the next build.
    pub fn new(folder: &'o Path, spare: Spare) -> Output<'o> {
        Output { folder, spare, looked: None }
    }

    /// Looks whether what is published, and its spare, are as the last build left them: a build does so itself, but here it
    /// can be done while the tree is still being made. It ends early when `stop` is set. Nothing is locked or changed.
    #[must_use]
    pub fn look(self, stop: &AtomicBool) -> Output<'o> {
        let looked = if self.spare == Spare::Never { None } else { rotate::look(self.folder, stop) };
        Output { looked, ..self }
    }
}

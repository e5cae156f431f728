//! Publishing: a tree becomes the content of a folder that is served, in one step.
//!
//! A build makes a whole new *generation* beside the output folder: files that hold the right bytes already are linked,
//! the others written. Then the two folders are exchanged, and the old one is removed. A reader that opens a path sees
//! the old tree or the new one; a reader that keeps the folder open sees the old one until it is gone.
//!
//! ```text
//!  lock ─→ recover ─→ survey ─→ generation ─→ swap ─→ retire
//!  place   retire     nothing   carry, write  exchange, the old one
//!                     differs: end            handover
//! ```
//!
//! Where a [spare](Spare) is kept, the old generation is not removed: the next build brings it up to date and exchanges the
//! two again (`rotate`). It relies on a ledger of what the build before left on disk, looks at each file without reading it,
//! and can do so [ahead](Output::look). All that is not exactly as it was left leads back to the way above.
//!
//! What fleetc did not write, as the manifest of the last build tells, is never changed or removed, only carried along.
//!
//! The folder that is served, and each folder in it, gets another inode by this. So a container or a unit that binds it
//! must bind the folder that holds it; an output folder that is itself a mount point is refused; and a program that
//! works inside it while a build runs (its current folder is there) may find its folder gone. A file that somebody puts
//! there by its whole path during a build is out of sight for a moment after the exchange, until it is handed over; one
//! that somebody removes during a build comes back.
#![allow(clippy::disallowed_methods)]

mod clock;
mod compare;
mod cursor;
mod error;
mod folder;
mod generation;
mod handover;
mod ledger;
mod make;
pub mod manifest;
mod output;
mod pipeline;
mod place;
mod retire;
mod rotate;
mod scan;
mod spare;
mod survey;
mod swap;

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::AsFd;

use rustix::io::Errno;

pub use error::PublishError;
pub use manifest::Manifest;
pub use output::Output;
pub use spare::Spare;

use crate::source::Loader;
use crate::tree::{MANIFEST, Tree};
use folder::{At, Time};
use generation::{Build, Generation};
use handover::Handover;
use ledger::{Difference, End, Stock};
use place::{Held, Place};
use scan::Foreign;
use survey::{Old, Survey};

/// What was published. When nothing was written or removed, nothing was touched.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Published {
    /// Files of the tree, the manifest included: those written and those unchanged.
    pub files: usize,
    /// Files whose bytes were written; the manifest is one of them whenever anything differs.
    pub written: usize,
    /// Files that held the right bytes already.
    pub unchanged: usize,
    /// Files of the last build that are not in this tree and were removed.
    pub removed: usize,
    /// The size of all files together.
    pub bytes: u64,
}

/// Makes the folder `out` hold `tree`, its manifest, and what in it is not fleetc's.
///
/// Copied files are read through `loader`. `notice` is told when the build has to wait for another one, finds a file that
/// somebody edited or took away, cannot clear the old tree, or keeps two versions of a file that is not fleetc's and
/// changed meanwhile. `progress` is told how many more files are done, until all files of
/// the tree are. When the tree is on disk already, nothing is touched.
///
/// Mode, owner, and labels of folders that exist are kept, the owner as far as the user may. New files and folders get
/// theirs by the umask.
///
/// The exchange is one step where the file system can do it, as all common local ones can. Elsewhere `out` is missing
/// for some microseconds, and a build that is killed right then leaves it missing until the next build puts it back.
///
/// # Errors
/// See [`PublishError`]. `out` then holds what it held before.
pub fn publish(
    tree: &dyn Tree,
    loader: &dyn Loader,
    out: &Output<'_>,
    notice: &dyn Fn(&str),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Published, PublishError> {
    let place = Place::find(out.folder)?;
    let held = place.lock(notice)?;
    let published = publish_locked(&place, &held, (tree, loader), out, notice, progress);
    if published.is_err() {
        place.forget(held);
    }
    published
}

fn publish_locked(
    place: &Place,
    held: &Held,
    (tree, loader): (&dyn Tree, &dyn Loader),
    out: &Output<'_>,
    notice: &dyn Fn(&str),
    progress: &(dyn Fn(usize) + Sync),
) -> Result<Published, PublishError> {
    place.refuse_mount(held)?;
    let build = Build { place, held, tree, loader, progress, old: None };
    let spared = out.spare.is_wanted(tree.len(), &held.out);
    if spared && let Some(published) = rotate::publish(&build, out.looked, notice)? {
        return Ok(published);
    }
    let begun = spared.then(clock::now);
    let mut old = old(place, held)?;
    let mut moved = retire::recover(place, held, notice)?;
    if !spared || old.is_none() {
        moved |= spare::release(place, held, notice)?;
    }
    if moved && old.is_none() {
        old = Some(adopt(place, held)?);
    }
    let Some(old) = old else {
        return settle(place, held, notice, build.generation().and_then(|new| first(&build, new, begun)));
    };
    let survey = survey::survey(tree, loader, held.out.as_fd(), &old)?;
    if survey.same {
        progress(tree.len());
        let files = tree.len() + 1;
        return Ok(Published { files, unchanged: files, bytes: survey.bytes, ..Published::default() });
    }
    spare::release(place, held, notice)?;
    let build = Build { old: Some((&old, &survey)), ..build };
    let made = build.generation().and_then(|new| next(&build, (&old, &survey), new, begun, notice));
    let published = settle(place, held, notice, made)?;
    if let Some(lost) = survey.lost(tree, place) {
        notice(&lost);
    }
    Ok(published)
}

/// Reads the manifest of what is published; nothing when the folder is empty.
fn old(place: &Place, held: &Held) -> Result<Option<Old>, PublishError> {
    let not_ours = |why: String| PublishError::NotOurs { path: place.shown(b""), why };
    match retire::read_manifest(&held.out).map_err(not_ours)? {
        Some(old) => Ok(Some(old)),
        None if folder::is_empty(&held.out).map_err(|errno| place.inside(At::new("list", b"")(errno)))? => Ok(None),
        None => Err(not_ours("it has no `manifest.json`".to_string())),
    }
}

/// Lists nothing as fleetc's in an output folder that was empty until foreign files were recovered into it.
fn adopt(place: &Place, held: &Held) -> Result<Old, PublishError> {
    let failed = |error| PublishError::Io { what: "write", path: place.shown(MANIFEST.as_bytes()), error };
    let list = folder::create(held.out.as_fd(), MANIFEST.as_bytes()).map_err(|errno| failed(errno.into()))?;
    manifest::Writer::new(list).and_then(manifest::Writer::finish).map_err(failed)?;
    old(place, held)?.ok_or_else(|| failed(Errno::NOENT.into()))
}

/// Clears the new generation when publishing failed.
fn settle(
    place: &Place,
    held: &Held,
    notice: &dyn Fn(&str),
    published: Result<Published, PublishError>,
) -> Result<Published, PublishError> {
    if published.is_err() {
        // The first error is the one to tell; what cannot be cleared now is cleared by the next build.
        let _ = retire::recover(place, held, notice);
    }
    published
}

/// Publishes into an empty folder.
fn first(build: &Build<'_>, new: Generation, begun: Option<Time>) -> Result<Published, PublishError> {
    let place = build.place;
    let before = begun.map(|begun| (names(&new.root), (begun, clock::settle())));
    swap::replace_empty(place)?;
    place.sync();
    if let Some((names, window)) = before {
        let end = End { here: (&new.root, &names), spare: None };
        // Without a ledger the next build reads every file.
        let _ = ledger::begin(build, &end, window, new.bytes);
    }
    Ok(new.published)
}

/// What is at the root of a generation.
fn names(root: &File) -> BTreeSet<Vec<u8>> {
    spare::names(root).unwrap_or_default()
}

/// Publishes in the place of another generation, and keeps that as a spare, or removes it.
fn next(
    build: &Build<'_>,
    (old, survey): (&Old, &Survey),
    new: Generation,
    begun: Option<Time>,
    notice: &dyn Fn(&str),
) -> Result<Published, PublishError> {
    let place = build.place;
    // While nobody else can reach it.
    let before = begun.map(|begun| (begun, names(&new.root), clock::settle()));
    swap::exchange(place)?;
    let Some((begun, here, complete)) = before else {
        replaced(build, &old.manifest, &new, notice)?;
        return Ok(new.published);
    };
    let looked = clock::settle();
    let mut there = names(&build.held.out);
    let doubles = hand_over(build, &old.manifest, &new, notice)?;
    place.sync();
    let kept = if doubles.moved || !new.unlinked.is_empty() {
        None
    } else {
        strip(build, &old.manifest, &doubles.both).and_then(|looked_again| {
            there.retain(|name| !doubles.both.iter().any(|entry| entry.path == *name));
            let kept = spare::hide(place, build.held.out.as_fd(), &there).ok()?;
            Some((kept, looked_again.unwrap_or(looked)))
        })
    };
    let Some((kept, looked)) = kept else {
        retire(build, &old.manifest, &new, doubles, notice);
        return Ok(new.published);
    };
    let stock = Stock { here: new.root.as_fd(), spare: kept.as_fd(), begun, complete, looked };
    let end = End { here: (&new.root, &here), spare: Some((&kept, &there)) };
    let [differ, gone] = Difference::paths(build.tree, &old.manifest, survey);
    let linked = |index: usize, _: &str| survey.files[index].same.is_some();
    let difference = Difference { differ, gone, bytes: new.bytes, linked: &linked };
    let foreign = new.foreign.iter().map(|entry| (&*entry.path, entry.folder.is_some()));
    // Without a ledger the next build does without the spare, and removes it.
    let _ = ledger::keep(build, difference, &end, &stock, foreign);
    Ok(new.published)
}

/// Takes what is not fleetc's from the old generation, since the new one has it, too; gives the time when that was done, if
/// there was anything. None when it has something else by then.
fn strip(build: &Build<'_>, old: &Manifest, doubles: &[Foreign]) -> Option<Option<Time>> {
    if doubles.is_empty() {
        return Some(None);
    }
    let root = build.held.out.as_fd();
    retire::forget(root, doubles).ok()?;
    let looked = clock::settle();
    scan::scan(root, old, None).ok()?.foreign.is_empty().then_some(Some(looked))
}

/// Hands over from the generation that was exchanged for a new one, and removes it.
fn replaced(build: &Build<'_>, old: &Manifest, new: &Generation, notice: &dyn Fn(&str)) -> Result<(), PublishError> {
    let doubles = hand_over(build, old, new, notice)?;
    build.place.sync();
    retire(build, old, new, doubles, notice);
    Ok(())
}

/// What two generations have that is not fleetc's, and whether anything was moved from one to the other.
struct Doubles {
    both: Vec<Foreign>,
    moved: bool,
}

/// Hands over what is not fleetc's; when that cannot be, the exchange is taken back.
fn hand_over(
    build: &Build<'_>,
    old: &Manifest,
    new: &Generation,
    notice: &dyn Fn(&str),
) -> Result<Doubles, PublishError> {
    let (place, from, to) = (build.place, build.held.out.as_fd(), new.root.as_fd());
    let may_rename = |path: &[u8]| !needs(build.tree, path);
    let mut handover = Handover::new(from, to, &new.foreign, &may_rename);
    // What could not be linked comes first: it is missing until then.
    match handover.unlinked(&new.unlinked).and_then(|()| handover.rest(old)) {
        Ok(both) => {
            retire::tell(place, &handover.moved, notice);
            Ok(Doubles { both, moved: !handover.moved.is_empty() })
        }
        Err(at) => {
            handover.take_back().map_err(|at| place.inside(at))?;
            swap::exchange(place)?;
            Err(place.inside(at))
        }
    }
}

/// Removes the old generation.
fn retire(build: &Build<'_>, old: &Manifest, new: &Generation, doubles: Doubles, notice: &dyn Fn(&str)) {
    let (place, from, to) = (build.place, build.held.out.as_fd(), new.root.as_fd());
    if let Err(at) = retire::retire(place, from, old, to, doubles.both, notice) {
        let (path, error) = (place.beside(&place.new, &at.path), std::io::Error::from(at.errno));
        notice(&format!("the new tree is published, but `{}` of the old one is still there: {error}", path.display()));
    }
}

/// Whether a tree has a file at a path, above it, or below it.
fn needs(tree: &dyn Tree, path: &[u8]) -> bool {
    let has = |path: &[u8]| std::str::from_utf8(path).is_ok_and(|path| tree.index(path).is_some());
    let ends = path.iter().enumerate().filter(|(_, byte)| **byte == b'/').map(|(end, _)| end);
    ends.chain([path.len()]).any(|end| has(&path[..end])) || tree.has_folder(path)
}

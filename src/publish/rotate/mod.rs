//! A build that turns the spare into the next generation. The first after a build into an empty folder has no spare yet: it
//! links what is published into a new generation, and leaves the old one as the spare.
//!
//! ```text
//!  ready ─→ look ─→ changed ─→ compare ─→ bring up ─→ exchange ─→ hide, ledger
//!  ledger   stamps  make what  lines of   the spare,  one step    the old one is
//!  fits     of all  may differ manifest   privately               the next spare
//! ```
//!
//! Nothing is assumed: a file or a folder that is not exactly as the ledger says, in either generation, ends this before
//! anything is touched, and the build goes on without a ledger, which reads every file. So does a fault on the way: what
//! was begun is cleared as a half-built generation is.
//!
//! The look needs no tree, so it can be had [ahead](look()) while one is made.
#![allow(clippy::disallowed_methods)]

mod bring;
mod compare;
mod list;
mod look;
mod pass;
mod ready;
mod record;

use std::os::fd::AsFd;
use std::path::Path;
use std::sync::atomic::AtomicBool;

use super::error::PublishError;
use super::folder::{self, Attributes, Time};
use super::generation::{Build, Generation};
use super::ledger::{Damaged, End, Stamp, Stock};
use super::place::Place;
use super::{Published, clock, retire, spare, swap};
use ready::Ready;

/// A look at two generations that found them as their ledger says.
#[derive(Clone, Copy, Debug)]
pub(super) struct Looked {
    /// The ledger's own stamp.
    ledger: Stamp,
    /// When the look began: what was edited since may have been passed already.
    begun: Time,
}

/// Looks at what is published in `out`, and at its spare; nothing when there is no ledger, something is not as the ledger says,
/// or `stop` is set meanwhile. Nothing is locked: a build in between leaves another ledger.
pub(super) fn look(out: &Path, stop: &AtomicBool) -> Option<Looked> {
    let begun = clock::now();
    let place = Place::existing(out)?;
    let here = folder::open(&place.parent, &place.name).ok()?;
    let like = Attributes::of(&here).ok()?;
    let ready = Ready::find(&place, here.as_fd(), &like)?;
    ready.is_as_recorded(stop).then_some(Looked { ledger: ready.identity, begun })
}

/// Publishes by turning the spare into the next generation; nothing when there is no ledger, or it does not fit. `looked` is a
/// look that was had ahead.
///
/// # Errors
/// When a source cannot be read, or the tree is not right; or when what somebody put into the old generation during the
/// exchange has no place in the new one.
pub(super) fn publish(
    build: &Build<'_>,
    looked: Option<Looked>,
    notice: &dyn Fn(&str),
) -> Result<Option<Published>, PublishError> {
    let begun = clock::now();
    let (place, held, tree) = (build.place, build.held, build.tree);
    let Some(ready) = Ready::find(place, held.out.as_fd(), &held.like) else { return Ok(None) };
    let begun = match looked.filter(|looked| looked.ledger == ready.identity) {
        Some(looked) => looked.begun,
        None if ready.is_as_recorded(&AtomicBool::new(false)) => begun,
        None => return Ok(None),
    };
    let fresh = compare::changed(build, &ready.header)?;
    let Ok(mut changes) = compare::compare(build, &ready, fresh) else { return Ok(None) };
    let files = tree.len() + 1;
    let bytes = changes.bytes + changes.size;
    if changes.list.is_none() {
        (build.progress)(tree.len());
        return Ok(Some(Published { files, unchanged: files, bytes, ..Published::default() }));
    }
    if changes.meet(&ready.header.foreign) {
        return Ok(None);
    }
    let turned = bring::up(build, &ready, &mut changes).and_then(|root| {
        let names = spare::names(&root)?;
        let complete = clock::settle();
        swap::exchange(place).map_err(|_| Damaged)?;
        Ok((root, names, complete))
    });
    let Ok((root, names, complete)) = turned else {
        // What the file system refused here, it may refuse again; then that is said.
        retire::recover(place, held, notice)?;
        spare::release(place, held, notice)?;
        return Ok(None);
    };
    let written = changes.paths.iter().filter(|change| change.index.is_some()).count() + 1;
    let removed = changes.paths.len() + 1 - written;
    let published = Published { files, written, unchanged: files - written, removed, bytes };
    let mut looked = clock::settle();
    // Nobody put a file into the old generation, or changed a folder there.
    let kept = if ready.is_untouched() {
        place.sync();
        let names = ready.strip(root.as_fd());
        names.and_then(|names| Some((spare::hide(place, ready.here, &names).ok()?, names)))
    } else {
        None
    };
    let Some((kept, kept_names)) = kept else {
        let old = retire::read_manifest(ready.here)
            .ok()
            .flatten()
            .ok_or_else(|| place.failed("read", &place.new)(rustix::io::Errno::IO))?;
        let foreign = ready.foreign(root.as_fd());
        let new = Generation { root, foreign, unlinked: Vec::new(), bytes: changes.bytes, published };
        super::replaced(build, &old.manifest, &new, notice)?;
        return Ok(Some(published));
    };
    if !ready.header.foreign.is_empty() {
        // What was taken from it has changed folders of it.
        looked = clock::settle();
    }
    let stock = Stock { here: root.as_fd(), spare: kept.as_fd(), begun, complete, looked };
    let end = End { here: (&root, &names), spare: Some((&kept, &kept_names)) };
    // Without a ledger the next build does without the spare, and removes it.
    let _ = record::write_ledger(build, &ready, &changes, &end, &stock);
    Ok(Some(published))
}

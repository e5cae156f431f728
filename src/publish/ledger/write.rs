//! A ledger, written as a whole.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{Damaged, Header, Stamp, Stock, Writer};
use crate::publish::clock;
use crate::publish::folder::{self, Attributes, create, rename_new};
use crate::publish::place::Place;
use crate::publish::spare;
use crate::tree::MANIFEST;

/// Both generations after the exchange, and the names that each had at its root before it.
pub(in crate::publish) struct End<'g> {
    pub(in crate::publish) root: &'g File,
    pub(in crate::publish) names: &'g BTreeSet<Vec<u8>>,
    pub(in crate::publish) kept: &'g OwnedFd,
    pub(in crate::publish) kept_names: &'g BTreeSet<Vec<u8>>,
}

/// Writes a ledger: `header`, in which the places of both generations are filled in, and what `sections` adds.
///
/// # Errors
/// When the file system refuses. There is no ledger then.
pub(in crate::publish) fn write(
    place: &Place,
    end: &End<'_>,
    stock: &Stock<'_>,
    mut header: Header,
    sections: impl FnOnce(&mut Writer) -> Result<(), Damaged>,
) -> Result<(), Damaged> {
    // The exchange has changed the one, the move of what was in it the other.
    let settled = clock::settle();
    let calm = |root: BorrowedFd<'_>, names: &BTreeSet<Vec<u8>>| -> Result<Stamp, Damaged> {
        let seen = Attributes::of(root)?.seen;
        let is_calm = seen.changed <= settled && spare::names(root)? == *names;
        Ok(if is_calm { Stamp::of(&seen) } else { Stamp::UNSURE })
    };
    header.root = calm(end.root.as_fd(), end.names)?;
    header.spare = calm(end.kept.as_fd(), end.kept_names)?;
    header.manifest = stock.file(MANIFEST, false);
    let parent = place.parent.as_fd();
    let written = (|| {
        let mut writer = Writer::new(create(parent, &place.list)?, &header)?;
        sections(&mut writer)?;
        writer.finish()?;
        Ok(rename_new(parent, &place.list, parent, &place.ledger)?)
    })();
    if written.is_err() {
        let _ = folder::remove(parent, &place.list, rustix::fs::FileType::RegularFile);
    }
    written
}

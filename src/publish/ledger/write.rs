//! A ledger, written as a whole.

use std::collections::BTreeSet;
use std::fs::File;
use std::os::fd::{AsFd, BorrowedFd, OwnedFd};

use super::{Damaged, Header, Stamp, Writer};
use crate::publish::clock;
use crate::publish::folder::{self, Attributes, create, rename_new};
use crate::publish::place::Place;
use crate::publish::spare;

/// The published generation after the exchange, and what is in the spare if there is one, each with the names that it had
/// at its root before.
pub(in crate::publish) struct End<'g> {
    pub(in crate::publish) here: (&'g File, &'g BTreeSet<Vec<u8>>),
    pub(in crate::publish) spare: Option<(&'g OwnedFd, &'g BTreeSet<Vec<u8>>)>,
}

/// Writes a ledger: `header`, in which the places of both generations are filled in, and what `sections` adds.
///
/// # Errors
/// When the file system refuses. There is no ledger then.
pub(in crate::publish) fn write(
    place: &Place,
    end: &End<'_>,
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
    header.root = calm(end.here.0.as_fd(), end.here.1)?;
    if let Some((spare, names)) = end.spare {
        header.spare = calm(spare.as_fd(), names)?;
    }
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

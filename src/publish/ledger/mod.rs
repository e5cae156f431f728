//! The ledger: what a build left on disk, so that the next one sees what was touched since without reading it.
//!
//! It stands beside the output folder while a spare does (see [`super::spare`]): stamps of the folders of both, and of the
//! files of the published generation, in the order of its manifest; and where the two differ. Whoever changes a file or a
//! folder changes the time of its inode, which nobody can set; so what has the same inode and the same time is as it was
//! left, and the published manifest says what that is. The very first ledger has no stamps yet, only the time in which all
//! was made. Nothing else is ever taken on trust: a ledger that is damaged, that
//! another fleetc wrote, or that speaks of other folders is none.
#![allow(clippy::disallowed_methods)]

mod first;
mod frames;
mod stock;
mod write;

use serde::{Deserialize, Serialize};

use super::folder::{Id, Seen, Time};
use crate::tree::Mark;

pub(super) use first::{Difference, begin, keep};
pub(super) use frames::{Chunk, Damaged, Reader, Writer};
pub(super) use stock::{Stock, above, entered, folders, is_at_root};
pub(super) use write::{End, write};

/// The version of the format.
const VERSION: u32 = 2;

/// A file or a folder at a time: which inode, and when it was changed last, in seconds and nanoseconds.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Stamp {
    inode: u64,
    changed: Time,
}

impl Stamp {
    /// That of what may have been touched before anybody looked: nothing has it.
    pub(super) const UNSURE: Stamp = Stamp { inode: 0, changed: (i64::MIN, 0) };

    /// That of something that was just looked at.
    pub(super) fn of(seen: &Seen) -> Stamp {
        Stamp { inode: seen.id.1, changed: seen.changed }
    }
}

/// Who wrote a ledger, as far as it matters: another program may make other files of the same fleet.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Program {
    id: Id,
    size: u64,
    changed: Time,
}

impl Program {
    /// This program; none when the system does not tell.
    pub(super) fn this() -> Option<Program> {
        use std::os::unix::fs::MetadataExt;
        let file = std::fs::metadata(std::env::current_exe().ok()?).ok()?;
        let changed = (file.ctime(), u32::try_from(file.ctime_nsec()).ok()?);
        Some(Program { id: (file.dev(), file.ino()), size: file.size(), changed })
    }
}

/// What a ledger says of the generations as a whole.
#[derive(Debug, Serialize, Deserialize)]
pub(super) struct Header {
    version: u32,
    program: Program,
    /// The file system of both generations.
    pub(super) device: u64,
    /// The output folder.
    pub(super) root: Stamp,
    /// The published manifest.
    pub(super) manifest: Stamp,
    /// The folder that holds the spare.
    pub(super) spare: Stamp,
    /// Without a spare: when everything in the published generation was made, out of everybody's reach. What was changed
    /// last in that time is as it was made, and the ledger needs no stamps.
    pub(super) window: Option<(Time, Time)>,
    /// The size of all files of the published generation, without the manifest, in bytes.
    pub(super) bytes: u64,
    /// What all machines have in common, and what each is made from, sorted.
    pub(super) ground: Option<Mark>,
    pub(super) marks: Vec<Mark>,
    /// Paths at which the spare has another file than the published generation, or one of them has none; sorted.
    pub(super) differ: Vec<String>,
    /// Folders of the spare that the published generation lacks.
    pub(super) extra: Vec<(String, Stamp)>,
    /// What is not fleetc's in the published generation, sorted; the spare has nothing of the kind.
    pub(super) foreign: Vec<Carried>,
}

/// Something that is not fleetc's.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Carried {
    pub(super) path: Vec<u8>,
    /// For a folder.
    pub(super) folder: Option<Stamp>,
}

impl Carried {
    /// Its path as far as it is text, which the folders are that a tree may have.
    pub(super) fn text(&self) -> &str {
        let end = std::str::from_utf8(&self.path).map_or_else(|error| error.valid_up_to(), |_| self.path.len());
        std::str::from_utf8(&self.path[..end]).unwrap_or_default()
    }
}

impl Header {
    /// A header that this program writes, with nothing in it.
    pub(super) fn new(device: u64) -> Option<Header> {
        Some(Header {
            version: VERSION,
            program: Program::this()?,
            device,
            root: Stamp::UNSURE,
            manifest: Stamp::UNSURE,
            spare: Stamp::UNSURE,
            window: None,
            bytes: 0,
            ground: None,
            marks: Vec::new(),
            differ: Vec::new(),
            extra: Vec::new(),
            foreign: Vec::new(),
        })
    }

    fn is_ours(&self) -> bool {
        self.version == VERSION && Some(self.program) == Program::this()
    }
}

/// A folder on the way to a file of the published generation.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Folder<'r> {
    /// Its path, with a slash at its end, so that folders sort as what is in them.
    pub(super) path: &'r str,
    pub(super) here: Stamp,
    /// In the spare, where it has it.
    pub(super) spare: Option<Stamp>,
}

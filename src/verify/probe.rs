//! A request that is made, and what should come of it.

use crate::publish::manifest::{Checksum, Entry};

use super::client::Client;
use super::fetch::Appetite;
use super::kind::Kind;

/// A text is kept up to this size, so that one can say how it differs.
const TEXT: usize = 1 << 20;

/// Of other files, the beginning is kept.
const BEGINNING: usize = 4 << 10;

/// No boot file is larger.
const LARGEST: u64 = 4 << 30;

/// A request that is made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Probe {
    /// What is asked for.
    pub target: Target,
    /// Its kind, for the table.
    pub kind: Kind,
}

/// What is asked for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// A file of the tree: its index in the list.
    File(u32),
    /// A boot file that is not part of the tree: its URL as the scripts have it, and its sum if that is known.
    Boot(String, Option<Checksum>),
    /// A path that must not be answered, and why.
    Absent(String, Why),
}

/// Why something must not be there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    /// The host has its system.
    Installed,
    /// The machine is not listed. An answer that is the `default` one is harmless.
    Unlisted,
    /// The server's own manifest lists it, and the one that counts does not.
    OtherGeneration,
    /// Nothing of the fleet leads there any more.
    Unused,
    /// Nobody ever put it there.
    Invented,
}

/// What should come of a request.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Want {
    /// These bytes.
    Bytes(u64, Checksum),
    /// A boot file, with this sum if it is known.
    Image(Option<Checksum>),
    /// No answer, or this one.
    Nothing(Why, Option<Checksum>),
}

impl Probe {
    /// Asks for a file of the tree.
    pub fn file(index: usize, entry: &Entry) -> Probe {
        Probe { target: Target::File(index as u32), kind: Kind::of(entry.path.as_str()) }
    }

    /// Asks for a path that must not be there.
    pub fn absent(path: String, why: Why) -> Probe {
        Probe { target: Target::Absent(path, why), kind: Kind::Absent }
    }

    /// Who asks.
    pub fn client(&self) -> Client {
        match &self.target {
            // Everyone could ask for these; iPXE does for scripts.
            Target::Absent(path, _) => match Kind::of(path) {
                Kind::Other | Kind::Manifest => Client::Installer,
                kind => kind.client(),
            },
            _ => self.kind.client(),
        }
    }
}

impl Want {
    /// How much of a body is read for it.
    pub fn appetite(&self) -> Appetite {
        match self {
            Want::Bytes(size, _) => {
                let keep = if *size < TEXT as u64 { TEXT } else { BEGINNING };
                Appetite { most: size.saturating_add(BEGINNING as u64), keep, size: *size }
            }
            Want::Image(_) => Appetite { most: LARGEST, keep: BEGINNING, size: LARGEST / 8 },
            Want::Nothing(..) => Appetite { most: TEXT as u64, keep: BEGINNING, size: 0 },
        }
    }
}

//! iPXE, as far as boot scripts need it: scripts are run as iPXE runs them (contract ch. 10), along one path or along
//! every path there is. What is not known for sure ends a run, and is named; nothing is guessed.
//!
//! How iPXE reads a script was learnt from its source (`core/exec.c`, `core/settings.c`, `core/getopt.c`,
//! `core/image.c`, `image/script.c`, `hci/commands/image_cmd.c`), and `tests/ipxe` holds it against the program itself.

mod command;
mod explore;
mod options;
mod run;
mod script;
mod settings;
mod state;

use std::sync::Arc;

pub use explore::{Path, See, Sight, Step, explore};
pub use run::boot;
pub use script::Script;
pub use state::{Image, Question, State, Watch};

/// The machine that boots.
#[derive(Debug, Clone)]
pub struct Machine {
    /// The addresses of its network cards, lower case with colons, in the order in which iPXE counts them.
    pub cards: Vec<String>,
    /// The card that booted: an index into `cards`.
    pub booted: usize,
}

/// What is fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum What {
    /// A file to run: a script as a rule.
    Program,
    /// A kernel or an initrd.
    Image,
}

/// What a fetched file holds.
#[derive(Debug, Clone)]
pub enum Content {
    /// A script.
    Script(Arc<Script>),
    /// A kernel, an initrd, or whatever else is no script; it is not looked into.
    Image,
    /// A text that iPXE does not take for a script: BIOS machines hang when it is run (contract X-4).
    Text,
}

impl Content {
    /// What these bytes are to iPXE, when they stand where a script is expected.
    pub fn of(bytes: &[u8]) -> Content {
        Script::read(bytes).map_or(Content::Text, |script| Content::Script(Arc::new(script)))
    }
}

/// What answers requests.
pub trait World {
    /// The file at a URL; none when there is no such file.
    fn get(&self, url: &str, what: What) -> Option<Content>;
}

/// How a boot ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum End {
    /// A kernel starts.
    Kernel(Start),
    /// The firmware goes on to the next boot device.
    NextDevice,
    /// The scripts go round for ever.
    Loop,
    /// Something that is not understood, in words.
    Unknown(String),
}

/// A kernel that starts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Start {
    /// The URL of the kernel.
    pub kernel: String,
    /// Its command line.
    pub line: String,
    /// Name and URL of each image besides it: all are joined to its initrd (contract X-3).
    pub images: Vec<(String, String)>,
}

//! The installer's kernel and initrd, made from a provision image: what `create_pxe.sh` does (contract ch. 7), without
//! root, mounts or a fixed place in the image.
//!
//! ```text
//!  image ─input→ disk ──root→ partition ──system→ file system ──tree→ entries ──cpio→ gzip ─→ initrd
//!                  │                                       └────kernel──────────────────────→ linux
//!                  └── archive ──bundle─────────────────────────────────────────────────────→ both
//! ```
//!
//! An image is not trusted. No name in it becomes one on disk, what is reserved by its numbers is bounded, and the kernel
//! of the machine that fleetc runs on never sees it. The same image gives the same bytes, on any machine at any time.

mod alone;
mod bundle;
mod cpio;
mod disk;
mod error;
mod gzip;
mod input;
mod kernel;
mod known;
mod name;
mod numbers;
mod partition;
mod patch;
mod place;
mod root;
mod stanza;
mod superblock;
mod system;
mod tree;
mod unpack;

use std::fs::File;
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::rc::Rc;

pub use disk::{Part, ReadAt};
pub use error::ImageError;
pub use known::{Installer, Known};
pub use place::{Draft, Place, Written};
pub use stanza::{is_beside, stanza};

use cpio::Cpio;
use error::failed;
use gzip::Gzip;
use input::Input;
use system::System;
use tree::Tree;

/// More bytes than an initrd may unpack to: a machine holds them in its memory (contract P-6).
const MAX_UNPACKED: u64 = 16 << 30;

/// What the user says of an image that has several of something.
#[derive(Clone, Copy, Debug, Default)]
pub struct Choice<'a> {
    /// The number of the partition with the system.
    pub partition: Option<u32>,
    /// The name of the kernel.
    pub kernel: Option<&'a str>,
}

/// Is told how far the work is.
pub trait Watch {
    /// So many more bytes are to be read.
    fn expect(&self, bytes: u64);

    /// So many bytes were read.
    ///
    /// # Errors
    /// When the work is to end.
    fn done(&self, bytes: u64) -> io::Result<()>;
}

/// What is known of boot files.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Facts {
    /// What they come from: a partition of the image, or the archive.
    pub from: String,
    /// What the image says of itself.
    pub known: Known,
    /// The name of the kernel in the image, to be shown.
    pub kernel: String,
    /// How many files the initrd has, and the bytes of all of them; none for an initrd that is compressed with something
    /// unknown.
    pub files: Option<(usize, u64)>,
    /// Whether the image has an `/init` of its own, in place of the symlink to systemd.
    pub own_init: bool,
}

/// Boot files that were made.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Made {
    /// What is known of them.
    pub facts: Facts,
    /// The kernel.
    pub kernel: Written,
    /// The initrd.
    pub initrd: Written,
}

/// A reader that is watched.
struct Watched<'w, R> {
    from: R,
    watch: &'w dyn Watch,
}

impl<R: Read> Read for Watched<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.watch.done(length as u64)?;
        Ok(length)
    }
}

impl<R: Seek> Seek for Watched<'_, R> {
    fn seek(&mut self, to: SeekFrom) -> io::Result<u64> {
        self.from.seek(to)
    }
}

/// Makes the boot files of an image in a folder: `linux-RELEASE` and `initrd-RELEASE`, or `linux` and `initrd` when the
/// image does not say its release. `image` is a disk image or a tar archive, compressed or not.
///
/// # Errors
/// When the image is none, is damaged, or leaves something open that `choice` does not say. The folder is then as it was.
pub fn make(mut image: File, choice: Choice<'_>, place: &Place, watch: &dyn Watch) -> Result<Made, ImageError> {
    let unread = || failed("the image cannot be read");
    let length = image.seek(SeekFrom::End(0)).map_err(unread())?;
    image.rewind().map_err(unread())?;
    let (mut kernel, mut initrd) = (place.draft("linux")?, place.draft("initrd")?);
    let facts = match input::input(Watched { from: &image, watch })? {
        Input::Disk => {
            let disk = image.try_clone().map_err(unread())?;
            pack(&Part::whole(Rc::new(disk), length), choice, &mut kernel, &mut initrd, watch)?
        }
        Input::Packed(packed) => {
            watch.expect(length);
            let mut scratch = place.scratch()?;
            let length = input::unpack(packed, &mut scratch).map_err(failed("the image cannot be unpacked"))?;
            pack(&Part::whole(Rc::new(scratch), length), choice, &mut kernel, &mut initrd, watch)?
        }
        Input::Archive(_) if choice.partition.is_some() => {
            return Err(ImageError::new("an archive has no partitions").help("leave out `--partition`"));
        }
        Input::Archive(archive) => {
            watch.expect(length);
            bundle::copy(archive, choice.kernel, &mut kernel, &mut initrd)?
        }
    };
    let name = |what: &str| facts.known.release.map_or(what.to_string(), |release| format!("{what}-{release}"));
    let [kernel, initrd] = place.finish([(kernel, name("linux")), (initrd, name("initrd"))])?;
    Ok(Made { facts, kernel, initrd })
}

/// Writes the kernel and the initrd of a disk image.
///
/// # Errors
/// When the image has no system, is damaged, or leaves something open that `choice` does not say; when something cannot be
/// written.
pub fn pack(
    image: &Part,
    choice: Choice<'_>,
    linux: &mut dyn Write,
    initrd: &mut dyn Write,
    watch: &dyn Watch,
) -> Result<Facts, ImageError> {
    let root = root::root(image, choice.partition)?;
    let system = System::open(&root.part)?;
    let known = Known::read(|path| system.start(&[b"/", path].concat(), known::MOST))?;
    if known.installer.is_none() {
        let error = "the image has no installer: neither `/usr/bin/ister.py` nor `/usr/bin/clr-installer`";
        return Err(ImageError::new(error).help("give a provision image, as `clear-VERSION-provision.img` is"));
    }
    let kernel = kernel::find(&system, choice.kernel)?;
    let tree = Tree::read(&system, watch)?;
    watch.expect(tree.bytes + kernel.node.size);
    let called = name::shown(&kernel.node.name);
    let bytes = Watched { from: system.file(&kernel.path, &kernel.node)?, watch };
    io::copy(&mut kernel::verified(&called, bytes)?, linux).map_err(failed(format!("`{called}` cannot be copied")))?;
    write(&system, &tree, initrd, watch)?;
    let files = Some((tree.entries.len(), tree.bytes));
    Ok(Facts { from: root.called, known, kernel: called, files, own_init: tree.own_init })
}

/// Writes the initrd.
fn write(system: &System, tree: &Tree, initrd: &mut dyn Write, watch: &dyn Watch) -> Result<(), ImageError> {
    let unwritten = || failed("the initrd cannot be written");
    let mut archive = Cpio::new(Gzip::new(initrd).map_err(unwritten())?);
    for entry in &tree.entries {
        let path = [b"/", entry.path.as_slice()].concat();
        let open = || Ok(Watched { from: system.file(&path, &entry.node).map_err(io::Error::other)?, watch });
        archive.add(entry, open).map_err(failed(format!("`{}` cannot be packed", name::shown(&path))))?;
    }
    let (gzip, length) = archive.finish().map_err(unwritten())?;
    gzip.finish(length).map_err(unwritten())?;
    Ok(())
}

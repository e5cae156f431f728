//! The file system of an image, read without mounting it.

use std::io::Read;

use ext4_view::{Ext4, Ext4Error, Ext4Read, File, Metadata, Path};

use super::alone::Inodes;
use super::disk::Part;
use super::error::{CUT_SHORT, ImageError, failed};
use super::name::shown;
use super::numbers::Numbers;
use super::superblock::Superblock;

/// A file of a file system, as it stands in its folder.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Node {
    /// Its name in the folder: neither empty, `.` nor `..`, without a slash or a zero byte.
    pub(super) name: Vec<u8>,
    /// Kind and permissions, as in `st_mode`.
    pub(super) mode: u32,
    /// Owner and group.
    pub(super) owner: (u32, u32),
    /// When its content was changed: seconds since 1970.
    pub(super) modified: i64,
    /// Bytes of content.
    pub(super) size: u64,
    /// The number of its inode: names of one file have the same.
    pub(super) inode: u32,
    /// Major and minor number of a device.
    pub(super) device: (u32, u32),
}

/// The kinds of files in `st_mode`.
pub(super) mod kind {
    pub(in super::super) const MASK: u32 = 0o170_000;
    pub(in super::super) const FOLDER: u32 = 0o040_000;
    pub(in super::super) const FILE: u32 = 0o100_000;
    pub(in super::super) const SYMLINK: u32 = 0o120_000;
    pub(super) const CHARACTERS: u32 = 0o020_000;
    pub(super) const BLOCKS: u32 = 0o060_000;
    pub(super) const PIPE: u32 = 0o010_000;
    pub(super) const SOCKET: u32 = 0o140_000;
}

impl Node {
    /// Its kind, one of those in [`kind`].
    pub(super) fn kind(&self) -> u32 {
        self.mode & kind::MASK
    }
}

/// The target of a symlink is shorter than this (Linux, `PATH_MAX`).
pub(super) const MAX_PATH: u64 = 4096;

/// A folder of more bytes is damage: it would have more than a million entries.
const MAX_FOLDER: u64 = 1 << 28;

/// A file system.
pub(super) struct System {
    /// As it is, with its checksums verified.
    files: Ext4,
    /// The same with numbers in the place of owners.
    numbers: Ext4,
    /// Its inodes.
    inodes: Inodes,
}

impl Ext4Read for Part {
    fn read(&mut self, at: u64, buffer: &mut [u8]) -> Result<(), Box<dyn std::error::Error + Send + Sync>> {
        Ok(self.read_at(at, buffer)?)
    }
}

fn path(path: &[u8]) -> Result<Path<'_>, ImageError> {
    Path::try_from(path).map_err(|error| ImageError::new(format!("`{}` is no path: {error}", shown(path))))
}

fn unread(path: &[u8]) -> impl FnOnce(Ext4Error) -> ImageError {
    let what = format!("`{}` cannot be read", shown(path));
    move |error| match error {
        Ext4Error::Corrupt(_) => ImageError::new(format!("{what}: {error}")).help(CUT_SHORT),
        _ => ImageError::new(format!("{what}: {error}")),
    }
}

fn is_missing(error: &Ext4Error) -> bool {
    matches!(
        error,
        Ext4Error::NotFound | Ext4Error::NotADirectory | Ext4Error::IsADirectory | Ext4Error::IsASpecialFile
    )
}

impl System {
    /// Opens the file system that fills a part of a disk.
    ///
    /// # Errors
    /// When there is none, or none that can be read.
    pub(super) fn open(part: &Part) -> Result<System, ImageError> {
        let superblock = Superblock::read(part)?;
        let refused = |error: Ext4Error| {
            let failure = ImageError::new(format!("the file system cannot be read: {error}"));
            match error {
                Ext4Error::Incompatible(_) => {
                    failure.help("copy what is in it into one that `mkfs.ext4` makes without that feature")
                }
                _ => failure.help(CUT_SHORT),
            }
        };
        let files = Ext4::load(Box::new(part.clone())).map_err(refused)?;
        let numbers = Numbers::new(part.clone(), &superblock)?;
        let numbers = Ext4::load(Box::new(numbers)).map_err(refused)?;
        Ok(System { files, numbers, inodes: Inodes::new(part.clone(), &superblock)? })
    }

    /// The folder at the top.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn top(&self) -> Result<Node, ImageError> {
        let read = |system: &Ext4| system.symlink_metadata(Path::ROOT).map_err(unread(b"/"));
        node(Vec::new(), &read(&self.files)?, &read(&self.numbers)?)
    }

    /// What is in a folder, sorted by name.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn list(&self, folder: &[u8], size: u64) -> Result<Vec<Node>, ImageError> {
        if size > MAX_FOLDER {
            return Err(
                ImageError::new(format!("`{}` cannot be a folder of {size} bytes", shown(folder))).help(CUT_SHORT)
            );
        }
        let place = path(folder)?;
        let files = self.files.read_dir(place).map_err(unread(folder))?;
        let mut numbers = self.numbers.read_dir(place).map_err(unread(folder))?;
        let mut nodes = Vec::new();
        for entry in files {
            let entry = entry.map_err(unread(folder))?;
            let again = numbers.next().transpose().map_err(unread(folder))?;
            let name = entry.file_name().as_ref().to_vec();
            let Some(again) = again.filter(|again| again.file_name().as_ref() == name) else {
                return Err(disagree(folder));
            };
            if name != b"." && name != b".." {
                let metadata = entry.metadata().map_err(unread(folder))?;
                nodes.push(node(name, &metadata, &again.metadata().map_err(unread(folder))?)?);
            }
        }
        nodes.sort_by(|a, b| a.name.cmp(&b.name));
        if let Some(twice) = nodes.windows(2).find(|pair| pair[0].name == pair[1].name) {
            let name = shown(&twice[0].name);
            return Err(ImageError::new(format!("`{}` has `{name}` twice", shown(folder))).help(CUT_SHORT));
        }
        Ok(nodes)
    }

    /// Where a symlink leads to.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn target(&self, link: &[u8], node: &Node) -> Result<Vec<u8>, ImageError> {
        if node.size >= MAX_PATH {
            let error = ImageError::new(format!("`{}` cannot be a symlink of {} bytes", shown(link), node.size));
            return Err(error.help(CUT_SHORT));
        }
        let target = self.files.read_link(path(link)?).map_err(unread(link))?;
        Ok(<ext4_view::PathBuf as AsRef<[u8]>>::as_ref(&target).to_vec())
    }

    /// The content of a file that was listed.
    ///
    /// # Errors
    /// When it cannot be opened.
    pub(super) fn file(&self, file: &[u8], node: &Node) -> Result<File, ImageError> {
        let alone = self.inodes.alone(node.inode).map_err(failed(format!("`{}` cannot be read", shown(file))))?;
        let opened = match alone {
            Some(alone) => Ext4::load(Box::new(alone)).and_then(|system| system.open(Path::ROOT)),
            None => self.files.open(path(file)?),
        };
        opened.map_err(unread(file))
    }

    /// The first bytes of a file, `limit` at most; none when there is no such file.
    ///
    /// # Errors
    /// When it cannot be read.
    pub(super) fn start(&self, file: &[u8], limit: u64) -> Result<Option<Vec<u8>>, ImageError> {
        let opened = match self.files.open(path(file)?) {
            Ok(opened) => opened,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(unread(file)(error)),
        };
        let mut bytes = Vec::new();
        let read = opened.take(limit).read_to_end(&mut bytes);
        read.map_err(|error| ImageError::new(format!("`{}` cannot be read: {error}", shown(file))).help(CUT_SHORT))?;
        Ok(Some(bytes))
    }

    /// A folder's path without symlinks; none when there is no such folder.
    ///
    /// # Errors
    /// When the way to it cannot be read.
    pub(super) fn folder(&self, folder: &[u8]) -> Result<Option<(Vec<u8>, u64)>, ImageError> {
        let whole = match self.files.canonicalize(path(folder)?) {
            Ok(whole) => whole,
            Err(error) if is_missing(&error) => return Ok(None),
            Err(error) => return Err(unread(folder)(error)),
        };
        let seen = self.files.symlink_metadata(&whole).map_err(unread(folder))?;
        let bytes = <ext4_view::PathBuf as AsRef<[u8]>>::as_ref(&whole).to_vec();
        Ok(seen.is_dir().then(|| (bytes, seen.len())))
    }
}

fn disagree(folder: &[u8]) -> ImageError {
    let error = ImageError::new(format!("`{}` is not the same when it is read twice", shown(folder)));
    error.help("the file system is damaged, or something writes to the image")
}

/// What is known of a file from both readings.
fn node(name: Vec<u8>, files: &Metadata, numbers: &Metadata) -> Result<Node, ImageError> {
    let of = files.file_type();
    let same = |metadata: &Metadata| (metadata.file_type(), metadata.mode(), metadata.len(), metadata.modified());
    if same(files) != same(numbers) {
        return Err(disagree(&name));
    }
    let kinds = [
        (of.is_dir(), kind::FOLDER),
        (of.is_regular_file(), kind::FILE),
        (of.is_symlink(), kind::SYMLINK),
        (of.is_char_dev(), kind::CHARACTERS),
        (of.is_block_dev(), kind::BLOCKS),
        (of.is_fifo(), kind::PIPE),
        (of.is_socket(), kind::SOCKET),
    ];
    let kind = kinds.into_iter().find_map(|(is, kind)| is.then_some(kind)).unwrap_or(kind::FILE);
    // Linux, `new_decode_dev`: 12 bits of the major number between 8 and 12 of the minor one.
    let device = numbers.gid();
    let device = ((device & 0xf_ff00) >> 8, (device & 0xff) | ((device >> 12) & 0xf_ff00));
    let is_device = matches!(kind, kind::CHARACTERS | kind::BLOCKS);
    Ok(Node {
        name,
        mode: kind | u32::from(files.mode()),
        owner: (files.uid(), files.gid()),
        modified: files.modified().seconds(),
        size: if matches!(kind, kind::FOLDER | kind::FILE | kind::SYMLINK) { files.len() } else { 0 },
        inode: numbers.uid(),
        device: if is_device { device } else { (0, 0) },
    })
}

//! Boot files from an archive that has them already: `clear-VERSION-pxe.tar.xz` (contract P-4).
//!
//! Its files are known by their names, whichever folder they are in. No name of it becomes one on disk.

use std::io::{self, Read, Write};

use super::error::{CUT_SHORT, ImageError, failed};
use super::input::decompressed;
use super::kernel;
use super::known::{self, Known};
use super::name::shown;
use super::unpack::{Contents, contents};
use super::{Facts, MAX_UNPACKED};

/// More bytes than a kernel has.
const MAX_KERNEL: u64 = 1 << 30;
/// An initrd has fewer bytes than this: the kernel counts them with 32 bits.
const MAX_INITRD: u64 = 1 << 32;

/// Writes what is read from one place to another too.
struct Tee<'a, R> {
    from: R,
    to: &'a mut dyn Write,
}

impl<R: Read> Read for Tee<'_, R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = self.from.read(buffer)?;
        self.to.write_all(&buffer[..length])?;
        Ok(length)
    }
}

/// Copies kernel and initrd out of an archive; `wanted` names the kernel, where there are several.
///
/// # Errors
/// When it is damaged, has not both, or a file cannot be written.
pub(super) fn copy(
    archive: Box<dyn Read + '_>,
    wanted: Option<&str>,
    kernel: &mut dyn Write,
    initrd: &mut dyn Write,
) -> Result<Facts, ImageError> {
    let unread = || failed("the archive cannot be read");
    let mut archive = tar::Archive::new(archive);
    let mut kernels = Vec::new();
    let mut chosen = None;
    let mut inside = None;
    // As they are: what other headers say of names is not asked.
    for entry in archive.entries().map_err(unread())?.raw(true) {
        let mut entry = entry.map_err(unread())?;
        let path = entry.path_bytes().into_owned();
        let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
        let (is_initrd, is_kernel) = (name == b"initrd", kernel::is_kernel(name));
        if !is_initrd && !is_kernel {
            continue;
        }
        let called = shown(name);
        let most = if is_initrd { MAX_INITRD } else { MAX_KERNEL };
        if !entry.header().entry_type().is_file() || entry.size() >= most {
            return Err(ImageError::new(format!("`{called}` in the archive is no file, or too large")).help(OTHER));
        }
        if is_initrd {
            if inside.is_some() {
                return Err(ImageError::new("the archive has several files `initrd`").help(OTHER));
            }
            inside = Some(copy_initrd(&mut entry, initrd)?);
            continue;
        }
        if wanted.map_or(chosen.is_none(), |wanted| wanted.as_bytes() == name && chosen.is_none()) {
            let mut verified = kernel::verified(&called, &mut entry)?;
            io::copy(&mut verified, kernel).map_err(failed(format!("`{called}` cannot be copied")))?;
            chosen = Some(called.clone());
        }
        kernels.push(called);
    }
    // What stands behind the last file has no content, but the sum of all that was decompressed.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(unread())?;
    let missing = |what: &str| ImageError::new(format!("the archive has no {what}")).help(OTHER);
    let inside = inside.ok_or_else(|| missing("`initrd`"))?;
    match chosen {
        None if kernels.is_empty() => Err(missing("kernel `org.clearlinux.native*`")),
        Some(name) if wanted.is_some() || kernels.len() == 1 => facts(name, inside),
        _ => Err(kernel::unclear(&kernels, wanted)),
    }
}

const OTHER: &str = "give an archive like `clear-VERSION-pxe.tar.xz`, or the provision image";

/// Copies the initrd, and looks what is in it, where it is compressed with what is known here.
fn copy_initrd(entry: &mut impl Read, initrd: &mut dyn Write) -> Result<Option<Contents>, ImageError> {
    let mut start = Vec::new();
    entry.by_ref().take(6).read_to_end(&mut start).map_err(failed("`initrd` cannot be read"))?;
    let mut tee = Tee { from: io::Cursor::new(start.clone()).chain(entry), to: initrd };
    let found = decompressed(&start, &mut tee).map(|mut unpacked| {
        let found = contents(unpacked.by_ref(), &known::FILES, known::MOST, MAX_UNPACKED)?;
        // To its end, so that its sum is compared.
        io::copy(&mut unpacked, &mut io::sink())?;
        Ok(found)
    });
    let found = found.transpose().map_err(|error: io::Error| {
        ImageError::new(format!("`initrd` in the archive cannot be unpacked: {error}")).help(CUT_SHORT)
    })?;
    io::copy(&mut tee, &mut io::sink()).map_err(failed("`initrd` cannot be copied"))?;
    if found.as_ref().is_some_and(|found| !found.has_init) {
        return Err(ImageError::new("`initrd` in the archive has no `/init`, which the kernel would start").help(OTHER));
    }
    Ok(found)
}

/// What is known of the boot files.
fn facts(kernel: String, inside: Option<Contents>) -> Result<Facts, ImageError> {
    let from = "the archive".to_string();
    let Some(mut inside) = inside else {
        let known = Known::default();
        return Ok(Facts { from, known, kernel, files: None, own_init: false });
    };
    let known = Known::read(|path| Ok(inside.starts.remove(path)))?;
    Ok(Facts { from, known, kernel, files: Some((inside.files, inside.bytes)), own_init: false })
}

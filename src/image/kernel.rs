//! The kernel that an image has for network boots.

use std::io::{self, Read};

use super::error::{CUT_SHORT, ImageError, failed};
use super::name::shown;
use super::system::{Node, System, kind};

/// Kernels begin with this (contract P-3).
const PREFIX: &[u8] = b"org.clearlinux.native";

/// The symlink in the folder of kernels that names the one that boots.
const DEFAULT: &[u8] = b"default-native";

/// Where kernels lie (contract P-3).
const FOLDER: &[u8] = b"/lib/kernel";

/// Whether a file by this name is a kernel.
pub(super) fn is_kernel(name: &[u8]) -> bool {
    name.starts_with(PREFIX)
}

/// A kernel in an image.
pub(super) struct Kernel {
    /// Its path, from the top, with a slash at the beginning.
    pub(super) path: Vec<u8>,
    pub(super) node: Node,
}

/// Finds the kernel: the only one, the one named `wanted`, or the one that boots by itself.
///
/// # Errors
/// When there is none, or it is not clear which.
pub(super) fn find(system: &System, wanted: Option<&str>) -> Result<Kernel, ImageError> {
    let none = || {
        let error = ImageError::new(format!("the image has no kernel `{}/{}*`", shown(FOLDER), shown(PREFIX)));
        error.help("give a provision image with the bundle `kernel-native`")
    };
    let (folder, size) = system.folder(FOLDER)?.ok_or_else(none)?;
    let nodes = system.list(&folder, size)?;
    let path = |name: &[u8]| [folder.as_slice(), b"/", name].concat();
    let found = nodes.iter().filter(|node| node.kind() == kind::FILE && is_kernel(&node.name));
    let mut kernels: Vec<Kernel> = found.map(|node| Kernel { path: path(&node.name), node: node.clone() }).collect();
    let default = nodes.iter().find(|node| node.name == DEFAULT && node.kind() == kind::SYMLINK);
    let default = default.map(|node| system.target(&path(DEFAULT), node)).transpose()?;
    let chosen = match wanted {
        Some(wanted) => kernels.iter().position(|kernel| kernel.node.name == wanted.as_bytes()),
        None if kernels.len() > 1 => kernels.iter().position(|kernel| Some(&kernel.node.name) == default.as_ref()),
        None => kernels.first().map(|_| 0),
    };
    match chosen {
        Some(chosen) => Ok(kernels.swap_remove(chosen)),
        None if kernels.is_empty() => Err(none()),
        None => {
            let names = kernels.iter().map(|kernel| shown(&kernel.node.name)).collect::<Vec<_>>();
            Err(unclear(&names, wanted))
        }
    }
}

/// The error for several kernels of which none is chosen.
pub(super) fn unclear(names: &[String], wanted: Option<&str>) -> ImageError {
    let listed = format!("`{}`", names.join("`, `"));
    match wanted {
        Some(wanted) => ImageError::new(format!("there is no kernel `{wanted}`")).help(format!("there is {listed}")),
        None => ImageError::new(format!("there are several kernels: {listed}")).help("choose one: `--kernel NAME`"),
    }
}

/// A kernel for x86 has this at 0x202 (Linux, `Documentation/arch/x86/boot.rst`).
const MAGIC: (usize, &[u8]) = (0x202, b"HdrS");

/// Reads from a kernel what tells that it is one; gives that back with the rest, to be read from the beginning.
///
/// # Errors
/// When it is none, or cannot be read.
pub(super) fn verified<R: Read>(name: &str, mut kernel: R) -> Result<impl Read + use<R>, ImageError> {
    let mut start = Vec::new();
    let read = kernel.by_ref().take(0x400).read_to_end(&mut start);
    read.map_err(failed(format!("`{name}` cannot be read")))?;
    let (at, magic) = MAGIC;
    if start.get(at..at + magic.len()) != Some(magic) {
        let error = ImageError::new(format!("`{name}` is no Linux kernel for x86: it has no boot header"));
        return Err(error.help(CUT_SHORT));
    }
    Ok(io::Cursor::new(start).chain(kernel))
}

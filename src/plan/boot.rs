//! What machines boot by: scripts, boot files, arguments.

use std::io::Read;

use sha2::Digest;

use super::cause::Pair;
use super::change::Field;
use super::memo::Memo;
use super::side::Side;
use crate::model::{Artifact, ArtifactSource, ReleaseId, Settings};
use crate::source::Loader;

/// The commands of a script: what it shows and what it says to readers left out.
pub(super) fn commands(script: &str) -> impl Iterator<Item = &str> {
    script.lines().filter(|line| !line.starts_with("echo ") && !line.starts_with("# "))
}

/// What two machines boot by that differs.
pub(super) fn boot_fields(pair: &Pair<'_>) -> Vec<Field> {
    let (base, head) = (pair.base.fleet, pair.head.fleet);
    let mut fields = Vec::new();
    if base.server.url.value != head.server.url.value || base.server.service != head.server.service {
        fields.push(Field::Server);
    }
    let releases = (pair.was.settings.release.get(), pair.now.settings.release.get());
    if let (Some(old), Some(new)) = releases {
        let (old, new) = (base.release(old.value), head.release(new.value));
        if old.kernel.source.value != new.kernel.source.value {
            fields.push(Field::Kernel);
        }
        if old.initrd.source.value != new.initrd.source.value {
            fields.push(Field::Initrd);
        }
        if old.boot_args.iter().map(|argument| &argument.value).ne(new.boot_args.iter().map(|argument| &argument.value))
        {
            fields.push(Field::BootArgs);
        }
    }
    fields
}

/// The boot files that are copied into both trees.
pub(super) struct Copies<'p> {
    base: &'p Side<'p>,
    head: &'p Side<'p>,
    /// Whether the copied kernel or initrd of two releases have other bytes.
    known: Memo<(ReleaseId, ReleaseId), [bool; 2]>,
}

impl<'p> Copies<'p> {
    pub(super) fn new(base: &'p Side<'p>, head: &'p Side<'p>) -> Copies<'p> {
        Copies { base, head, known: Memo::default() }
    }

    /// Whether kernel and initrd, copied into both trees under the same name, have other bytes.
    pub(super) fn differ(&self, was: &Settings, now: &Settings) -> [bool; 2] {
        let (Some(old), Some(new)) = (was.release.get(), now.release.get()) else { return [false; 2] };
        self.known.get((old.value, new.value), || {
            let (old, new) = (self.base.fleet.release(old.value), self.head.fleet.release(new.value));
            [(&old.kernel, &new.kernel), (&old.initrd, &new.initrd)].map(|(old, new)| self.copy_differs(old, new))
        })
    }

    fn copy_differs(&self, old: &Artifact, new: &Artifact) -> bool {
        let (ArtifactSource::File(a), ArtifactSource::File(b)) = (&old.source.value, &new.source.value) else {
            return false;
        };
        if a != b {
            return false;
        }
        match (old.sha256, new.sha256) {
            // Compiling has checked both.
            (Some(old), Some(new)) => old.value != new.value,
            _ => digest(self.base.loader, a) != digest(self.head.loader, b),
        }
    }
}

/// The SHA-256 sum of a file, read piece by piece; none for one that cannot be read.
pub(super) fn digest(loader: &dyn Loader, name: &str) -> Option<[u8; 32]> {
    let mut reader = loader.open(name).ok()?;
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer).ok()? {
            0 => return Some(hasher.finalize().into()),
            length => hasher.update(&buffer[..length]),
        }
    }
}

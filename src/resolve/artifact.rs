//! Releases and their boot files.

use std::io::Read;
use std::sync::Arc;

use sha2::Digest;

use super::Scope;
use super::faults::{AMBIGUOUS_ARTIFACT, WRONG_DIGEST, missing_file};
use crate::diag::Reported;
use crate::draft::{ArtifactDraft, InstallerDraft, ReleaseDraft};
use crate::model::{
    Artifact, ArtifactSource, FromText, Installer, InstallerKind, InstallerVersion, Location, Name, Release, Sha256,
    Version,
};
use crate::source::{Span, Spanned};
use crate::yaml::{Entry, Field};

pub(super) fn release(entry: Entry<'_, Field<ReleaseDraft<'_>>>, scope: &Scope<'_>) -> Result<Release, Reported> {
    let (sink, key) = (scope.sink, entry.key);
    let of = format!("release `{}`", key.value);
    let name = sink.take(Name::from_text(key.value), key.span);
    let draft = entry.value.require(key.value, "`releases`", key.span, sink)?.value;
    let version = draft.version.require("version", &of, key.span, sink);
    let version = version.and_then(|written| sink.take(Version::from_text(written.text), written.span));
    let kernel = draft.kernel.require("kernel", &of, key.span, sink).and_then(|draft| artifact(draft, scope));
    let initrd = draft.initrd.require("initrd", &of, key.span, sink).and_then(|draft| artifact(draft, scope));
    let boot_args = match draft.boot_args {
        Field::Absent => Ok(Vec::new()),
        Field::Faulty(reported) => Err(reported),
        Field::Set(items) => super::layers::list(&items.value, sink).map(|list| list.to_vec()),
    };
    let installer = draft.installer.require("installer", &of, key.span, sink);
    let installer = installer.and_then(|draft| self::installer(draft, scope));
    Ok(Release {
        name: name?,
        version: version?,
        kernel: kernel?,
        initrd: initrd?,
        boot_args: boot_args?,
        installer: installer?,
    })
}

fn installer(draft: Spanned<InstallerDraft<'_>>, scope: &Scope<'_>) -> Result<Installer, Reported> {
    let sink = scope.sink;
    let kind = draft.value.kind.require("kind", "`installer`", draft.span, sink);
    let kind = kind.and_then(|written| sink.take(InstallerKind::from_text(written.text), written.span));
    let version = draft.value.version.require("version", "`installer`", draft.span, sink);
    let version = version.and_then(|written| sink.take(InstallerVersion::from_text(written.text), written.span));
    Ok(Installer { kind: kind?, version: version? })
}

fn artifact(draft: Spanned<ArtifactDraft<'_>>, scope: &Scope<'_>) -> Result<Artifact, Reported> {
    let sink = scope.sink;
    let parts = match draft.value {
        ArtifactDraft::Text(written) => {
            let place = sink.take(Location::from_text(written.text), draft.span)?;
            return Ok(Artifact { source: place.map(ArtifactSource::Served), sha256: None });
        }
        ArtifactDraft::Mapping(parts) => parts,
    };
    let (url, file, sha256) = (parts.url.read(sink), parts.file.read(sink), parts.sha256.read(sink));
    let (url, file, sha256) = (url?, file?.map(|file| scope.within(file)).transpose()?, sha256?);
    let source = match (url, file) {
        (Some(url), None) => url.map(ArtifactSource::Served),
        (None, Some(file)) => {
            verify(&file.0, file.span, sha256, scope)?;
            file.map(|path| ArtifactSource::File(path.0))
        }
        (url, _) => {
            let what = if url.is_some() { "both `url` and `file`" } else { "neither `url` nor `file`" };
            let fault = AMBIGUOUS_ARTIFACT.at(draft.span, format!("this boot file has {what}"));
            return Err(sink.report(fault.help("`url` for a file on a server, `file` for one beside the fleet file")));
        }
    };
    Ok(Artifact { source, sha256 })
}

/// Opens a file that is to be copied, and compares its digest where one is given.
fn verify(name: &Arc<str>, span: Span, expected: Option<Spanned<Sha256>>, scope: &Scope<'_>) -> Result<(), Reported> {
    let mut reader = match scope.loader.open(name) {
        Ok(reader) => reader,
        Err(error) => return Err(scope.sink.report(missing_file(name, span, &error, scope.loader))),
    };
    let Some(expected) = expected else { return Ok(()) };
    let mut hasher = sha2::Sha256::new();
    let mut buffer = vec![0; 1 << 16];
    loop {
        match reader.read(&mut buffer) {
            Ok(0) => break,
            Ok(length) => hasher.update(&buffer[..length]),
            Err(error) => return Err(scope.sink.report(missing_file(name, span, &error, scope.loader))),
        }
    }
    let found = Sha256(hasher.finalize().into());
    if found != expected.value {
        let fault = WRONG_DIGEST.at(expected.span, format!("`{name}` has another SHA-256 digest"));
        let fault =
            fault.and(span, "this file").help(format!("it has `{found}`; if the file is the right one, write that"));
        return Err(scope.sink.report(fault));
    }
    Ok(())
}

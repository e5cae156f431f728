//! What `plan` compares with: a revision of the repository, or a tree that was built.

use std::path::{Path, PathBuf};

use super::input::{Opened, reason};
use super::{Failure, output};
use crate::compile::Compiled;
use crate::emit::ENTRY;
use crate::git::{GitError, Repository, Revision};
use crate::plan::{Built, Side};
use crate::publish::manifest::{MAX_BYTES, Manifest};
use crate::report::{Format, Style, render};
use crate::source::{Disk, Loader};
use crate::tree::MANIFEST;

/// What to compare with.
pub(super) enum Base {
    /// A fleet file of a revision.
    Revision(Past),
    /// A built tree.
    Tree(Served),
}

/// A revision: its files, the name of the fleet file among them, and what to call it.
pub(super) struct Past {
    files: Revision,
    pub(super) name: String,
    pub(super) called: String,
}

/// A tree: its manifest, its files where they are at hand, and what to call it.
pub(super) struct Served {
    manifest: Manifest,
    files: Option<Disk>,
    called: String,
}

impl From<GitError> for Failure {
    fn from(error: GitError) -> Failure {
        let failure = Failure::new(error.message);
        match error.help {
            Some(help) => failure.help(help),
            None => failure,
        }
    }
}

/// Finds what is wanted: a tree when it names one, else in the repository around the fleet file.
pub(super) fn find(opened: &Opened, wanted: Option<&str>) -> Result<Base, Failure> {
    let tree = wanted.and_then(|wanted| manifest_of(Path::new(wanted)));
    let Some((manifest, folder)) = tree else { return revision(opened, wanted).map(Base::Revision) };
    let wanted = wanted.unwrap_or_default();
    // A path with a slash at its start or end, or with a dot, is meant as one.
    let bare = !wanted.contains(['/', '.']);
    if bare && Repository::around(&opened.folder).is_ok_and(|repository| repository.commit(wanted).is_ok()) {
        let failure = Failure::new(format!("`{wanted}` is a revision, and a folder with a built tree"));
        return Err(
            failure.help(format!("`--base ./{wanted}` for the folder, `--base refs/heads/{wanted}` for a branch"))
        );
    }
    served(&manifest, folder, wanted).map(Base::Tree)
}

/// The manifest that a path leads to, and the folder whose files it lists, where they are there.
fn manifest_of(path: &Path) -> Option<(PathBuf, PathBuf)> {
    if path.is_file() {
        return Some((path.to_path_buf(), path.parent().unwrap_or(Path::new("")).to_path_buf()));
    }
    let manifest = path.join(MANIFEST);
    manifest.is_file().then(|| (manifest, path.to_path_buf()))
}

fn served(path: &Path, folder: PathBuf, called: &str) -> Result<Served, Failure> {
    let shown = path.display();
    let size = std::fs::metadata(path).map_or(0, |metadata| metadata.len());
    if size > MAX_BYTES {
        return Err(Failure::new(format!("`{shown}` is larger than {} GiB", MAX_BYTES >> 30)));
    }
    let bytes =
        std::fs::read(path).map_err(|error| Failure::new(format!("`{shown}` cannot be read: {}", reason(&error))))?;
    let manifest = Manifest::parse(&bytes).map_err(|error| {
        let failure = Failure::new(format!("`{shown}` is not the manifest of a tree: {error}"));
        failure.help("name a revision, the folder of a built tree, or its `manifest.json`")
    })?;
    // A manifest that was fetched from a server lies alone.
    let whole = Path::new(called).is_dir() || folder.join(ENTRY).is_file();
    Ok(Served { manifest, files: whole.then(|| Disk::new(folder)), called: format!("`{called}`") })
}

impl Served {
    /// Whether more than its manifest is at hand.
    pub(super) fn has_files(&self) -> bool {
        self.files.is_some()
    }

    /// The tree, as far as it tells of machines.
    pub(super) fn tree(&self) -> Result<Built<'_>, Failure> {
        let files = self.files.as_ref().map(|files| files as &dyn Loader);
        let tree = Built::read(&self.manifest, files, self.called.as_str());
        tree.map_err(|error| Failure::new(error.to_string()))
    }
}

/// Finds a revision in the repository around the fleet file.
fn revision(opened: &Opened, wanted: Option<&str>) -> Result<Past, Failure> {
    let repository = Repository::around(&opened.folder)?;
    let (revision, path) = match wanted.map(|wanted| (wanted, wanted.split_once(':'))) {
        None => (None, None),
        Some((_, Some((revision, path)))) => (Some(revision), Some(path)),
        Some((revision, None)) => (Some(revision), None),
    };
    let commit = match revision.map(|revision| (revision, revision.strip_suffix("..."))) {
        None => repository.merge_base(None)?,
        Some((_, Some(other))) => repository.merge_base(Some(other))?,
        Some((revision, None)) => repository.commit(revision)?,
    };
    let called = match revision {
        Some(revision) if !revision.ends_with("...") => revision.to_string(),
        _ => commit[..commit.len().min(10)].to_string(),
    };
    Ok(match path {
        None => Past { files: repository.files(&commit)?, name: opened.name.clone(), called },
        Some(path) => {
            let (folder, name) = path.rsplit_once('/').unwrap_or(("", path));
            Past { files: repository.files_below(&commit, folder)?, name: name.to_string(), called }
        }
    })
}

impl Past {
    /// Compiles the revision; none where it has no fleet file.
    pub(super) fn compile(&self, opened: &Opened) -> Result<Option<Compiled>, Failure> {
        let text = match self.files.read(&self.name) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => {
                return Err(Failure::new(format!("`{}` of {} cannot be read: {error}", self.name, self.called)));
            }
        };
        Ok(Some(opened.compile_as(&self.name, text, &self.files)))
    }

    /// The side of a revision without errors.
    pub(super) fn side<'s>(&'s self, before: &'s Compiled) -> Result<Side<'s>, Failure> {
        let Some(fleet) = before.fleet() else {
            let mut text = Vec::new();
            let _ = render(Format::Human, &before.report, &before.sources, &Style::PLAIN, &mut text);
            output::complain(String::from_utf8_lossy(&text).trim_end());
            let message =
                format!("the fleet file of {} has the errors above, so nothing can be compared with it", self.called);
            return Err(Failure::new(message).help("compare with another revision: `--base REV`"));
        };
        Ok(Side::new(fleet, &before.sources, &self.files as &dyn Loader))
    }
}

//! The bytes that machines read, before and after, as unified diffs. Secrets are starred out.

use std::fmt::Write;

use similar::TextDiff;

use super::Plan;
use super::built::{Built, BuiltError};
use super::change::Change;
use super::side::Side;
use crate::emit::{ENTRY, Fetched};
use crate::report::mask_text;

/// Lines around a change.
const CONTEXT: usize = 3;

/// Who knows what a machine reads.
pub trait Reads {
    /// Every text that a host reads, in the order of reading; none for a host that is not there.
    ///
    /// # Errors
    /// When a file of a built tree cannot be read.
    fn host(&self, name: &str) -> Result<Option<Vec<Fetched>>, BuiltError>;

    /// The same for machines that are not listed.
    ///
    /// # Errors
    /// When a file of a built tree cannot be read.
    fn unlisted(&self) -> Result<Vec<Fetched>, BuiltError>;
}

impl Reads for Side<'_> {
    fn host(&self, name: &str) -> Result<Option<Vec<Fetched>>, BuiltError> {
        Ok(self.fleet.host(name).map(|host| self.tree.walk(host)))
    }

    fn unlisted(&self) -> Result<Vec<Fetched>, BuiltError> {
        Ok(self.tree.unlisted_walk())
    }
}

impl Reads for Built<'_> {
    fn host(&self, name: &str) -> Result<Option<Vec<Fetched>>, BuiltError> {
        self.walk(name)
    }

    fn unlisted(&self) -> Result<Vec<Fetched>, BuiltError> {
        self.unlisted_walk()
    }
}

/// The diffs of all machines that change, or of `only` one; empty when nothing that is read differs.
///
/// # Errors
/// When a file of a built tree cannot be read.
pub fn diff(plan: &Plan, base: Option<&dyn Reads>, head: &dyn Reads, only: Option<&str>) -> Result<String, BuiltError> {
    let mut out = String::new();
    if let Some(unlisted) = plan.unlisted.as_ref().filter(|_| only.is_none()) {
        let kinds: Vec<&str> = unlisted.kinds.iter().map(|kind| kind.word()).collect();
        let old = base.map(Reads::unlisted).transpose()?.unwrap_or_default();
        section(&mut out, &format!("machines that are not listed: {}", kinds.join(", ")), &old, &head.unlisted()?);
    }
    // Every listed machine runs the same lines of the entry.
    let mut entry = true;
    for change in plan.hosts.iter().filter(|change| only.is_none_or(|only| is(change, only))) {
        let was = change.was.as_deref().unwrap_or(&change.host);
        let mut old = base.map(|base| base.host(was)).transpose()?.flatten().unwrap_or_default();
        let mut new = head.host(&change.host)?.unwrap_or_default();
        let entries = [&old, &new].map(|files| files.iter().find(|file| file.path == ENTRY).cloned());
        old.retain(|file| file.path != ENTRY);
        new.retain(|file| file.path != ENTRY);
        if let ([Some(before), Some(after)], true) = (entries, entry) {
            entry = false;
            section(&mut out, "every listed machine: what it runs of the entry", &[before], &[after]);
        }
        let kinds: Vec<&str> = change.kinds.iter().map(|kind| kind.word()).collect();
        let name = if was == &*change.host { was.to_string() } else { format!("{was} → {}", change.host) };
        let old: Vec<Fetched> = old.into_iter().map(|file| alike(file, was, &change.host)).collect();
        section(&mut out, &format!("{name}: {}", kinds.join(", ")), &old, &new);
    }
    Ok(out)
}

/// Whether a change is of a host, by the name that it has or had.
fn is(change: &Change, name: &str) -> bool {
    *change.host == *name || change.was.as_deref() == Some(name)
}

/// A file of a host that has another name now, under that name.
fn alike(file: Fetched, was: &str, now: &str) -> Fetched {
    let path = file.path.replace(&format!("/{was}/"), &format!("/{now}/"));
    let path = path.strip_suffix(&format!(".{was}")).map_or(path.clone(), |stem| format!("{stem}.{now}"));
    Fetched { path, bytes: file.bytes }
}

/// The files that differ, below a heading; nothing when none does.
fn section(out: &mut String, heading: &str, old: &[Fetched], new: &[Fetched]) {
    let mut body = String::new();
    let gone = old.iter().filter(|file| !new.iter().any(|other| other.path == file.path));
    for (path, before, after) in new
        .iter()
        .map(|file| (&file.path, old.iter().find(|other| other.path == file.path), Some(file)))
        .chain(gone.map(|file| (&file.path, Some(file), None)))
    {
        if before.map(|file| &file.bytes) != after.map(|file| &file.bytes) {
            one(&mut body, path, before, after);
        }
    }
    if !body.is_empty() {
        let _ = writeln!(out, "{}{heading}\n{body}", if out.is_empty() { "" } else { "\n" });
        out.pop();
    }
}

fn one(out: &mut String, path: &str, before: Option<&Fetched>, after: Option<&Fetched>) {
    let text =
        |file: Option<&Fetched>| file.map_or(String::new(), |file| mask_text(&String::from_utf8_lossy(&file.bytes)));
    let name = |side: &str, file: Option<&Fetched>| match file {
        Some(_) => format!("{side}/{path}"),
        None => "/dev/null".to_string(),
    };
    let (old, new) = (text(before), text(after));
    let (from, to) = (name("a", before), name("b", after));
    if old == new {
        let _ = writeln!(out, "--- {from}\n+++ {to}\n (what is starred out differs)");
        return;
    }
    let diff = TextDiff::from_lines(&old, &new);
    let _ = write!(out, "{}", diff.unified_diff().context_radius(CONTEXT).header(&from, &to));
}

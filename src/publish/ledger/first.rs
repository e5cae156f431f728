//! The first ledger: after a build without a spare, whose old generation becomes one.

use std::ops::Range;

use super::stock::entered;
use super::{Chunk, Damaged, End, Header, Stock, write};
use crate::publish::generation::Build;
use crate::publish::make;
use crate::publish::manifest::Manifest;
use crate::publish::survey::Survey;
use crate::tree::{Mark, Tree};

/// Writes the ledger of a generation that was built whole, and of the one before it, now the spare. `foreign` says of what
/// is in both and not fleetc's whether it is a folder.
///
/// # Errors
/// When that cannot be done: the next build then goes without.
pub(in crate::publish) fn keep<'p>(
    build: &Build<'_>,
    (old, survey): (&Manifest, &Survey),
    end: &End<'_>,
    stock: &Stock<'_>,
    foreign: impl Iterator<Item = (&'p [u8], bool)>,
) -> Result<(), Damaged> {
    let tree = build.tree;
    let mut header = Header::new(build.held.like.seen.id.0).ok_or(Damaged)?;
    header.ground = tree.ground();
    let marks: Option<Vec<Mark>> = (0..tree.machines()).map(|machine| tree.mark(machine)).collect();
    header.marks = marks.unwrap_or_default();
    header.marks.sort_unstable();
    let (differ, gone) = differences(tree, old, survey);
    header.extra = stock.extra(gone.iter().map(String::as_str));
    header.differ = [differ, gone].concat();
    header.differ.sort_unstable();
    header.foreign = stock.carried(tree, foreign);
    header.bytes = survey.files.iter().map(|made| made.size).sum();
    let folders = |range: Range<usize>| {
        let (mut before, mut path) = (String::new(), String::new());
        if let Some(index) = range.start.checked_sub(1) {
            tree.put_path(index, &mut before);
        }
        let mut chunk = Chunk::default();
        for index in range {
            tree.put_path(index, &mut path);
            entered(&before, &path).for_each(|folder| chunk.add(&stock.record(folder)));
            std::mem::swap(&mut before, &mut path);
        }
        Ok(chunk)
    };
    let files = |range: Range<usize>| {
        let (mut chunk, mut path) = (Chunk::default(), String::new());
        for index in range {
            tree.put_path(index, &mut path);
            chunk.add(&stock.file(&path, survey.files[index].same.is_some()));
        }
        Ok(chunk)
    };
    write(build.place, end, stock, header, |writer| {
        make::in_order(tree.len(), folders, |_, chunk| writer.chunk(chunk))?;
        writer.end()?;
        make::in_order(tree.len(), files, |_, chunk| writer.chunk(chunk))?;
        writer.end()
    })
}

/// Paths that the tree has with other bytes than the old generation, or alone; and those that only the latter has.
fn differences(tree: &dyn Tree, old: &Manifest, survey: &Survey) -> (Vec<String>, Vec<String>) {
    let changed = survey.files.iter().enumerate().filter(|(_, made)| made.same.is_none());
    let differ = changed.map(|(index, _)| tree.path(index).as_str().to_string()).collect();
    let mut gone = Vec::new();
    let mut index = 0;
    for entry in &old.files {
        while index < tree.len() && tree.path(index) < entry.path {
            index += 1;
        }
        if index == tree.len() || tree.path(index) != entry.path {
            gone.push(entry.path.as_str().to_string());
        }
    }
    (differ, gone)
}

//! Every file of a tree made once, by many threads, and the list of them.
//!
//! Files are made machine by machine, so that whoever looks on sees what one machine reads together; within a run they
//! are taken in the order of their paths, so that folders are opened once.
#![allow(clippy::disallowed_methods)]

use std::io::{self, Write};
use std::ops::Range;

use sha2::Digest;

use super::compare::BUFFER;
use super::error::PublishError;
use super::manifest::{self, Checksum, Line};
use super::pipeline::pipeline;
use crate::source::Loader;
use crate::tree::{Body, File, MANIFEST, Tree};

/// Files that are worked on before what was made of them is taken.
const BATCH: usize = 1 << 13;
/// Files that one thread works on at a time.
const CHUNK: usize = 1 << 8;

/// What the manifest says of a file of the tree.
#[derive(Clone, Copy, Default)]
pub(super) struct Sum {
    pub(super) sha256: Checksum,
    pub(super) size: u64,
}

/// What is known of a file of the tree, beside what is on disk.
#[derive(Clone, Default)]
pub(super) struct Made {
    pub(super) sha256: Checksum,
    pub(super) size: u64,
    /// Whether it was in the old generation and is on disk, changed or not.
    pub(super) there: bool,
    /// Where the old manifest lists a file of this path that holds the same bytes on disk.
    pub(super) same: Option<u32>,
    /// Whether the old manifest lists the same bytes, and they are not on disk.
    pub(super) lost: bool,
}

impl Made {
    /// What the manifest says of it.
    pub(super) fn sum(&self) -> Sum {
        Sum { sha256: self.sha256, size: self.size }
    }
}

/// Makes every file of a tree; `work` takes some at a time, sorted by path. `progress` is told how many more were taken.
///
/// # Errors
/// When `work` has one: the first, in the order of making; or when the tree says that it is not right.
pub(super) fn all<M: Clone + Default + Send>(
    tree: &dyn Tree,
    work: impl Fn(&[File<'_>]) -> Result<Vec<M>, PublishError> + Sync,
    progress: impl FnMut(usize) + Send,
) -> Result<Vec<M>, PublishError> {
    let mut all = vec![M::default(); tree.len()];
    let order = (0..tree.len() as u32).collect();
    some(tree, order, work, |index, made| all[index as usize] = made, progress)?;
    Ok(all)
}

/// Makes some files of a tree, as [`all`] does, and gives each to `take`; whether the tree is right is asked then.
pub(super) fn some<M: Send>(
    tree: &dyn Tree,
    order: Vec<u32>,
    work: impl Fn(&[File<'_>]) -> Result<Vec<M>, PublishError> + Sync,
    mut take: impl FnMut(u32, M) + Send,
    mut progress: impl FnMut(usize) + Send,
) -> Result<(), PublishError> {
    let order = by_reader(order, |index| tree.reader(index as usize));
    let run = |range: Range<usize>| {
        let mut indices = order[range].to_vec();
        indices.sort_unstable();
        let made = work(&tree.batch(&indices))?;
        match indices.get(made.len()).map(|missing| tree.path(*missing as usize)) {
            Some(path) => Err(PublishError::Tree { path: path.as_str().to_string(), why: "and was not made" }),
            None => Ok((indices, made)),
        }
    };
    in_order(order.len(), run, |range, (indices, made)| {
        indices.into_iter().zip(made).for_each(|(index, made)| take(index, made));
        progress(range.len());
        Ok(())
    })?;
    if tree.is_right() { Ok(()) } else { Err(PublishError::Refused) }
}

/// Puts files in the order of the machines that read them, and last what several read; those of a machine stay in their
/// order.
fn by_reader(files: Vec<u32>, reader: impl Fn(u32) -> Option<u32>) -> Vec<u32> {
    // Machines are few, and are counted: that takes a look at each file, and no comparison.
    let readers = || files.iter().map(|index| reader(*index));
    let machines = readers().flatten().max().map_or(0, |last| last as usize + 1);
    let of = |reader: Option<u32>| reader.map_or(machines, |reader| reader as usize);
    let mut ends = vec![0_u32; machines + 1];
    readers().for_each(|reader| ends[of(reader)] += 1);
    let mut total = 0;
    for end in &mut ends {
        total += std::mem::replace(end, total);
    }
    let mut order = vec![0; files.len()];
    for (index, reader) in files.iter().zip(readers()) {
        let end = &mut ends[of(reader)];
        order[*end as usize] = *index;
        *end += 1;
    }
    order
}

/// Writes the manifest of a tree; gives the sink back, unflushed, and the size of the manifest.
///
/// # Errors
/// When the paths of the tree do not grow; or what `failed` makes of an error of the sink.
pub(super) fn list<W: Write + Send>(
    tree: &dyn Tree,
    sum_of: impl Fn(usize) -> Sum + Sync,
    sink: W,
    failed: impl Fn(io::Error) -> PublishError + Sync,
) -> Result<(W, u64), PublishError> {
    let mut list = manifest::Writer::new(sink).map_err(&failed)?;
    let mut ascent = Ascent::default();
    let run = |range: Range<usize>| {
        let (mut lines, mut ascent) = (Vec::with_capacity(range.len() * 256), Ascent::default());
        let mut path = String::new();
        for index in range {
            let Sum { sha256, size } = sum_of(index);
            tree.put_path(index, &mut path);
            ascent.step(&path)?;
            let line = Line { path: &path, size, sha256, origin: tree.origin(index).into() };
            manifest::line(&mut lines, &line)
                .map_err(|_| PublishError::Tree { path: path.clone(), why: "with no JSON form" })?;
        }
        Ok((lines, ascent))
    };
    in_order(tree.len(), run, |_, (lines, run)| {
        ascent.join(run)?;
        list.lines(&lines).map_err(&failed)
    })?;
    list.finish().map_err(&failed)
}

/// Does `work` on ranges of `0..len` by many threads, and hands what it made to `take` in order.
///
/// # Errors
/// The first error in the order of the ranges.
pub(super) fn in_order<T: Send, E: Send>(
    len: usize,
    work: impl Fn(Range<usize>) -> Result<T, E> + Sync,
    mut take: impl FnMut(Range<usize>, T) -> Result<(), E> + Send,
) -> Result<(), E> {
    let mut start = 0;
    let next = || {
        let end = len.min(start + BATCH);
        let chunks = (start..end).step_by(CHUNK).map(|from| from..end.min(from + CHUNK)).collect();
        start = end;
        Ok(chunks)
    };
    pipeline(next, |chunk: Range<usize>| Ok((chunk.clone(), work(chunk)?)), |(chunk, part)| take(chunk, part))
}

/// Watches that the paths of a tree grow, within a run of files and from one run to the next.
#[derive(Default)]
struct Ascent {
    first: Option<String>,
    last: Option<String>,
}

impl Ascent {
    /// Takes the path of the next file.
    ///
    /// # Errors
    /// When it does not sort behind the last one, or is the manifest's.
    fn step(&mut self, path: &str) -> Result<(), PublishError> {
        let why = match &self.last {
            _ if path == MANIFEST => "as a file of its own",
            Some(last) if **last == *path => "twice",
            Some(last) if **last > *path => "out of order",
            _ => {
                self.first.get_or_insert_with(|| path.to_string());
                let last = self.last.get_or_insert_default();
                last.clear();
                last.push_str(path);
                return Ok(());
            }
        };
        Err(PublishError::Tree { path: path.to_string(), why })
    }

    /// Takes the paths of the next run.
    fn join(&mut self, run: Ascent) -> Result<(), PublishError> {
        let (Some(first), Some(last)) = (run.first, run.last) else { return Ok(()) };
        self.step(&first)?;
        self.last = Some(last);
        Ok(())
    }
}

/// Sums the bytes of a body, and writes them to `sink`.
///
/// # Errors
/// When a source cannot be read; or what `failed` makes of an error of the sink.
pub(super) fn pour(
    body: &Body<'_>,
    loader: &dyn Loader,
    mut sink: impl Write,
    failed: impl Fn(io::Error) -> PublishError,
) -> Result<(Checksum, u64), PublishError> {
    let mut sum = sha2::Sha256::new();
    let mut size = 0;
    match body {
        Body::Bytes(bytes) => {
            sum.update(bytes);
            size = bytes.len() as u64;
            sink.write_all(bytes).map_err(failed)?;
        }
        Body::Copy(name) => {
            let unread = |error| PublishError::Source { name: name.to_string(), error };
            let mut source = loader.open(name).map_err(unread)?;
            let mut buffer = vec![0; BUFFER];
            loop {
                let length = match source.read(&mut buffer) {
                    Ok(0) => break,
                    Ok(length) => length,
                    Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
                    Err(error) => return Err(unread(error)),
                };
                sum.update(&buffer[..length]);
                size += length as u64;
                sink.write_all(&buffer[..length]).map_err(&failed)?;
            }
        }
    }
    Ok((Checksum(sum.finalize().into()), size))
}

#[cfg(test)]
mod tests {
    use super::by_reader;

    #[test]
    fn files_of_a_machine_stand_together_in_their_order() {
        let readers = [Some(3), None, Some(0), Some(3), None, Some(1), Some(0)];
        let order = |files: &[u32]| by_reader(files.to_vec(), |index| readers[index as usize]);
        assert_eq!(order(&[0, 1, 2, 3, 4, 5, 6]), [2, 6, 5, 0, 3, 1, 4]);
        assert_eq!(order(&[1, 3, 6]), [6, 3, 1]);
        assert_eq!(order(&[1, 4]), [1, 4]);
        assert!(order(&[]).is_empty());
    }
}

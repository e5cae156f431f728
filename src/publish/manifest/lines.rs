//! A manifest as fleetc writes it, a file a line: read in pieces, by many threads. Half a million lines are read a few
//! times faster than as one text, and never stand in memory as a whole.

use std::io::{self, BufRead, BufReader, Read};

use rayon::prelude::*;

use super::{Entry, VERSION};

/// Bytes that are held at a time.
const PIECE: usize = 256 << 10;

/// Lines that are parsed together.
const MANY: usize = 16 << 10;

/// Reads the entries; none when the manifest has any other form, right or wrong.
///
/// # Errors
/// When `file` cannot be read.
pub(super) fn read(file: &mut impl Read) -> io::Result<Option<Vec<Entry>>> {
    let Some(mut lines) = Lines::begin(file)? else { return Ok(None) };
    let mut entries = Vec::new();
    while let Some(run) = lines.run(MANY)? {
        if run.is_empty() {
            return Ok(Some(entries));
        }
        let all: Vec<&[u8]> = of(&run).collect();
        let parsed: Option<Vec<Entry>> =
            all.par_iter().with_min_len(64).map(|line| serde_json::from_slice(line).ok()).collect();
        let Some(more) = parsed else { return Ok(None) };
        entries.extend(more);
    }
    Ok(None)
}

/// Reads a manifest run by run.
pub(in crate::publish) struct Lines<R> {
    file: BufReader<R>,
    begun: bool,
    ended: bool,
}

impl<R: Read> Lines<R> {
    /// Begins to read a manifest; none when it does not begin as fleetc writes it.
    ///
    /// # Errors
    /// When `file` cannot be read.
    pub(in crate::publish) fn begin(file: R) -> io::Result<Option<Lines<R>>> {
        let mut file = BufReader::with_capacity(PIECE, file);
        let mut line = Vec::new();
        file.read_until(b'\n', &mut line)?;
        let ours = line == format!("{{\"version\": {VERSION}, \"files\": [\n").into_bytes();
        Ok(ours.then_some(Lines { file, begun: false, ended: false }))
    }

    /// Some more lines, `many` unless the last is among them, as [`line`](super::line) joins them: empty behind the last,
    /// and none when the manifest has any other form.
    ///
    /// # Errors
    /// When `file` cannot be read.
    pub(in crate::publish) fn run(&mut self, many: usize) -> io::Result<Option<Vec<u8>>> {
        let mut run = Vec::with_capacity(many * 192);
        let mut taken = 0;
        while taken < many && !self.ended {
            let start = run.len();
            self.file.read_until(b'\n', &mut run)?;
            let line = &run[start..];
            if line.ends_with(b",\n") {
                taken += 1;
            } else if line == b"]}\n" && !self.begun {
                run.truncate(start);
                self.ended = true;
            } else {
                let mut end = Vec::new();
                self.file.read_until(b'\n', &mut end)?;
                if !line.ends_with(b"\n") || end != b"]}\n" {
                    return Ok(None);
                }
                self.ended = true;
            }
            self.begun = true;
        }
        if self.ended && !self.file.fill_buf()?.is_empty() {
            return Ok(None);
        }
        let joint = if run.ends_with(b",\n") { 2 } else { usize::from(!run.is_empty()) };
        run.truncate(run.len() - joint);
        Ok(Some(run))
    }
}

/// The lines of a run.
pub(in crate::publish) fn of(run: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = run;
    std::iter::from_fn(move || {
        let (line, more) = match memchr::memchr(b'\n', rest) {
            // Before it stands the comma that joins the two.
            Some(at) => (&rest[..at.saturating_sub(1)], &rest[at + 1..]),
            None if rest.is_empty() => return None,
            None => (rest, &[][..]),
        };
        rest = more;
        Some(line)
    })
}

/// The last line of a run; empty when it has none.
pub(in crate::publish) fn last_of(run: &[u8]) -> &[u8] {
    memchr::memrchr(b'\n', run).map_or(run, |at| &run[at + 1..])
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::super::{Line, Manifest, Writer, line};
    use super::*;
    use crate::publish::manifest::Checksum;

    fn written(files: u32) -> Vec<u8> {
        let mut writer = Writer::new(Vec::new()).unwrap();
        for index in 0..files {
            let origin = crate::tree::Origin { file: "fleet.yaml", line: index }.into();
            let path = format!("boot/{index:08}");
            let mut lines = Vec::new();
            line(&mut lines, &Line { path: &path, size: 7, sha256: Checksum([7; 32]), origin }).unwrap();
            writer.lines(&lines).unwrap();
        }
        writer.finish().unwrap().0
    }

    /// Both ways to read, and that they agree.
    fn both(bytes: &[u8]) -> Option<usize> {
        let lines = read(&mut &bytes[..]).unwrap();
        let whole = serde_json::from_slice::<Manifest>(bytes);
        if let Some(lines) = &lines {
            assert_eq!(*lines, whole.unwrap().files);
        }
        lines.map(|lines| lines.len())
    }

    #[test]
    fn what_is_written_is_read_by_lines() {
        // One that fills pieces, and lies across their ends.
        for files in [0, 1, 2, 1000, 60_000] {
            assert_eq!(both(&written(files)), Some(files as usize));
        }
    }

    #[test]
    fn any_other_form_is_left_to_the_general_reader() {
        let good = String::from_utf8(written(3)).unwrap();
        let lines: Vec<&str> = good.lines().collect();
        for bad in [
            good.trim_end().to_string(),
            format!("{good}\n"),
            format!(" {good}"),
            good.replace(",\n", ",\n\n"),
            good.replace(",\n", ", "),
            good.replacen(",\n", "\n", 1),
            good.replacen(",\n", ",,\n", 1),
            good.replace("}\n]}", "},\n]}"),
            good.replace("}\n]}", "},\n]}"),
            good.replace("\n]}", "]}"),
            good.replace("\"version\": 1", "\"version\": 2"),
            lines[..3].join("\n"),
            lines[..1].join("\n") + "\n",
            String::new(),
        ] {
            assert_ne!(bad, good);
            assert_eq!(both(bad.as_bytes()), None, "{bad}");
        }
    }

    #[test]
    fn runs_are_as_they_were_joined() {
        for files in [0, 1, 2, 7] {
            let (written, mut again) = (written(files), Writer::new(Vec::new()).unwrap());
            let mut lines = Lines::begin(&written[..]).unwrap().unwrap();
            for size in [2, 2, 2, 1, 0, 0] {
                let run = lines.run(2).unwrap().unwrap();
                assert!(of(&run).count() == size || files < 7);
                assert_eq!(of(&run).last().unwrap_or_default(), last_of(&run));
                again.lines(&run).unwrap();
            }
            assert_eq!(again.finish().unwrap().0, written);
        }
    }
}

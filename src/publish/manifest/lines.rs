//! A manifest as fleetc writes it, a file a line: read in pieces, by many threads. Half a million lines are read a few
//! times faster than as one text, and never stand in memory as a whole.

use std::io::{self, BufRead, BufReader, Read};

use rayon::prelude::*;

use super::{Entry, VERSION};

/// Bytes that are held at a time.
const PIECE: usize = 4 << 20;

/// Reads the entries; none when the manifest has any other form, right or wrong.
///
/// # Errors
/// When `file` cannot be read.
pub(super) fn read(file: &mut impl Read) -> io::Result<Option<Vec<Entry>>> {
    let mut file = BufReader::with_capacity(PIECE, file);
    let mut line = Vec::new();
    file.read_until(b'\n', &mut line)?;
    if line != format!("{{\"version\": {VERSION}, \"files\": [\n").into_bytes() {
        return Ok(None);
    }
    let (mut entries, mut piece) = (Vec::new(), Vec::with_capacity(PIECE + 4096));
    loop {
        piece.clear();
        file.by_ref().take(PIECE as u64).read_to_end(&mut piece)?;
        file.read_until(b'\n', &mut piece)?;
        let (lines, end) = match piece.strip_suffix(b"]}\n") {
            Some(lines) => (lines, true),
            None => (&piece[..], false),
        };
        match parse(lines, end && !lines.is_empty()) {
            Some(more) if !lines.is_empty() || end => entries.extend(more),
            _ => return Ok(None),
        }
        if end {
            let more = !file.fill_buf()?.is_empty();
            return Ok((!more).then_some(entries));
        }
    }
}

/// The entries of some lines, each with a comma behind it, but for the last of all.
fn parse(lines: &[u8], end: bool) -> Option<Vec<Entry>> {
    let Some(lines) = lines.strip_suffix(b"\n") else { return lines.is_empty().then(Vec::new) };
    let lines: Vec<&[u8]> = lines.split(|byte| *byte == b'\n').collect();
    let last = lines.len() - 1;
    let entry = |(index, line): (usize, &&[u8])| {
        let line = if end && index == last { Some(*line) } else { line.strip_suffix(b",") };
        serde_json::from_slice(line?).ok()
    };
    lines.par_iter().enumerate().with_min_len(64).map(entry).collect()
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
}

//! The parts of a line of a manifest, told apart without reading it as JSON: what a file is like is copied from one
//! manifest to the next with them.

use std::io;

use super::{Checksum, Line, LineOrigin};

/// A line as fleetc writes it, read no further than to tell its parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::publish) struct Parts<'l> {
    pub(in crate::publish) path: &'l str,
    /// What stands between the path and the origin: size and sum.
    content: &'l [u8],
}

/// What stands before, between and behind the parts of a line.
const BEFORE: &[u8] = b"{\"path\":\"";
const SIZE: &[u8] = b"\",\"size\":";
const SUM: &[u8] = b",\"sha256\":\"";
const ORIGIN: &[u8] = b"\",\"origin\":";

impl<'l> Parts<'l> {
    /// Tells the parts of a line; none when it has any other form, or a path that JSON writes differently.
    pub(in crate::publish) fn of(line: &'l [u8]) -> Option<Parts<'l>> {
        let rest = line.strip_prefix(BEFORE)?;
        let (path, rest) = rest.split_at_checked(rest.iter().position(|byte| *byte == b'"')?)?;
        let content = rest.strip_prefix(SIZE)?;
        let digits = content.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let end = digits + SUM.len() + 2 * 32;
        let (content, origin) = content.split_at_checked(end)?;
        let whole = content[digits..].starts_with(SUM) && origin.starts_with(ORIGIN) && !path.ends_with(b"\\");
        whole.then_some(Parts { path: std::str::from_utf8(path).ok()?, content })
    }

    /// Size and sum of the file.
    pub(in crate::publish) fn content(&self) -> Option<(Checksum, u64)> {
        let digits = self.size_digits();
        let sum = Checksum::from_hex(std::str::from_utf8(&self.content[digits.len() + SUM.len()..]).ok()?)?;
        Some((sum, self.size()?))
    }

    /// The size of the file, in bytes.
    pub(in crate::publish) fn size(&self) -> Option<u64> {
        std::str::from_utf8(self.size_digits()).ok()?.parse().ok()
    }

    fn size_digits(&self) -> &'l [u8] {
        let digits = self.content.iter().take_while(|byte| byte.is_ascii_digit()).count();
        &self.content[..digits]
    }

    /// Adds the line to a run, with another origin.
    pub(in crate::publish) fn put(&self, run: &mut Vec<u8>, origin: &LineOrigin<'_>) -> io::Result<()> {
        begin(run);
        [BEFORE, self.path.as_bytes(), SIZE, self.content].iter().for_each(|part| run.extend_from_slice(part));
        end(run, origin)
    }
}

/// Adds an entry to a run of lines for [`Writer::lines`](super::Writer::lines), as serde writes it.
///
/// # Errors
/// When it has no JSON form.
pub(in crate::publish) fn line(run: &mut Vec<u8>, line: &Line<'_>) -> io::Result<()> {
    begin(run);
    // There is one for each file, and most have nothing in their paths that JSON writes differently.
    if line.path.bytes().any(|byte| !byte.is_ascii_graphic() || matches!(byte, b'"' | b'\\')) {
        return serde_json::to_writer(run, line).map_err(io::Error::from);
    }
    [BEFORE, line.path.as_bytes(), SIZE].iter().for_each(|part| run.extend_from_slice(part));
    serde_json::to_writer(&mut *run, &line.size)?;
    [SUM, &line.sha256.hex()].iter().for_each(|part| run.extend_from_slice(part));
    end(run, &line.origin)
}

/// Parts a line from the one before it.
fn begin(run: &mut Vec<u8>) {
    if !run.is_empty() {
        run.extend_from_slice(b",\n");
    }
}

/// Adds the origin, and ends the line.
fn end(run: &mut Vec<u8>, origin: &LineOrigin<'_>) -> io::Result<()> {
    run.extend_from_slice(ORIGIN);
    serde_json::to_writer(&mut *run, origin)?;
    run.push(b'}');
    Ok(())
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use crate::tree::Origin;

    /// A source whose name JSON writes differently.
    const FILE: &str = "a\"b.yaml";
    const SUMMED: Checksum = Checksum([0xa5; 32]);

    fn written(path: &str, size: u64, at: u32) -> Vec<u8> {
        let (mut lines, origin) = (Vec::new(), Origin { file: FILE, line: at }.into());
        line(&mut lines, &Line { path, size, sha256: SUMMED, origin }).unwrap();
        lines
    }

    #[test]
    fn a_line_is_the_sum_of_its_parts() {
        for (path, size) in [("a", 0), ("icis/get_config/52:54:00:00:00:01", 7), ("a/{b},c", u64::MAX)] {
            let text = written(path, size, 7);
            let parts = Parts::of(&text).unwrap();
            assert_eq!((parts.path, parts.size(), parts.content()), (path, Some(size), Some((SUMMED, size))));
            let mut run = Vec::new();
            for at in [7, 8] {
                parts.put(&mut run, &Origin { file: FILE, line: at }.into()).unwrap();
            }
            assert_eq!(run, [&text, &b",\n"[..], &written(path, size, 8)].concat());
        }
    }

    #[test]
    fn another_form_has_none() {
        let good = String::from_utf8(written("a", 7, 7)).unwrap();
        assert!(Parts::of(good.as_bytes()).is_some());
        for (from, to) in [
            ("{", " {"),
            ("\"a\"", "\"a\\\"b\""),
            ("\"a\"", "\"a"),
            (",\"size", ", \"size"),
            ("a5\"", "\""),
            ("a5\"", "a5a5\""),
            ("origin", "origins"),
            (&good[20..], ""),
        ] {
            assert_eq!(Parts::of(good.replacen(from, to, 1).as_bytes()), None, "{to}");
        }
        let parts = |text: &str| Parts::of(text.as_bytes()).map(|parts| parts.content());
        assert_eq!(parts(&good.replace("a5", "A5")), Some(None));
        assert_eq!(parts(&good.replace(":7,\"sha", ":77777777777777777777777,\"sha")), Some(None));
        assert_eq!(parts(&good.replace(":7,\"sha", ":,\"sha")), Some(None));
    }

    proptest::proptest! {
        #[test]
        fn any_line_is_told_apart_but_one_with_a_quote_in_its_path(
            path in r"[!-\[\]-~]{1,40}",
            size: u64,
            at: u32,
        ) {
            let text = written(&path, size, at);
            let origin = Origin { file: FILE, line: at }.into();
            assert_eq!(text, serde_json::to_vec(&Line { path: &path, size, sha256: SUMMED, origin }).unwrap());
            let Some(parts) = Parts::of(&text) else {
                assert!(path.contains('"'), "{path}");
                return Ok(());
            };
            assert_eq!((parts.path, parts.content()), (&*path, Some((SUMMED, size))));
            let mut run = Vec::new();
            parts.put(&mut run, &Origin { file: FILE, line: at }.into()).unwrap();
            assert_eq!(run, text);
        }
    }
}

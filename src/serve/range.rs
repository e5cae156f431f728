//! The parts of a file that a request asks for, as nginx reads `Range`.

use std::ops::Range;

/// What a `Range` header asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ranges {
    /// The whole file: the header asks for nothing that can be given, or for more than there is.
    Whole,
    /// These parts, at least one, in the order in which they were asked for; none is empty.
    Parts(Vec<Range<u64>>),
    /// Nothing in the file: status 416.
    Unsatisfiable,
}

/// A reader of the header's value.
struct Reader<'r> {
    rest: &'r [u8],
}

impl Reader<'_> {
    fn blanks(&mut self) {
        self.rest = self.rest.trim_ascii_start();
    }

    fn take(&mut self, byte: u8) -> bool {
        let is_next = self.rest.first() == Some(&byte);
        self.rest = &self.rest[usize::from(is_next)..];
        is_next
    }

    /// A number; none where there is no digit, or for more than a file can have.
    fn number(&mut self) -> Option<u64> {
        let length = self.rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        let (digits, rest) = self.rest.split_at(length);
        self.rest = rest;
        let number = std::str::from_utf8(digits).ok()?.parse().ok()?;
        i64::try_from(number).is_ok().then_some(number)
    }
}

/// Reads the value of a `Range` header for a file of `length` bytes.
pub fn ranges(value: &[u8], length: u64) -> Ranges {
    const UNIT: &[u8] = b"bytes=";
    let (Some(unit), Some(rest)) = (value.get(..UNIT.len()), value.get(UNIT.len()..)) else { return Ranges::Whole };
    if !unit.eq_ignore_ascii_case(UNIT) || rest.is_empty() {
        return Ranges::Whole;
    }
    let mut reader = Reader { rest };
    let mut parts: Vec<Range<u64>> = Vec::new();
    let mut sum: u64 = 0;
    loop {
        let Some(part) = part(&mut reader, length) else { return Ranges::Unsatisfiable };
        if part.start < part.end {
            sum = sum.saturating_add(part.end - part.start);
            parts.push(part);
        } else if part.start == 0 {
            return Ranges::Whole;
        }
        if !reader.take(b',') {
            break;
        }
    }
    match parts.len() {
        0 => Ranges::Unsatisfiable,
        // Overlapping parts could ask for many times the file.
        _ if sum > length => Ranges::Whole,
        _ => Ranges::Parts(parts),
    }
}

/// Reads one part, which may be empty; none when it is malformed.
fn part(reader: &mut Reader<'_>, length: u64) -> Option<Range<u64>> {
    reader.blanks();
    let start = if reader.take(b'-') {
        None
    } else {
        let start = reader.number()?;
        reader.blanks();
        if !reader.take(b'-') {
            return None;
        }
        reader.blanks();
        if matches!(reader.rest.first(), None | Some(b',')) {
            return Some(start..length);
        }
        Some(start)
    };
    let end = reader.number()?;
    reader.blanks();
    if !matches!(reader.rest.first(), None | Some(b',')) {
        return None;
    }
    Some(match start {
        // The last `end` bytes.
        None => length.saturating_sub(end)..length,
        Some(start) => start..end.saturating_add(1).min(length),
    })
}

#[cfg(test)]
mod tests {
    use super::{Ranges, ranges};

    #[test]
    fn ranges_are_read() {
        let read = |value: &str| ranges(value.as_bytes(), 10);
        let parts = |parts: &[(u64, u64)]| Ranges::Parts(parts.iter().map(|(start, end)| *start..*end).collect());
        assert_eq!(read("bytes=0-0"), parts(&[(0, 1)]));
        assert_eq!(read("BYTES= 2 - 3 "), parts(&[(2, 4)]));
        assert_eq!(read("bytes=7-"), parts(&[(7, 10)]));
        assert_eq!(read("bytes=7-99"), parts(&[(7, 10)]));
        assert_eq!(read("bytes=-3"), parts(&[(7, 10)]));
        assert_eq!(read("bytes=0-1,4-5, -1"), parts(&[(0, 2), (4, 6), (9, 10)]));
        for whole in ["bytes=", "lines=1-2", "", "bytes=0-9,0-9"] {
            assert_eq!(read(whole), Ranges::Whole, "{whole}");
        }
        for none in ["bytes=10-", "bytes=a", "bytes=1", "bytes=3-2", "bytes=1-2x", "bytes=99999999999999999999-"] {
            assert_eq!(read(none), Ranges::Unsatisfiable, "{none}");
        }
        assert_eq!(ranges(b"bytes=-5", 0), Ranges::Whole);
    }
}

//! Spans as people count: lines and columns that are right, or at least inside the file, for any span at all.

use crate::source::{Position, Source, Sources, Span};

/// Where a span lies.
pub(super) struct Place<'a> {
    /// The file as the user would open it.
    pub(super) file: &'a str,
    /// The first character.
    pub(super) start: Position,
    /// The character behind the last one.
    pub(super) end: Position,
}

impl<'a> Place<'a> {
    pub(super) fn of(span: Span, sources: &'a Sources) -> Place<'a> {
        let source = sources.get(span.file);
        let (start, end) = clamp(span, source);
        let first = source.position(start);
        let last = if end == start { first } else { source.position(end) };
        Place { file: &source.shown, start: first, end: last }
    }
}

/// The byte range of a span, moved inside the text, onto whole characters, and before the line breaks that it would
/// start or end in.
pub(super) fn clamp(span: Span, source: &Source) -> (u32, u32) {
    let floor = |offset: u32| {
        let inside = (offset as usize).min(source.text.len());
        let whole = (0..=inside).rev().find(|at| source.text.is_char_boundary(*at)).unwrap_or(0);
        let (_, behind) = source.line_range(source.line_of(whole as u32));
        whole.min(behind) as u32
    };
    let start = floor(span.start);
    (start, floor(span.end).max(start))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spans_are_moved_inside_the_text() {
        let mut sources = Sources::new("");
        let file = sources.add("f", "žx");
        let crlf = sources.add("crlf", "a\r\nb");
        let clamped = |start, end| clamp(Span { file, start, end }, sources.get(file));
        assert_eq!(clamped(1, 3), (0, 3));
        assert_eq!(clamped(2, 99), (2, 3));
        assert_eq!(clamped(99, 1), (3, 3));
        assert_eq!(clamp(Span { file: crlf, start: 2, end: 3 }, sources.get(crlf)), (1, 3));
        let place = Place::of(Span { file, start: 2, end: 99 }, &sources);
        assert_eq!((place.start.column, place.end.column), (2, 3));
    }
}

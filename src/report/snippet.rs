//! The lines that a finding shows, cut out of their files before miette draws them.
//!
//! miette joins the snippets of labels in one source and draws every line between them, and draws lines whole however
//! long. So it never sees a file: each group of near places becomes a [`Block`] of a few cut lines, blocks stand one
//! after another as one source of miette's, the main place's first, and a span over two of them is refused.

use miette::{LabeledSpan, MietteError, MietteSpanContents, SourceCode, SourceSpan, SpanContents};

use super::place::clamp;
use super::secret::Masks;
use super::text;
use crate::diag::{Diagnostic, Label};
use crate::source::{FileId, Position, Source, Sources};

/// Places that are drawn of one finding.
pub(super) const MAX_PLACES: usize = 10;
/// Lines from the first place of a block to its last.
const MAX_LINES: u32 = 8;

/// What is drawn of a finding.
#[derive(Debug)]
pub(super) struct Snippets {
    blocks: Vec<Block>,
    /// The places, by their offsets in the blocks.
    pub(super) labels: Vec<LabeledSpan>,
}

/// A few lines of one file.
#[derive(Debug)]
struct Block {
    file: String,
    /// Lines of the file above this block.
    above: u32,
    /// Where the block starts in the source that miette sees.
    offset: usize,
    /// Its lines, cut and cleaned, each with a line feed.
    text: String,
    /// Where labels start: in the source that miette sees, and in the file.
    starts: Vec<(usize, Position)>,
}

/// A place, clipped to its first line.
struct Mark {
    file: FileId,
    line: u32,
    /// Bytes of the file.
    start: usize,
    end: usize,
    text: String,
    main: bool,
}

/// How lines are cut.
#[derive(Clone, Copy)]
pub(super) struct Cut<'a> {
    /// Characters of a line that are shown.
    pub(super) limit: usize,
    /// What stands for the rest.
    pub(super) dots: &'a str,
}

impl Snippets {
    pub(super) fn new(found: &Diagnostic, sources: &Sources, masks: &mut Masks, cut: Cut) -> Snippets {
        let mut snippets = Snippets { blocks: Vec::new(), labels: Vec::new() };
        for group in groups(marks(found, sources), sources, cut.limit) {
            snippets.push(&group, sources, masks, cut);
        }
        snippets
    }

    /// Adds the block that shows `group`, which is of one file and not empty.
    fn push(&mut self, group: &[Mark], sources: &Sources, masks: &mut Masks, cut: Cut) {
        let Some(id) = group.first().map(|mark| mark.file) else { return };
        let source = sources.get(id);
        let lines = || group.iter().map(|mark| mark.line);
        let (first, last) = (lines().min().unwrap_or(1), lines().max().unwrap_or(1));
        // What follows the last line feed is no line, unless something is said of it.
        let blank_end = source.text.is_empty() || source.text.ends_with('\n');
        let shown =
            first.saturating_sub(1).max(1)..=(last + 1).min(source.line_count() - u32::from(blank_end)).max(last);

        // A byte between two blocks belongs to neither, so that no label touches both.
        let offset = self.blocks.last().map_or(0, |block| block.offset + block.text.len() + 1);
        let above = shown.start() - 1;
        let file = text::one_line(&source.shown);
        let mut block = Block { file, above, offset, text: String::new(), starts: Vec::new() };
        for line in shown {
            let on_line: Vec<&Mark> = group.iter().filter(|mark| mark.line == line).collect();
            self.labels.extend(block.line(source, line, &masks.line(id, line), &on_line, cut));
        }
        self.blocks.push(block);
    }
}

impl Block {
    /// Adds a line of the file, as `whole` shows it; gives the labels of its marks.
    fn line(&mut self, source: &Source, line: u32, whole: &str, marks: &[&Mark], cut: Cut) -> Vec<LabeledSpan> {
        let (start, _) = source.line_range(line);
        let (from, to) = window(whole, marks.iter().map(|mark| mark.start - start).min(), cut.limit);
        if from > 0 {
            self.text.push_str(cut.dots);
        }
        let base = self.offset + self.text.len();
        // Cleaning may change the length of what stands before a place.
        let at = |offset: usize| base + text::clean(&whole[from..(offset - start).clamp(from, to)]).len();
        let labels = marks.iter().map(|mark| {
            let (first, behind) = (at(mark.start), at(mark.end));
            self.starts.push((first, source.position(mark.start as u32)));
            let text = Some(mark.text.clone()).filter(|text| !text.is_empty());
            let span = SourceSpan::from((first, behind - first));
            let make = if mark.main { LabeledSpan::new_primary_with_span } else { LabeledSpan::new_with_span };
            make(text, span)
        });
        let labels = labels.collect();
        self.text.push_str(&text::clean(&whole[from..to]));
        if to < whole.len() {
            self.text.push_str(cut.dots);
        }
        self.text.push('\n');
        labels
    }
}

/// The main place and as many others as are drawn, each place once.
fn marks(found: &Diagnostic, sources: &Sources) -> Vec<Mark> {
    let mut marks: Vec<Mark> = Vec::new();
    for (index, label) in std::iter::once(&found.place).chain(&found.related).take(MAX_PLACES).enumerate() {
        let mark = Mark::new(label, sources.get(label.span.file), index == 0);
        let same =
            marks.iter_mut().find(|known| (known.file, known.start, known.end) == (mark.file, mark.start, mark.end));
        match same {
            Some(known) if known.text.is_empty() => known.text = mark.text,
            Some(known) if mark.text.is_empty() || known.text.split("; ").any(|text| text == mark.text) => {}
            Some(known) => known.text = format!("{}; {}", known.text, mark.text),
            None => marks.push(mark),
        }
    }
    marks
}

impl Mark {
    fn new(label: &Label, source: &Source, main: bool) -> Mark {
        let (start, end) = clamp(label.span, source);
        let line = source.line_of(start);
        let (first, behind) = source.line_range(line);
        let start = start as usize;
        let mut end = (end as usize).min(behind);
        if (label.span.end as usize) > behind {
            // The rest of a clipped line may be blank.
            end = first + source.text[first..end].trim_end().len();
        }
        Mark { file: label.span.file, line, start, end: end.max(start), text: text::one_line(&label.text), main }
    }
}

/// Puts together what is near; the group of the main place comes first, then the others by place.
fn groups(mut marks: Vec<Mark>, sources: &Sources, limit: usize) -> Vec<Vec<Mark>> {
    let home = marks.first().map(|mark| mark.file);
    marks.sort_by_key(|mark| (!mark.main, Some(mark.file) != home, mark.file, mark.start, mark.end));
    let mut groups: Vec<Vec<Mark>> = Vec::new();
    for mark in marks {
        match groups.iter_mut().find(|group| fits(group, &mark, sources, limit)) {
            Some(group) => group.push(mark),
            None => groups.push(vec![mark]),
        }
    }
    groups
}

/// Whether a block can show `mark` too: it is in the same lines, and not cut off from the other places of its line.
fn fits(group: &[Mark], mark: &Mark, sources: &Sources, limit: usize) -> bool {
    let (low, high) =
        group.iter().fold((mark.line, mark.line), |(low, high), other| (low.min(other.line), high.max(other.line)));
    let near = |other: &Mark| {
        let (first, behind) = (mark.start.min(other.start), mark.end.max(other.end));
        let text = &sources.get(mark.file).text[first..behind];
        other.line != mark.line || ahead(text, 0, limit / 2) == text.len()
    };
    group.iter().all(|other| other.file == mark.file && near(other)) && high - low < MAX_LINES
}

/// The bytes of a line that are shown: `limit` characters, some of them before the first place.
fn window(line: &str, first: Option<usize>, limit: usize) -> (usize, usize) {
    if ahead(line, 0, limit) == line.len() {
        return (0, line.len());
    }
    let from = back(line, first.unwrap_or(0), limit / 4);
    let to = ahead(line, from, limit);
    // At the end of a line, there is room for more before it.
    (if to == line.len() { back(line, to, limit) } else { from }, to)
}

/// The byte `count` characters behind `at`.
fn ahead(text: &str, at: usize, count: usize) -> usize {
    text[at..].char_indices().nth(count).map_or(text.len(), |(bytes, _)| at + bytes)
}

/// The byte `count` characters before `at`.
fn back(text: &str, at: usize, count: usize) -> usize {
    text[..at].char_indices().rev().take(count).last().map_or(at, |(byte, _)| byte)
}

impl SourceCode for Snippets {
    /// Gives the whole block of a span, or only the place of a label when no context is wanted (for the header).
    fn read_span<'a>(
        &'a self,
        span: &SourceSpan,
        before: usize,
        after: usize,
    ) -> Result<Box<dyn SpanContents<'a> + 'a>, MietteError> {
        let (start, end) = (span.offset(), span.offset() + span.len());
        let holds = |block: &&Block| start >= block.offset && end <= block.offset + block.text.len();
        let block = self.blocks.iter().find(holds).ok_or(MietteError::OutOfBounds)?;
        let (mut line, mut column) = (block.above, 0);
        if before == 0 && after == 0 {
            let known = block.starts.iter().find(|(offset, _)| *offset == start);
            (line, column) = known.map_or((line, column), |(_, place)| (place.line - 1, place.column - 1));
        }
        Ok(Box::new(MietteSpanContents::new_named(
            block.file.clone(),
            block.text.as_bytes(),
            SourceSpan::from((block.offset, block.text.len())),
            line as usize,
            column as usize,
            block.text.matches('\n').count(),
        )))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::report::testing::{WRONG, find};

    const CUT: Cut = Cut { limit: 40, dots: "…" };

    #[test]
    fn windows_hold_the_place_and_what_fits() {
        let line = format!("{}x{}", "ž".repeat(100), "a".repeat(100));
        assert_eq!(window("short", Some(2), 40), (0, 5));
        assert_eq!(window(&line, None, 40), (0, 80));
        // Ten two-byte characters before the place, and 30 from it.
        assert_eq!(window(&line, Some(200), 40), (180, 230));
        assert_eq!(window(&line, Some(301), 40), (261, 301));
    }

    #[test]
    fn spans_over_two_blocks_are_refused() {
        let mut sources = Sources::new("");
        let text: String = (1..=100).map(|n| format!("line {n};\n")).collect();
        let file = sources.add("f", text);
        let place = |n: u32| find(&sources, file, &format!("{n};"));
        let found = WRONG.at(place(50), "m").and(place(57), "near").and(place(42), "far").and(place(60), "far");
        let snippets = Snippets::new(&found, &sources, &mut Masks::new(&sources), CUT);
        let shown: Vec<_> = snippets.blocks.iter().map(|block| (block.above + 1, block.text.lines().count())).collect();
        assert_eq!(shown, [(49, 10), (41, 3), (59, 3)]);
        let (first, last) = (&snippets.labels[0], &snippets.labels[3]);
        let joined = SourceSpan::from((first.offset(), last.offset() + last.len() - first.offset()));
        assert!(snippets.read_span(&joined, 1, 1).is_err());
        for label in &snippets.labels {
            let contents = snippets.read_span(label.inner(), 0, 0).expect("labels lie in a block");
            assert_eq!(contents.column(), 5);
        }
    }
}

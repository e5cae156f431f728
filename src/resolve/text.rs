//! The texts that roles give to the first boot: files beside the fleet file, or part of it.

use std::sync::Arc;

use super::Scope;
use super::faults::missing_file;
use crate::diag::Reported;
use crate::draft::Written;
use crate::model::{FilePath, FromText, RoleText, Text, TextId};
use crate::source::{Sources, Span, Spanned};

/// Finds or loads the text of a `cloud_config`.
///
/// A text of more than one line, or one that begins as a role text does, is the text itself; anything else is a path.
pub(super) fn text(
    written: &Spanned<Written<'_, Text>>,
    sources: &mut Sources,
    texts: &mut Vec<RoleText>,
    scope: &Scope<'_>,
) -> Result<Spanned<TextId>, Reported> {
    let body = written.text;
    let id = TextId(texts.len() as u32);
    if body.contains('\n') || body.starts_with("#cloud-config") || body.starts_with("#!") {
        let (lines, literal) = line_starts(&sources.get(written.span.file).text, written.span, body);
        let (file, span) = (written.span.file, written.span);
        texts.push(RoleText { file, body: body.into(), lines: Some(lines), literal, span });
        return Ok(Spanned::new(id, written.span));
    }
    let path = scope.within(scope.sink.take(FilePath::from_text(body), written.span)?)?;
    if let Some(file) = sources.find(&path.0) {
        let known = texts.iter().position(|text| text.file == file && text.lines.is_none());
        if let Some(index) = known {
            return Ok(Spanned::new(TextId(index as u32), written.span));
        }
    }
    match scope.loader.read(&path.0) {
        Ok(body) => {
            let file = sources.add(path.0.to_string(), body);
            let body: Arc<str> = sources.get(file).text.as_str().into();
            texts.push(RoleText { file, body, lines: None, literal: true, span: written.span });
            Ok(Spanned::new(id, written.span))
        }
        Err(error) => Err(scope.sink.report(missing_file(&path.0, written.span, &error, scope.loader))),
    }
}

/// Where each line of a text inside the fleet file begins there, as near as can be told; and whether every line stands
/// there word for word.
fn line_starts(source: &str, span: Span, body: &str) -> (Vec<u32>, bool) {
    let (start, end) = (span.start as usize, (span.end as usize).min(source.len()));
    let whole = source.get(start..end).unwrap_or("");
    // The header of a block scalar is not part of the text; an opening quote is stepped over like an indentation.
    let block = whole.starts_with(['|', '>']);
    let mut at = start + if block { whole.find('\n').map_or(whole.len(), |newline| newline + 1) } else { 0 };
    let mut starts = Vec::new();
    let mut literal = true;
    for line in body.split('\n') {
        let rest = source.get(at..end).unwrap_or("");
        let length = rest.find('\n').map_or(rest.len(), |newline| newline + 1);
        let indent = rest[..length].find(line).unwrap_or(0);
        literal &= rest[..length].trim_end_matches(['\n', '\r']).ends_with(line);
        starts.push((at + indent) as u32);
        at += length;
    }
    (starts, literal)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_text_in_the_fleet_file_stands_where_it_begins() {
        for (source, body, first) in [("a: |\n  ä\n  b\n", "ä\nb\n", "ä"), ("a: 'ä b'\n", "ä b", "ä")] {
            let start = source.find(['ä', '\'']).unwrap_or_default() as u32;
            let span = Span { start, end: source.len() as u32, ..Span::default() };
            let (starts, literal) = line_starts(source, span, body);
            assert_eq!(literal, body.contains('\n'), "{source}");
            assert_eq!(Some(starts[0] as usize), source.find(first), "{source}");
            assert!(starts.len() < 2 || Some(starts[1] as usize) == source.find('b'), "{source}");
        }
    }
}

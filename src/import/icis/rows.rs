//! The lines of `config.txt`, parted as the service parted them (contract S-5).

use crate::source::{FileId, Span, Spanned};

/// A line that is not empty.
#[derive(Debug)]
pub(super) struct Row<'t> {
    /// The line without what is blank at its right end.
    pub(super) text: &'t str,
    /// Where it stands.
    pub(super) span: Span,
}

impl<'t> Row<'t> {
    /// What stands before the first comma.
    pub(super) fn key(&self) -> Spanned<&'t str> {
        let end = self.text.find(',').unwrap_or(self.text.len());
        Spanned::new(&self.text[..end], self.span.part(0, end))
    }

    /// What stands between the first comma and the second; none without a comma.
    pub(super) fn role(&self) -> Option<Spanned<&'t str>> {
        let start = self.text.find(',')? + 1;
        let end = self.text[start..].find(',').map_or(self.text.len(), |comma| start + comma);
        Some(Spanned::new(&self.text[start..end], self.span.part(start, end)))
    }

    /// What stands behind the second comma, which the service never looked at.
    pub(super) fn rest(&self) -> Option<Span> {
        let end = self.role()?.span.end;
        (end < self.span.end).then_some(Span { start: end, ..self.span })
    }
}

/// The lines that are not empty. A line ends at any line break; what is blank at its right end is no part of it.
pub(super) fn rows(text: &str, file: FileId) -> Vec<Row<'_>> {
    let mut start = 0;
    let mut rows = Vec::new();
    for line in text.split(['\n', '\r']) {
        // What Python counts as blank: four signs more than Unicode does.
        let bare = line.trim_end_matches(|c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c));
        if !bare.is_empty() {
            let span = Span { file, start: start as u32, end: (start + bare.len()) as u32 };
            rows.push(Row { text: bare, span });
        }
        start += line.len() + 1;
    }
    rows
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_are_parted_at_commas_and_nowhere_else() {
        let text = "#MAC,role\r\n\r\na, b \u{a0}\nc\nd,e,f,g\rh,\n";
        let rows = rows(text, FileId(0));
        let part = |span: Span| &text[span.start as usize..span.end as usize];
        let found: Vec<_> =
            rows.iter().map(|row| (row.key().value, row.role().map(|role| role.value), row.rest().map(part))).collect();
        assert_eq!(
            found,
            [
                ("#MAC", Some("role"), None),
                ("a", Some(" b"), None),
                ("c", None, None),
                ("d", Some("e"), Some(",f,g")),
                ("h", Some(""), None),
            ]
        );
        assert!(rows.iter().all(|row| part(row.span) == row.text && part(row.key().span) == row.key().value));
    }
}

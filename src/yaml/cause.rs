//! Where a fault began. A parser stops where the text can no longer be YAML; the sign that is missing stands, as a rule,
//! some lines above.

/// A place where the text is no YAML.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyntaxError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// Byte offset.
    pub at: u32,
}

/// A line of the text: where it begins, and what it says without its comment and the blanks at its end.
#[derive(Clone, Copy)]
struct Line<'t> {
    start: usize,
    code: &'t str,
}

impl<'t> Line<'t> {
    /// The line that holds an offset.
    fn at(text: &'t str, at: usize) -> Line<'t> {
        let at = floor(text, at);
        let start = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let whole = text[start..].split('\n').next().unwrap_or_default();
        Line { start, code: code(whole) }
    }

    fn above(self, text: &'t str) -> Option<Line<'t>> {
        let newline = self.start.checked_sub(1)?;
        Some(Line::at(text, newline))
    }

    fn below(self, text: &'t str) -> Option<Line<'t>> {
        let newline = self.start + text[self.start..].find('\n')?;
        (newline + 1 < text.len()).then(|| Line::at(text, newline + 1))
    }

    /// The nearest line above, or below, that says something.
    fn said(self, text: &'t str, step: fn(Self, &'t str) -> Option<Self>) -> Option<Line<'t>> {
        std::iter::successors(step(self, text), |line| step(*line, text)).find(|line| !line.code.trim().is_empty())
    }

    fn indent(self) -> usize {
        self.code.len() - self.code.trim_start_matches([' ', '\t']).len()
    }

    /// Where its text begins.
    fn text_at(self) -> usize {
        self.start + self.indent()
    }

    /// What it says behind the dash of a list.
    fn entry(self) -> &'t str {
        let said = self.code.trim_start();
        said.strip_prefix("- ").unwrap_or(said).trim_start()
    }

    /// Whether it is an entry of a list.
    fn is_entry(self) -> bool {
        let said = self.code.trim_start();
        said == "-" || said.starts_with("- ")
    }

    /// Whether it has a key.
    fn has_key(self) -> bool {
        self.code.ends_with(':') || self.code.contains(": ")
    }
}

/// A line without its comment and the blanks at its end.
fn code(line: &str) -> &str {
    let mut quote = None;
    let mut before = ' ';
    for (at, sign) in line.char_indices() {
        match (quote, sign) {
            (None, '#') if before.is_whitespace() => return line[..at].trim_end(),
            (None, '"' | '\'') if " [{,:\t".contains(before) => quote = Some(sign),
            (Some(open), sign) if open == sign => quote = None,
            _ => {}
        }
        before = sign;
    }
    line.trim_end()
}

pub(super) fn floor(text: &str, mut at: usize) -> usize {
    at = at.min(text.len());
    while !text.is_char_boundary(at) {
        at -= 1;
    }
    at
}

fn fault(message: impl Into<String>, help: impl Into<String>, at: usize) -> SyntaxError {
    SyntaxError { message: message.into(), help: Some(help.into()), at: at as u32 }
}

/// What version control leaves where two changes met.
pub(super) fn conflict(text: &str, at: usize) -> Option<SyntaxError> {
    let last = Line::at(text, at);
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        if start > last.start {
            return None;
        }
        let said = line.trim_end();
        if said.starts_with("<<<<<<< ") || said == "=======" || said.starts_with(">>>>>>> ") {
            let help = "keep one of the two sides, and remove the lines with the marks";
            return Some(fault("a mark of a merge conflict", help, start));
        }
        start += line.len();
    }
    None
}

/// A tab in the indentation, here or on the next line that says something.
pub(super) fn tab(text: &str, at: usize) -> Option<SyntaxError> {
    let here = Line::at(text, at);
    let lines = [Some(here), here.said(text, Line::below)];
    let found = lines.into_iter().flatten().find_map(|line| {
        let tab = line.code[..line.indent()].find('\t')?;
        Some(line.start + tab)
    })?;
    Some(fault("a tab in the indentation", "indent with spaces; YAML does not allow tabs there", found))
}

/// A bracket that was opened on an earlier line, where a line in between does not go on as a list would.
pub(super) fn bracket(text: &str, opened: usize, at: usize) -> Option<SyntaxError> {
    let open = text[opened..].chars().next()?;
    let close = if open == '{' { '}' } else { ']' };
    let first = Line::at(text, opened);
    let last = Line::at(text, at);
    let lines = std::iter::successors(Some(first), |line| line.below(text)).take_while(|line| line.start < last.start);
    let goes_on = |line: &Line<'_>| line.code.trim().is_empty() || line.code.ends_with([',', '{', '[', ':']);
    let broken = lines.into_iter().find(|line| !goes_on(line))?;
    let end = broken.start + broken.code.len();
    if broken.start == first.start {
        return Some(fault(format!("a `{open}` is never closed"), format!("add the missing `{close}`"), opened));
    }
    let last_sign = floor(text, end.saturating_sub(1));
    Some(fault("something is missing at the end of this line", format!("a comma, or the closing `{close}`"), last_sign))
}

/// The first bracket that is open at `at`, of those behind `from`: what the parser has not handed out yet.
pub(super) fn unclosed(text: &str, from: usize, at: usize) -> Option<usize> {
    let mut open = Vec::new();
    let from = floor(text, from);
    let mut start = from;
    for line in text[from..floor(text, at).max(from)].split_inclusive('\n') {
        let mut quote = None;
        for (offset, sign) in code(line).char_indices() {
            match (quote, sign) {
                (None, '"' | '\'') => quote = Some(sign),
                (None, '{' | '[') => open.push(start + offset),
                (None, '}' | ']') => {
                    open.pop();
                }
                (Some(quoted), sign) if quoted == sign => quote = None,
                _ => {}
            }
        }
        start += line.len();
    }
    open.first().copied()
}

/// A quoted text that ended at the quote which was to begin the next one.
pub(super) fn quote(text: &str, at: usize) -> Option<SyntaxError> {
    let end = text[..floor(text, at)].rfind(['"', '\''])?;
    let sign = text[end..].chars().next()?;
    let before = &text[..end];
    let opened = before.match_indices(sign).map(|(at, _)| at).rfind(|at| {
        let escapes = before[..*at].bytes().rev().take_while(|byte| *byte == b'\\').count();
        sign == '\'' || escapes % 2 == 0
    })?;
    let here = Line::at(text, opened).start == Line::at(text, end).start;
    (!here).then(|| fault("a quoted text is never closed", "add the missing quote", opened))
}

/// Whether a line without a key has the two words of one.
fn is_split(line: Line<'_>) -> bool {
    line.entry().contains([' ', ':', '\u{a0}'])
}

/// A plain text that was to be a key, or its value with no blank behind the colon.
fn no_key(line: Line<'_>) -> SyntaxError {
    if line.code.trim_start().starts_with('-') && !line.is_entry() {
        return no_entry(line);
    }
    let entry = line.entry();
    // What it says ends with the line.
    let at = line.start + line.code.len() - entry.len();
    let split = entry.split_once(':').filter(|(key, _)| !key.contains([' ', '"', '\'', '{', '[']));
    match split {
        Some((key, value)) if value.starts_with('\u{a0}') => {
            let value = value.trim_start_matches('\u{a0}');
            fault("a no-break space behind the colon", format!("put a plain one there: `{key}: {value}`"), at)
        }
        Some((key, value)) => fault("no blank behind the colon", format!("write `{key}: {value}`"), at),
        None => fault("a line without `key:`", "write `key: value`, with a blank behind the colon", at),
    }
}

/// A colon where the parser could not take one: a line above has none, or this one stands too far right.
pub(super) fn colon(text: &str, at: usize) -> Option<SyntaxError> {
    let here = Line::at(text, at);
    let above = here.said(text, Line::above);
    match above.filter(|above| above.start + above.code.len() > 0) {
        Some(above) if !above.has_key() && (!above.is_entry() || is_split(above)) => {
            // The first of the lines that were read as one text.
            let mut first = above;
            while !first.is_entry() {
                match first.said(text, Line::above).filter(|line| !line.has_key() && line.code != "---") {
                    Some(line) => first = line,
                    None => break,
                }
            }
            Some(no_key(first))
        }
        Some(above) if here.indent() > above.indent() && !above.code.ends_with(':') => Some(fault(
            "this line is indented deeper than the one above, which has a value already",
            "line the keys of a mapping up in one column",
            here.text_at(),
        )),
        _ => {
            let before = &text[here.start..floor(text, at)];
            if !before.contains(": ") {
                return None;
            }
            let closed = here.code.ends_with('}') && here.code.matches('}').count() > here.code.matches('{').count();
            Some(match closed {
                true => {
                    fault("a `}` without its `{`", "`{ key: value, key: value }`", here.start + here.code.len() - 1)
                }
                false => fault("a second `: ` in one line", "put the text in quotes", at),
            })
        }
    }
}

/// A line that was to have a key.
pub(super) fn key(text: &str, at: usize) -> Option<SyntaxError> {
    let here = Line::at(text, at);
    (!here.has_key()).then(|| no_key(here))
}

/// A comment in the middle of a plain text that goes over lines: one of them was to be something else.
pub(super) fn comment(text: &str, at: usize) -> Option<SyntaxError> {
    let here = Line::at(text, at);
    let is_whole = |line: Line<'_>| line.is_entry() || line.has_key();
    if !is_whole(here) {
        return Some(if is_split(here) { no_key(here) } else { no_entry(here) });
    }
    let next = here.said(text, Line::below)?;
    if !is_whole(next) {
        let help = "`- ` before it if it is an entry of its own; quotes around a text that goes over lines";
        return Some(fault("this line goes on with the text above its comment", help, next.text_at()));
    }
    if next.indent() > here.indent() && is_whole(here) {
        if !here.has_key() && next.has_key() && is_split(here) {
            return Some(no_key(here));
        }
        let help = "line the keys of a mapping, and the dashes of a list, up in one column";
        return Some(fault("this line is indented deeper than the one above", help, next.text_at()));
    }
    let mut lines = std::iter::successors(here.said(text, Line::above), |line| line.said(text, Line::above));
    lines.find(|line| !is_whole(*line)).map(no_entry)
}

/// A plain text that was to be an entry of a list.
fn no_entry(line: Line<'_>) -> SyntaxError {
    let entry = line.code.trim_start();
    match entry.strip_prefix('-') {
        Some(rest) => fault("no blank behind the dash", format!("write `- {rest}`"), line.text_at()),
        None => fault("a line that is no entry of the list", format!("write `- {entry}`"), line.text_at()),
    }
}

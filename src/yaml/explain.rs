//! The parser's faults, in words that say what to do, where they began.

use granit_parser::{ErrorKind, ScanError};

use super::cause::{self, SyntaxError};

/// A fault of the parser at `at`; `bracket` is the outermost one that is open there.
pub(super) fn explain(text: &str, at: usize, bracket: Option<usize>, error: &ScanError) -> SyntaxError {
    let info = error.info();
    if info.contains("nesting") || matches!(error.kind(), ErrorKind::RecursionLimitExceeded) {
        return fault("nested too deeply", "lists and mappings may nest 128 levels deep", at);
    }
    began(text, at, bracket, error.kind()).unwrap_or_else(|| seen(at, error.kind(), &info))
}

fn fault(message: &str, help: &str, at: usize) -> SyntaxError {
    let help = (!help.is_empty()).then(|| help.to_string());
    SyntaxError { message: message.to_string(), help, at: at as u32 }
}

/// The fault where it began, when that can be told.
fn began(text: &str, at: usize, bracket: Option<usize>, kind: &ErrorKind) -> Option<SyntaxError> {
    let quoted = matches!(
        kind,
        ErrorKind::InvalidTrailingDoubleQuotedScalar
            | ErrorKind::InvalidTrailingSingleQuotedScalar
            | ErrorKind::InvalidQuotedScalarIndent
            | ErrorKind::UnclosedQuotedScalar
    );
    if quoted {
        return cause::quote(text, at);
    }
    if let Some(mark) = cause::conflict(text, at) {
        return Some(mark);
    }
    if let Some(tab) = cause::tab(text, at) {
        return Some(tab);
    }
    if let Some(bracket) = bracket.and_then(|opened| cause::bracket(text, opened, at)) {
        return Some(bracket);
    }
    match kind {
        ErrorKind::MappingValueNotAllowed | ErrorKind::InvalidColonPlacement => cause::colon(text, at),
        ErrorKind::CommentInterceptedScalar => cause::comment(text, at),
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => cause::key(text, at),
        _ => None,
    }
}

/// The fault where the parser saw it.
fn seen(at: usize, kind: &ErrorKind, info: &str) -> SyntaxError {
    match kind {
        ErrorKind::UnknownAnchor => fault("an alias without an anchor", "define it with `&name` above this line", at),
        ErrorKind::UnexpectedEofFlowMapping => fault("a `{` is never closed", "add the missing `}`", at),
        ErrorKind::UnexpectedEofFlowSequence => fault("a `[` is never closed", "add the missing `]`", at),
        ErrorKind::UnclosedFlowCollection { open } => {
            fault(&format!("a `{open}` is never closed"), "add the missing bracket", at)
        }
        ErrorKind::MismatchedFlowCollectionEnd { open, close } => {
            fault(&format!("`{open}` is closed with `{close}`"), "use the bracket that belongs to it", at)
        }
        ErrorKind::UnclosedQuotedScalar | ErrorKind::DocumentIndicatorInQuotedScalar => {
            fault("a quoted text is never closed", "add the missing quote", at)
        }
        ErrorKind::InvalidTrailingDoubleQuotedScalar | ErrorKind::InvalidTrailingSingleQuotedScalar => {
            fault("text behind a closing quote", "remove it, or move the quote to its end", at)
        }
        ErrorKind::UnknownQuotedScalarEscape => {
            fault("an unknown escape in double quotes", "use single quotes, where `\\` has no meaning", at)
        }
        ErrorKind::ExpectedFlowMappingSeparator => {
            fault("a comma is missing before this, or a `}`", "`{ key: value, key: value }`", at)
        }
        ErrorKind::ExpectedFlowSequenceSeparator => fault("a comma is missing before this, or a `]`", "`[a, b]`", at),
        ErrorKind::MissingAnchorOrAliasName => {
            fault("an `&` or a `*` without a name behind it", "put the text in quotes", at)
        }
        ErrorKind::UnexpectedCharacter { character } if character.is_control() => {
            let message = format!("a control character, `{}`", character.escape_default());
            fault(&message, "remove it", at)
        }
        ErrorKind::UnexpectedCharacter { character } => {
            let message = format!("`{}` cannot begin a plain text", character.escape_default());
            fault(&message, "put the text in quotes", at)
        }
        ErrorKind::InvalidIndentation | ErrorKind::ExpectedBlockMappingKey | ErrorKind::ExpectedBlockSequenceEntry => {
            fault("this line is indented unlike its neighbours", "line the keys of a mapping up in one column", at)
        }
        ErrorKind::SimpleKeyExpected | ErrorKind::InvalidSimpleKey => {
            fault("a line without `key:`", "write `key: value`, with a blank behind the colon", at)
        }
        ErrorKind::CommentNotSeparated => {
            fault("a `#` without a blank before it", "put a blank before the comment", at)
        }
        _ => fault(info.trim_end_matches('.'), "", at),
    }
}

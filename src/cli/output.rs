//! Standard output and standard error: results on the one, progress and failure on the other.
#![allow(clippy::print_stderr)]

use std::io::{self, ErrorKind, IsTerminal, Write};

use super::{Failure, root};
use crate::diag::Report;
use crate::report::{Format, Style, render};
use crate::source::Sources;

/// Says something on standard error.
pub(super) fn complain(text: &str) {
    eprintln!("{text}");
}

/// Whether a stream takes colours: a terminal that is not dumb, unless `NO_COLOR` is set.
fn colour(stream: &impl IsTerminal) -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    stream.is_terminal() && !set("NO_COLOR") && std::env::var_os("TERM").is_none_or(|term| term != "dumb")
}

/// Where the book is served, if `FLEETC_BOOK` says so.
pub(super) fn book() -> Result<Option<String>, Failure> {
    let Some(set) = std::env::var_os("FLEETC_BOOK").filter(|set| !set.is_empty()) else { return Ok(None) };
    let set = set.to_string_lossy();
    let url = set.trim_end_matches('/');
    let known =
        ["https://", "http://", "file:///"].iter().any(|scheme| url.len() > scheme.len() && url.starts_with(scheme));
    if !known || url.contains(|c: char| !c.is_ascii_graphic() || "\"'<>\\^`{|}?#".contains(c)) {
        let failure = Failure::new(format!("`FLEETC_BOOK` is not the address of a book: {set:?}"));
        return Err(
            failure.help("set it to the folder that has the book's `index.html`, like `https://example.org/fleetc`")
        );
    }
    Ok(Some(url.to_string()))
}

/// What standard output can show, for a fleet file that lies in `folder` of its repository.
pub(super) fn style<'a>(folder: &'a str, book: Option<&'a str>) -> Style<'a> {
    let stdout = io::stdout();
    let width = terminal_size::terminal_size().filter(|_| stdout.is_terminal());
    // A file or a pipe is read as UTF-8; a terminal says what it can show.
    let locale = ["LC_ALL", "LC_CTYPE", "LANG"]
        .into_iter()
        .find_map(|name| std::env::var(name).ok().filter(|value| !value.is_empty()));
    let unicode =
        !stdout.is_terminal() || locale.is_some_and(|locale| locale.to_lowercase().replace('-', "").contains("utf8"));
    let width = width.map_or(100, |(width, _)| usize::from(width.0));
    Style { colour: colour(&stdout), unicode, width, folder, book }
}

/// Shows findings on standard output.
pub(super) fn report(format: Format, report: &Report, sources: &Sources) -> Result<(), Failure> {
    let (book, folder) = (book()?, root::folder(sources.folder()));
    let style = style(&folder, book.as_deref());
    written(render(format, report, sources, &style, &mut io::stdout().lock()))
}

/// Shows findings on standard error, where standard output is for something else.
pub(super) fn report_aside(report: &Report, sources: &Sources) -> Result<(), Failure> {
    let style = Style { colour: colour(&io::stderr()), ..style("", None) };
    written(render(Format::Human, report, sources, &style, &mut io::stderr().lock()))
}

/// Says a result on standard output.
pub(super) fn say(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(writeln!(stdout, "{text}").and_then(|()| stdout.flush()))
}

/// Writes a result on standard output as it is.
pub(super) fn print(text: &str) -> Result<(), Failure> {
    let mut stdout = io::stdout().lock();
    written(stdout.write_all(text.as_bytes()).and_then(|()| stdout.flush()))
}

/// A reader that has seen enough is no failure.
fn written(result: io::Result<()>) -> Result<(), Failure> {
    match result {
        Err(error) if error.kind() != ErrorKind::BrokenPipe => {
            Err(Failure::new(format!("cannot write the result: {error}")))
        }
        _ => Ok(()),
    }
}

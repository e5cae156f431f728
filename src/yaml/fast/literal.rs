//! Texts over several lines that keep their lines: `|` and `|-`.

use super::scan::Scan;
use crate::yaml::node::Kind;

/// Reads the text whose sign stands here, as the value of a collection in `column`, and goes to the line behind it.
///
/// A text that is empty, folds its lines, begins with an empty line or says how far it is indented is left to the
/// general parser.
pub(super) fn text(scan: &mut Scan<'_>, column: usize) -> Option<()> {
    scan.at += 1;
    let strip = scan.next() == b'-';
    scan.at += usize::from(strip);
    scan.line_end()?;
    let mut line = scan.at;
    scan.blanks();
    let indent = scan.at - line;
    if indent <= column || matches!(scan.next(), b'\n' | b'\r' | 0) {
        return None;
    }
    let start = scan.at;
    let mut value = String::new();
    loop {
        value.push_str(scan.rest_of_line());
        if scan.next() == 0 {
            line = scan.at;
            break;
        }
        let mut empty = 0;
        line = scan.at;
        while indentation(scan, indent) {
            empty += 1;
            line = scan.at;
        }
        if scan.at - line < indent || scan.next() == 0 {
            break;
        }
        value.extend(std::iter::repeat_n('\n', empty + 1));
    }
    if !strip {
        value.push('\n');
    }
    let link = scan.keep(value);
    // The general parser ends it where the line behind it begins to differ.
    scan.push(Kind::Block, start, scan.at, link);
    scan.at = line;
    Some(())
}

/// Goes over the indentation of a line. Whether the line is empty: then it is gone over as a whole.
fn indentation(scan: &mut Scan<'_>, indent: usize) -> bool {
    let line = scan.at;
    while scan.at - line < indent && scan.next() == b' ' {
        scan.at += 1;
    }
    scan.newline()
}

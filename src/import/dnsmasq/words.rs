//! Lines of the configuration as dnsmasq takes them apart: quotes, comments, a name and a value, values between
//! commas.

use crate::diag::Sink;
use crate::rules::import;
use crate::source::{FileId, Span};

/// A sign of a value. What stood in quotes is text and nothing else: it parts nothing, and is no number.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Sign {
    sign: char,
    quoted: bool,
    at: usize,
}

/// An option with its value.
#[derive(Debug)]
pub(super) struct Directive {
    /// Its name.
    pub(super) name: String,
    signs: Vec<Sign>,
    /// Where it stands.
    pub(super) span: Span,
}

/// A part of a value, between commas.
#[derive(Debug)]
pub(super) struct Part {
    /// Its text.
    pub(super) text: String,
    /// Whether some of it stood in quotes.
    pub(super) quoted: bool,
    /// Where it stands.
    pub(super) span: Span,
}

/// Every option of a file. With `values` each line is a value of `dhcp-host`.
pub(super) fn directives(text: &str, file: FileId, values: bool, sink: &Sink) -> Vec<Directive> {
    let mut start = 0;
    let mut all = Vec::new();
    for line in text.split_inclusive('\n') {
        match signs(line.trim_start_matches('\u{feff}'), start + line.len() - line.trim_start_matches('\u{feff}').len())
        {
            Ok(signs) => all.extend(directive(signs, file, values)),
            Err(at) => {
                let open = Span { file, start: at as u32, end: at as u32 + 1 };
                let fault =
                    import::malformed_list().at(open, "this quote is never closed, and dnsmasq would not start");
                sink.report(fault.help("put a `\"` where the value ends"));
            }
        }
        start += line.len();
    }
    all
}

/// The signs of a line without its comment; an error is the place of a quote that is never closed.
fn signs(line: &str, start: usize) -> Result<Vec<Sign>, usize> {
    let mut signs = Vec::new();
    let mut chars = line.char_indices().peekable();
    let mut blank = true;
    while let Some((at, c)) = chars.next() {
        if c == '"' {
            let open = start + at;
            loop {
                let (at, c) = chars.next().filter(|(_, c)| *c != '\n').ok_or(open)?;
                let sign = match (c, chars.peek().map(|(_, next)| *next)) {
                    ('"', _) => break,
                    ('\\', Some(next)) if "\"tnebr\\".contains(next) => {
                        chars.next();
                        match next {
                            't' => '\t',
                            'n' => '\n',
                            'e' => '\u{1b}',
                            'b' => '\u{8}',
                            'r' => '\r',
                            other => other,
                        }
                    }
                    _ => c,
                };
                signs.push(Sign { sign, quoted: true, at: start + at });
            }
            blank = false;
        } else if c == '#' && blank {
            break;
        } else {
            blank = c.is_ascii_whitespace();
            signs.push(Sign { sign: if blank { ' ' } else { c }, quoted: false, at: start + at });
        }
    }
    Ok(signs)
}

fn is_blank(sign: &Sign) -> bool {
    sign.sign == ' ' && !sign.quoted
}

/// Signs without the blanks around them.
fn bare(signs: &[Sign]) -> &[Sign] {
    let start = signs.iter().take_while(|sign| is_blank(sign)).count();
    let end = signs.iter().rev().take_while(|sign| is_blank(sign)).count();
    if start == signs.len() { &[] } else { &signs[start..signs.len() - end] }
}

fn span(signs: &[Sign], file: FileId) -> Span {
    let end = signs.last().map_or(0, |sign| sign.at + sign.sign.len_utf8());
    Span { file, start: signs.first().map_or(0, |sign| sign.at) as u32, end: end as u32 }
}

fn directive(signs: Vec<Sign>, file: FileId, values: bool) -> Option<Directive> {
    let all = bare(&signs);
    if all.is_empty() {
        return None;
    }
    let text = |signs: &[Sign]| signs.iter().map(|sign| sign.sign).collect::<String>();
    let whole = span(all, file);
    if values {
        return Some(Directive { name: "dhcp-host".to_string(), signs: all.to_vec(), span: whole });
    }
    let equals = all.iter().position(|sign| sign.sign == '=')?;
    Some(Directive { name: text(bare(&all[..equals])), signs: bare(&all[equals + 1..]).to_vec(), span: whole })
}

/// The parts of a value.
pub(super) fn fields(directive: &Directive) -> Vec<Part> {
    let parts = directive.signs.split(|sign| sign.sign == ',' && !sign.quoted).map(bare);
    let part = |signs: &[Sign]| Part {
        text: signs.iter().map(|sign| sign.sign).collect(),
        quoted: signs.iter().any(|sign| sign.quoted),
        span: span(signs, directive.span.file),
    };
    parts.filter(|signs| !signs.is_empty()).map(part).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn read(text: &str) -> Vec<(String, Vec<(String, bool)>)> {
        let sink = Sink::default();
        let all = directives(text, FileId(0), false, &sink);
        let parts =
            |directive: &Directive| fields(directive).into_iter().map(|part| (part.text, part.quoted)).collect();
        all.iter().map(|directive| (directive.name.clone(), parts(directive))).collect()
    }

    #[test]
    fn lines_are_taken_apart_as_dnsmasq_does() {
        let text =
            "\u{feff}# a\n dhcp-host = 52:54:00:00:00:01 , \"12h\", node#1 # b\nlog-queries\r\nx=\"a,\\\"b\",c\ny=z\n";
        let pair = |text: &str, quoted| (text.to_string(), quoted);
        assert_eq!(
            read(text),
            [
                (
                    "dhcp-host".to_string(),
                    vec![pair("52:54:00:00:00:01", false), pair("12h", true), pair("node#1", false)]
                ),
                ("x".to_string(), vec![pair("a,\"b", true), pair("c", false)]),
                ("y".to_string(), vec![pair("z", false)]),
            ]
        );
    }

    proptest! {
        #[test]
        fn any_text_is_read_and_places_are_inside(text in "[a=\",# \\\\tž\n\r\u{feff}]{0,30}") {
            let sink = Sink::default();
            for directive in directives(&text, FileId(0), false, &sink) {
                for span in fields(&directive).iter().map(|part| part.span).chain([directive.span]) {
                    prop_assert!(span.end as usize <= text.len() && span.start <= span.end);
                }
            }
        }

        #[test]
        fn what_fleetc_quotes_is_read_back(value in "[a-z0-9,#\" \\\\\t]{1,12}") {
            let text = format!("x={}\n", crate::beside::quote::dnsmasq(&value));
            prop_assert_eq!(read(&text)[0].1.iter().map(|part| part.0.clone()).collect::<Vec<_>>(), [value]);
        }
    }
}

//! A vendor's list: a row a machine, a heading that says what the columns hold.

mod cells;
mod heading;

use super::judge::{mac, read};
use super::list::{List, Listed};
use crate::diag::Sink;
use crate::rules::import;
use crate::source::{FileId, Span};
use crate::yaml;
use cells::{Cell, rows};
use heading::{Column, Heading};

/// Reads a list whose values are parted by commas, semicolons, tabs or bars. What is wrong with it is reported.
pub fn csv(text: &str, file: FileId, sink: &Sink) -> List {
    let mut list = List::default();
    let mut rows = rows(text, file, sink).into_iter();
    let Some(first) = rows.next() else {
        let empty = import::malformed_list().at(Span::start_of(file), "this list is empty");
        sink.report(empty.help("a heading like `name,mac,role`, and a row for each machine"));
        return list;
    };
    let Some(heading) = Heading::read(&first, sink) else { return list };
    let count = first.len();
    for mut row in rows {
        // Some programs end each row with a separator.
        while row.len() > count && row.last().is_some_and(|cell| cell.text.is_empty()) {
            row.pop();
        }
        if row.iter().all(|cell| cell.text.is_empty()) {
            continue;
        }
        let place = row.iter().find(|cell| !cell.text.is_empty()).map_or(row[0].span, |cell| cell.span);
        if row.len() != count {
            let fields = |count: usize| format!("{count} field{}", if count == 1 { "" } else { "s" });
            let message = format!("this row has {}, the heading has {count}", fields(row.len()));
            let help = "a value that holds the separator stands in double quotes";
            sink.report(import::malformed_list().at(place, message).help(help).and(first[0].span, "the heading"));
            continue;
        }
        list.hosts.push(machine(&row, &heading, place, sink));
    }
    list
}

/// A machine of a row. What cannot be read was reported.
fn machine(row: &[Cell], heading: &Heading, place: Span, sink: &Sink) -> Listed {
    let mut listed = Listed::at(place);
    let mut without = true;
    for (cell, column) in row.iter().zip(&heading.columns).filter(|(cell, _)| !cell.text.is_empty()) {
        let (text, span, faulty) = (cell.text.as_str(), cell.span, &mut listed.faulty);
        match column {
            Column::Name => read(text, span, &mut listed.name, faulty, sink),
            Column::Role => read(text, span, &mut listed.role, faulty, sink),
            Column::Address => read(text, span, &mut listed.address, faulty, sink),
            Column::Mac => {
                without = false;
                cards(cell, &mut listed, sink);
            }
            Column::Label(key) => listed.labels.push((key.clone(), cell.text.clone())),
            Column::Nothing => {}
        }
    }
    if without {
        let missing = yaml::rules::missing_key().at(place, "this machine has no MAC address");
        sink.report(missing.help("the machine's label or the screen of `unknown: refuse` shows it"));
    }
    listed
}

/// The cards of a cell: one, or several with blanks or signs between them.
fn cards(cell: &Cell, listed: &mut Listed, sink: &Sink) {
    let parts = |text: &str| -> Vec<String> {
        let between = |c: char| c.is_whitespace() || ",;/|".contains(c);
        text.split(between).filter(|part| !part.is_empty()).map(str::to_string).collect()
    };
    let several = match mac(&cell.text) {
        Ok(_) => vec![cell.text.clone()],
        // Blanks also stand between the digits of one address.
        Err(_) => parts(&cell.text),
    };
    let short = several.iter().any(|part| part.len() < 12);
    for text in if short { vec![cell.text.clone()] } else { several } {
        match sink.take(mac(&text), cell.span) {
            Ok(card) => listed.macs.push(card),
            Err(reported) => listed.faulty = Some(reported),
        }
    }
}

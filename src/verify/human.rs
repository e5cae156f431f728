//! The check for people: what is wrong, alike together; what is to be noted; a table by kind of URL; the end of it.

use std::collections::BTreeMap;
use std::fmt::Write;

use super::expected::Source;
use super::fault::FaultKind;
use super::kind::Kind;
use super::meaning::meaning;
use super::report::{Finding, Report};
use crate::diag::Level;
use crate::report::{Style, fold, one_line, thousands};

/// Findings of one group that are written out.
const FEW: usize = 3;

/// Columns that a line of the server's text may take.
const LONG: usize = 240;

/// The check as text.
pub fn human(report: &Report, style: &Style<'_>) -> String {
    let mut out = String::new();
    let mut groups: BTreeMap<(Kind, FaultKind), Vec<&Finding>> = BTreeMap::new();
    for finding in &report.findings {
        groups.entry((finding.kind, finding.fault.kind())).or_default().push(finding);
    }
    for ((kind, fault), findings) in &groups {
        group(*kind, *fault, findings, style, &mut out);
    }
    for note in &report.notes {
        let text = format!("note: {}", one_line(note));
        let _ = writeln!(out, "{}", fold(&text, style.width, style.width.saturating_sub(6)).replace('\n', "\n      "));
    }
    if !report.notes.is_empty() {
        out.push('\n');
    }
    table(report, style, &mut out);
    let _ = writeln!(out, "\n{}", end(report, style));
    out
}

/// Findings of one kind of URL with one kind of fault.
fn group(kind: Kind, fault: FaultKind, findings: &[&Finding], style: &Style<'_>, out: &mut String) {
    let count = thousands(findings.len());
    let _ = writeln!(
        out,
        "{}: {count} of {}",
        style.paint(fault.word(), Level::Error),
        style.bold(label(kind, style).as_str())
    );
    let width = style.width.saturating_sub(2).max(20);
    for finding in findings.iter().take(FEW) {
        let mut text: String = one_line(&finding.fault.message());
        if text.chars().count() > LONG {
            text = text.chars().take(LONG).chain("...".chars()).collect();
        }
        let origin = finding.origin.as_ref().map(|origin| format!(" ({}:{})", one_line(&origin.file), origin.line));
        let line = format!("{}: {text}{}", one_line(&finding.path), origin.unwrap_or_default());
        let _ = writeln!(out, "  {}", fold(&line, width, width.saturating_sub(2)).replace('\n', "\n    "));
    }
    if findings.len() > FEW {
        let _ = writeln!(out, "  and {} more", thousands(findings.len() - FEW));
    }
    if let Some(meaning) = meaning(fault, kind) {
        let _ = writeln!(out, "  then: {}", fold(meaning, width - 6, width - 6).replace('\n', "\n        "));
    }
    out.push('\n');
}

fn label(kind: Kind, style: &Style<'_>) -> String {
    if style.unicode { kind.label().replace("...", "…") } else { kind.label().to_string() }
}

/// Requests by kind of URL.
fn table(report: &Report, style: &Style<'_>, out: &mut String) {
    let rows: Vec<[String; 4]> = Kind::ALL
        .into_iter()
        .filter_map(|kind| {
            let tally = report.tally.get(&kind)?;
            let good = thousands(tally.asked.saturating_sub(tally.bad));
            Some([label(kind, style), thousands(tally.asked), good, thousands(tally.bad)])
        })
        .collect();
    let head = ["", "asked", "good", "bad"].map(str::to_string);
    let width =
        |column: usize| rows.iter().chain([&head]).map(|row| row[column].chars().count()).max().unwrap_or_default();
    let widths = [0, 1, 2, 3].map(width);
    for row in [&head].into_iter().chain(&rows) {
        let [name, asked, good, bad] = row;
        let gap = " ".repeat(widths[0] - name.chars().count());
        let [_, a, g, b] = widths;
        let bad = format!("{bad:>b$}");
        let bad = if row[3] == "0" || row[3] == "bad" { bad } else { style.paint(&bad, Level::Error) };
        let _ = writeln!(out, "{name}{gap}  {asked:>a$}  {good:>g$}  {bad}");
    }
}

/// The last line.
fn end(report: &Report, style: &Style<'_>) -> String {
    let against = match report.source {
        Source::Server => "its own manifest",
        Source::Tree => "the tree",
        Source::Fleet => "the fleet file",
    };
    let (chosen, all) = report.machines;
    let cards = if all == 1 { "1 network card".to_string() } else { format!("{} network cards", thousands(all)) };
    let cards = if chosen == all { cards } else { format!("{} of {cards}", thousands(chosen)) };
    let asked = match report.asked() {
        1 => "1 request".to_string(),
        count => format!("{} requests", thousands(count)),
    };
    let what = format!("{asked} for {cards}, against {against}");
    if let Some(why) = &report.unfinished {
        return format!("{}: {}; so far {what}", style.paint("not finished", Level::Error), one_line(why));
    }
    match report.findings.len() {
        0 => format!("all is well at {}: {what}", report.url),
        1 => format!("{} at {}: {what}", style.paint("1 fault", Level::Error), report.url),
        count => {
            let faults = format!("{} faults", thousands(count));
            format!("{} at {}: {what}", style.paint(&faults, Level::Error), report.url)
        }
    }
}

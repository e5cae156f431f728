//! The plan as Markdown, for the comment of a pull request: what matters in sight, the rest folded, within a fixed size.

use std::fmt::Write;

use super::Plan;
use super::change::{Change, Kind};
use super::guard::Judgement;
use super::human::{Group, groups, hosts, meaning, notes, places, run_text, runs, summary};
use crate::diag::Report;
use crate::report::{Format, Style, render};
use crate::source::Sources;

/// Bytes that a plan has at most; a comment on GitHub takes 65,536 characters.
pub const MARKDOWN_LIMIT: usize = 60_000;

/// The first line: it is not shown, and by it a later run finds the comment that it is to bring up to date.
const MARKER: &str = "<!-- fleetc-plan -->";

/// Bytes kept for what ends a plan that was cut.
const RESERVE: usize = 400;

/// Names in one row.
const NAMES: usize = 40;

/// The plan as GitHub Flavored Markdown. `judgement` is what guards say, where there are any.
pub fn markdown(plan: &Plan, judgement: Option<&Judgement>) -> String {
    let mut out = format!("{MARKER}\n### What this does to the machines\n\n");
    if plan.is_empty() {
        out.push_str("No machine changes: every machine reads the same bytes as before.\n");
        return out;
    }
    let _ = writeln!(out, "**{}**\n", summary(plan));
    if let Some(judgement) = judgement.filter(|judgement| judgement.report.has_errors()) {
        findings(&mut out, "A guard forbids this change.", &judgement.report, &judgement.sources);
    }
    unlisted(&mut out, plan);
    if !plan.hosts.is_empty() {
        overview(&mut out, plan);
        details(&mut out, plan);
    }
    out.truncate(out.trim_end().len());
    out.push('\n');
    out
}

/// What is said in the place of a plan when the fleet file has errors.
pub fn markdown_without_plan(report: &Report, sources: &Sources) -> String {
    let mut out = format!("{MARKER}\n### What this does to the machines\n\n");
    findings(&mut out, "There is no plan: the fleet file has errors.", report, sources);
    out
}

/// Findings as text, a line each.
fn findings(out: &mut String, heading: &str, report: &Report, sources: &Sources) {
    let mut text = Vec::new();
    // Writing into memory does not fail.
    let _ = render(Format::Short, report, sources, &Style::PLAIN, &mut text);
    let text = String::from_utf8_lossy(&text);
    let fence = "`".repeat(3.max(longest_run(&text) + 1));
    let _ = writeln!(out, "**{heading}**\n\n{fence}text");
    let room = MARKDOWN_LIMIT / 4;
    let mut left = text.lines().count();
    for line in text.lines() {
        if out.len() + line.len() > room {
            let _ = writeln!(out, "and {left} more");
            break;
        }
        left -= 1;
        let _ = writeln!(out, "{line}");
    }
    let _ = writeln!(out, "{fence}\n");
}

fn unlisted(out: &mut String, plan: &Plan) {
    let Some(unlisted) = &plan.unlisted else { return };
    let kinds: Vec<&str> = unlisted.kinds.iter().map(|kind| kind.word()).collect();
    let text = match unlisted.was.as_ref().filter(|was| **was != unlisted.now) {
        Some(was) => format!("{} → {}", code(was), code(&unlisted.now)),
        None => code(&unlisted.now),
    };
    let _ = write!(out, "**Machines that are not listed**: {text} ({})", kinds.join(", "));
    let cause = places(&unlisted.because);
    if !cause.is_empty() {
        let _ = write!(out, ", {}", code(&cause));
    }
    let wipes = unlisted.kinds.contains(&Kind::Reinstall);
    let _ = writeln!(out, "{}\n", if wipes { ". Any of them is wiped when it boots here." } else { "" });
}

/// A row for each kind that is there.
fn overview(out: &mut String, plan: &Plan) {
    let _ = writeln!(out, "| | machines | |\n|---|--:|---|");
    for kind in Kind::ALL {
        let count = plan.count(kind);
        if count > 0 {
            let word = if kind == Kind::Reinstall { "**reinstall**" } else { kind.word() };
            let _ = writeln!(out, "| {word} | {count} | {} |", meaning(kind));
        }
    }
    out.push('\n');
}

/// A folded table for each kind that is the most severe of a machine; that of the machines which are wiped is open.
fn details(out: &mut String, plan: &Plan) {
    let groups = groups(plan);
    let mut shown = 0;
    'kinds: for kind in Kind::ALL {
        let own: Vec<&Group<'_>> = groups.iter().filter(|group| group.kinds[0] == kind).collect();
        if own.is_empty() {
            continue;
        }
        let count: usize = own.iter().map(|group| group.hosts.len()).sum();
        let open = if kind == Kind::Reinstall { " open" } else { "" };
        let head = format!(
            "<details{open}><summary><b>{}</b>: {}</summary>\n\n| machines | what | because of |\n|---|---|---|\n",
            kind.word(),
            hosts(count)
        );
        if out.len() + head.len() + RESERVE > MARKDOWN_LIMIT {
            break;
        }
        out.push_str(&head);
        for group in own {
            let row = row(plan, group);
            if out.len() + row.len() + RESERVE > MARKDOWN_LIMIT {
                out.push_str("\n</details>\n\n");
                break 'kinds;
            }
            out.push_str(&row);
            shown += group.hosts.len();
        }
        out.push_str("\n</details>\n\n");
    }
    let cut = plan.hosts.len() - shown;
    if cut > 0 {
        let _ = writeln!(out, "**Cut here**: {} more; `fleetc plan` shows them all.", hosts(cut));
    }
}

fn row(plan: &Plan, group: &Group<'_>) -> String {
    let name = |change: &Change| match &change.was {
        Some(was) => format!("{} → {}", code(was), code(&change.host)),
        None => code(&change.host),
    };
    let runs = runs(&group.hosts);
    let mut names: Vec<String> = runs.iter().take(NAMES).map(|run| run_text(run, "…", &name)).collect();
    let left: usize = runs.iter().skip(NAMES).map(|(_, _, count)| count).sum();
    if left > 0 {
        names.push(format!("and {left} more"));
    }
    let count = if group.hosts.len() > 1 { format!("{}: ", group.hosts.len()) } else { String::new() };
    let also: Vec<&str> = group.kinds[1..].iter().map(|kind| kind.word()).collect();
    let mut what = group.fields.join(", ");
    if !also.is_empty() {
        let _ = write!(what, " (also {})", also.join(", "));
    }
    for note in notes(plan, group) {
        let _ = write!(what, "<br>{note}");
    }
    let cause = places(&group.because);
    let cause = if cause.is_empty() { String::new() } else { code(&cause) };
    format!("| {count}{} | {what} | {cause} |\n", names.join(", "))
}

/// The length of the longest row of backticks.
fn longest_run(text: &str) -> usize {
    text.split(|c| c != '`').map(str::len).max().unwrap_or(0)
}

/// A text as code, on one line, also in a cell of a table: whatever it holds is shown, and nothing of it is read as
/// Markdown. What is not plain is written as character references, which mean themselves everywhere.
fn code(text: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || matches!(c, '.' | '/' | ':' | ',' | ';' | '-' | '_');
    let trimmed = text.trim() == text && !text.contains("  ");
    if !text.is_empty() && trimmed && text.chars().all(|c| plain(c) || c == ' ') {
        return format!("`{text}`");
    }
    let mut out = "<code>".to_string();
    for c in text.chars() {
        match c {
            c if c.is_control() => out.push(' '),
            c if c != '_' && plain(c) => out.push(c),
            c => {
                let _ = write!(out, "&#{};", u32::from(c));
            }
        }
    }
    out + "</code>"
}

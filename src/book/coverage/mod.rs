//! The coverage table: what becomes of each fact about the consumers that can break a machine.
//!
//! Each ends as a rule that reports it, as impossible by construction with the test that proves it, or as something that no
//! fleet file shows, with the page that tells the user. `tests/coverage.rs` holds the table against rules, tests and pages.

mod bundles;
mod first_boot;
mod installer;
mod network;
mod service;

use super::FACTS;

/// The path of the page.
pub(super) const PATH: &str = "coverage.md";

/// What becomes of one fact.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// The fact's id, as `facts.md` has it.
    pub id: &'static str,
    /// What it breaks, in a few words.
    pub trap: &'static str,
    /// What becomes of it.
    pub ends: &'static [End],
}

/// How a fact ends.
#[derive(Clone, Copy, Debug)]
pub enum End {
    /// A rule reports it: its id.
    Rule(&'static str),
    /// What fleetc writes cannot have it: why not, and the test that proves it.
    Built(&'static str, &'static str),
    /// No fleet file shows it: why not, and the page that tells the user, with or without an anchor.
    Unseen(&'static str, &'static str),
}

/// Every row, by chapter.
pub fn rows() -> impl Iterator<Item = &'static Row> {
    CHAPTERS.iter().flat_map(|(_, rows)| rows.iter())
}

/// The chapters of the facts.
const CHAPTERS: &[(&str, &[Row])] = &[
    ("The installer, ister", installer::ROWS),
    ("The service that the tree replaces", service::ROWS),
    ("The first boot, ucd", first_boot::ROWS),
    ("clr-installer", service::CLR_INSTALLER),
    ("Bundles and releases", bundles::ROWS),
    ("Network boot", network::ROWS),
    ("Boot files", network::BOOT_FILES),
    ("iPXE and web servers, as measured", network::MEASURED),
    ("The handover to Ansible", bundles::HANDOVER),
];

const INTRODUCTION: &str = "\
# Coverage: what becomes of each trap

The programs that read the tree accept, ignore and misread things in ways that wipe disks or leave machines configured by
half. Each fact about them ends in one of three ways:

- a **rule** reports it, and nothing is built when it is an error;
- it is **impossible**: what fleetc writes cannot have it, and a test proves that;
- it is **not visible** in a fleet file, and a page tells you what to look at.

Tests hold this page against the rules, the tests and the pages that it names.
";

/// The page.
pub(super) fn page() -> String {
    let mut text = String::from(INTRODUCTION);
    let count = |kind: fn(&End) -> bool| rows().filter(|row| row.ends.iter().any(kind)).count();
    text.push_str(&format!(
        "\nOf {} facts, {} are reported by rules, {} are impossible, {} are not visible; some are two of these.\n",
        rows().count(),
        count(|end| matches!(end, End::Rule(_))),
        count(|end| matches!(end, End::Built(..))),
        count(|end| matches!(end, End::Unseen(..))),
    ));
    for (title, rows) in CHAPTERS {
        text.push_str(&format!("\n## {title}\n\n| fact | what it breaks | what becomes of it |\n|---|---|---|\n"));
        for row in *rows {
            let ends: Vec<String> = row.ends.iter().map(shown).collect();
            let fact = format!("[{}]({FACTS}#{})", row.id, row.id.to_lowercase());
            text.push_str(&format!("| {fact} | {} | {} |\n", row.trap, ends.join("<br>")));
        }
    }
    text
}

fn shown(end: &End) -> String {
    match end {
        End::Rule(id) => format!("rule [`{id}`](rules/{id}.md)"),
        End::Built(how, test) => format!("impossible: {how} (test `{test}`)"),
        End::Unseen(why, page) => format!(
            "not visible: {why}; see [{}]({page})",
            page.split('#').next_back().unwrap_or(page).replace('-', " ").trim_end_matches(".md")
        ),
    }
}

//! The coverage table: a row for each fact about the consumers, each naming rules, tests and pages that exist and speak of it.

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

use fleetc::book::anchor;
use fleetc::book::coverage::{End, rows};
use fleetc::diag::Page;
use fleetc::rules;

/// Every number of the facts, by chapter. Gaps are meant: a number is for ever.
const NUMBERS: &[(char, &[std::ops::RangeInclusive<u32>])] = &[
    ('I', &[1..=26, 30..=45, 50..=88]),
    ('S', &[1..=14]),
    ('U', &[1..=32]),
    ('C', &[1..=17]),
    ('B', &[1..=10]),
    ('N', &[1..=12]),
    ('P', &[1..=7]),
    ('X', &[1..=19]),
    ('A', &[1..=5]),
];

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// Every Rust file below a folder, with its text.
fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut found = Vec::new();
    let mut folders = vec![root().join(folder)];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(&folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push((path.clone(), fs::read_to_string(&path).expect("a text")));
            }
        }
    }
    found
}

/// Whether a text cites a fact: `I-5`, and not `I-50`. A range `I-50 to I-69` cites what lies in it.
fn cites(text: &str, id: &str) -> bool {
    let ends = |at: usize| !text[at..].starts_with(|c: char| c.is_ascii_digit());
    if text.match_indices(id).any(|(at, _)| ends(at + id.len())) {
        return true;
    }
    let (chapter, number) = id.split_at(2);
    let number: u32 = number.parse().expect("a number");
    let digits = |text: &str| text.bytes().take_while(u8::is_ascii_digit).count();
    text.match_indices(" to ").any(|(at, _)| {
        let before =
            text[..at].rsplit([' ', ',', '(']).next().and_then(|word| word.strip_prefix(chapter)?.parse().ok());
        let after = text[at + 4..].strip_prefix(chapter).and_then(|rest| rest[..digits(rest)].parse().ok());
        before.zip(after).is_some_and(|(first, last): (u32, u32)| (first..=last).contains(&number))
    })
}

#[test]
fn every_number_has_one_row() {
    let ids: Vec<&str> = rows().map(|row| row.id).collect();
    let mut wanted = Vec::new();
    for (chapter, ranges) in NUMBERS {
        wanted.extend(ranges.iter().cloned().flatten().map(|number| format!("{chapter}-{number}")));
    }
    let (found, missing): (BTreeSet<&str>, Vec<&String>) =
        (ids.iter().copied().collect(), wanted.iter().filter(|id| !ids.contains(&id.as_str())).collect());
    assert!(missing.is_empty(), "no row for {missing:?}");
    assert_eq!(found.len(), ids.len(), "a number has two rows");
    assert_eq!(ids.len(), wanted.len(), "a row for a number that no fact has");
    let idle: Vec<&str> = rows().filter(|row| row.ends.is_empty()).map(|row| row.id).collect();
    assert!(idle.is_empty(), "nothing becomes of {idle:?}");
}

#[test]
fn every_fact_has_a_section() {
    let facts = fs::read_to_string(root().join("book/src/facts.md")).expect("the page");
    let missing: Vec<&str> =
        rows().map(|row| row.id).filter(|id| !facts.lines().any(|line| line == format!("### {id}"))).collect();
    assert!(missing.is_empty(), "book/src/facts.md does not tell {missing:?}");
}

#[test]
fn every_rule_exists_and_its_page_cites_the_fact() {
    let mut faults = Vec::new();
    for row in rows() {
        for end in row.ends {
            let End::Rule(id) = end else { continue };
            match rules::find(id) {
                None => faults.push(format!("{}: no rule `{id}`", row.id)),
                Some(rule) if !cites(Page::of(rule).text(), row.id) => {
                    faults.push(format!("{}: the page of `{id}` does not cite it", row.id));
                }
                Some(_) => {}
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The other way round: what a rule's page cites as its reason is one of the facts, and its row names the rule, or says
/// what else becomes of it.
#[test]
fn every_fact_that_a_rule_cites_has_a_row() {
    let ids: BTreeSet<&str> = rows().map(|row| row.id).collect();
    let mut faults = Vec::new();
    for rule in rules::RULES {
        let page = Page::of(rule);
        for word in page.text().split(|c: char| !c.is_ascii_alphanumeric() && c != '-') {
            let (chapter, number) = word.split_at_checked(2).unwrap_or_default();
            let fact = ["I-", "S-", "U-", "C-", "B-", "N-", "P-", "X-", "A-"].contains(&chapter)
                && !number.is_empty()
                && number.bytes().all(|byte| byte.is_ascii_digit());
            if fact && !ids.contains(word) {
                faults.push(format!("`{}` cites {word}", rule.id));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_test_exists_and_it_or_what_it_stands_on_cites_the_fact() {
    let tests: Vec<(PathBuf, String)> = [sources("tests"), sources("src")].concat();
    let (below, helpers) = (root().join("tests"), root().join("tests/support"));
    let mut faults = Vec::new();
    for row in rows() {
        for end in row.ends {
            let End::Built(_, name) = end else { continue };
            // As a function, or as a line of a macro that makes one.
            let heads = [format!("fn {name}("), format!("\n    {name}: \"")];
            let has = |text: &str| heads.iter().any(|head| text.contains(head.as_str()));
            let Some((path, text)) = tests.iter().find(|(_, text)| has(text)) else {
                faults.push(format!("{}: no test `{name}`", row.id));
                continue;
            };
            // A test in the code speaks for its own file, one in `tests` for its folder and for the readers it uses.
            let folder = path.parent().filter(|folder| *folder != below);
            let speaks =
                |other: &Path| folder.is_some_and(|folder| other.starts_with(folder)) || other.starts_with(&helpers);
            let cited = cites(text, row.id)
                || path.starts_with(&below) && tests.iter().any(|(other, text)| speaks(other) && cites(text, row.id));
            if !cited {
                faults.push(format!("{}: neither `{name}` nor what it uses cites it", row.id));
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

#[test]
fn every_page_that_tells_the_user_exists_and_cites_the_fact() {
    let mut faults = Vec::new();
    for row in rows() {
        for end in row.ends {
            let End::Unseen(_, page) = end else { continue };
            let (file, place) = page.split_once('#').unwrap_or((page, ""));
            let Ok(text) = fs::read_to_string(root().join("book/src").join(file)) else {
                faults.push(format!("{}: no page {file}", row.id));
                continue;
            };
            let section = match place {
                "" => Some(text.as_str()),
                _ => section(&text, place),
            };
            match section {
                None => faults.push(format!("{}: no section {page}", row.id)),
                Some(section) if !cites(section, row.id) => faults.push(format!("{}: {page} does not cite it", row.id)),
                Some(_) => {}
            }
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
}

/// The text below the heading with an anchor, up to the next heading of its level or above.
fn section<'t>(page: &'t str, place: &str) -> Option<&'t str> {
    let level = |line: &str| line.bytes().take_while(|byte| *byte == b'#').count();
    let mut at = 0;
    let mut start = None;
    // What a command prints is no heading.
    let mut fenced = false;
    for line in page.split_inclusive('\n') {
        fenced ^= line.starts_with("```");
        let depth = if fenced { 0 } else { level(line) };
        match start {
            None if depth > 0 && anchor(line.trim_start_matches('#').trim()) == place => start = Some((at, depth)),
            Some((start, of)) if depth > 0 && depth <= of => return Some(&page[start..at]),
            _ => {}
        }
        at += line.len();
    }
    start.map(|(start, _)| &page[start..])
}

#[test]
fn citations_are_found() {
    assert!(cites("(contract I-5)", "I-5") && !cites("(contract I-50)", "I-5"));
    assert!(cites("contract I-50 to I-69.", "I-57") && !cites("contract I-50 to I-69.", "I-70"));
}

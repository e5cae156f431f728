//! The plan as Markdown, read back by a renderer of CommonMark with tables.

use std::sync::Arc;

use fleetc::model::{FromText, Mac};
use fleetc::plan::{Change, Kind, MARKDOWN_LIMIT, Moved, Place, Plan, Unlisted, markdown};
use proptest::prelude::*;
use pulldown_cmark::{Event, Options, Parser, Tag, TagEnd};

use crate::repository::{Repository, fleetc};

fn change(host: &str, kinds: &[Kind], fields: &[&'static str], file: &str, line: u32) -> Change {
    let because = vec![Place { file: file.into(), line, gone: false }];
    let (kinds, fields) = (kinds.to_vec(), fields.to_vec());
    Change { host: host.into(), was: None, kinds, fields, because, unlisted: Vec::new(), moved: Vec::new() }
}

fn parse(text: &str) -> Parser<'_> {
    Parser::new_ext(text, Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_GFM)
}

/// The tables of a text as a reader sees them: rows of cells, the heading first.
fn tables(text: &str) -> Vec<Vec<Vec<String>>> {
    let mut tables: Vec<Vec<Vec<String>>> = Vec::new();
    let mut cell: Option<String> = None;
    for event in parse(text) {
        match event {
            Event::Start(Tag::Table(_)) => tables.push(Vec::new()),
            Event::Start(Tag::TableHead | Tag::TableRow) => tables.last_mut().unwrap().push(Vec::new()),
            Event::Start(Tag::TableCell) => cell = Some(String::new()),
            Event::End(TagEnd::TableCell) => {
                let row = tables.last_mut().unwrap().last_mut().unwrap();
                row.push(cell.take().unwrap());
            }
            Event::Text(text) | Event::Code(text) => {
                if let Some(cell) = &mut cell {
                    cell.push_str(&text);
                }
            }
            Event::InlineHtml(tag) => {
                assert!(["<code>", "</code>", "<br>"].contains(&&*tag), "{tag}");
                if let Some(cell) = cell.as_mut().filter(|_| &*tag == "<br>") {
                    cell.push('\n');
                }
            }
            Event::Start(Tag::Strong) | Event::End(TagEnd::Strong) => {}
            other => assert!(cell.is_none(), "in a cell: {other:?}"),
        }
    }
    tables
}

fn html(text: &str) -> String {
    let mut html = String::new();
    pulldown_cmark::html::push_html(&mut html, parse(text));
    html
}

#[test]
fn a_plan_is_a_headline_an_overview_and_folded_details() {
    let mut renamed = change("web-2", &[Kind::Install, Kind::Renamed], &["release", "name"], "fleet.yaml", 9);
    renamed.was = Some("web-1".into());
    let card = Mac::from_text("52:54:00:00:00:01").unwrap();
    renamed.moved = vec![Moved { mac: card, from: "web-1".into(), to: "db-1".into() }];
    let plan = Plan {
        hosts: vec![change("db-1", &[Kind::Reinstall], &["state"], "fleet.yaml", 7), renamed],
        unlisted: Some(Unlisted {
            was: Some("refuse".to_string()),
            now: "install web".to_string(),
            kinds: vec![Kind::Reinstall],
            fields: vec!["unknown"],
            because: vec![Place { file: "fleet.yaml".into(), line: 3, gone: false }],
        }),
        unknown: "install web".to_string(),
        before: 2,
    };
    let text = markdown(&plan, None);
    assert!(text.starts_with("<!-- fleetc-plan -->\n### What this does to the machines\n"), "{text}");
    let tables = tables(&text);
    let cells = |row: &[&str]| row.iter().map(|cell| cell.to_string()).collect::<Vec<_>>();
    let wiped = "wiped: had a system, or may have had one, and is installed at the next network boot";
    assert_eq!(tables[0][1], cells(&["reinstall", "1", wiped]));
    assert_eq!(tables[0][2], cells(&["install", "1", "still to be installed, now differently"]));
    assert_eq!(tables[0][3], cells(&["renamed", "1", "has another name"]));
    assert_eq!(tables[1], [cells(&["machines", "what", "because of"]), cells(&["db-1", "state", "fleet.yaml:7"])]);
    let moved = "release, name (also renamed)\ncard 52:54:00:00:00:01 went from web-1 to db-1";
    assert_eq!(tables[2][1], cells(&["web-1 → web-2", moved, "fleet.yaml:9"]));
    assert_eq!(tables.len(), 3);
    let html = html(&text);
    // What is wiped is in sight, the rest is folded; the strangers come first.
    assert_eq!(html.matches("<details open>").count(), 1);
    assert_eq!(html.matches("<details>").count(), 1);
    assert_eq!(html.matches("</details>").count(), 2);
    assert!(html.contains("<summary><b>reinstall</b>: 1 host</summary>"), "{html}");
    let strangers = "<strong>Machines that are not listed</strong>: <code>refuse</code> → <code>install web</code> (reinstall), <code>fleet.yaml:3</code>. Any of them is wiped when it boots here.";
    assert!(html.find(strangers).unwrap() < html.find("<table>").unwrap(), "{html}");
}

#[test]
fn no_change_is_said_and_keeps_the_marker() {
    let text = markdown(&Plan::default(), None);
    assert_eq!(
        text,
        "<!-- fleetc-plan -->\n### What this does to the machines\n\nNo machine changes: every machine reads the same bytes as before.\n"
    );
}

#[test]
fn a_large_plan_is_cut_and_says_what_is_missing() {
    for count in [0, 1, 600, 5_000, 50_000] {
        // No two names follow each other, and each has a line of its own.
        let host = |index: u32| {
            let kind = if index.is_multiple_of(3) { Kind::Reinstall } else { Kind::Install };
            let fields: &[&'static str] = if index.is_multiple_of(2) { &["state"] } else { &["bundles"] };
            let mut change = change(&format!("node-{:05}", 7 * index), &[kind], fields, "fleet.yaml", 3 * index + 1);
            change.because.push(Place { file: Arc::from("roles/a.yaml"), line: index + 1, gone: true });
            change
        };
        let hosts: Vec<Change> = (0..count).map(host).collect();
        let plan = Plan { hosts, unlisted: None, unknown: "refuse".to_string(), before: count as usize };
        let text = markdown(&plan, None);
        assert!(text.len() <= MARKDOWN_LIMIT, "{count}: {}", text.len());
        let shown: usize = tables(&text).iter().skip(1).map(|table| table.len() - 1).sum();
        let cut = text.lines().find_map(|line| line.strip_prefix("**Cut here**: "));
        let cut = cut.map_or(0, |line| line.split(' ').next().unwrap().parse::<usize>().unwrap());
        assert_eq!(shown + cut, count as usize);
        assert_eq!(cut > 0, count > 1_000, "{count}");
        assert_eq!(text.matches("<details").count(), text.matches("</details>").count());
    }
}

#[test]
fn errors_and_guards_stand_in_the_text() {
    let fleet = include_str!("../../examples/mixed/fleet.yaml");
    let repository = Repository::new(&[("fleet.yaml", fleet)]);
    for folder in ["roles", "boot"] {
        let from = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/mixed").join(folder);
        for file in std::fs::read_dir(from).unwrap().map(Result::unwrap) {
            let name = format!("{folder}/{}", file.file_name().into_string().unwrap());
            repository.write(&name, &std::fs::read_to_string(file.path()).unwrap());
        }
    }
    repository.commit("all");
    let run = |text: &str, arguments: &[&str]| {
        repository.write("fleet.yaml", text);
        fleetc(repository.folder(), &[&["plan", "--base", "HEAD", "--format", "markdown"], arguments].concat())
    };
    let wiped = fleet.replacen("state: installed", "state: install", 1);
    assert_ne!(wiped, fleet);
    let forbidden = run(&wiped, &["--max-reinstall", "0"]);
    assert_eq!(forbidden.code, 1);
    assert!(forbidden.stdout.contains("**A guard forbids this change.**\n\n```text\n"), "{}", forbidden.stdout);
    assert!(forbidden.stdout.contains("error[too-many-reinstalls]: this change wipes 1 of"), "{}", forbidden.stdout);
    assert_eq!(run(&wiped, &["--max-reinstall", "1"]).code, 0);
    let broken = run(&fleet.replacen("mac:", "mcc:", 1), &[]);
    assert_eq!(broken.code, 1);
    assert!(broken.stdout.starts_with("<!-- fleetc-plan -->\n"), "{}", broken.stdout);
    assert!(broken.stdout.contains("**There is no plan: the fleet file has errors.**"), "{}", broken.stdout);
    assert!(broken.stdout.contains("error[unknown-key]"), "{}", broken.stdout);
}

proptest! {
    /// Whatever a file is called, a reader sees its name, and nothing of it is markup.
    #[test]
    fn names_mean_themselves(file in "[ -~äß→`|\\\\*_<>&\\[\\]#@]{1,40}") {
        let trimmed = file.split_whitespace().collect::<Vec<_>>().join(" ");
        prop_assume!(trimmed == file);
        let plan = Plan {
            hosts: vec![change("web-1", &[Kind::Install], &["release"], &file, 12)],
            unlisted: None,
            unknown: "refuse".to_string(),
            before: 1,
        };
        let text = markdown(&plan, None);
        let tables = tables(&text);
        prop_assert_eq!(&tables[1][1], &["web-1".to_string(), "release".to_string(), format!("{file}:12")], "{}", text);
    }
}

//! Files that are cut, doubled or no lists at all: a message, and never a panic.

use std::fs;
use std::path::Path;

use fleetc::diag::{Levels, Report, Sink};
use fleetc::import::{self, Known, List, Repairs, RoleFile, Setup, Wish};
use fleetc::model::{FromText, Name};
use fleetc::report::{Format, Style, render};
use fleetc::source::{FileId, Sources};
use proptest::prelude::*;

/// Reads a text as every kind of source, judges it, makes a fleet file of it, and draws what is said.
fn read(text: &str) {
    read_with(text, &LISTS);
    read_with(text, &TEMPLATES);
}

type Reader = fn(&str, FileId, &Sink) -> List;

const LISTS: [Reader; 4] = [
    import::csv,
    import::dnsmasq,
    |text, file, sink| {
        let roles = [RoleFile { name: "compute".to_string(), text: Some((text.to_string(), file)) }];
        let mut repairs = Repairs::default();
        repairs.add("all");
        import::icis(text, file, &roles, repairs, sink)
    },
    |text, file, sink| {
        let mut setup = Setup::default();
        import::boot_script(text, file, &mut setup, sink);
        List { setup, ..import::icis(text, file, &[], Repairs::default(), sink) }
    },
];

const TEMPLATES: [Reader; 2] = [
    |text, file, sink| {
        let wish = Wish { name: Name::from_text("new").ok(), disk: None, macs: Vec::new(), added: false };
        import::ister(text, file, &wish, Setup::default(), sink)
    },
    |text, file, sink| {
        let mut setup = Setup::default();
        import::add_template(text, file, &Wish::default(), &mut setup, sink);
        List { setup, ..List::default() }
    },
];

fn read_with(text: &str, readers: &[Reader]) {
    for reader in readers {
        let (mut sources, sink) = (Sources::default(), Sink::default());
        let file = sources.add_foreign("list", text);
        let mut list = reader(text, file, &sink);
        import::judge(&mut list, &Known::default(), None, &sink);
        let report = Report::plain(sink, &Levels::default());
        let mut out = Vec::new();
        render(Format::Human, &report, &sources, &Style::PLAIN, &mut out).unwrap();
        assert!(!String::from_utf8(out).unwrap().contains("Failed"), "{text:?}");
        let fleet = &import::new_fleet(&list, "list")["fleet.yaml"];
        assert!(fleetc::yaml::parse(fleet).is_ok(), "{fleet}");
    }
}

const SEED: &str = "name,mac,role\nnode-1,52:54:00:00:00:01,compute\ndefault,compute\n52:54:00:00:00:0A, compute,x\n\
                    dhcp-host=52:54:00:00:00:02,\"a\",10.0.0.1 # ž\ndhcp-range=10.0.0.9,10.0.0.1,255.0.255.0\n#!ipxe\n\
                    kernel linux a=b\nboot\n1764300000 52:54:00:00:00:02 10.1.0.130 node-2 *\n";

proptest! {
    #[test]
    fn any_text_is_read(lines in prop::collection::vec(0_usize..11, 1..6), cut in 0_usize..60, more in "\\PC{0,12}|[\",=#:*\t\r\n ]{0,6}") {
        let all: Vec<&str> = SEED.lines().collect();
        let mut text: String = lines.iter().map(|line| format!("{}\n", all[line % all.len()])).collect();
        let at = (0..=cut.min(text.len())).rev().find(|at| text.is_char_boundary(*at)).unwrap_or(0);
        text.insert_str(at, &more);
        read(&text);
        read(&text[at..]);
    }
}

/// A template that is cut at any byte, lacks a value, or has another in its place: a message, and no panic.
#[test]
fn a_template_that_is_mangled_is_reported() {
    let all = crate::templates::all();
    let template = all.iter().find(|template| template.name == "every key that there is").unwrap();
    let whole = crate::templates::text(&template.json);
    for at in (0..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
        read_with(&whole[..at], &TEMPLATES);
    }
    // Each scalar, each key and each collection, one after the other.
    let signs: Vec<usize> = whole.match_indices(['"', '[', '{', ':', ',']).map(|(at, _)| at).collect();
    for at in signs {
        for instead in ["null", "{}", "[0]", "\"\"", "1e999"] {
            let end = whole[at + 1..].find([',', ']', '}', ':']).map_or(whole.len(), |end| at + 1 + end);
            read_with(&format!("{}{instead}{}", &whole[..at], &whole[end..]), &TEMPLATES);
            read_with(&format!("{}{instead}{}", &whole[..=at], &whole[end..]), &TEMPLATES);
        }
    }
}

/// Fleet files that are cut at any byte, or lack a line: added to, or left alone.
#[test]
fn a_fleet_file_that_is_cut_is_added_to_or_left_alone() {
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let text = "name,mac,role\nnew-1,52:54:00:00:09:01,compute\n";
    let file = sources.add_foreign("list.csv", text);
    let mut list = import::csv(text, file, &sink);
    import::judge(&mut list, &Known::default(), None, &sink);
    for example in ["minimal", "pilot"] {
        let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples").join(example).join("fleet.yaml");
        let whole = fs::read_to_string(path).unwrap();
        let mut added = 0;
        let cut = (0..whole.len()).filter(|at| whole.is_char_boundary(*at)).map(|at| whole[..at].to_string());
        let lines: Vec<&str> = whole.split_inclusive('\n').collect();
        let without = (0..lines.len()).map(|line| [&lines[..line], &lines[line + 1..]].concat().concat());
        for text in cut.chain(without) {
            let Ok(after) = import::add(&text, FileId(0), &list) else { continue };
            added += 1;
            assert_eq!(after.matches("52:54:00:00:09:01").count(), 1, "{text}");
            assert!(fleetc::yaml::parse(&after).is_ok(), "{after}");
        }
        assert!(added > 100, "{example}: {added}");
    }
}

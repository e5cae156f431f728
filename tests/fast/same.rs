//! Whatever the reader accepts is what the general parser makes of it: every node, place and value.

use std::cell::Cell;

use fleetc::yaml::{parse_fast, parse_general};
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use crate::{corpus, generate, write};

/// Compares both readings of a text; says whether the reader took it.
#[track_caller]
pub fn compare(text: &str) -> bool {
    let Some(fast) = parse_fast(text) else { return false };
    match parse_general(text) {
        Ok(general) => assert_eq!(fast, general, "both read {text:?}"),
        Err(error) => panic!("taken, but {error:?}: {text:?}"),
    }
    true
}

/// Compares both readings of what a strategy makes, the same in each run. Gives how many texts the reader took.
fn taken(cases: u32, texts: &impl Strategy<Value = String>) -> u32 {
    let count = Cell::new(0);
    let config = Config { cases, failure_persistence: None, max_shrink_iters: 20_000, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let outcome = runner.run(texts, |text| {
        count.set(count.get() + u32::from(compare(&text)));
        Ok(())
    });
    outcome.unwrap();
    count.get()
}

/// A change to the bytes of a text, at a place given in parts of 65,536 of its length.
#[derive(Clone, Debug)]
enum Change {
    Insert(u16, &'static str),
    Replace(u16, &'static str),
    Remove(u16, u8),
    Flip(u16, u8),
    Double(u16),
    Swap(u16, u16),
    Indent(u16, usize),
    Drop(u16),
    Cut(u16),
}

fn change() -> impl Strategy<Value = Change> {
    let place = any::<u16>;
    let sign = || proptest::sample::select(write::SIGNS);
    prop_oneof![
        4 => (place(), sign()).prop_map(|(at, sign)| Change::Insert(at, sign)),
        2 => (place(), sign()).prop_map(|(at, sign)| Change::Replace(at, sign)),
        2 => (place(), 1u8..4).prop_map(|(at, length)| Change::Remove(at, length)),
        2 => (place(), 0u8..7).prop_map(|(at, bit)| Change::Flip(at, bit)),
        1 => place().prop_map(Change::Double),
        1 => (place(), place()).prop_map(|(one, other)| Change::Swap(one, other)),
        2 => (place(), 0usize..6).prop_map(|(at, indent)| Change::Indent(at, indent)),
        1 => place().prop_map(Change::Drop),
        1 => place().prop_map(Change::Cut),
    ]
}

/// Makes a change; the text stays text.
fn changed(text: &str, change: &Change) -> String {
    let offset = |at: u16| {
        let mut offset = (text.len() * usize::from(at)) >> 16;
        while !text.is_char_boundary(offset) {
            offset -= 1;
        }
        offset
    };
    let mut lines: Vec<&str> = text.split_inclusive('\n').collect();
    let count = lines.len();
    let line = |at: u16| ((count * usize::from(at)) >> 16).min(count.saturating_sub(1));
    let behind = |from: usize, characters: usize| {
        text[from..].char_indices().nth(characters).map_or(text.len(), |(length, _)| from + length)
    };
    match *change {
        _ if count == 0 => String::from(": "),
        Change::Insert(at, sign) => format!("{}{sign}{}", &text[..offset(at)], &text[offset(at)..]),
        Change::Replace(at, sign) => format!("{}{sign}{}", &text[..offset(at)], &text[behind(offset(at), 1)..]),
        Change::Remove(at, length) => {
            format!("{}{}", &text[..offset(at)], &text[behind(offset(at), length.into())..])
        }
        Change::Flip(at, bit) => {
            let mut bytes = text.as_bytes().to_vec();
            bytes[offset(at)] ^= 1 << bit;
            String::from_utf8_lossy(&bytes).into_owned()
        }
        Change::Double(at) => {
            lines.insert(line(at), lines[line(at)]);
            lines.concat()
        }
        Change::Swap(one, other) => {
            lines.swap(line(one), line(other));
            lines.concat()
        }
        Change::Indent(at, indent) => {
            let moved = format!("{}{}", " ".repeat(indent), lines[line(at)].trim_start_matches(' '));
            lines[line(at)] = &moved;
            lines.concat()
        }
        Change::Drop(at) => {
            lines.remove(line(at));
            lines.concat()
        }
        Change::Cut(at) => text[..offset(at)].to_string(),
    }
}

/// Texts of a strategy, with a few changes made to them.
fn mangled(texts: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    (texts, prop_oneof![Just(Vec::new()), proptest::collection::vec(change(), 1..4)])
        .prop_map(|(text, changes)| changes.iter().fold(text, |text, change| changed(&text, change)))
}

/// Some lines of the texts of this repository and of a generated fleet.
fn excerpts() -> impl Strategy<Value = String> {
    let mut texts: Vec<String> = corpus::all().into_iter().map(|(_, text)| text).collect();
    texts.push(generate::fleet(40));
    (proptest::sample::select(texts), any::<u16>(), 1usize..25, any::<bool>()).prop_map(|(text, at, count, crlf)| {
        let lines: Vec<&str> = text.split_inclusive('\n').collect();
        let from = (lines.len() * usize::from(at)) >> 16;
        let some = lines[from..lines.len().min(from + count)].concat();
        if crlf { some.replace('\n', "\r\n") } else { some }
    })
}

#[test]
fn texts_of_this_repository() {
    for (name, text) in corpus::all() {
        println!("{name}: {}", if compare(&text) { "taken" } else { "left" });
        compare(&text.replace('\n', "\r\n"));
        compare(&format!("\u{feff}{text}"));
    }
}

#[test]
fn excerpts_and_mutations_of_them() {
    let taken = taken(2_000, &mangled(excerpts()));
    assert!(taken > 500, "only {taken} were taken");
}

#[test]
fn written_documents_and_mutations_of_them() {
    let taken = taken(1_500, &mangled(write::document()));
    assert!(taken > 200, "only {taken} were taken");
}

#[test]
fn signs_in_any_order() {
    let signs = proptest::collection::vec(proptest::sample::select(write::SIGNS), 0..14);
    let taken = taken(4_000, &signs.prop_map(|signs| signs.concat()));
    assert!(taken > 100, "only {taken} were taken");
}

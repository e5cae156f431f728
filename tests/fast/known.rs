//! What the reader takes, and what it leaves: a reader that takes nothing would agree with everybody.

use fleetc::yaml::{MAX_DEPTH, parse, parse_fast};

use crate::{corpus, generate, same};

#[track_caller]
fn takes(text: &str) {
    assert!(same::compare(text), "left: {text:?}");
}

#[test]
fn the_examples_and_generated_fleets() {
    let mut fleets = 0;
    for (name, text) in corpus::all() {
        if name.starts_with("examples/") && name.ends_with("fleet.yaml") {
            assert!(same::compare(&text), "{name}");
            fleets += 1;
        }
    }
    assert_eq!(fleets, 4);
    takes(&generate::fleet(2_000));
    takes(generate::ROLE);
}

#[test]
fn files_as_they_come_from_editors() {
    let text = generate::fleet(60);
    takes(&text.replace('\n', "\r\n"));
    takes(&format!("\u{feff}{text}"));
    takes(&format!("---\n{text}"));
    takes(text.trim_end());
    takes(&text.replace("# rack", "# Gestell\t–"));
    takes(&text.replace("team-", "équipe-"));
    takes(&text.replace('\n', "  \n\n"));
}

#[test]
fn forms() {
    for text in [
        "a: b\n",
        "a:\n",
        "a:\nb:   # nothing yet\n\nc: d\n",
        "a:\n- b\n- c: d\n  e: f\n-   g\nh: i\n",
        "a:\n  - - b\n    - c\n  -\n    d: e\n",
        "- a\n- b: c\n",
        "a:\n  b\nc:\n  \"d\"\ne:\n  [f]\n",
        "\"a b\" : 'it''s'\n'c': \"\\\"\\n\"\n",
        "a: [b, {c: d, e: }, [], {}, 'f',]   # g\n",
        "a: [   # one\n  b,   # two\n\n  c\n]\nd: {\n  e: f,\n}\n",
        "52:54:00:00:00:01: a#b\nc: -d\ne: f [g], {h} \"i\"\n",
        "  a: b\n  c: d\n",
        "~:\n",
        "a: &b c\nd: &e\n  f: *b   # g\nh: [*e, &i {j: *b }, *i]\nk: &l   # m\n- *e\n- &n \"o\"\np: *l\n",
        "a: |\n  b\n   c\n\n  # d\n   \n# e\nf: g\n",
        "- |-   # why\n b\n\n- a: |\n    b",
    ] {
        takes(text);
        takes(&text.replace('\n', "\r\n"));
        takes(&format!("# a comment\n{text}"));
    }
}

#[test]
fn what_is_left() {
    for text in [
        "",
        "# nothing\n",
        "a\n",
        "[a]\n",
        "a: *b\n",
        "a: &b [*b]\n",
        "a: &b c\nd: &b e\n",
        "a: &b\nc: d\n",
        "&a b: c\n",
        "- &a b: c\n",
        "a: &b c\n*b : d\n",
        "a: &b\n  c\n",
        "- &b\n- c\n",
        "a: !t b\n",
        "? a\n: b\n",
        "%YAML 1.2\n---\na: b\n",
        "a: b\n---\nc: d\n",
        "a: b\n...\n",
        "a: b\n  c\n",
        "a: \"b\n  c\"\n",
        "a:\tb\n",
        "a: b\t\n",
        "a:\n\tb: c\n",
        "a: [b: c]\n",
        "a: {b}\n",
        "a: {b:}\n",
        "a: b: c\n",
        "a: \"\\x41\"\n",
        "a: b\rc: d\n",
        "a: \u{85}\n",
        "-\n- a\n",
        "a:\n    b: c\n  d: e\n",
        "a: [b\n--- c]\n",
        "a: 'b'#c\n",
        "a: >\n  b\n",
        "a: |+\n  b\n\n",
        "a: |2\n   b\n",
        "a: |\nb: c\n",
        "a: |\n\n  b\n",
    ] {
        assert!(parse_fast(text).is_none(), "taken: {text:?}");
    }
}

#[test]
fn what_is_deep_long_or_many_is_for_the_general_parser() {
    for deep in [
        format!("a: {}{}\n", "[".repeat(MAX_DEPTH), "]".repeat(MAX_DEPTH)),
        format!("{}a\n", "- ".repeat(MAX_DEPTH)),
        (0..MAX_DEPTH).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect(),
    ] {
        assert!(parse_fast(&deep).is_none());
        assert!(parse(&deep).is_ok());
    }
    let many = |count: u32| -> String { (0..count).map(|index| format!("a{index}: &a{index} b\n")).collect() };
    takes(&many(200));
    assert!(parse_fast(&many(300)).is_none());
    let long = "a".repeat(3000);
    takes(&format!("a: {long}\n"));
    assert!(parse_fast(&format!("{long}: b\n")).is_none());
}

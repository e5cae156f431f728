//! Documents of all forms, written at random.

use proptest::prelude::*;
use proptest::sample::select;

/// What has a meaning in YAML, and a little that has none. Some stand twice, to come more often.
pub const SIGNS: &[&str] = &[
    "a",
    "b",
    "a",
    "b",
    "é",
    "~",
    "-1",
    " ",
    "  ",
    "    ",
    "\n",
    "\n",
    "\n  ",
    "\n    ",
    "\r\n",
    "\r",
    "\t",
    "a: ",
    "b: ",
    "a:\n",
    "b: c\n",
    "a: b\n",
    "  b: c\n",
    ":",
    ": ",
    ":\n",
    "- ",
    "- ",
    "-\n",
    "-",
    "- a\n",
    "- - ",
    "- a: b\n",
    "? ",
    "[",
    "]",
    "{",
    "}",
    ",",
    ", ",
    "[a, b]",
    "{ a: b }",
    "[]",
    "{}",
    "{a: }",
    "[\n",
    ",\n",
    "a: &x b\n",
    "a: &x\n",
    "*x",
    "&x [",
    "&x ",
    "'",
    "\"",
    "''",
    "\"a\"",
    "'a b'",
    "\"\\n\"",
    "\\",
    "#",
    " # c",
    " # c\n",
    "# c\n",
    "#c",
    "---\n",
    "---",
    "...",
    "...\n",
    "%",
    "&a ",
    "*a",
    "!t ",
    "|\n",
    ">\n",
    "|",
    "@",
    "`",
    "=",
    "<<: ",
    "null",
    "\u{feff}",
    "\0",
    "\u{85}",
    "\u{2028}",
    "😀",
];

/// Words, plain or in quotes, as keys and values.
fn word() -> impl Strategy<Value = String> {
    let plain = select(vec![
        "a",
        "node-1",
        "52:54:00:00:00:01",
        "http://h/x#y",
        "-a",
        "--",
        "~",
        "null",
        "no",
        "10.0.0.1",
        "a b",
        "é ü",
        "a#b",
        "a'b",
        "a\"b",
        "a,b",
        "a [b]",
        "x{y",
        "a:b",
        ".5",
        "1_000",
        "a  b",
        "$6$s$h",
        "/boot",
        "C:\\x",
        "<<",
        "=",
    ]);
    let quoted = select(vec![
        "''",
        "'a'",
        "'it''s'",
        "\"\"",
        "\"a\"",
        "\"a: b # c\"",
        "\"\\\"\"",
        "\"a\\nb\"",
        "\"\\\\\"",
        "'\\'",
        "\"\\x41\"",
        "' a '",
        "\"é\"",
        "'#'",
        "\"a\tb\"",
        "\"[\"",
        "'- a'",
    ]);
    prop_oneof![4 => plain, 1 => quoted].prop_map(str::to_string)
}

/// A value on one line, or in flow form over several.
fn inline() -> impl Strategy<Value = String> {
    word().prop_recursive(3, 12, 4, |inner| {
        let gap = || select(vec!["", " ", "\n        ", " # c\n        "]);
        prop_oneof![
            (proptest::collection::vec(inner.clone(), 0..4), gap(), gap())
                .prop_map(|(values, one, two)| { format!("[{one}{}{two}]", values.join(&format!(",{one}"))) }),
            (proptest::collection::vec((word(), inner), 0..4), gap(), gap()).prop_map(|(pairs, one, two)| {
                let pairs: Vec<String> = pairs.iter().map(|(key, value)| format!("{key}: {value}")).collect();
                format!("{{{one}{}{two}}}", pairs.join(&format!(",{one}")))
            }),
        ]
    })
}

/// What a line may end with, and what may stand between lines.
fn end() -> impl Strategy<Value = &'static str> {
    prop_oneof![
        12 => Just("\n"),
        1 => Just("   # why\n"),
        1 => Just("\n\n"),
        1 => Just("\n# a comment\n"),
        1 => Just("\n      # indented\n"),
        1 => Just("  \n"),
    ]
}

/// A collection as lines without indentation; whoever holds it indents them.
fn lines() -> impl Strategy<Value = String> {
    let text =
        (select(vec!["|", "|-", "|-  # c", "|+", ">", "|2"]), any::<bool>(), end()).prop_map(|(sign, more, end)| {
            let more = if more { "\n          # more\n\n       \n         " } else { "" };
            format!("{sign}\n         a text: x{more}{end}")
        });
    let text = (word(), text).prop_map(|(key, text)| format!("{key}: {text}"));
    let pair = (word(), inline(), end()).prop_map(|(key, value, end)| format!("{key}: {value}{end}"));
    let entry = (inline(), end()).prop_map(|(value, end)| format!("- {value}{end}"));
    let pair = prop_oneof![12 => pair, 1 => text];
    let leaf = prop_oneof![
        4 => proptest::collection::vec(pair, 1..4),
        2 => proptest::collection::vec(entry, 1..4),
        1 => (word(), end()).prop_map(|(key, end)| vec![format!("{key}:{end}")]),
        1 => (word(), word(), select(vec!["x", "y", "z"]), end()).prop_map(|(key, value, name, end)| {
            vec![format!("{key}: &{name} {value}{end}"), format!("k: [*{name}]\n"), format!("l: *{name}{end}")]
        }),
    ];
    leaf.prop_map(|lines| lines.concat()).prop_recursive(4, 24, 3, |inner| {
        let anchor = select(vec!["", "", "", "", "", " &c", " &d"]);
        let child = (word(), anchor, end(), 0usize..5, inner.clone())
            .prop_map(|(key, anchor, end, by, lines)| format!("{key}:{anchor}{end}{}", indented(&lines, by)));
        let entry = (inner.clone(), 1usize..4).prop_map(|(lines, by)| {
            let moved = indented(&lines, by + 1);
            format!("-{}", moved.get(1..).unwrap_or_default())
        });
        let below = (inner, 1usize..4).prop_map(|(lines, by)| format!("-\n{}", indented(&lines, by)));
        prop_oneof![
            4 => proptest::collection::vec(child, 1..3),
            2 => proptest::collection::vec(entry, 1..3),
            1 => proptest::collection::vec(below, 1..3),
        ]
        .prop_map(|parts| parts.concat())
    })
}

fn indented(lines: &str, by: usize) -> String {
    lines
        .split_inclusive('\n')
        .map(|line| if line.trim().is_empty() { line.to_string() } else { format!("{}{line}", " ".repeat(by)) })
        .collect()
}

/// A whole document.
pub fn document() -> impl Strategy<Value = String> {
    let head = select(vec!["", "", "", "", "---\n", "# a comment\n---   # begins\n", "\u{feff}"]);
    (head, proptest::collection::vec(lines(), 1..3), 0usize..12, any::<bool>()).prop_map(|(head, parts, by, crlf)| {
        let text = format!("{head}{}", indented(&parts.concat(), if by == 0 { 2 } else { 0 }));
        if crlf { text.replace('\n', "\r\n") } else { text }
    })
}

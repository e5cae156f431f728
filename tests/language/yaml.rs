//! YAML traps, each decided.

use crate::fleet::{DEFAULTS, fleet, whole};

fn hosts(hosts: &str) -> crate::fleet::Case {
    fleet(&format!("hosts:\n{hosts}roles: {{ compute: {{}} }}{DEFAULTS}"))
}

#[test]
fn a_mac_is_never_a_number() {
    // YAML 1.1 reads 52:54:00:12:34:56 in base 60
    let case = hosts("  a: { mac: 12:34:56:12:34:56, role: compute }\n");
    assert!(case.paths().contains(&"boot/12-34-56-12-34-56.ipxe".to_string()));
}

#[test]
fn no_is_a_name() {
    let case =
        hosts("  no: { mac: 52:54:00:00:00:01, role: compute }\n  1: { mac: 52:54:00:00:00:02, role: compute }\n");
    assert_eq!(case.template("no")["Hostname"], "no");
    assert_eq!(case.template("1")["Hostname"], "1");
}

#[test]
fn a_number_with_a_leading_zero_is_refused() {
    let case = whole(
        "version: 1\nserver: { url: http://h }\nreleases:\n  s: { version: 030, kernel: k, initrd: i, installer: { kind: ister, version: 69 } }\n",
    );
    case.says("`030` is no version", "write `30`, without leading zeros");
}

#[test]
fn one_spelling_of_truth() {
    hosts("  a: { mac: 52:54:00:00:00:01, role: compute, legacy_bios: yes }\n")
        .says("`yes` is neither `true` nor `false`", "write `true`");
}

#[test]
fn duplicate_keys_are_shown_with_both_places() {
    let case = hosts(
        "  a: { mac: 52:54:00:00:00:01, role: compute }\n  b: { mac: 52:54:00:00:00:02, role: compute, role: compute }\n  a: { mac: 52:54:00:00:00:03, role: compute }\n",
    );
    case.reports(&["duplicate-key 3:47", "duplicate-key 4:3"]);
    let compiled = case.compile();
    let second = &compiled.report.findings[1].diagnostic;
    assert_eq!(compiled.sources.get(second.related[0].span.file).line_of(second.related[0].span.start), 2);
}

#[test]
fn aliases_are_followed() {
    let case = hosts(
        "  a: { mac: 52:54:00:00:00:01, role: &r compute, labels: &l { rack: r1 } }\n  b: { mac: 52:54:00:00:00:02, role: *r, labels: *l }\n",
    );
    case.is_clean();
    let compiled = case.compile();
    let host = compiled.fleet().unwrap().host("b").unwrap();
    assert_eq!(&*host.labels.get("rack").unwrap().value, "r1");
}

#[test]
fn a_fault_behind_an_alias_is_placed_where_it_stands() {
    hosts("  a: { mac: &m 52:54:00:00:00, role: compute }\n").reports(&["malformed-mac 2:16"]);
}

#[test]
fn a_billion_laughs_is_stopped() {
    // With 40 levels there are more values than a number of 64 bits can say.
    for levels in [9, 40] {
        let mut text = String::from(
            "version: 1\nserver: { url: http://h }\ndefaults:\n  vars:\n    a0: &a0 [x, x, x, x, x, x, x, x, x]\n",
        );
        for level in 1..levels {
            let list = vec![format!("*a{}", level - 1); 9].join(", ");
            text.push_str(&format!("    a{level}: &a{level} [{list}]\n"));
        }
        whole(text).reports(&["syntax 1:1"]);
    }
}

#[test]
fn an_alias_inside_itself_is_refused() {
    whole("version: 1\nserver: { url: http://h }\ndefaults: { vars: { a: &a [*a] } }\n").reports(&["syntax 3:28"]);
}

#[test]
fn an_alias_without_anchor_is_refused() {
    whole("version: 1\nserver: { url: *none }\n").reports(&["syntax 2:16"]);
}

#[test]
fn merge_keys_are_refused() {
    hosts(
        "  a: &a { mac: 52:54:00:00:00:01, role: compute }\n  b: { <<: *a, mac: 52:54:00:00:00:02, role: compute }\n",
    )
    .reports(&["merge-key 3:8"]);
}

#[test]
fn tabs_in_the_indentation_are_shown() {
    let case = hosts("  a:\n\tmac: 52:54:00:00:00:01\n");
    case.says("a tab in the indentation", "indent with spaces; YAML does not allow tabs there");
    case.reports(&["syntax 3:1"]);
}

#[test]
fn a_byte_order_mark_and_crlf_are_fine_and_shift_no_place() {
    let text = format!(
        "\u{feff}hosts:\r\n  ä: {{ mac: 52:54:00:00:00:01, role: compute }}\r\n  b: {{ mac: x, role: compute }}\r\nroles: {{ compute: {{}} }}\r\n{}{}",
        DEFAULTS.replace('\n', "\r\n"),
        crate::fleet::REST.replace('\n', "\r\n")
    );
    whole(text).reports(&["malformed-host-name 2:3", "malformed-mac 3:13"]);
}

#[test]
fn several_documents_are_refused() {
    whole("version: 1\nserver: { url: http://h }\n---\nversion: 1\n").reports(&["syntax 3:1"]);
    // A marker before the only document is fine.
    whole("---\nversion: 1\nserver: { url: http://h }\n...\n").reports(&["no-hosts 2:1"]);
}

#[test]
fn nesting_has_a_limit() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let text = format!(
            "version: 1\nserver: {{ url: http://h }}\ndefaults: {{ vars: {{ a: {}{} }} }}\n",
            open.repeat(1000),
            close.repeat(1000)
        );
        let case = whole(text);
        assert_eq!(case.findings().len(), 1, "{:?}", case.findings());
        assert!(case.findings()[0].starts_with("syntax 3:"), "{:?}", case.findings());
    }
    let block: String = (0..1000).map(|depth| format!("{}a:\n", " ".repeat(depth))).collect();
    assert!(whole(block).findings()[0].starts_with("syntax "));
}

#[test]
fn tags_are_refused() {
    hosts("  a: { mac: !!str 52:54:00:00:00:01, role: compute }\n").reports(&["yaml-tag 2:13"]);
}

#[test]
fn nothing_where_something_belongs() {
    whole("version: 1\nserver:\n").reports(&["wrong-kind 2:1"]);
    whole("version: 1\nserver: { url: http://h }\nhosts: []\n").reports(&["wrong-kind 3:8"]);
    whole("").reports(&["syntax 1:1"]);
    whole("# nothing\n").reports(&["syntax 1:1"]);
    whole("- a\n").reports(&["wrong-kind 1:1"]);
    whole("{}\n").reports(&["missing-key 1:1", "missing-key 1:1"]);
}

#[test]
fn syntax_faults_say_what_to_do() {
    for (text, message) in [
        ("a: {b: 1\n", "a `{` is never closed"),
        ("a: [b, c\n", "a `[` is never closed"),
        ("a: \"b\n", "a quoted text is never closed"),
        ("a: @b\n", "`@` cannot begin a plain text"),
        ("a: [b}\n", "`[` is closed with `}`"),
    ] {
        let compiled = whole(text).compile();
        assert_eq!(compiled.report.findings[0].diagnostic.message, message, "{text}");
        assert!(compiled.report.findings[0].diagnostic.help.is_some(), "{text}");
    }
}

#[test]
fn every_fault_in_one_run() {
    let text = "
version: 2
server: { url: ftp://h, port: 80 }
unknown: maybe
networks: { n: { cidr: 10.0.0.1/8 } }
releases: { s: { version: 0, kernel: k, initrd: i, installer: { kind: clr, version: 69 } } }
layouts:
  l:
    - { disk: /dev/sda, partitions: [{ size: 1.5G }, { size: 10M, type: ext4 }] }
roles: { r: { extends: q, bundels: [] } }
hosts:
  a: { mac: zz, role: r }
  b: { role: s }
  c: []
  d_e: { mac: [52:54:00:00:00:01, x], role: r, address: 10.0.0.300 }
";
    whole(text.trim_start()).reports(&[
        "malformed-value 1:10",
        "malformed-url 2:16",
        "unknown-key 2:25",
        "malformed-value 3:10",
        "host-bits-in-cidr 4:24",
        "malformed-value 5:27",
        "malformed-value 5:71",
        "malformed-disk-name 8:15",
        "malformed-size 8:46",
        "malformed-value 8:73",
        "dangling-reference 9:24",
        "unknown-key 9:27",
        "malformed-mac 11:13",
        "missing-key 12:3",
        "dangling-reference 12:14",
        "wrong-kind 13:6",
        "malformed-host-name 14:3",
        "malformed-mac 14:35",
        "malformed-address 14:57",
    ]);
}

#[test]
fn the_front_end_reads_what_the_reference_reads() {
    // serde_yaml's successor is the reference for documents that both accept.
    for text in [
        "a: 1\nb: [x, 'y', \"z\\n\", ~, true, 1.5, 0x10, 0o17, -3]\n",
        "a: |\n  two\n  lines\nb: >\n  folded\n  text\n\n  more\nc: |-\n  strip\nd: |+\n  keep\n\n",
        "a: &x {b: [1, 2]}\nc: *x\n",
        "? a\n: b\n",
        "a: plain text\n   over lines\nb: 'it''s'\nc: \"tab\\t\\u00e4\"\n",
        "a: {}\nb: []\nc:\n",
        "a: 2024-01-01\nb: 12:30:00\nc: yes\nd: 1_000\ne: 1e3\nf: .5\n",
        "{\"a\": [1, {\"b\": null}]}",
    ] {
        let document = fleetc::yaml::parse(text).unwrap();
        let sink = fleetc::diag::Sink::default();
        let decoder = fleetc::yaml::Decoder::new(&document, fleetc::source::FileId(0), &sink);
        let ours: fleetc::yaml::Open = decoder.read(document.root().unwrap(), "").unwrap();
        let reference: serde_json::Value = serde_yaml::from_str(text).unwrap();
        assert_eq!(ours.0, reference, "{text}");
        assert!(sink.is_empty());
    }
}

#[test]
fn a_role_text_in_place_of_a_fleet_is_called_that() {
    for text in ["#cloud-config\nusers:\n  - name: ada\n", "#!/bin/sh\necho {\n", "\u{feff}#cloud-config\nhostname: ["]
    {
        whole(text).reports(&["syntax 1:1"]);
    }
    // A comment says nothing.
    whole("#cloud-config for all\nversion: 1\nserver: { url: http://h }\n").reports(&["no-hosts 2:1"]);
}

#[test]
fn a_value_of_the_wrong_kind_is_told_by_its_key() {
    let says = |part: &str, message: &str, help: &str| {
        whole(format!("version: 1\nserver: {{ url: http://h }}\n{part}")).says(message, help);
    };
    let lines = "`key: value` lines, without dashes";
    let list = "begin each entry with `- `, or put them between `[` and `]`";
    says("hosts:\n  - node-1\n", "`hosts` takes a mapping, not a list", lines);
    says("defaults: { users: ada }\n", "`users` takes a list, not text", list);
    says("defaults: { users: [ada] }\n", "an entry of `users` takes a mapping, not text", lines);
    says(
        "networks: { n: { cidr: [10.0.0.0/8] } }\n",
        "`cidr` takes text, not a list",
        "one value, without dashes, brackets or braces",
    );
    whole("- a\n").says("the fleet file takes a mapping, not a list", lines);
}

#[test]
fn a_misspelt_key_is_told_once_and_nothing_is_missed_for_it() {
    for (part, place, message, help) in [
        (
            "  a: { mca: 52:54:00:00:00:01, role: compute }\n",
            "unknown-key 2:8",
            "unknown key `mca`",
            "did you mean `mac`?",
        ),
        (
            "  a: { mac 52:54:00:00:00:01, role: compute }\n",
            "unknown-key 2:8",
            "`mac 52:54:00:00:00:01` has no colon with a blank behind it",
            "`mac: 52:54:00:00:00:01`",
        ),
        (
            "  a: { mac: 52:54:00:00:00:01, role: compute, bundels: [os-core] }\n",
            "unknown-key 2:47",
            "unknown key `bundels`",
            "did you mean `bundles`?",
        ),
    ] {
        let case = fleet(&format!("hosts:\n{part}roles: {{ compute: {{}} }}\n{DEFAULTS}"));
        case.reports(&[place]);
        case.says(message, help);
    }
    // What is strange and near to nothing takes nothing along.
    fleet(&format!("hosts:\n  a: {{ colour: green, role: compute }}\nroles: {{ compute: {{}} }}\n{DEFAULTS}"))
        .reports(&["missing-key 2:3", "unknown-key 2:8"]);
}

#[test]
fn a_syntax_fault_is_told_where_it_began() {
    for (text, place, message) in [
        ("a: 1\nversion 1\nb: 2\n", "2:1", "a line without `key:`"),
        ("ä: 1\nb:2\nc: 3\n", "2:1", "no blank behind the colon"),
        ("a:\n  - disk:sda   # ä\n    size: 2\n", "2:5", "no blank behind the colon"),
        ("a: 1\nb:\u{a0}2\nc: 3\n", "2:1", "a no-break space behind the colon"),
        ("a: \"ä\nb: \"c\"\n", "1:4", "a quoted text is never closed"),
        ("a: { b: 1\nc: { d: 2 }\n", "1:4", "a `{` is never closed"),
        ("a: [b, c\nd: e\n", "1:4", "a `[` is never closed"),
        ("a: {\n  b: 1,\n  c: 2\n  d: 3,\n}\n", "3:6", "something is missing at the end of this line"),
        ("a:\n  - b\n\t- c\n", "3:1", "a tab in the indentation"),
        ("a:\n  -b\n  - c   # d\n  - e\n", "2:3", "no blank behind the dash"),
        ("a:\n    b\n  - c   # d\n  - e\n", "2:5", "a line that is no entry of the list"),
        ("a: b   # c\n  d\ne: f\n", "2:3", "this line goes on with the text above its comment"),
        ("a: b\n  c: d\n", "2:3", "this line is indented deeper than the one above, which has a value already"),
        ("a: b: c\n", "1:5", "a second `: ` in one line"),
        ("a: b: c }\n", "1:9", "a `}` without its `{`"),
        ("a: { b: c d: e }\n", "1:12", "a comma is missing before this, or a `}`"),
        ("a: 1\n<<<<<<< HEAD\nb: 2\n=======\nb: 3\n>>>>>>> rack-2\n", "2:1", "a mark of a merge conflict"),
        ("a: & b\n", "1:4", "an `&` or a `*` without a name behind it"),
        ("a: \"b\" c\n", "1:8", "text behind a closing quote"),
    ] {
        let case = whole(text);
        case.reports(&[&format!("syntax {place}")]);
        let found = &case.compile().report.findings[0].diagnostic;
        assert_eq!(found.message, message, "{text}");
        assert!(found.help.as_ref().is_some_and(|help| !help.is_empty()), "{text}");
    }
    // A list entry too far right is joined to the one above it.
    let case = fleet("defaults:\n  bundles:\n    - kernel-native\n      - os-core\n");
    case.reports(&["syntax 4:7"]);
}

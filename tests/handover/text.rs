//! Texts: whatever a variable holds, Ansible has it as it is; and it evaluates none of it.

use std::fs;

use fleetc::beside::{Kind, quote};
use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;
use serde_json::{Value, json};

use crate::control::{command, read_text, said, written};
use crate::example;

/// Texts of every kind, the same in each run: all of Unicode, what YAML means something by, and words.
fn texts() -> Vec<String> {
    let words = [
        "",
        "no",
        "null",
        "~",
        "1e3",
        "0o7",
        "1:30",
        "2001-01-01",
        "<<",
        "=",
        "- a",
        "a: b",
        "a #b",
        "*x",
        "&x",
        "!x",
        "%x",
        "@x",
        "`",
        "y",
        "NaN",
        ".inf",
    ];
    let odd = [
        "\u{85}",
        "\u{2028}",
        "\u{2029}",
        "\u{feff}",
        "\u{7f}",
        "\u{9f}",
        "\u{a0}",
        "\u{fffe}",
        "\u{ffff}",
        "\u{10ffff}",
        "\0",
        "\r\n",
    ];
    let mut texts: Vec<String> = words.iter().chain(&odd).map(|text| text.to_string()).collect();
    texts.extend(odd.iter().map(|odd| format!("a{odd}b {odd} ")));
    let mut runner = TestRunner::deterministic();
    let any = proptest::string::string_regex("(?s).{0,12}").unwrap();
    let signs = proptest::string::string_regex("[ \\t\\n\"'\\\\:#{}\\[\\],&*!|>%@`?a1-]{0,12}").unwrap();
    for _ in 0..150 {
        texts.push(any.new_tree(&mut runner).unwrap().current());
        texts.push(signs.new_tree(&mut runner).unwrap().current());
    }
    texts
}

#[test]
fn ansible_reads_back_what_is_quoted() {
    let texts = texts();
    let mut inventory = "all:\n  hosts:\n    node-1:\n".to_string();
    for (index, text) in texts.iter().enumerate() {
        inventory.push_str(&format!("      v{index}: [{0}, {{{0}: 1}}]\n", quote::yaml(text)));
    }
    let read = read_text(&inventory).unwrap_or_else(|said| panic!("{said}"));
    for (index, text) in texts.iter().enumerate() {
        let value = &read["_meta"]["hostvars"]["node-1"][format!("v{index}")];
        // As it is printed, a text that would be a template is marked.
        let shown = value[0].get("__ansible_unsafe").unwrap_or(&value[0]);
        assert_eq!((shown, &value[1]), (&json!(text), &json!({ text.as_str(): 1 })), "{text:?}");
    }
}

#[test]
fn a_template_in_a_variable_is_a_text_to_ansible() {
    let folder = tempfile::tempdir().unwrap();
    let spoilt = folder.path().join("spoilt");
    let template = format!("{{{{ lookup('pipe', 'touch {}') }}}}", spoilt.display());
    let pilot = example::named("pilot");
    let host = "mac: \"52:54:00:00:01:01\", role: compute, ";
    let vars = format!("vars: {{ evil: \"{template}\", deep: [\"{{% if x %}}\", {{ a: \"{{# no #}}\" }}] }}, ");
    let text = pilot.text().replace(host, &format!("{host}{vars}"));
    let inventory = written(&pilot.compile(&text), Kind::Ansible, &["evil", "deep"]);
    let place = folder.path().join("fleet.yaml");
    fs::write(&place, inventory).unwrap();
    let script = folder.path().join("script");
    fs::write(folder.path().join("list.json"), script_answer(&text)).unwrap();
    fs::write(&script, format!("#!/bin/sh\nexec cat {}/list.json\n", folder.path().display())).unwrap();
    fs::set_permissions(&script, std::os::unix::fs::PermissionsExt::from_mode(0o755)).unwrap();
    for inventory in [&place, &script] {
        let mut command = command("ansible", folder.path());
        command.arg("node-001").arg("-i").arg(inventory).args([
            "-c",
            "local",
            "-m",
            "debug",
            "-a",
            "msg={{ [evil, deep] | to_json }}",
        ]);
        let output = command.output().unwrap();
        let said = said(&output);
        assert!(output.status.success(), "{said}");
        let shown: Value = serde_json::from_str(said.split_once("=> ").unwrap().1).unwrap();
        let msg = match &shown["msg"] {
            Value::String(text) => serde_json::from_str(text).unwrap(),
            value => value.clone(),
        };
        assert_eq!(msg, json!([template, ["{% if x %}", { "a": "{# no #}" }]]), "{said}");
        assert!(!spoilt.exists(), "Ansible has run what a variable says");
    }
}

/// What an inventory script answers for a fleet.
fn script_answer(text: &str) -> String {
    let folder = tempfile::tempdir().unwrap();
    crate::program::copy(&example::named("pilot").folder, folder.path());
    fs::write(folder.path().join("fleet.yaml"), text).unwrap();
    let run = crate::program::fleetc(folder.path(), &["emit", "ansible", "--vars", "evil,deep", "--list"]);
    assert_eq!(run.code, Some(0), "{}", run.stderr);
    run.stdout
}

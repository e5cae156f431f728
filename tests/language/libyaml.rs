//! ucd reads role texts with libyaml. What `check` accepts libyaml must read to its end (contract U-8); what libyaml reads
//! whole is not called broken.

use std::cell::Cell;

use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::source::Memory;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde::Deserialize;
use serde::de::IgnoredAny;

use crate::mangling::edited;

/// Whether libyaml reads the first document to its end.
fn libyaml(text: &str) -> Result<(), String> {
    let mut documents = serde_yaml::Deserializer::from_str(text);
    let first = documents.next().ok_or("no document")?;
    IgnoredAny::deserialize(first).map(|_| ()).map_err(|error| error.to_string())
}

const HEADER: &str = "#cloud-config\n";

/// The messages of `broken-role` for a text; none when it does not come to that.
fn broken(text: &str) -> Option<Vec<String>> {
    let role = format!("{HEADER}{}", text.strip_prefix(HEADER).unwrap_or(text));
    let fleet = "version: 1\nserver: { url: http://192.168.1.1 }\nroles: { r: { cloud_config: role.yaml } }\nhosts: { a: { mac: 52:54:00:00:00:01, role: r, state: installed } }\n";
    let memory = Memory::new([("role.yaml", role.as_str())]);
    let compiled = compile("fleet.yaml", fleet.to_string(), "", &memory, &Levels::default());
    let findings = || compiled.report.findings.iter().map(|finding| &finding.diagnostic);
    if findings().any(|finding| matches!(finding.rule.id, "template-syntax" | "template-fails" | "role-without-header"))
    {
        return None;
    }
    Some(findings().filter(|one| one.rule.id == "broken-role").map(|one| one.message.clone()).collect())
}

const ROLES: &[&str] = &[include_str!("../rules/roles/managed.yaml"), include_str!("../rules/roles/storage.yaml")];

#[test]
fn what_libyaml_reads_is_not_called_broken() {
    for text in [
        "groups: [\n  ops\n]\n",
        "groups:\t\n- ops\t# tab\n",
        "write_files: [{path: /srv/\u{e9}, content: \"x\u{2028}y\u{feff}\"}]\n",
        "groups: &g-1_a\n  - ops # see &x.y\n",
        "%YAML 1.2\n---\ngroups: [ops?x, 'a & &b.c']\n...\n",
        "fbootcmd:\n  - |-\n    echo\t#&a.b\n",
        "write_files:\n  - path: /x\n    content: |2\n      \tall:\n      x\n",
        "write_files:\n  - path: /x\n    content: |\n      all:\n      \tx\n",
        "groups: [a:b, {x: y, z: }]\nx: ':a:'\ny: :a\n",
    ] {
        assert_eq!((libyaml(text), broken(text)), (Ok(()), Some(vec![])), "{text}");
    }
}

#[test]
fn what_libyaml_stops_at_is_broken() {
    for text in [
        "groups:\n\t\n  - ops\n",
        "groups:\n  -\tops\n",
        "groups: [ops]\n\t# c\nhostname: a\n",
        "groups: [a\u{7f}b]\n",
        "groups:\n  - a\u{85}b\n",
        "write_files:\n  - path: /x\n    content: |\n      x\u{2028}y\n",
        "service:\n  - : x\n",
        "write_files:\n  - path: /x\n    content: |\n      \tall:\n      x\n",
        "groups: [a, b:]\n",
        "groups: [a, :b]\n",
        "groups: &x.y [a]\n",
        "groups: &\u{e9} [a]\n",
    ] {
        let broken = broken(text).unwrap();
        assert!(libyaml(text).is_err() && broken.len() == 1, "{text}: {broken:?}");
    }
}

#[test]
fn what_check_accepts_libyaml_reads() {
    // The same cases at each run: one in ten thousand is too odd to be worth a rule.
    let config = Config { cases: 3000, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    let signs = "[ -~\n\t:{}\\[\\]|>&*!'\"#%é\u{85}\u{2028}\u{feff}-]{0,4}";
    let edit = (any::<prop::sample::Index>(), signs, 0usize..8);
    let accepted = Cell::new(0);
    let strategy = (prop::sample::select(ROLES), prop::collection::vec(edit, 1..3));
    let result = runner.run(&strategy, |(role, edits)| {
        let role = edited(role, edits);
        if broken(&role).is_some_and(|broken| broken.is_empty()) {
            accepted.set(accepted.get() + 1);
            prop_assert_eq!(libyaml(&role), Ok(()), "{}", role);
        }
        Ok(())
    });
    assert!(result.is_ok(), "{result:?}");
    assert!(accepted.get() > 500, "{} texts are enough to tell", accepted.get());
}

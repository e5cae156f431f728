//! Secrets in what is served are found, and told in no report.

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::report::{FORMATS, Format, Style, render};
use fleetc::source::Memory;

use super::whole;

const HASH: &str = "$6$nacl$9876543210abcdefghijklmnopqrstuvwxyz";
const BODY: &str = "c2VjcmV0LWtleS1ib2R5AAAAABG5vbmUAAAAEbm9uZQ==";
const TOKEN: &str = "glpat-9876543210abcdefghij";

fn compiled(fleet: &str, text: &str) -> Compiled {
    compile("fleet.yaml", whole(fleet), "", &Memory::new([("role.yaml", text)]), &Levels::default())
}

/// The rules about secrets that are reported, with file and line.
fn found(compiled: &Compiled) -> Vec<String> {
    let findings = compiled.report.findings.iter().map(|finding| &finding.diagnostic);
    let secrets = findings.filter(|found| found.rule.id.starts_with("served-"));
    let shown = secrets.map(|found| {
        let source = compiled.sources.get(found.place.span.file);
        format!("{}:{} {}", source.name, source.line_of(found.place.span.start), found.rule.id)
    });
    shown.collect()
}

const ROLE: &str = "roles:\n  compute: { cloud_config: role.yaml }\n";

#[test]
fn secrets_in_a_role_text_are_found_at_their_line() {
    let text = format!(
        "#!/bin/sh\n# ž\necho '{HASH}' > /x\ncat > /key <<END\n-----BEGIN RSA PRIVATE KEY-----\n{BODY}\n-----END RSA PRIVATE KEY-----\nEND\ncurl -H 'PRIVATE-TOKEN: {TOKEN}' https://me:hush@example.net/\n"
    );
    let compiled = compiled(ROLE, &text);
    let expected = [
        "role.yaml:3 served-password-hash",
        "role.yaml:5 served-private-key",
        "role.yaml:9 served-token",
        "role.yaml:9 served-token",
    ];
    assert_eq!(found(&compiled), expected);
}

#[test]
fn secrets_that_a_template_brings_in_are_found_where_it_does() {
    let fleet = format!("roles:\n  compute: {{ cloud_config: role.yaml, vars: {{ hash: '{HASH}' }} }}\n");
    let text = "#!/bin/sh\n{% if true %}\necho {{ vars.hash }}\n{% endif %}\n";
    assert_eq!(found(&compiled(&fleet, text)), ["role.yaml:3 served-password-hash"]);
}

#[test]
fn secrets_in_settings_are_found_once_for_all_their_machines() {
    let fleet = format!(
        "roles:\n  compute:\n    cmdline: token={TOKEN}\n    users:\n      - {{ name: ada, password_hash: '{HASH}' }}\n    hooks:\n      pre_install_shell: ['curl http://me:hush@example.net/x']\nhosts:\n  node-1: {{ mac: 52:54:00:00:00:01, role: compute }}\n  node-2: {{ mac: 52:54:00:00:00:02, role: compute, labels: {{ a: b }} }}\n  node-3: {{ mac: 52:54:00:00:00:03, role: compute, interface: eth0 }}\n"
    );
    let expected = ["fleet.yaml:3 served-token", "fleet.yaml:5 served-password-hash", "fleet.yaml:7 served-token"];
    assert_eq!(found(&compiled(&fleet, "")), expected);
    let installed = fleet.replace("role: compute", "role: compute, state: installed");
    assert_eq!(found(&compiled(&installed, "")), [] as [&str; 0], "nothing of it is served");
}

#[test]
fn no_format_tells_them() {
    let fleet = format!(
        "roles:\n  compute:\n    cloud_config: role.yaml\n    cmdline: token={TOKEN}\n    users: [{{ name: ada, password_hash: '{HASH}' }}]\n"
    );
    let text = format!(
        "#!/bin/sh\ncat <<END\n-----BEGIN PRIVATE KEY-----\n{BODY}\n-----END PRIVATE KEY-----\nEND\ncurl http://me:hush@example.net/\n"
    );
    let compiled = compiled(&fleet, &text);
    assert_eq!(found(&compiled).len(), 4);
    for (name, ..) in FORMATS {
        let mut out = Vec::new();
        let style = Style { width: 100, ..Style::PLAIN };
        let format = Format::named(name).expect("a format");
        render(format, &compiled.report, &compiled.sources, &style, &mut out).expect("memory can be written");
        let out = String::from_utf8(out).expect("UTF-8");
        assert!(out.contains("served-private-key"), "{name}: {out}");
        for secret in [&HASH[8..], BODY, &TOKEN[6..], "hush"] {
            assert!(!out.contains(secret), "{name} tells {secret}: {out}");
        }
    }
}

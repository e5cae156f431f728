//! Budgets: whatever a text asks for, the answer comes soon, takes little memory, and says what there is too much of.

use std::fs;
use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::source::Memory;

use crate::stands::stands;

const FLEET: &str = include_str!("../../examples/minimal/fleet.yaml");

/// How long an answer may take, on a slow machine that does other things besides.
const PATIENCE: Duration = Duration::from_secs(60);

fn timely(name: &str, work: impl FnOnce() -> Compiled) -> Compiled {
    let begun = Instant::now();
    let compiled = work();
    assert!(begun.elapsed() < PATIENCE, "{name}: {:?}", begun.elapsed());
    stands(&compiled);
    compiled
}

fn messages(compiled: &Compiled) -> Vec<&str> {
    compiled.report.findings.iter().map(|finding| finding.diagnostic.message.as_str()).collect()
}

/// Judges a fleet file.
fn fleet(text: String) -> Compiled {
    compile("fleet.yaml", text, "", &Memory::default(), &Levels::default())
}

/// Judges a role text.
fn role(text: &str) -> Compiled {
    let loader = Memory::new([("roles/managed.yaml", text)]);
    compile("fleet.yaml", FLEET.to_string(), "", &loader, &Levels::default())
}

#[test]
fn aliases_stand_for_so_many_values() {
    let line = |n: usize| format!("a{n}: &a{n} [{}]\n", vec![format!("*a{}", n - 1); 10].join(", "));
    let bomb: String = (1..12).map(line).collect();
    let compiled = timely("an alias bomb", || fleet(format!("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n{bomb}")));
    assert_eq!(messages(&compiled), ["the aliases of this file stand for 1234567901245 values"]);
}

#[test]
fn collections_nest_so_deep() {
    for (text, message) in [
        (format!("a: {}", "[".repeat(200_000)), "nested too deeply"),
        (format!("a: {}", "{a: ".repeat(100_000)), "nested too deeply"),
        (format!("{}x", "- ".repeat(100_000)), "nested too deeply"),
    ] {
        let compiled = timely("a deep text", || fleet(text));
        assert_eq!(messages(&compiled), [message]);
    }
}

#[test]
fn many_faults_are_found_in_one_run() {
    let hosts: String = (0..3000).map(|n| format!("  n-{n}: {{ mac: zz, role: x, bogus: 1 }}\n")).collect();
    let compiled =
        timely("many faults", || fleet(format!("version: 1\nserver: {{ url: http://192.168.1.1 }}\nhosts:\n{hosts}")));
    assert_eq!(compiled.report.findings.len(), 9000);
}

#[test]
fn templates_do_so_much_work() {
    let too_much = "the template does too much work";
    let doubles = "{% set x = x ~ x %}\n".repeat(40);
    let loops = "{% for a in range(100000) %}{% for b in range(100000) %}x{% endfor %}{% endfor %}";
    let space = "{% set n = namespace(x='aaaaaaaa') %}{% for i in range(60) %}{% set n.x = n.x ~ n.x %}{% endfor %}";
    for (text, message) in [
        (format!("{{% set x = 'aaaaaaaaaaaaaaaa' %}}\n{doubles}# {{{{ x }}}}"), too_much),
        (loops.to_string(), too_much),
        (space.to_string(), too_much),
        ("# {{ 'a' * 2000000000 }}".to_string(), too_much),
        ("# {{ '%0900000000d'|format(1) }}".to_string(), too_much),
        ("# {{ 'a'|indent(900000000) }}".to_string(), too_much),
        ("# {{ [1] * 1000000000 }}".to_string(), "the template fails: repeated sequence is too large"),
        ("# {{ range(100000000000) }}".to_string(), "the template fails: range has too many elements"),
        (
            "{% macro m(x) %}{{ m(x) }}{% endmacro %}{{ m(1) }}".to_string(),
            "the template fails: recursion limit exceeded",
        ),
    ] {
        let compiled = timely(&text, || role(&format!("#cloud-config\n{text}\n")));
        assert_eq!(messages(&compiled), [message], "{text:.80}");
    }
}

#[test]
fn role_texts_are_so_large() {
    let line = "# a line of a comment that says nothing at all, again and again\n";
    let written = role(&format!("#cloud-config\n{}", line.repeat(20_000)));
    let wanted = "this text has 1280014 bytes, more than the 1048576 that a role may have";
    assert_eq!(messages(&written), [wanted]);
    let rendered = timely("a large text", || role("#cloud-config\n# {{ 'abcdefgh' * 140000 }}\n"));
    let wanted = "the rendered text has 1120017 bytes, more than the 1048576 that a role may have";
    assert_eq!(messages(&rendered), [wanted]);
}

#[test]
fn templates_go_so_deep() {
    let operators = "the template cannot be read: this tag has more than 1000 operators and brackets";
    for chain in ["-", "+1", "|abs", ".b", "()", "not ", "[0]", " if 1 else 1", "~1", "(", "[", "{1:"] {
        for levels in [900, 100_000] {
            let text = if matches!(chain, "-" | "not " | "(" | "[" | "{1:") {
                format!("#cloud-config\n# {{{{ {}1 }}}}\n", chain.repeat(levels / chain.len()))
            } else {
                format!("#cloud-config\n# {{{{ 1{} }}}}\n", chain.repeat(levels / chain.len()))
            };
            let compiled = timely(chain, || role(&text));
            assert_eq!(messages(&compiled) == [operators], levels == 100_000, "{chain}: {:?}", messages(&compiled));
        }
    }
    let branches = |count| format!("#cloud-config\n{{% if 0 %}}{}{{% endif %}}\n", "{% elif 0 %}".repeat(count));
    assert!(!messages(&role(&branches(900))).iter().any(|message| message.contains("elif")));
    assert_eq!(messages(&role(&branches(50_000))), ["the template cannot be read: the text has more than 1000 `elif`"]);
    timely("nested blocks", || role(&format!("#cloud-config\n{}", "{% if 1 %}".repeat(100_000))));
}

#[test]
fn values_nest_so_deep() {
    // A hundred lists a step, as many steps as there may be; dropped, written in three ways, compared.
    let nest = format!("{{% set n.x = {}n.x{} %}}", "[".repeat(100), "]".repeat(100));
    for end in
        ["", "# {{ n.x }}", "# {{ n.x|tojson }}", "# {{ n.x|string|length }}", "# {{ n.x == [n.x] }}", "# {{ n.x.y }}"]
    {
        for (steps, step) in
            [(100_000, "{% set n.x = [n.x] %}"), (100_000, &nest), (10_000, "{% set n.x = {'a': n.x} %}"), (900, &nest)]
        {
            let text = format!(
                "#cloud-config\n{{% set n = namespace(x=[]) %}}{{% for i in range({steps}) %}}{step}{{% endfor %}}{end}\n"
            );
            timely(end, || role(&text));
        }
    }
}

/// Runs the program with an address space of some GiB; a program that wants more ends by a signal.
fn within(folder: &Path, arguments: &[&str], stdin: impl FnOnce(&mut dyn Write)) -> (Option<i32>, String) {
    let mut command = Command::new("prlimit");
    command.args(["--as=4294967296", "--", env!("CARGO_BIN_EXE_fleetc")]).args(arguments).current_dir(folder);
    let child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn();
    let mut child = child.unwrap_or_else(|error| panic!("`prlimit`: {error}; it is in Debian's util-linux"));
    let begun = Instant::now();
    stdin(&mut child.stdin.take().unwrap());
    let output = child.wait_with_output().unwrap();
    assert!(begun.elapsed() < PATIENCE, "{:?}", begun.elapsed());
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout) + &text(output.stderr))
}

#[test]
fn files_are_so_large() {
    let folder = tempfile::tempdir().unwrap();
    // A pipe does not say how much will come.
    let endless = |pipe: &mut dyn Write| {
        let zeros = vec![b'#'; 1 << 20];
        while pipe.write_all(&zeros).is_ok() {}
    };
    let said = "error: `standard input` is larger than 512 MiB\n".to_string();
    assert_eq!(within(folder.path(), &["check", "-"], endless), (Some(2), said));
    // A sparse file takes no room on the disk, but what reads it would find a GiB.
    fs::create_dir(folder.path().join("roles")).unwrap();
    for name in ["sparse.yaml", "roles/managed.yaml"] {
        fs::File::create(folder.path().join(name)).unwrap().set_len(1 << 30).unwrap();
    }
    let said = "error: `sparse.yaml` is larger than 512 MiB\n".to_string();
    assert_eq!(within(folder.path(), &["check", "sparse.yaml"], |_| ()), (Some(2), said));
    fs::write(folder.path().join("fleet.yaml"), FLEET).unwrap();
    let (code, text) = within(folder.path(), &["check"], |_| ());
    assert!(code == Some(1) && text.contains("`roles/managed.yaml` cannot be read: larger than 512 MiB"), "{text}");
}

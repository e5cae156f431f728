//! What a package of fleetc holds besides the program: completions that the shells read, manual pages that a formatter
//! reads. `tests/run` installs both.
#![allow(clippy::unwrap_used)]

#[path = "support/program.rs"]
mod program;

use std::fs;
use std::path::Path;
use std::process::{Command, Output};

use program::fleetc;

fn run(program: &str, arguments: &[&str], folder: &Path) -> Output {
    let output = Command::new(program).args(arguments).current_dir(folder).env("LC_ALL", "C.UTF-8").output();
    output.unwrap_or_else(|error| panic!("no {program}: `tests/run` installs it: {error}"))
}

fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// The names of the commands, as the help lists them.
fn commands(folder: &Path) -> Vec<String> {
    listed(&fleetc(folder, &["--help"]).stdout)
}

/// The names of the commands that a help lists.
fn listed(help: &str) -> Vec<String> {
    let lines = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    // A text that goes on in the next line stands further in.
    let names = lines.filter(|line| line.len() > 2 && !line[2..].starts_with(' '));
    names.filter_map(|line| line.split_whitespace().next()).map(str::to_string).collect()
}

#[test]
fn shells_read_their_completions() {
    let place = tempfile::tempdir().unwrap();
    for (shell, check) in [("bash", "-n"), ("zsh", "-n"), ("fish", "--no-execute")] {
        let made = fleetc(place.path(), &["completions", shell]);
        assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""), "{shell}");
        fs::write(place.path().join(shell), &made.stdout).unwrap();
        let read = run(shell, &[check, shell], place.path());
        assert!(read.status.success() && said(&read).is_empty(), "{shell}: {}", said(&read));
        for name in commands(place.path()) {
            assert!(made.stdout.contains(&name), "{shell} does not know {name}");
        }
        // The check is one that can fail.
        fs::write(place.path().join("broken"), format!("{}\nif [ (\n", made.stdout)).unwrap();
        assert!(!run(shell, &[check, "broken"], place.path()).status.success(), "{shell}");
    }
    assert_eq!(fleetc(place.path(), &["completions", "tcsh"]).code, Some(2));
}

/// What bash offers for the words of a line, the last of which is not finished.
fn offered(folder: &Path, words: &[&str]) -> Vec<String> {
    let line = words.iter().map(|word| format!("'{word}'")).collect::<Vec<_>>().join(" ");
    let last = words.len() - 1;
    let script = format!(
        "source ./fleetc.bash; COMP_WORDS=({line}); COMP_CWORD={last}; \
         _fleetc fleetc '{}' '{}'; printf '%s\\n' \"${{COMPREPLY[@]}}\"",
        words[last],
        words[last - 1]
    );
    let output = run("bash", &["--norc", "-c", &script], folder);
    assert!(output.status.success(), "{}", said(&output));
    String::from_utf8(output.stdout).unwrap().lines().map(str::to_string).collect()
}

#[test]
fn bash_completes_with_them() {
    let place = tempfile::tempdir().unwrap();
    let made = fleetc(place.path(), &["completions", "bash"]).stdout;
    fs::write(place.path().join("fleetc.bash"), made).unwrap();
    assert_eq!(offered(place.path(), &["fleetc", "che"]), ["check"]);
    assert_eq!(offered(place.path(), &["fleetc", "trace", "--fu"]), ["--full"]);
    assert_eq!(offered(place.path(), &["fleetc", "show", "--format", ""]), ["human", "json"]);
    assert_eq!(offered(place.path(), &["fleetc", "completions", "f"]), ["fish"]);
    let all = offered(place.path(), &["fleetc", ""]);
    assert!(commands(place.path()).iter().all(|name| all.contains(name)), "{all:?}");
}

#[test]
fn manual_pages_are_read_without_errors() {
    let place = tempfile::tempdir().unwrap();
    let made = fleetc(place.path(), &["man", "--output", "man/man1"]);
    assert_eq!((made.code, made.stderr.as_str()), (Some(0), ""));
    let mut names: Vec<String> = commands(place.path()).into_iter().filter(|name| name != "help").collect();
    // A command that has commands has a page for each of them.
    let sources = listed(&fleetc(place.path(), &["import", "-h"]).stdout);
    assert!(sources.contains(&"csv".to_string()), "{sources:?}");
    names.extend(sources.iter().filter(|name| *name != "help").map(|name| format!("import-{name}")));
    assert_eq!(made.stdout, format!("man/man1: {} pages\n", names.len() + 1));
    for name in names.iter().map(|name| format!("fleetc-{name}")).chain(["fleetc".to_string()]) {
        let path = format!("man/man1/{name}.1");
        let lint = run("mandoc", &["-Tlint", "-Werror", &path], place.path());
        assert!(lint.status.success(), "{}", said(&lint));
        let text = said(&run("mandoc", &["-Tascii", "-Owidth=200", &path], place.path()));
        // A page shows what is bold by printing it twice.
        let mut plain = String::new();
        for c in text.chars() {
            if c == '\u{8}' {
                plain.pop();
            } else {
                plain.push(c);
            }
        }
        let title = format!("{name}(1)");
        assert!(plain.starts_with(&title) && plain.contains("SYNOPSIS") && plain.contains("--help"), "{plain}");
        let version = format!("fleetc {}", env!("CARGO_PKG_VERSION"));
        assert!(plain.trim_end().lines().last().unwrap().contains(&version), "{plain}");
        let short = name.strip_prefix("fleetc-");
        let printed = fleetc(place.path(), &["man"].into_iter().chain(short).collect::<Vec<_>>());
        assert_eq!(printed.stdout, fs::read_to_string(place.path().join(path)).unwrap());
    }
    let wrong = fleetc(place.path(), &["man", "chek"]);
    assert_eq!(wrong.stderr, "error: no command is called `chek`\n help: did you mean `check`?\n");
    assert_eq!(wrong.code, Some(2));
    fs::write(place.path().join("file"), "").unwrap();
    assert_eq!(fleetc(place.path(), &["man", "-o", "file/x"]).code, Some(2));
}

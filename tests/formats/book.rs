//! `FLEETC_BOOK` says where the book is served; reports then lead to the page of each rule.

use std::path::Path;
use std::process::Command;

use tempfile::TempDir;

/// Exit status, standard output, standard error.
fn run(folder: &Path, arguments: &[&str], book: &str) -> (Option<i32>, String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fleetc"));
    let output = command.args(arguments).current_dir(folder).env("FLEETC_BOOK", book).output().unwrap();
    let text = |bytes| String::from_utf8(bytes).unwrap();
    (output.status.code(), text(output.stdout), text(output.stderr))
}

fn folder() -> TempDir {
    let folder = TempDir::new().unwrap();
    std::fs::write(folder.path().join("fleet.yaml"), super::whole("odd: 1\n")).unwrap();
    folder
}

#[test]
fn every_format_leads_to_the_page_and_none_without_a_book() {
    let folder = folder();
    let page = "https://fleet.example/book/rules/unknown-key.html";
    for (name, ..) in fleetc::report::FORMATS {
        let check = |book: &str| run(folder.path(), &["check", "--format", name], book);
        let (code, with, stderr) = check("https://fleet.example/book/");
        assert_eq!((code, stderr.as_str()), (Some(1), ""), "{name}");
        assert!(with.contains(page) && !with.contains('\u{1b}'), "{name}: {with}");
        let (_, without, _) = check("");
        assert!(!without.contains("fleet.example") && !without.contains(".html"), "{name}: {without}");
    }
    let (_, explained, _) = run(folder.path(), &["explain", "unknown-key"], "https://fleet.example/book");
    assert!(explained.ends_with(&format!("\n\n{page}\n")), "{explained}");
}

#[test]
fn what_is_no_address_is_refused() {
    let folder = folder();
    let wrong = [
        "fleet.example",
        "https://",
        "ftp://a",
        "https://a b",
        "https://a/\u{1b}[31m",
        "https://ž",
        "file:///",
        "https://a?b",
    ];
    for book in wrong {
        let (code, stdout, stderr) = run(folder.path(), &["check"], book);
        assert_eq!((code, stdout.as_str()), (Some(2), ""), "{book}");
        assert!(stderr.starts_with("error: `FLEETC_BOOK` is not the address of a book: "), "{stderr}");
        assert!(!stderr.contains('\u{1b}'), "{stderr}");
    }
    for book in ["http://localhost:3000", "file:///usr/share/doc/fleetc", "https://fleet.example/~me/book//"] {
        assert_eq!(run(folder.path(), &["check"], book).0, Some(1), "{book}");
    }
}

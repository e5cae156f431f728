//! The book says what is so: generated pages are fresh, commands print what they say, examples compile, links lead
//! somewhere. `FLEETC_BLESS=1` rewrites what can be made again.

mod docs;
#[path = "support/part.rs"]
mod part;

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use docs::{blocks, none, pages, play, root, settle};
use fleetc::book;
use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::emit::Emission;
use fleetc::source::Memory;
use fleetc::tree::{Body, Tree};
use part::of_a_part;

fn source() -> PathBuf {
    root().join("book/src")
}

/// The pages that people write.
fn written() -> Vec<(String, String)> {
    let made: BTreeSet<String> = book::pages().into_iter().map(|(path, _)| path).collect();
    pages(&source()).into_iter().filter(|(path, _)| !made.contains(path)).collect()
}

#[test]
fn pages_made_from_the_code_are_fresh() {
    let made = book::pages();
    let mut faults: Vec<String> =
        made.iter().filter_map(|(path, text)| settle(&source().join(path), text).err()).collect();
    let known: BTreeSet<&str> =
        made.iter().map(|(path, _)| path.as_str()).chain(book::CHAPTERS.iter().map(|(_, _, path)| *path)).collect();
    for (path, _) in pages(&source()).iter().filter(|(path, _)| !known.contains(path.as_str())) {
        if docs::bless() && path.starts_with("rules/") {
            fs::remove_file(source().join(path)).expect("can be removed");
        } else {
            faults.push(format!("{path}: no chapter of the book; `CHAPTERS` in src/book/mod.rs lists them"));
        }
    }
    none(faults);
}

/// What stands in `book.toml` below this line is made from the code.
const REDIRECTS: &str = "# Rules that were renamed: `FLEETC_BLESS=1 cargo test --test book` writes this part anew.\n";

#[test]
fn pages_of_renamed_rules_lead_to_the_new_ones() {
    let path = root().join("book/book.toml");
    let text = fs::read_to_string(&path).expect("the book's settings");
    let (written, _) = text.split_once(REDIRECTS).expect("book.toml has a part for redirects");
    let expected = format!("{written}{REDIRECTS}{}", book::redirects(fleetc::rules::RULES));
    none(settle(&path, &expected).err().into_iter().collect());
}

#[test]
fn every_page_is_in_the_summary_and_the_summary_names_only_pages() {
    let summary = fs::read_to_string(source().join("SUMMARY.md")).expect("a summary");
    let listed: BTreeSet<String> = docs::links(&summary).into_iter().collect();
    let there: BTreeSet<String> =
        pages(&source()).into_iter().map(|(path, _)| path).filter(|path| path != "SUMMARY.md").collect();
    assert_eq!(listed, there);
}

#[test]
fn every_link_leads_somewhere() {
    let mut faults = docs::broken_links(&source(), &pages(&source()));
    for folder in ["", "examples/bulk", "examples/minimal", "examples/mixed", "examples/pilot"] {
        let folder = root().join(folder);
        let pages: Vec<_> = pages_here(&folder);
        faults.extend(docs::broken_links(&folder, &pages));
    }
    none(faults);
}

/// The Markdown files of a folder, without those below it.
fn pages_here(folder: &Path) -> Vec<(String, String)> {
    let entries = fs::read_dir(folder).expect("a folder").map(|entry| entry.expect("an entry").path());
    let pages = entries.filter(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages
        .map(|path| {
            let name = path.file_name().and_then(|name| name.to_str()).expect("UTF-8").to_string();
            (name, fs::read_to_string(&path).expect("UTF-8"))
        })
        .collect()
}

#[test]
fn commands_print_what_the_book_says() {
    let faults = written().iter().filter_map(|(path, text)| settle(&source().join(path), &play(text)).err()).collect();
    none(faults);
}

#[test]
fn commands_of_the_examples_print_what_their_pages_say() {
    let pages = pages(&root().join("examples"));
    let faults: Vec<String> = pages
        .iter()
        .filter_map(|(path, text)| settle(&root().join("examples").join(path), &play(text)).err())
        .collect();
    none(faults);
    let examples = fs::read_dir(root().join("examples")).expect("a folder").count();
    assert_eq!(pages.len(), examples, "each example has a README.md");
}

#[test]
fn excerpts_of_fleet_files_compile_clean() {
    let base = fs::read_to_string(root().join("tests/rules/base.yaml")).expect("the base");
    let mut faults = Vec::new();
    for (path, text) in written() {
        for excerpt in blocks(&text, "fleet") {
            let compiled = compile("fleet.yaml", whole(excerpt, &base), "", &texts(), &of_a_part());
            for finding in &compiled.report.findings {
                let place = finding.diagnostic.place.span;
                let line = compiled.sources.get(place.file).line_of(place.start);
                faults.push(format!("{path}, line {line} of\n{excerpt}{}", finding.diagnostic.message));
            }
        }
    }
    none(faults);
}

/// The files that excerpts may name.
fn texts() -> Memory {
    let mut memory = Memory::default();
    let role = "#cloud-config\nservice:\n  - mask: ucd.service\n";
    for name in ["compute", "web", "database"] {
        memory.files.insert(format!("roles/{name}.yaml"), role.as_bytes().to_vec());
    }
    memory.files.insert("boot/linux".to_string(), b"a kernel\n".to_vec());
    memory.files.insert("boot/initrd".to_string(), b"an initrd\n".to_vec());
    memory
}

/// An excerpt of a fleet file, completed with the sections of the base that it does not have.
fn whole(excerpt: &str, base: &str) -> String {
    let key = |line: &str| line.split(':').next().unwrap_or_default().to_string();
    let starts = |line: &&str| line.starts_with(|c: char| c.is_ascii_lowercase());
    let mine: Vec<String> = excerpt.lines().filter(starts).map(key).collect();
    let mut text = excerpt.to_string();
    let mut keep = true;
    for line in base.split_inclusive('\n') {
        if starts(&line) {
            keep = !mine.contains(&key(line));
        }
        if keep {
            text.push_str(line);
        }
    }
    text
}

#[test]
fn every_command_has_a_section() {
    let output = Command::new(env!("CARGO_BIN_EXE_fleetc")).arg("--help").output().expect("the program runs");
    let help = String::from_utf8(output.stdout).expect("UTF-8");
    let commands = help.lines().skip_while(|line| *line != "Commands:").skip(1).take_while(|line| !line.is_empty());
    let page = fs::read_to_string(source().join("commands.md")).expect("the page");
    // A text that goes on in the next line stands further in.
    let missing: Vec<&str> = commands
        .filter(|line| !line.starts_with("   "))
        .filter_map(|line| line.split_whitespace().next())
        .filter(|name| *name != "help" && !page.contains(&format!("\n## fleetc {name}\n")))
        .collect();
    assert!(missing.is_empty(), "book/src/commands.md has no section `## fleetc X` for {missing:?}");
}

#[test]
fn every_test_is_in_the_table() {
    let page = fs::read_to_string(source().join("architecture.md")).expect("the page");
    let entries = fs::read_dir(root().join("tests")).expect("a folder").map(|entry| entry.expect("an entry").path());
    let missing: Vec<String> = entries
        .filter(|path| path.join("main.rs").exists() || path.extension().is_some_and(|extension| extension == "rs"))
        .filter_map(|path| path.file_stem().and_then(|stem| stem.to_str()).map(str::to_string))
        .filter(|name| !page.lines().any(|line| line.starts_with("| `") && line.contains(&format!("`{name}`"))))
        .collect();
    assert!(missing.is_empty(), "book/src/architecture.md does not say what these tests hold: {missing:?}");
}

/// The page about templates lists each name that a template sees, and no other.
#[test]
fn templates_see_the_names_that_the_book_lists() {
    let page = fs::read_to_string(source().join("language/roles.md")).expect("the page");
    let listed: BTreeSet<String> = page
        .lines()
        .filter_map(|line| line.strip_prefix("| `")?.split('`').next())
        .filter(|name| name.contains('.') && !name.ends_with("KEY"))
        .map(str::to_string)
        .collect();
    let mut memory = Memory::default();
    let probe = "#!/bin/sh\n{% for name in ['host', 'role', 'release', 'network', 'server'] %}\n\
        {% for key in {'host': host, 'role': role, 'release': release, 'network': network, 'server': server}[name] %}\n\
        # {{ name }}.{{ key }}\n{% endfor %}\n{% endfor %}\n";
    memory.files.insert("probe".to_string(), probe.as_bytes().to_vec());
    let fleet = "\
networks:
  rack: { cidr: 10.0.0.0/24, gateway: 10.0.0.1, dns: 10.0.0.1, domain: rack.example, dhcp_range: 10.0.0.100-10.0.0.200 }
roles:
  compute: { cloud_config: probe }
hosts:
  node-1: { mac: 52:54:00:00:00:01, role: compute, address: 10.0.0.2, interface: eno1 }
";
    let base = fs::read_to_string(root().join("tests/rules/base.yaml")).expect("the base");
    let compiled = compile("fleet.yaml", whole(fleet, &base), "", &memory, &Levels::default());
    let fleet = compiled.fleet().expect("a clean fleet");
    let tree = Emission::new(fleet, &compiled.sources);
    let file = (0..tree.len()).map(|index| tree.file(index)).find(|file| file.path.as_str().contains("get_role/"));
    let Some(Body::Bytes(bytes)) = file.map(|file| file.body) else { panic!("no role text") };
    let text = String::from_utf8(bytes.into_owned()).expect("UTF-8");
    let seen: BTreeSet<String> = text.lines().filter_map(|line| line.strip_prefix("# ")).map(str::to_string).collect();
    assert_eq!(listed, seen);
}

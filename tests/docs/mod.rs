//! Markdown that is tested: its blocks are run, compiled and compared.
//!
//! | in a page | what the test does |
//! |---|---|
//! | ```` ```console ```` | runs each line behind `$ `, and compares what is printed |
//! | ```` ```LANGUAGE,file=NAME ```` | writes the block to a file, for the commands below it |
//! | ```` ```yaml,fleet ```` | compiles it, completed with the sections of `tests/rules/base.yaml` it lacks: no findings |
//! | `<!-- $ COMMAND -->` | runs a command that readers need not see |
//!
//! The commands of a page run one after the other in a folder of their own, with `examples/` in it.
#![allow(dead_code)]

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// Whether pages are to be rewritten instead of compared.
pub fn bless() -> bool {
    let set = |name| std::env::var_os(name).is_some_and(|value| !value.is_empty());
    assert!(!(set("FLEETC_BLESS") && set("CI")), "FLEETC_BLESS is for people: CI compares, and rewrites nothing");
    set("FLEETC_BLESS")
}

/// The top of the repository.
pub fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// Every Markdown file in a folder, with its path below that.
pub fn pages(folder: &Path) -> Vec<(String, String)> {
    let mut found = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder_now) = open.pop() {
        for entry in fs::read_dir(&folder_now).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                open.push(path);
            } else if path.extension().is_some_and(|extension| extension == "md") {
                let name = path.strip_prefix(folder).expect("it lies inside").to_str().expect("UTF-8").to_string();
                found.push((name, fs::read_to_string(&path).expect("UTF-8")));
            }
        }
    }
    found.sort();
    found
}

/// A part of a page.
#[derive(Debug)]
pub enum Part<'t> {
    /// Lines of prose.
    Prose(&'t str),
    /// A fenced block: what stands behind the opening fence, and its lines.
    Block { info: &'t str, text: &'t str },
}

/// Splits a page at its fences. The parts, with the fences put back, are the page.
pub fn parts(page: &str) -> Vec<Part<'_>> {
    let mut parts = Vec::new();
    let (mut start, mut at) = (0, 0);
    let mut info: Option<&str> = None;
    for line in page.split_inclusive('\n') {
        let end = at + line.len();
        match (line.strip_prefix("```"), info) {
            (Some(opening), None) => {
                parts.push(Part::Prose(&page[start..at]));
                info = Some(opening.trim());
                start = end;
            }
            (Some(_), Some(opened)) => {
                parts.push(Part::Block { info: opened, text: &page[start..at] });
                info = None;
                start = end;
            }
            (None, _) => {}
        }
        at = end;
    }
    assert!(info.is_none(), "a fence is never closed");
    parts.push(Part::Prose(&page[start..]));
    parts
}

/// The fenced blocks of a page whose info string has this word.
pub fn blocks<'t>(page: &'t str, word: &str) -> Vec<&'t str> {
    let has = |info: &str| info.split(',').any(|part| part == word);
    let blocks = parts(page).into_iter();
    blocks
        .filter_map(|part| match part {
            Part::Block { info, text } if has(info) => Some(text),
            _ => None,
        })
        .collect()
}

/// A folder in which the commands of a page run.
struct Workshop {
    folder: tempfile::TempDir,
}

impl Workshop {
    fn new() -> Workshop {
        let folder = tempfile::tempdir().expect("a folder");
        copy(&root().join("examples"), &folder.path().join("home/examples"));
        let workshop = Workshop { folder };
        fs::write(workshop.state(), workshop.home().to_str().expect("UTF-8")).expect("can be written");
        workshop
    }

    fn home(&self) -> PathBuf {
        self.folder.path().join("home")
    }

    /// The file that holds the folder where the next command runs.
    fn state(&self) -> PathBuf {
        self.folder.path().join("cwd")
    }

    fn here(&self) -> PathBuf {
        PathBuf::from(fs::read_to_string(self.state()).expect("written by the last command").trim_end())
    }

    fn write(&self, name: &str, text: &str) {
        let path = self.here().join(name);
        fs::create_dir_all(path.parent().expect("a folder")).expect("can be made");
        fs::write(path, text).expect("can be written");
    }

    /// Runs a command as a shell does; gives back what it prints on both streams.
    fn run(&self, command: &str) -> String {
        let program = Path::new(env!("CARGO_BIN_EXE_fleetc"));
        let folder = program.parent().expect("the program lies in a folder");
        let path = format!("{}:{}", folder.display(), std::env::var("PATH").unwrap_or_default());
        let command = command.replace("cargo run --release --", "fleetc");
        let script = format!("exec 2>&1\n{command}\ncode=$?\npwd > '{}'\nexit $code", self.state().display());
        let output = Command::new("sh")
            .args(["-c", &script])
            .current_dir(self.here())
            .env("PATH", path)
            .env("LC_ALL", "C.UTF-8")
            .env_remove("COLUMNS")
            .env_remove("FLEETC_BOOK")
            .stdin(Stdio::null())
            .output()
            .expect("there is a shell");
        String::from_utf8(output.stdout).expect("UTF-8")
    }

    /// A block of commands and what they print, as it should be.
    fn transcript(&self, block: &str) -> String {
        let mut text = String::new();
        let mut lines = block.lines().peekable();
        while let Some(line) = lines.next() {
            let Some(first) = line.strip_prefix("$ ") else { continue };
            let mut command = first.to_string();
            text.push_str(&format!("{line}\n"));
            while command.ends_with('\\') {
                let more = lines.next().unwrap_or_default();
                text.push_str(&format!("{more}\n"));
                command = format!("{command}\n{more}");
            }
            let printed = self.run(&command);
            text.push_str(&printed);
            if !printed.is_empty() && !printed.ends_with('\n') {
                text.push('\n');
            }
        }
        text
    }
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("can be made");
    for entry in fs::read_dir(from).expect("a folder") {
        let path = entry.expect("an entry").path();
        let to = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &to);
        } else {
            fs::copy(&path, &to).expect("can be copied");
        }
    }
}

/// Runs the commands of a page; gives back the page as it should be.
pub fn play(page: &str) -> String {
    let workshop = Workshop::new();
    let mut text = String::new();
    for part in parts(page) {
        match part {
            Part::Prose(prose) => {
                for line in prose.lines() {
                    if let Some(command) = line.strip_prefix("<!-- $ ").and_then(|rest| rest.strip_suffix(" -->")) {
                        workshop.run(command);
                    }
                }
                text.push_str(prose);
            }
            Part::Block { info, text: block } => {
                let file = info.split(',').find_map(|word| word.strip_prefix("file="));
                if let Some(name) = file {
                    workshop.write(name, block);
                }
                let block = if info == "console" { workshop.transcript(block) } else { block.to_string() };
                text.push_str(&format!("```{info}\n{block}```\n"));
            }
        }
    }
    text
}

/// Compares a file with what it should be, or rewrites it; says what is wrong.
pub fn settle(path: &Path, expected: &str) -> Result<(), String> {
    let found = fs::read_to_string(path).unwrap_or_default();
    if found == expected {
        return Ok(());
    }
    if bless() {
        fs::create_dir_all(path.parent().expect("a folder")).expect("can be made");
        fs::write(path, expected).expect("can be written");
        return Ok(());
    }
    let lines = found.lines().zip(expected.lines()).take_while(|(a, b)| a == b).count();
    let [is, should] = [&found, expected].map(|text| text.lines().nth(lines).unwrap_or("(its end)"));
    let shown = path.strip_prefix(root()).unwrap_or(path).display();
    Err(format!("{shown}:{}: is\n    {is}\nand should be\n    {should}", lines + 1))
}

/// Fails with all faults, and says how pages are rewritten.
pub fn none(faults: Vec<String>) {
    let help = "`FLEETC_BLESS=1 cargo test --test book --test readme` rewrites what can be made again";
    assert!(faults.is_empty(), "{}\n\n{help}", faults.join("\n\n"));
}

/// The places that a page links to, with code left out.
pub fn links(page: &str) -> Vec<String> {
    let mut found = Vec::new();
    for part in parts(page) {
        let Part::Prose(prose) = part else { continue };
        for paragraph in prose.split("\n\n") {
            let plain: String = paragraph.split('`').step_by(2).collect::<Vec<_>>().join("`");
            let mut rest = plain.as_str();
            while let Some(at) = rest.find("](") {
                rest = &rest[at + 2..];
                found.push(rest[..rest.find(')').unwrap_or(rest.len())].to_string());
            }
        }
    }
    found
}

/// The anchors of a page's headings.
pub fn anchors(page: &str) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    let mut count: BTreeMap<String, usize> = BTreeMap::new();
    for part in parts(page) {
        let Part::Prose(prose) = part else { continue };
        for line in prose.lines().filter(|line| line.starts_with('#')) {
            let anchor = fleetc::book::anchor(line.trim_start_matches('#').trim());
            let before = count.entry(anchor.clone()).or_default();
            found.push(if *before == 0 { anchor } else { format!("{anchor}-{before}") });
            *before += 1;
        }
    }
    found
}

/// Faults of the links of the pages below a folder.
pub fn broken_links(folder: &Path, pages: &[(String, String)]) -> Vec<String> {
    let mut faults = Vec::new();
    for (name, text) in pages {
        for link in links(text) {
            if link.contains("://") {
                continue;
            }
            let (file, anchor) = link.split_once('#').unwrap_or((&link, ""));
            let path = match file {
                "" => folder.join(name),
                _ => folder.join(name).parent().expect("a folder").join(file),
            };
            match fs::read_to_string(&path) {
                _ if path.is_dir() && anchor.is_empty() => {}
                Err(_) => faults.push(format!("{name}: `{link}` leads nowhere")),
                Ok(target) if !anchor.is_empty() && !anchors(&target).iter().any(|known| known == anchor) => {
                    faults.push(format!("{name}: `{link}` names no heading"));
                }
                Ok(_) => {}
            }
        }
    }
    faults
}

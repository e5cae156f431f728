//! Arrows point down only: a room of `src/` uses those below it, and no two files of a folder use each other.
//!
//! A folder's `mod.rs` is its front. It names what is in the folder and what they share, so arrows from and to it do
//! not count. Tests may use what they like.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};

/// The rooms, from the ground up.
const LAYERS: &[&str] = &[
    "source", "nearest", "secret", "facts", "ipxe", "tree", "diag", "yaml", "model", "draft", "resolve", "template",
    "emit", "rules", "compile", "publish", "fix", "git", "report", "plan", "show", "trace", "verify", "beside",
    "import", "serve", "image", "schemas", "book", "cli",
];

/// Where a file or an inline module stands: `["diag", "rule"]`.
type Place = Vec<String>;

/// What a file uses, and under which names.
#[derive(Default)]
struct Module {
    /// Each path that is written in it, from the top of the crate.
    uses: Vec<Place>,
    /// What a name means that a `use` brought in.
    names: BTreeMap<String, Place>,
}

#[derive(Default)]
struct Crate {
    modules: BTreeMap<Place, Module>,
}

/// Splits source text into names and signs, without comments, texts and characters.
fn tokens(text: &str) -> Vec<String> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    let word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80;
    while at < bytes.len() {
        let rest = &text[at..];
        if rest.starts_with("//") {
            at += rest.find('\n').unwrap_or(rest.len());
        } else if rest.starts_with("/*") {
            at += rest.find("*/").map_or(rest.len(), |end| end + 2);
        } else if let Some(length) = literal(rest) {
            at += length;
        } else if word(bytes[at]) {
            let length = bytes[at..].iter().take_while(|byte| word(**byte)).count();
            tokens.push(rest[..length].to_string());
            at += length;
        } else if rest.starts_with("::") {
            tokens.push("::".to_string());
            at += 2;
        } else {
            if !bytes[at].is_ascii_whitespace() {
                tokens.push(rest[..1].to_string());
            }
            at += 1;
        }
    }
    tokens
}

/// The length of the text or character that `rest` begins with.
fn literal(rest: &str) -> Option<usize> {
    let raw = rest.trim_start_matches(['b', 'c']);
    let prefix = rest.len() - raw.len();
    if let Some(open) = raw.strip_prefix('r').filter(|open| prefix < 2 && open.starts_with(['"', '#'])) {
        let hashes = open.len() - open.trim_start_matches('#').len();
        let inside = open[hashes..].strip_prefix('"')?;
        let end = format!("\"{}", "#".repeat(hashes));
        return Some(prefix + 2 + hashes + inside.find(&end)? + end.len());
    }
    let quote = raw.chars().next().filter(|quote| prefix < 2 && matches!(quote, '"' | '\''))?;
    let mut characters = raw.char_indices().skip(1);
    if quote == '\'' {
        // A lifetime has no second quote behind its first character.
        let (_, first) = characters.next()?;
        let (after, second) = characters.next()?;
        if first != '\\' {
            return (second == '\'').then_some(prefix + after + 1);
        }
    }
    let mut escaped = false;
    for (index, character) in characters {
        match character {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            _ if character == quote => return Some(prefix + index + 1),
            _ => {}
        }
    }
    None
}

/// The index behind an item that begins at `at`: behind its `;`, or behind its braces.
fn behind(tokens: &[String], mut at: usize) -> usize {
    let mut depth = 0;
    while let Some(token) = tokens.get(at) {
        at += 1;
        match token.as_str() {
            "{" => depth += 1,
            "}" if depth == 1 => return at,
            "}" => depth -= 1,
            ";" if depth == 0 => return at,
            _ => {}
        }
    }
    at
}

/// Every path of a tree like `a::{b, c::{self, d as e}}` that begins at `at`, with the name it gets; and the index
/// behind it.
fn tree(tokens: &[String], mut at: usize, prefix: &[String], found: &mut Vec<(Place, String)>) -> usize {
    let mut path = prefix.to_vec();
    while let Some(token) = tokens.get(at) {
        match token.as_str() {
            "{" => {
                at += 1;
                while tokens.get(at).is_some_and(|token| token != "}") {
                    let next = tree(tokens, at, &path, found);
                    at = next.max(at + 1);
                    if tokens.get(at).is_some_and(|token| token == ",") {
                        at += 1;
                    }
                }
                return at + 1;
            }
            "*" => {
                found.push((path, "*".to_string()));
                return at + 1;
            }
            name if name == "self" && path.len() > prefix.len().min(1) && !prefix.is_empty() => at += 1,
            name if name.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                path.push(name.to_string());
                at += 1;
            }
            _ => break,
        }
        match tokens.get(at).map(String::as_str) {
            Some("::") if tokens.get(at + 1).is_some_and(|token| token != "<") => at += 1,
            Some("as") => {
                found.push((path, tokens[at + 1].clone()));
                return at + 2;
            }
            _ => break,
        }
    }
    if let Some(last) = path.last().cloned() {
        found.push((path, last));
    }
    at
}

impl Crate {
    fn read(root: &Path) -> Crate {
        let mut files: Vec<(Place, String)> = Vec::new();
        let mut open = vec![(root.to_path_buf(), Place::new())];
        while let Some((folder, place)) = open.pop() {
            for entry in fs::read_dir(folder).expect("a folder") {
                let path: PathBuf = entry.expect("an entry").path();
                let stem = path.file_stem().and_then(|stem| stem.to_str()).expect("UTF-8").to_string();
                let mut inside = place.clone();
                if !matches!(stem.as_str(), "mod" | "lib" | "main") {
                    inside.push(stem.clone());
                }
                if path.is_dir() {
                    open.push((path, inside));
                } else if path.extension().is_some_and(|extension| extension == "rs") && stem != "main" {
                    files.push((inside, fs::read_to_string(&path).expect("UTF-8")));
                }
            }
        }
        let mut whole = Crate::default();
        whole.modules.extend(files.iter().map(|(place, _)| (place.clone(), Module::default())));
        for (place, text) in &files {
            let module = whole.module(place, &tokens(text));
            whole.modules.insert(place.clone(), module);
        }
        whole
    }

    /// What a file uses.
    fn module(&self, file: &Place, tokens: &[String]) -> Module {
        let mut module = Module::default();
        let mut place = file.clone();
        // The depth of braces at which each inline module ends.
        let mut inline: Vec<usize> = Vec::new();
        let (mut at, mut depth) = (0, 0);
        let is = |at: usize, token: &str| tokens.get(at).is_some_and(|found| found == token);
        while at < tokens.len() {
            match tokens[at].as_str() {
                "#" if ["[", "cfg", "(", "test", ")", "]"].iter().zip(at + 1..).all(|(token, at)| is(at, token)) => {
                    at = behind(tokens, at + 7);
                    continue;
                }
                "{" => depth += 1,
                "}" => {
                    depth -= 1;
                    if inline.last() == Some(&depth) {
                        inline.pop();
                        place.pop();
                    }
                }
                "mod" if is(at + 2, "{") => {
                    place.push(tokens[at + 1].clone());
                    inline.push(depth);
                }
                "use" => {
                    let mut found = Vec::new();
                    at = tree(tokens, at + 1, &[], &mut found);
                    for (path, name) in found {
                        if let Some(path) = self.whole(&place, &path) {
                            module.names.insert(name, path.clone());
                            module.uses.push(path);
                        }
                    }
                    continue;
                }
                "crate" | "super" | "self" if is(at + 1, "::") && !(at > 0 && tokens[at - 1] == "$") => {
                    let mut found = Vec::new();
                    at = tree(tokens, at, &[], &mut found);
                    module.uses.extend(found.iter().filter_map(|(path, _)| self.whole(&place, path)));
                    continue;
                }
                _ => {}
            }
            at += 1;
        }
        module
    }

    /// A path from the top of the crate; none for a path into another crate.
    fn whole(&self, place: &Place, path: &[String]) -> Option<Place> {
        let mut whole = place.clone();
        let mut rest = path;
        match path.first()?.as_str() {
            "crate" => {
                whole.clear();
                rest = &path[1..];
            }
            "self" => rest = &path[1..],
            "super" => {}
            child => {
                whole.push(child.to_string());
                return self.modules.contains_key(&whole).then(|| [place.as_slice(), path].concat());
            }
        }
        while rest.first().is_some_and(|part| part == "super") {
            whole.pop();
            rest = &rest[1..];
        }
        whole.extend(rest.iter().cloned());
        Some(whole)
    }

    /// The file that a path leads to, through what the files on the way bring in.
    fn file(&self, path: &[String], hops: u32) -> Place {
        let mut at = Place::new();
        for (index, part) in path.iter().enumerate() {
            at.push(part.clone());
            if self.modules.contains_key(&at) {
                continue;
            }
            at.pop();
            let brought = self.modules.get(&at).and_then(|module| module.names.get(part));
            return match brought.filter(|_| hops > 0) {
                Some(brought) => self.file(&[brought, &path[index + 1..]].concat(), hops - 1),
                None => at,
            };
        }
        at
    }

    /// Every pair of files of which the first uses the second.
    fn arrows(&self) -> BTreeSet<(Place, Place)> {
        let arrows = self
            .modules
            .iter()
            .flat_map(|(from, module)| module.uses.iter().map(move |path| (from.clone(), self.file(path, 8))));
        arrows.filter(|(from, to)| from != to && !from.is_empty() && !to.is_empty()).collect()
    }
}

fn here() -> Crate {
    Crate::read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"))
}

#[test]
fn arrows_between_rooms_point_down() {
    let known: BTreeSet<&str> = LAYERS.iter().copied().collect();
    let this = here();
    let rooms: BTreeSet<&str> = this.modules.keys().filter_map(|place| place.first()).map(String::as_str).collect();
    assert_eq!(rooms, known, "LAYERS names every room of src/, in its order");
    let height = |room: &String| LAYERS.iter().position(|known| known == room);
    let wrong: Vec<String> = this
        .arrows()
        .iter()
        .filter(|(from, to)| height(&from[0]) < height(&to[0]))
        .map(|(from, to)| format!("{} uses {}, which lies above it", from.join("/"), to.join("/")))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The groups of a graph in which each can be reached from each.
fn circles(arrows: &BTreeSet<(String, String)>) -> BTreeSet<Vec<String>> {
    let nodes: BTreeSet<&String> = arrows.iter().flat_map(|(from, to)| [from, to]).collect();
    let reach = |start: &String| {
        let mut seen = BTreeSet::new();
        let mut open = vec![start.clone()];
        while let Some(node) = open.pop() {
            for (_, to) in arrows.iter().filter(|(from, _)| *from == node) {
                if seen.insert(to.clone()) {
                    open.push(to.clone());
                }
            }
        }
        seen
    };
    let reached: BTreeMap<&String, BTreeSet<String>> = nodes.iter().map(|node| (*node, reach(node))).collect();
    let circle = |node: &String| -> Vec<String> {
        nodes
            .iter()
            .filter(|other| reached[node].contains(**other) && reached[*other].contains(node))
            .map(|other| (*other).clone())
            .collect()
    };
    nodes.iter().map(|node| circle(node)).filter(|circle| circle.len() > 1).collect()
}

#[test]
fn no_two_files_of_a_folder_use_each_other() {
    let this = here();
    let mut folders: BTreeMap<String, BTreeSet<(String, String)>> = BTreeMap::new();
    for (from, to) in this.arrows() {
        let common = from.iter().zip(&to).take_while(|(a, b)| a == b).count();
        if let (Some(a), Some(b)) = (from.get(common), to.get(common)) {
            folders.entry(from[..common].join("/")).or_default().insert((a.clone(), b.clone()));
        }
    }
    let found: BTreeSet<(String, Vec<String>)> = folders
        .iter()
        .flat_map(|(folder, arrows)| circles(arrows).into_iter().map(|circle| (folder.clone(), circle)))
        .collect();
    let show = |(folder, circle): &(String, Vec<String>)| {
        let arrows = folders.get(folder).into_iter().flatten();
        let inside = arrows.filter(|(a, b)| circle.contains(a) && circle.contains(b));
        format!("src/{folder}: {}", inside.map(|(a, b)| format!("{a} → {b}")).collect::<Vec<_>>().join(", "))
    };
    let new: Vec<String> = found.iter().map(show).collect();
    assert!(new.is_empty(), "files that use each other:\n{}", new.join("\n"));
}

/// The reader of source text is tried on the forms that it must know.
#[test]
fn paths_are_found() {
    let mut whole = Crate::default();
    for place in ["a", "a/b", "a/c", "d"] {
        whole.modules.insert(place.split('/').map(str::to_string).collect(), Module::default());
    }
    let front: Place = vec!["a".to_string()];
    let text = "mod b; mod c; pub use b::{B, Other as Name}; pub(crate) use self::c::C;";
    let module = whole.module(&front, &tokens(text));
    whole.modules.insert(front.clone(), module);
    let text = r##"
        // use crate::no;
        use super::{B, Name};
        use crate::{d::{self, D}, a::c::C};
        fn f<'a>(x: &'a str) -> char { let _ = "crate::no::no"; let _ = r#"super::no"#; '"' }
        mod inside { use super::super::c; fn g() { $crate::no::f(); crate::d::g::<super::X>() } }
        #[cfg(test)]
        mod tests { use crate::test::T; }
        fn h() { super::c::h() }
    "##;
    let file: Place = vec!["a".to_string(), "b".to_string()];
    let module = whole.module(&file, &tokens(text));
    let found: Vec<String> = module.uses.iter().map(|path| path.join("::")).collect();
    assert_eq!(found, ["a::B", "a::Name", "d", "d::D", "a::c::C", "a::c", "d::g", "a::b::X", "a::c::h"]);
    let files: Vec<String> = module.uses.iter().map(|path| whole.file(path, 8).join("/")).collect();
    assert_eq!(files, ["a/b", "a/b", "d", "d", "a/c", "a/c", "d", "a/b", "a/c"]);
}

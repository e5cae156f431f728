//! The room `ipxe` against iPXE itself: scripts of many shapes, and what each of the two shows on its console.
//!
//! A machine starts iPXE with a script that calls many others in turn. Each says what it does by `echo` and `imgstat`;
//! the interpreter runs the very same files. What iPXE does is right.
#![allow(clippy::unwrap_used, clippy::print_stdout)]

mod shapes;
mod written;

#[path = "../support/console.rs"]
mod console;
#[path = "../support/namespace.rs"]
mod namespace;
#[path = "../support/qemu.rs"]
mod qemu;

use std::collections::BTreeMap;
use std::fs;

use fleetc::ipxe::{Content, End, Image, Machine, Question, State, Watch, What, World, boot};

const ROOT: &str = "http://192.168.1.1/";

/// The scripts that others call, and files to fetch.
const CALLED: &[(&str, &str)] = &[
    ("ok.ipxe", "#!ipxe\necho @called\n"),
    ("exits.ipxe", "#!ipxe\necho @exits\nexit 0\necho @no\n"),
    ("fails.ipxe", "#!ipxe\necho @fails\nexit 3\necho @no\n"),
    ("missing.ipxe", "#!ipxe\necho @before\nchain gone.ipxe\necho @no\n"),
    ("sets.ipxe", "#!ipxe\nset a from-sets\necho @sets ${a}\n"),
    ("deep.ipxe", "#!ipxe\necho @deep\nchain ok.ipxe\necho @up\nchain --replace fails.ipxe\necho @no\n"),
    ("loads.ipxe", "#!ipxe\ninitrd --name left image\necho @loads\n"),
    ("image", "an image\n"),
    ("other", "another image\n"),
];

/// Variables that scripts set; they are cleared between two.
const VARIABLES: [&str; 4] = ["a", "b", "c", "done"];

/// Files by path.
struct Files(BTreeMap<String, Vec<u8>>);

impl World for Files {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        let bytes = self.0.get(url.strip_prefix(ROOT)?)?;
        Some(if what == What::Image { Content::Image } else { Content::of(bytes) })
    }
}

/// Writes down what is shown.
#[derive(Default)]
struct Screen {
    text: String,
}

impl Watch for Screen {
    fn choose(&mut self, _: Question<'_>, _: &State) -> usize {
        0
    }

    fn said(&mut self, text: &str, breaks: bool) {
        self.text.push_str(text);
        if breaks {
            self.text.push('\n');
        }
    }

    fn listed(&mut self, images: &[Image]) {
        for image in images {
            self.text.push_str(&format!("{} : 1 bytes\n", image.name));
        }
    }
}

/// What the console shows between two scripts' marks: lines with a mark of ours, and the images of a list.
fn marks(console: &str) -> BTreeMap<usize, Vec<String>> {
    let mut found: BTreeMap<usize, Vec<String>> = BTreeMap::new();
    let mut current = None;
    for line in console.lines() {
        if let Some(number) = line.strip_prefix("@begin ") {
            current = number.trim().parse().ok();
        }
        let image = line.split_once(" : ").filter(|(name, rest)| !name.contains(' ') && rest.contains(" bytes"));
        let shown = match (image, line.find('@')) {
            (Some((name, _)), _) => format!("image {name}"),
            (None, Some(at)) => line[at..].trim_end().to_string(),
            (None, None) => continue,
        };
        if let Some(current) = current {
            found.entry(current).or_default().push(shown);
        }
    }
    found
}

/// The script that calls all others.
fn driver(count: usize) -> String {
    let clear: String = VARIABLES.map(|name| format!("clear {name} ||\n")).concat();
    let call = |number: usize| {
        format!(
            "echo @begin {number}\nchain --autofree {ROOT}{number}.ipxe && echo @ended || echo @failed\nimgstat\n\
             echo @left ${{a}} ${{b}} ${{c}} ${{done}} .\nimgfree\n{clear}"
        )
    };
    (0..count).map(call).collect::<String>() + "echo @begin 9999\nexit 0\n"
}

fn machine() -> Machine {
    Machine { cards: vec!["52:54:00:aa:bb:01".to_string()], booted: 0 }
}

/// What the interpreter shows of scripts; none for one that it does not understand, or that does not end.
fn expected(scripts: &[String]) -> Result<BTreeMap<usize, Vec<String>>, End> {
    let mut files = Files(files(scripts));
    files.0.insert("driver".to_string(), format!("#!ipxe\n{}", driver(scripts.len())).into_bytes());
    let mut screen = Screen::default();
    match boot(&machine(), &format!("{ROOT}driver"), &files, &mut screen) {
        End::NextDevice => Ok(marks(&screen.text)),
        end => Err(end),
    }
}

fn files(scripts: &[String]) -> BTreeMap<String, Vec<u8>> {
    let called = CALLED.iter().map(|(name, text)| (name.to_string(), text.as_bytes().to_vec()));
    let own = scripts.iter().enumerate().map(|(number, text)| (format!("{number}.ipxe"), text.as_bytes().to_vec()));
    called.chain(own).collect()
}

/// Runs scripts in iPXE, and holds what it shows against the interpreter. How many were compared.
fn hold(scripts: &[String]) -> usize {
    let expected = expected(scripts).unwrap();
    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in files(scripts) {
        fs::write(folder.path().join(name), bytes).unwrap();
    }
    let mut lan = namespace::Namespace::with_cables(1);
    lan.nginx(&qemu::folder_served(folder.path()));
    let script = format!("#!ipxe\n{}{}", qemu::OPEN_NETWORK, driver(scripts.len()));
    let boot = qemu::Machine::with_script(&script).until("@begin 9999").boot(&lan);
    let console = &boot.console;
    assert_eq!(boot.end, qemu::End::Shown("@begin 9999".to_string()), "{console}");
    let found = marks(console);
    let mut differ = Vec::new();
    for (number, script) in scripts.iter().enumerate() {
        let (ours, theirs) = (&expected[&number], found.get(&number).cloned().unwrap_or_default());
        if *ours != theirs {
            differ.push(format!("script {number}:\n{script}\n-- interpreter: {ours:#?}\n-- iPXE: {theirs:#?}\n"));
        }
    }
    assert!(differ.is_empty(), "{} of {} scripts differ:\n{}", differ.len(), scripts.len(), differ.join("\n"));
    println!("{} scripts in {:.1} seconds", scripts.len(), boot.seconds);
    scripts.len()
}

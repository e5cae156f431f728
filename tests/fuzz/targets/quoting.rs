//! What is quoted for a language, the reader of that language reads as it was; and no text of a fleet file becomes more
//! than a text in what is emitted from it.
#![no_main]

mod readers;

use fleetc::beside::quote;
use fleetc::compile::compile;
use fleetc::diag::Levels;
use fleetc::emit::Emission;
use fleetc::ipxe::{Content, End, Machine, Question, State, Watch, What, World, boot};
use fleetc::report::escaped;
use fleetc::source::Memory;
use fleetc::tree::{Body, Tree};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

const FLEET: &str = include_str!("quoting.yaml");

/// The texts of the fleet that are people's own.
const PLACES: [&str; 6] = ["\"argument\"", "\"options\"", "\"passphrase\"", "\"cmdline\"", "\"full name\"", "\"hook\""];

fuzz_target!(|text: &str| {
    for context in ["root {};\n}", "alias {};"] {
        match quote::nginx(text) {
            Ok(quoted) => {
                let (before, behind) = context.split_once(' ').unwrap();
                let line = format!("{before} {}", behind.replacen("{}", &quoted, 1));
                assert_eq!(
                    readers::nginx(line.as_bytes()),
                    Some(vec![before.as_bytes().to_vec(), text.as_bytes().to_vec()])
                );
            }
            Err(_) => assert!(text.contains('$')),
        }
    }
    if !text.is_empty() && !text.contains('\0') {
        assert_eq!(readers::dnsmasq(quote::dnsmasq(text).as_bytes()).as_deref(), Some(text.as_bytes()));
    }
    assert_eq!(readers::dhcpd(quote::dhcpd(text).as_bytes()).as_deref(), Some(text.as_bytes()));
    assert_eq!(serde_json::from_str::<Value>(&quote::json(text)).unwrap(), text);
    assert_eq!(readers::xml(&escaped(text)), readers::in_xml(text));
    let written = quote::json(text);
    for place in PLACES {
        assert!(FLEET.contains(place), "{place}");
        judge(&FLEET.replacen(place, &written, 1), text);
    }
});

/// A server that has one script, and every image.
struct Only<'b>(&'b [u8]);

impl World for Only<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        match what {
            What::Program => (url == "x").then(|| Content::of(self.0)),
            What::Image => Some(Content::Image),
        }
    }
}

/// All goes well.
struct Smooth;

impl Watch for Smooth {
    fn choose(&mut self, _: Question<'_>, _: &State) -> usize {
        0
    }
}

/// The text is whole in what is emitted: once in a template, or a word of the kernel's command line.
fn judge(fleet: &str, text: &str) {
    let compiled = compile("fleet.yaml", fleet.to_string(), "", &Memory::default(), &Levels::default());
    let Some(fleet) = compiled.fleet() else { return };
    let tree = Emission::new(fleet, &compiled.sources);
    let mut found = 0;
    for file in (0..tree.len()).map(|index| tree.file(index)) {
        let (path, Body::Bytes(bytes)) = (file.path.as_str(), file.body) else { continue };
        if path.ends_with("ister_config.json") {
            found += count(&serde_json::from_slice(&bytes).unwrap(), text);
        } else if path.starts_with("boot/") {
            let cards = vec!["52:54:00:00:00:01".to_string()];
            let machine = Machine { cards, booted: 0 };
            let End::Kernel(start) = boot(&machine, "x", &Only(&bytes), &mut Smooth) else {
                panic!("the script starts no kernel:\n{}", String::from_utf8_lossy(&bytes));
            };
            let line = start.line;
            let words: Vec<&str> = line.split(' ').collect();
            assert_eq!(words.len(), 4, "{line}");
            found += words.iter().filter(|word| **word == text).count();
        }
    }
    assert!(found > 0, "{text:?} is gone");
}

/// How often a text, or one that holds it, is in a value.
fn count(value: &Value, text: &str) -> usize {
    match value {
        Value::String(own) => usize::from(own.contains(text)),
        Value::Array(items) => items.iter().map(|item| count(item, text)).sum(),
        Value::Object(members) => members.values().map(|member| count(member, text)).sum(),
        _ => 0,
    }
}

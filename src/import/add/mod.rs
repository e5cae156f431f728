//! Machines are added to a fleet file that exists: its comments and its layout stay, and what is added looks like what
//! is there. The new text is read again, and must be the old one with nothing but the new entries more.

mod place;
mod role;
mod same;

use super::host::{self, Style};
use super::list::{List, Role};
use super::value::{Entry, Value};
use crate::model::{FromText, Name};
use crate::source::{FileId, Span};
use crate::yaml::{Document, Kind, NodeId, parse};

/// Why a fleet file is left alone.
#[derive(Debug)]
pub struct Refusal {
    /// Where the trouble is.
    pub place: Span,
    /// What it is.
    pub message: String,
    /// What to do.
    pub help: String,
}

/// Makes the entries that go into a section, in the style of those that are there.
type Entries<'e> = &'e dyn Fn(Style) -> Vec<Entry>;

/// The text of a fleet file with the machines of a list added, and what it brings for them: roles, and what its template
/// says.
///
/// # Errors
/// The file has a form that cannot be added to without a doubt: it is left as it is.
pub fn add(text: &str, file: FileId, list: &List) -> Result<String, Refusal> {
    let whole = |message: &str| Refusal {
        place: Span::start_of(file),
        message: message.to_string(),
        help: "add the machines by hand; `fleetc import … -o DIR` writes them into a new file to copy from".to_string(),
    };
    let old = parse(text).map_err(|_| whole("this is no fleet file"))?;
    let template = template(list, &old, &whole)?;
    let releases = |_: Style| template.release.iter().cloned().collect();
    let layouts = |_: Style| template.layout.iter().cloned().collect();
    let roles = |style: Style| list.roles.iter().map(|role| role_entry(role, &template.settings, style)).collect();
    let default = default_of(&old);
    let hosts = |style: Style| list.hosts.iter().map(|host| host::entry(host, default.as_ref(), style)).collect();
    let mut now = text.to_string();
    let sections: [(&str, Entries<'_>); 4] =
        [("releases", &releases), ("layouts", &layouts), ("roles", &roles), ("hosts", &hosts)];
    for (section, entries) in sections {
        let before = now;
        now = with_section(&before, file, section, entries, &whole)?;
    }
    Ok(now)
}

/// The text with entries added to one section.
fn with_section(
    text: &str,
    file: FileId,
    section: &str,
    entries: Entries<'_>,
    whole: &dyn Fn(&str) -> Refusal,
) -> Result<String, Refusal> {
    let old = parse(text).map_err(|_| whole("this is no fleet file"))?;
    let Some(root) = old.root().filter(|root| old.node(*root).kind == Kind::Mapping) else {
        return Err(whole("this is no fleet file"));
    };
    let pair = old.pairs(root).find(|(key, _)| old.scalar(*key) == section);
    let style = pair.map_or(Style { block: false, quotes: true }, |(_, value)| style(&old, text, value));
    let lines = entries(style);
    let entries = if style.block || host::fit(&lines, 4) { lines } else { entries(Style { block: true, ..style }) };
    if entries.is_empty() {
        return Ok(text.to_string());
    }
    let refuse = |why: &str| {
        let node = pair.map(|(_, value)| old.node(value));
        let place = node.map_or(Span::start_of(file), |node| Span { file, start: node.start, end: node.start + 1 });
        Refusal { place, ..whole(&format!("`{section}` cannot be added to: {why}")) }
    };
    let edits = place::edits(&old, text, root, pair, section, &entries).map_err(|why| refuse(&why))?;
    let now = place::apply(text, edits);
    let new = parse(&now).map_err(|_| refuse("it has a form that is not understood"))?;
    let names: Vec<&str> = entries.iter().map(|entry| entry.key.as_str()).collect();
    if !same::but_for(&old, &new, section, &names) {
        return Err(refuse("what is there would not stay as it is"));
    }
    Ok(now)
}

/// What a template brings.
#[derive(Default)]
struct Parts {
    /// The release, unless the fleet file has it.
    release: Option<Entry>,
    layout: Option<Entry>,
    /// What its role says.
    settings: Vec<Entry>,
}

fn template(list: &List, document: &Document<'_>, whole: &dyn Fn(&str) -> Refusal) -> Result<Parts, Refusal> {
    let Some(template) = &list.setup.template else { return Ok(Parts::default()) };
    let (Some(name), Some(layout)) = (&template.name, &template.layout) else { return Ok(Parts::default()) };
    let base = role::Base::new(document);
    let (named, release) = base.release(template).map_err(|why| Refusal {
        help: "add a release with the kernel and the initrd of the installer first".to_string(),
        ..whole(&why)
    })?;
    let settings = base.keys(template, &named, &name.value);
    Ok(Parts { release, layout: Some(Entry::new(name.as_str(), layout.clone())), settings })
}

fn role_entry(role: &Role, settings: &[Entry], style: Style) -> Entry {
    let mut keys = match role.text {
        Some(_) => vec![Entry::new("cloud_config", Value::text(role.file()))],
        None => Vec::new(),
    };
    keys.extend_from_slice(settings);
    Entry::new(role.name.as_str(), if style.block { Value::Map(keys) } else { Value::Braces(keys) })
}

/// The role that the `defaults` of a fleet file give to hosts.
pub fn default_role(text: &str) -> Option<Name> {
    default_of(&parse(text).ok()?)
}

fn default_of(document: &Document<'_>) -> Option<Name> {
    let child = |node: NodeId, key: &str| {
        let node = document.follow(node);
        document.pairs(node).find(|(known, _)| document.scalar(*known) == key).map(|(_, value)| value)
    };
    let role = child(child(document.root()?, "defaults")?, "role")?;
    Name::from_text(document.scalar(document.follow(role))).ok()
}

/// How most of the entries of a section are written.
fn style(document: &Document<'_>, text: &str, section: NodeId) -> Style {
    let (mut braces, mut block, mut quoted, mut plain) = (0, 0, 0, 0);
    if document.node(section).kind == Kind::Mapping {
        for (_, host) in document.pairs(section) {
            let node = document.node(host);
            match text[node.start as usize..].starts_with('{') {
                true => braces += 1,
                false if node.kind == Kind::Mapping => block += 1,
                false => {}
            }
            let mac = document.pairs(host).find(|(key, _)| document.scalar(*key) == "mac").map(|(_, mac)| mac);
            let first = mac.and_then(|mac| document.children(mac).next().or(Some(mac)));
            match first.map(|first| document.node(first).kind) {
                Some(Kind::Quoted) => quoted += 1,
                Some(Kind::Plain) => plain += 1,
                _ => {}
            }
        }
    }
    Style { block: block > braces, quotes: quoted > 0 || plain == 0 }
}

//! The installer's template (contract 1.3), as parts of a fleet file: the reverse of what `emit` writes.
//!
//! Every key is taken over, or reported with its place: what the installer would refuse or mis-do is an error, and what
//! a fleet file has no place for a warning.
//!
//! ```text
//!  text ─ json ─→ Node ─ object ─→ partitions ─ layout ─┐
//!                                  users ─ settings ────┼─→ Template, and the machine it is for
//!                                  machine, service ────┘
//! ```

mod against;
mod json;
mod layout;
mod machine;
mod object;
mod partitions;
mod service;
mod settings;
mod users;

use super::list::{List, Role, Setup, Template};
use crate::diag::Sink;
use crate::model::{DiskName, Mac, Name};
use crate::rules::import;
use crate::source::{FileId, Span, Spanned};
use json::Kind;
use machine::Machine;
use object::Object;

pub use against::against;
pub(super) use against::same;
pub use machine::{first_machine, first_role};

/// What a user says of a template.
#[derive(Clone, Debug, Default)]
pub struct Wish {
    /// The name of its layout and its role.
    pub name: Option<Name>,
    /// The disk that takes the place of the one in it.
    pub disk: Option<DiskName>,
    /// The network cards of the one machine that it is for.
    pub macs: Vec<Mac>,
    /// Whether it is added to a fleet that exists.
    pub added: bool,
}

/// Reads a template as a list: a layout and a role, and the machine that it is for where that is known. `setup` is
/// what is known besides of how machines are installed.
pub fn ister(text: &str, file: FileId, wish: &Wish, setup: Setup, sink: &Sink) -> List {
    let mut list = List { setup, ..List::default() };
    let Some((found, machine)) = template(text, file, wish, &mut list.setup, sink) else { return list };
    let role = found.name.as_ref().map(|name| name.value.clone());
    // A role whose text the service gave is made with a stand-in, in a new file.
    if let Some(name) = role.clone().filter(|_| wish.added || found.service.is_none()) {
        list.roles.push(Role { name, text: None, comment: None });
    }
    machine.list(&wish.macs, role.as_ref(), Span::start_of(file), &mut list);
    list.setup.template = Some(found);
    list
}

/// Reads the template that all machines of a service were installed with into what is known of how that is done.
pub fn add_template(text: &str, file: FileId, wish: &Wish, setup: &mut Setup, sink: &Sink) {
    let Some((found, _)) = template(text, file, wish, setup, sink) else { return };
    if found.service.is_none() {
        let message = "this template names no service, so its machines got no role; in the fleet file they do";
        let silent = import::not_imported().at(Span::start_of(file), message);
        sink.report(silent.help("a role without `cloud_config` is installed as the template says"));
    }
    setup.template = Some(found);
}

/// The keys of a template, all of them.
fn keys() -> Vec<&'static str> {
    let lists = partitions::LISTS.into_iter().chain(settings::KEYS).chain(machine::KEYS);
    lists.chain(["DestinationType", service::KEY]).collect()
}

fn template(text: &str, file: FileId, wish: &Wish, setup: &mut Setup, sink: &Sink) -> Option<(Template, Machine)> {
    let node = match json::read(text, file) {
        Ok(node) => node,
        Err((place, why)) => {
            let message = format!("this is no JSON, and the installer stops: {why}");
            sink.report(import::malformed_template().at(place, message).help("name the installer's template"));
            return None;
        }
    };
    let template = Object::of(&node, "the template", &keys(), sink)?;
    let image = destination(&template);
    settings::judge(&template);
    let machine = machine::machine(&template);
    let service = service::service(&template);
    if let Some(service) = &service {
        service::settle(&template, service, setup);
    }
    let (bios, keeps) = (settings::legacy_bios(&template), settings::keeps_table(&template));
    let layout = layout::layout(&template, wish.disk.as_ref(), layout::Kind { image, bios, keeps });
    let found = Template {
        name: wish.name.clone().map(|name| Spanned::new(name, Span::start_of(file))),
        version: settings::version(&template),
        layout,
        settings: settings::settings(&template, machine.interface()),
        address: machine.address(),
        service,
    };
    if wish.macs.is_empty() && machine::is_of_one(&template) {
        machine.leave(&template, wish.name.as_ref());
    }
    Some((found, machine))
}

/// Whether a template is for an image file (contract I-31, I-58).
fn destination(template: &Object<'_>) -> bool {
    let key = "DestinationType";
    let Some(node) = template.need(key) else { return false };
    match &node.kind {
        Kind::Text(text) if text == "physical" => false,
        Kind::Text(text) if text == "virtual" => {
            let message = "this template is for an image file, and machines install onto their disks";
            template.leave(node.place, message, "the fleet file has its layout for disks");
            true
        }
        Kind::Text(text) => {
            let message = format!("`{text}` is no `{key}`, and the installer stops");
            template.fault(node.place, message, "write `physical`");
            false
        }
        _ => {
            template.wrong(key, node, "a text");
            false
        }
    }
}

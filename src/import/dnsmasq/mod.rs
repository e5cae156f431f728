//! What dnsmasq knows of machines: its configuration, a file of `dhcp-hostsfile`, or its leases; told apart by
//! contents.
//!
//! Learnt from its source (`src/option.c`: `read_file`, `one_opt`, `parse_hex`; `src/lease.c`).

mod hosts;
mod leases;
mod networks;
mod words;

use super::judge::mac;
use super::list::List;
use crate::diag::Sink;
use crate::rules::import;
use crate::source::FileId;
use words::{Directive, directives, fields};

/// Options that lead to files with more of the configuration.
const ELSEWHERE: [&str; 4] = ["conf-file", "conf-dir", "dhcp-hostsfile", "dhcp-hostsdir"];

/// Reads the machines of a file of dnsmasq. What is wrong with it, and what is left out, is reported.
pub fn dnsmasq(text: &str, file: FileId, sink: &Sink) -> List {
    let bare = text.strip_prefix('\u{feff}').unwrap_or(text);
    let first = bare.lines().map(str::trim).find(|line| !line.is_empty() && !line.starts_with('#'));
    let mut list = List::default();
    match first {
        None => {
            let empty = import::malformed_list().at(crate::source::Span::start_of(file), "this file is empty");
            sink.report(empty.help("name a configuration of dnsmasq with `dhcp-host` lines, or its lease file"));
        }
        Some(line) if leases::is_lease(line) => list.hosts = leases::leases(text, file, sink),
        Some(line) => {
            // A file of `dhcp-hostsfile` has what stands behind `dhcp-host=`, and nothing else.
            let values = line.split(',').next().is_some_and(|first| first.contains(':') && mac(first.trim()).is_ok());
            configuration(&directives(text, file, values, sink), &mut list, sink);
        }
    }
    list
}

fn configuration(all: &[Directive], list: &mut List, sink: &Sink) {
    for directive in all {
        match directive.name.as_str() {
            "dhcp-host" => list.hosts.extend(hosts::host(&fields(directive), directive.span, sink)),
            name if ELSEWHERE.contains(&name) => {
                let message = format!("`{name}` leads to other files, which are not read");
                sink.report(import::not_imported().at(directive.span, message).help("import each of them too"));
            }
            _ => {}
        }
    }
    list.networks = networks::networks(all);
}

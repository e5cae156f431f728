//! `/etc/hosts`: names for the addresses of the fleet.

use std::fmt::Write;
use std::net::Ipv4Addr;

use super::domain::domain;
use super::trouble::Trouble;
use crate::model::Fleet;

pub(super) fn emit(fleet: &Fleet) -> Result<String, Trouble> {
    let domains = fleet.networks.iter().map(domain).collect::<Result<Vec<_>, _>>()?;
    let mut lines: Vec<(Ipv4Addr, String)> = Vec::new();
    let mut without: Vec<&str> = Vec::new();
    for host in &fleet.hosts {
        let name = host.name.as_str();
        let Some(address) = &host.address else {
            without.push(name);
            continue;
        };
        // The first name is the whole one: programs that ask for a machine's own look there.
        let names = match domains[address.network.0 as usize] {
            Some(domain) => format!("{name}.{domain} {name}"),
            None => name.to_string(),
        };
        lines.push((address.ip, names));
    }
    lines.sort();
    let mut text = String::from("# Written by `fleetc emit hosts`; change the fleet file, not this. For /etc/hosts.\n");
    match without[..] {
        _ if lines.is_empty() => text.push_str("# No machine of the fleet has an address of its own.\n"),
        [] => {}
        [one] => {
            let _ = writeln!(text, "# `{one}` has no address of its own and is not here.");
        }
        [first, ..] => {
            let count = without.len();
            let _ = writeln!(
                text,
                "# {count} machines have no address of their own and are not here; the first is `{first}`."
            );
        }
    }
    for (ip, names) in lines {
        let _ = writeln!(text, "{:15} {names}", ip.to_string());
    }
    Ok(text)
}

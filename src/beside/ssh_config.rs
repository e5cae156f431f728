//! A part of OpenSSH's configuration: how each machine is reached, and as whom.

use std::fmt::Write;
use std::sync::Arc;

use super::domain::domain;
use super::trouble::Trouble;
use crate::model::Fleet;
use crate::rules::Access;

/// An argument of `ssh_config` that stands for `text`, in quotes where it needs them.
///
/// A blank parts arguments and a `#` begins a comment; in double quotes they are only signs, and a `\` makes `"` and `\`
/// plain (`argv_split` in OpenSSH's `misc.c`). A `%` or `$` would be expanded in some arguments and in others not.
///
/// # Errors
/// A character that no quoting makes plain.
pub fn quoted(text: &str) -> Result<String, Trouble> {
    if text.contains(|c: char| c.is_control() || "%$".contains(c)) || text.is_empty() {
        let message = format!("OpenSSH would not read {text:?} as it is");
        return Err(Trouble::new(message, "choose a name without `%`, `$` and control characters"));
    }
    if text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"._-:".contains(&byte)) {
        return Ok(text.to_string());
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

pub(super) fn emit(fleet: &Fleet, access: &[Arc<Access>]) -> Result<String, Trouble> {
    let domains = fleet.networks.iter().map(domain).collect::<Result<Vec<_>, _>>()?;
    let mut text = String::from("# Written by `fleetc emit ssh-config`; change the fleet file, not this.\n");
    text.push_str("# Put it into ~/.ssh/fleet, and this line at the top of ~/.ssh/config: Include fleet\n");
    for (host, access) in fleet.hosts.iter().zip(access) {
        let name = host.name.as_str();
        // By its address it is the same machine, also to Ansible.
        let mut names = vec![name.to_string()];
        let mut place = name.to_string();
        if let Some(address) = &host.address {
            names.extend(domains[address.network.0 as usize].map(|domain| format!("{name}.{domain}")));
            place = address.ip.to_string();
            names.push(place.clone());
        }
        let names = names.iter().map(|name| quoted(name)).collect::<Result<Vec<_>, _>>()?;
        let _ = write!(text, "\nHost {}\n    HostName {}\n", names.join(" "), quoted(&place)?);
        if let Some(user) = access.user.as_ref().or(access.by_key.as_ref()) {
            let _ = writeln!(text, "    User {}", quoted(user)?);
        }
    }
    Ok(text)
}

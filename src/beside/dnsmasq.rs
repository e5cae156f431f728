//! dnsmasq: DHCP and TFTP, and DNS where the fleet says that this machine is the name server.

use std::fmt::Write;

use super::Options;
use super::dhcp::{self, Dhcp, HTTP_CLASS, IPXE_OPTION, LEASE, Subnet, USER_CLASS};
use super::trouble::{Trouble, path};
use crate::model::Host;

/// dnsmasq cuts a longer line in two (`MAXDNAME` in its source).
const LINE_LIMIT: usize = 1000;

/// A value of dnsmasq's configuration that stands for `text`, in quotes where it needs them.
///
/// In quotes a `\` makes `"` and `\` plain, and signs that would part a value are only signs (`read_file` and `hide_meta`).
/// So are digits: outside of quotes a name like `12h` is a time.
pub fn quoted(text: &str) -> String {
    let plain = text.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._-:".contains(&byte));
    // What `dhcp-host` takes for something else than a name.
    let word = matches!(text, "ignore" | "infinite");
    if plain && !word && text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '/') {
        return text.to_string();
    }
    let mut quoted = String::with_capacity(text.len() + 2);
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            '\t' => quoted.push_str("\\t"),
            '\n' => quoted.push_str("\\n"),
            '\r' => quoted.push_str("\\r"),
            '\u{8}' => quoted.push_str("\\b"),
            '\u{1b}' => quoted.push_str("\\e"),
            c => quoted.push(c),
        }
    }
    format!("\"{quoted}\"")
}

pub(super) fn emit(fleet: &crate::model::Fleet, options: &Options) -> Result<String, Trouble> {
    let dhcp = dhcp::read(fleet, options)?;
    let usage = ["Put it into /etc/dnsmasq.d/fleet.conf, try it with `dnsmasq --test`, restart dnsmasq.".to_string()];
    let mut text = String::new();
    for line in dhcp::header("dnsmasq", &usage, &dhcp) {
        let _ = writeln!(text, "# {line}");
    }
    for part in [server(&dhcp, options)?, boot(&dhcp), networks(&dhcp), machines(&dhcp)] {
        let _ = write!(text, "\n{part}");
    }
    match text.lines().find(|line| line.len() > LINE_LIMIT) {
        Some(line) => {
            let start: String = line.chars().take(40).collect();
            Err(Trouble::new(
                format!("a line is too long for dnsmasq: `{start}…`"),
                "shorten the path, or list fewer cards",
            ))
        }
        None => Ok(text),
    }
}

/// What it serves, and where.
fn server(dhcp: &Dhcp<'_>, options: &Options) -> Result<String, Trouble> {
    let mut text = String::new();
    for interface in &options.interfaces {
        let _ = writeln!(text, "interface={}", quoted(interface));
    }
    // Where it serves TFTP itself, the address of the TFTP server is its own.
    let resolver = dhcp.subnets.iter().find(|subnet| options.tftp_root.is_some() && subnet.dns == Some(dhcp.tftp));
    match resolver {
        Some(subnet) => {
            let _ =
                writeln!(text, "# Network {} names this machine as its name server, so dnsmasq is one.", subnet.name);
        }
        // contract N-12
        None => text.push_str("# No DNS: port 53 may be taken.\nport=0\n"),
    }
    if let Some(root) = &options.tftp_root {
        let _ = writeln!(text, "enable-tftp\ntftp-root={}", quoted(path(root, "--tftp-root")?));
    }
    text.push_str("# Firmware, iPXE and the installer are one machine, though each calls itself something else.\n");
    text.push_str("dhcp-ignore-clid\n");
    Ok(text)
}

/// What each firmware boots.
fn boot(dhcp: &Dhcp<'_>) -> String {
    let mut text = String::from("# iPXE gets the script; without this test it would load itself for ever.\n");
    let _ = writeln!(text, "dhcp-match=set:ipxe,{IPXE_OPTION}");
    let _ = writeln!(text, "dhcp-userclass=set:ipxe,{USER_CLASS}");
    let _ = writeln!(text, "dhcp-boot=tag:ipxe,{},,{}", quoted(&dhcp.script), dhcp.tftp);
    for boot in &dhcp.boots {
        let _ = writeln!(text, "# {}", boot.title);
        for code in boot.codes {
            let _ = writeln!(text, "dhcp-match=set:{},option:client-arch,{code}", boot.tag);
        }
        let _ = writeln!(text, "dhcp-boot=tag:!ipxe,tag:{},{},,{}", boot.tag, quoted(&boot.file), dhcp.tftp);
        if boot.http {
            let _ = writeln!(text, "dhcp-option-force=tag:!ipxe,tag:{},60,{HTTP_CLASS}", boot.tag);
        }
    }
    text
}

fn networks(dhcp: &Dhcp<'_>) -> String {
    dhcp.subnets.iter().map(network).collect::<Vec<_>>().join("\n")
}

/// What is not set is sent empty, which dnsmasq takes for "not at all": by itself it would name itself.
fn network(subnet: &Subnet<'_>) -> String {
    let (tag, cidr) = (format!("net-{}", subnet.name), subnet.cidr);
    let mut text = format!("# Network {}\n", subnet.name);
    let range = match subnet.range {
        Some(range) => format!("{},{}", range.first, range.last),
        None => format!("{},static", cidr.network()),
    };
    let _ = writeln!(text, "dhcp-range=set:{tag},{range},{},{LEASE}", cidr.mask());
    for (option, address) in [("router", subnet.gateway), ("dns-server", subnet.dns)] {
        let value = address.map_or(String::new(), |address| format!(",{address}"));
        let _ = writeln!(text, "dhcp-option=tag:{tag},option:{option}{value}");
    }
    if let Some(domain) = subnet.domain {
        let _ = writeln!(text, "domain={},{cidr}", quoted(domain));
    }
    text
}

fn machines(dhcp: &Dhcp<'_>) -> String {
    let mut text = String::from("# Machines: each card of one, its address, its name\n");
    let cards = |host: &Host| dhcp::macs(host).map(|mac| format!("{mac},")).collect::<String>();
    for (ip, host) in dhcp.subnets.iter().flat_map(|subnet| &subnet.reserved) {
        let _ = writeln!(text, "dhcp-host={}{ip},{}", cards(host), quoted(host.name.as_str()));
    }
    for host in &dhcp.named {
        let _ = writeln!(text, "dhcp-host={}{}", cards(host), quoted(host.name.as_str()));
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// A value, as dnsmasq's `read_file` takes it from a line; none when it would part it or take some of it for a comment.
    fn value(line: &str) -> Option<String> {
        let mut value = String::new();
        let mut chars = line.chars();
        while let Some(c) = chars.next() {
            if c != '"' {
                if " #,".contains(c) || c.is_control() {
                    return None;
                }
                value.push(c);
                continue;
            }
            loop {
                match chars.next()? {
                    '"' => break,
                    '\\' => match chars.next()? {
                        't' => value.push('\t'),
                        'n' => value.push('\n'),
                        'e' => value.push('\u{1b}'),
                        'b' => value.push('\u{8}'),
                        'r' => value.push('\r'),
                        c @ ('"' | '\\') => value.push(c),
                        other => value.extend(['\\', other]),
                    },
                    '\n' => return None,
                    c => value.push(c),
                }
            }
        }
        Some(value)
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(text in "\\PC{1,40}|[a-z\\\\\"#,: \n\t\r]{1,12}") {
            prop_assert_eq!(value(&quoted(&text)), Some(text));
        }
    }

    #[test]
    fn a_name_is_no_time() {
        for name in ["12h", "7", "infinite", "ignore", "3com"] {
            assert_eq!(quoted(name), format!("\"{name}\""));
        }
        assert_eq!(quoted("node-1"), "node-1");
    }
}

//! ISC's dhcpd.

use std::fmt::Write;

use super::Options;
use super::dhcp::{self, Dhcp, HTTP_CLASS, IPXE_OPTION, LEASE, Subnet, USER_CLASS};
use super::trouble::Trouble;
use crate::model::{Fleet, Host, Mac};

/// A text of dhcpd's configuration (`read_string` in its `conflex.c`): a `\` makes `"` and `\` plain, or begins a number.
pub fn quoted(text: &str) -> String {
    let mut quoted = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => quoted.extend(['\\', c]),
            c if c.is_control() => {
                let mut buffer = [0; 4];
                for byte in c.encode_utf8(&mut buffer).bytes() {
                    let _ = write!(quoted, "\\{byte:03o}");
                }
            }
            c => quoted.push(c),
        }
    }
    quoted + "\""
}

/// A code of option 93, as dhcpd writes two bytes.
fn code(code: u16) -> String {
    let [high, low] = code.to_be_bytes();
    format!("{high:02x}:{low:02x}")
}

pub(super) fn emit(fleet: &Fleet, options: &Options) -> Result<String, Trouble> {
    let dhcp = dhcp::read(fleet, options)?;
    let usage = [
        "Put it into /etc/dhcp/dhcpd.conf, try it with `dhcpd -t`, restart dhcpd.".to_string(),
        "The cards that it listens on: INTERFACESv4 in /etc/default/isc-dhcp-server.".to_string(),
    ];
    let mut text = String::new();
    for line in dhcp::header("dhcpd", &usage, &dhcp) {
        let _ = writeln!(text, "# {line}");
    }
    let _ = writeln!(text, "\ndefault-lease-time {LEASE};\nmax-lease-time {LEASE};");
    text.push_str("# Firmware, iPXE and the installer are one machine, though each calls itself something else.\n");
    let _ = writeln!(text, "ignore-client-uids true;\nnext-server {};\n", dhcp.tftp);
    boot(&dhcp, &mut text);
    for subnet in &dhcp.subnets {
        network(subnet, &mut text);
    }
    text.push_str("\n# Machines: one entry for each card\n");
    for (ip, host) in dhcp.subnets.iter().flat_map(|subnet| &subnet.reserved) {
        machine(host, &format!(" fixed-address {ip};"), &mut text);
    }
    for host in &dhcp.named {
        machine(host, "", &mut text);
    }
    Ok(text)
}

/// What each firmware boots.
fn boot(dhcp: &Dhcp<'_>, text: &mut String) {
    let _ = writeln!(text, "option arch code 93 = unsigned integer 16;");
    let _ = writeln!(text, "option ipxe code {IPXE_OPTION} = string;");
    text.push_str("# iPXE gets the script; without this test it would load itself for ever.\n");
    // With and without the length that RFC 3004 puts before it.
    let length = USER_CLASS.len();
    let class =
        format!("option user-class = {0} or option user-class = \"\\{length:03o}{USER_CLASS}\"", quoted(USER_CLASS));
    let _ = writeln!(text, "if exists ipxe or {class} {{\n    filename {};", quoted(&dhcp.script));
    for boot in &dhcp.boots {
        let codes: Vec<String> = boot.codes.iter().map(|known| format!("option arch = {}", code(*known))).collect();
        let _ = writeln!(text, "}} elsif {} {{    # {}", codes.join(" or "), boot.title);
        let _ = writeln!(text, "    filename {};", quoted(&boot.file));
        if boot.http {
            let _ = writeln!(text, "    option vendor-class-identifier {};", quoted(HTTP_CLASS));
            // dhcpd sends what is asked for; this must be there in any case.
            let asked = "option dhcp-parameter-request-list";
            let _ = writeln!(text, "    if exists dhcp-parameter-request-list {{");
            let _ = writeln!(text, "        {asked} = concat({asked}, 3c);\n    }}");
        }
    }
    text.push_str("}\n");
}

fn network(subnet: &Subnet<'_>, text: &mut String) {
    let (name, cidr) = (subnet.name, subnet.cidr);
    let _ = writeln!(text, "\n# Network {name}\nsubnet {} netmask {} {{", cidr.network(), cidr.mask());
    if let Some(range) = subnet.range {
        let _ = writeln!(text, "    range {} {};", range.first, range.last);
    }
    for (option, address) in [("routers", subnet.gateway), ("domain-name-servers", subnet.dns)] {
        if let Some(address) = address {
            let _ = writeln!(text, "    option {option} {address};");
        }
    }
    if let Some(domain) = subnet.domain {
        let _ = writeln!(text, "    option domain-name {};", quoted(domain));
    }
    text.push_str("}\n");
}

/// A machine's cards. An entry has a name of its own, which no host can have: a dot is in it.
fn machine(host: &Host, address: &str, text: &mut String) {
    let name = host.name.as_str();
    for (index, mac) in dhcp::macs(host).enumerate() {
        let entry = if index == 0 { name.to_string() } else { format!("{name}.{}", index + 1) };
        card(&entry, mac, name, address, text);
    }
}

fn card(entry: &str, mac: Mac, name: &str, address: &str, text: &mut String) {
    let name = quoted(name);
    let _ = writeln!(text, "host {entry} {{ hardware ethernet {mac};{address} option host-name {name}; }}");
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What dhcpd's `read_string` reads.
    fn read(text: &str) -> Option<Vec<u8>> {
        let mut bytes = text.strip_prefix('"')?.bytes().peekable();
        let mut read = Vec::new();
        loop {
            match bytes.next()? {
                b'"' => return bytes.next().is_none().then_some(read),
                b'\\' => match bytes.next()? {
                    b't' => read.push(b'\t'),
                    b'r' => read.push(b'\r'),
                    b'n' => read.push(b'\n'),
                    b'b' => read.push(8),
                    b'x' => return None,
                    digit @ b'0'..=b'7' => {
                        let mut value = u32::from(digit - b'0');
                        for _ in 0..2 {
                            match bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) {
                                Some(digit) => value = value * 8 + u32::from(digit - b'0'),
                                None => break,
                            }
                        }
                        read.push(value as u8);
                    }
                    other => read.push(other),
                },
                other => read.push(other),
            }
        }
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(text in "\\PC{0,40}|[a-z0-9\\\\\"\n\t\u{7f}]{0,12}") {
            prop_assert_eq!(read(&quoted(&text)), Some(text.into_bytes()));
        }
    }
}

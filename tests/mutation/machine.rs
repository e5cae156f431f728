//! Faults in what the fleet file says of machines and networks: names, cards, addresses, references.

use crate::kind::{Change, Kind, Lines, fleet};

const NEVER_ASKED: &str = "the machine asks with another address, and is not known (I-17, N-10)";
const DANGLING: &str = "there is nothing to give to the machine";
const UNREACHABLE: &str = "the machine is installed with an address that reaches nothing (I-43)";
const TWICE: &str = "two machines fight over one address";

fn text(value: &str) -> &str {
    value.trim_matches(['"', '\''])
}

/// Changes a MAC address, alone or the first of a list.
fn mac(lines: &Lines, index: usize, new: impl Fn(&str) -> String) -> Option<Change> {
    lines.set(index, "mac", |value| {
        let first = text(value.trim_start_matches('[').split([',', ']']).next()?);
        Some(value.replacen(first, &new(first), 1))
    })
}

/// The first MAC address of an earlier host.
fn earlier_mac(lines: &Lines, index: usize) -> Option<String> {
    let mut values = (0..index).filter_map(|at| lines.value(at, "mac"));
    values
        .next()
        .map(|(_, value)| text(value.trim_start_matches('[').split([',', ']']).next().unwrap_or("")).to_string())
}

/// The first address of an earlier host.
fn earlier_address(lines: &Lines, index: usize) -> Option<String> {
    let mut values = (0..index).filter_map(|at| lines.value(at, "address"));
    values.next().map(|(_, value)| value.split('/').next().unwrap_or("").to_string())
}

fn address(lines: &Lines, index: usize, new: impl Fn(&str, &str) -> Option<String>) -> Option<Change> {
    lines.set(index, "address", |value| {
        let ip = value.split('/').next()?;
        let (network, last) = ip.rsplit_once('.')?;
        new(network, last)
    })
}

/// A reference misspelt: its last letter doubled.
fn misspelt(lines: &Lines, index: usize, key: &str) -> Option<Change> {
    let word = |value: &str| value.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
    lines.set(index, key, |value| word(value).then(|| format!("{value}{}", &value[value.len() - 1..])))
}

/// The name of a host: its key alone, or before its braces.
fn host(lines: &Lines, index: usize, new: impl Fn(&str) -> String) -> Option<Change> {
    let line = lines.line(index);
    if lines.path(index) != ["hosts"] || !lines.says(index) {
        return None;
    }
    let (key, rest) = line.split_once(':')?;
    let name = key.trim_start();
    Some(Change::Line(format!("{}{}:{rest}", &key[..key.len() - name.len()], new(name))))
}

fn earlier_host(lines: &Lines, index: usize) -> Option<String> {
    let mut above = (0..index).filter(|at| lines.path(*at) == ["hosts"] && lines.says(*at));
    above.next().and_then(|at| lines.line(at).split_once(':').map(|(key, _)| key.trim().to_string()))
}

/// The value of a network's key, of the network that an address seems to lie in: its first two numbers tell.
fn around<'l>(lines: &'l Lines, index: usize, key: &str) -> Option<&'l str> {
    let (_, ip) = lines.value(index, "address")?;
    let near = ip.splitn(3, '.').take(2).collect::<Vec<_>>().join(".");
    let mut values = (0..lines.all.len()).filter(|at| in_networks(lines, *at)).filter_map(|at| lines.value(at, key));
    values.find(|(_, value)| value.starts_with(&format!("{near}."))).map(|(_, value)| value)
}

fn in_networks(lines: &Lines, index: usize) -> bool {
    lines.is_in(index, &["networks"])
}

fn network(lines: &Lines, index: usize, key: &str, new: impl Fn(&str) -> Option<String>) -> Option<Change> {
    in_networks(lines, index).then(|| lines.set(index, key, |value| new(value))).flatten()
}

/// Whether a host of the fleet has an address in the network that a line belongs to.
fn is_used(lines: &Lines, index: usize) -> bool {
    let (first, last) = lines.block(index);
    let all = if lines.line(index).contains("cidr: ") { index..=index } else { first..=last };
    let Some(cidr) = all.into_iter().find_map(|at| lines.value(at, "cidr")) else { return false };
    let network = cidr.1.split('.').take(2).collect::<Vec<_>>().join(".");
    (0..lines.all.len()).any(|at| lines.value(at, "address").is_some_and(|(_, ip)| ip.starts_with(&network)))
}

pub const KINDS: &[Kind] =
    &[
        // Cards.
        fleet("a MAC address of five octets", NEVER_ASKED, |l, i| {
            mac(l, i, |mac| {
                if mac.contains('.') { mac[..mac.len() - 2].to_string() } else { mac[..mac.len() - 3].to_string() }
            })
        }),
        fleet("a MAC address of seven octets", NEVER_ASKED, |l, i| mac(l, i, |mac| format!("{mac}:00"))),
        fleet("a letter O in a MAC address", NEVER_ASKED, |l, i| mac(l, i, |mac| mac.replacen('0', "O", 1))),
        fleet("a MAC address with a blank", NEVER_ASKED, |l, i| mac(l, i, |mac| mac.replacen([':', '-', '.'], " ", 1))),
        fleet("a multicast MAC address", "no card has one (I-17)", |l, i| mac(l, i, |mac| format!("53{}", &mac[2..]))),
        fleet("a MAC address of zeros", "no card has it (I-17)", |l, i| mac(l, i, |_| "00:00:00:00:00:00".to_string())),
        fleet("the MAC address of broadcasts", "no card has it (I-17)", |l, i| {
            mac(l, i, |_| "ff:ff:ff:ff:ff:ff".to_string())
        }),
        fleet("the MAC address of another host", "one of the two is never installed (I-17)", |l, i| {
            let other = earlier_mac(l, i)?;
            mac(l, i, |_| other.clone())
        }),
        fleet("an empty list of MAC addresses", NEVER_ASKED, |l, i| l.set(i, "mac", |_| Some("[]".to_string()))),
        fleet("no MAC address between braces", NEVER_ASKED, |l, i| {
            if l.line(i).contains('{') { l.unset(i, "mac") } else { None }
        }),
        fleet("no MAC address in a block", NEVER_ASKED, |l, i| l.drop_key(i, "mac")),
        fleet("a MAC address as a mapping", NEVER_ASKED, |l, i| {
            l.set(i, "mac", |mac| Some(format!("{{ eno1: {mac} }}")))
        }),
        fleet("a card that stands twice in a list", "one of the two was meant to be another card (I-16)", |l, i| {
            let above = i.checked_sub(1).map(|above| l.line(above))?;
            let cards = l.path(i).last() == Some(&"mac") && above.trim_start().starts_with("- ");
            cards.then(|| Change::Line(above.to_string()))
        }),
        // Names.
        fleet("a host name with an underscore", "the installer rejects it (1.3 Hostname)", |l, i| {
            host(l, i, |name| format!("{name}_1"))
        }),
        fleet("a host name with a dot", "the installer rejects it (1.3 Hostname)", |l, i| {
            host(l, i, |name| format!("{name}.example"))
        }),
        fleet("a host name with a blank", "the installer rejects it (1.3 Hostname)", |l, i| {
            host(l, i, |name| format!("{name} a"))
        }),
        fleet("a host name of 70 letters", "the installer rejects it (1.3 Hostname)", |l, i| {
            host(l, i, |name| format!("{name}{}", "x".repeat(70 - name.len())))
        }),
        fleet("a host name that begins with a hyphen", "the installer rejects it (1.3 Hostname)", |l, i| {
            host(l, i, |name| format!("-{name}"))
        }),
        fleet("a host that is called localhost", "every machine is that to itself", |l, i| {
            host(l, i, |_| "localhost".to_string())
        }),
        fleet("the name of another host", "one of the two machines vanishes", |l, i| {
            let other = earlier_host(l, i)?;
            host(l, i, |_| other.clone())
        }),
        fleet("the name of another host in capitals", "names are the same to DNS", |l, i| {
            let other = earlier_host(l, i)?;
            host(l, i, |_| other.to_uppercase())
        }),
        // References.
        fleet("a misspelt role of a host", DANGLING, |l, i| {
            if l.is_in(i, &["hosts"]) { misspelt(l, i, "role") } else { None }
        }),
        fleet("a misspelt role in defaults", DANGLING, |l, i| {
            if l.is_in(i, &["defaults"]) { misspelt(l, i, "role") } else { None }
        }),
        fleet("a misspelt release", DANGLING, |l, i| misspelt(l, i, "release")),
        fleet("a misspelt layout", DANGLING, |l, i| misspelt(l, i, "layout")),
        fleet("a misspelt role to extend", DANGLING, |l, i| misspelt(l, i, "extends")),
        fleet("a misspelt role for machines not listed", DANGLING, |l, i| misspelt(l, i, "install")),
        fleet("a role that extends itself", "it has no beginning", |l, i| {
            let role = l.path(i).last()?.to_string();
            l.set(i, "extends", |_| Some(role))
        }),
        fleet("a misspelt name of a role", DANGLING, |l, i| {
            let line = l.line(i);
            let role = l.path(i) == ["roles"] && l.says(i) && line.ends_with(':');
            let used = (0..l.all.len())
                .filter(|at| l.value(*at, "role").is_some_and(|(_, role)| role == line.trim().trim_end_matches(':')))
                .count();
            (role && used == 1).then(|| Change::Line(line.replace(':', "s:")))
        }),
        fleet("a misspelt name of a layout", DANGLING, |l, i| {
            let line = l.line(i);
            let used = (0..l.all.len())
                .filter(|at| {
                    l.value(*at, "layout").is_some_and(|(_, layout)| layout == line.trim().trim_end_matches(':'))
                })
                .count();
            (l.path(i) == ["layouts"] && l.says(i) && used == 1).then(|| Change::Line(line.replace(':', "s:")))
        }),
        fleet("a misspelt name of a release", DANGLING, |l, i| {
            let line = l.line(i);
            (l.path(i) == ["releases"] && l.says(i) && line.ends_with(':'))
                .then(|| Change::Line(line.replace(':', "s:")))
        }),
        fleet("a host without a role", DANGLING, |l, i| {
            let defaults = (0..l.all.len()).any(|at| l.is_in(at, &["defaults"]) && l.value(at, "role").is_some());
            if l.is_in(i, &["hosts"]) && !defaults { l.unset(i, "role") } else { None }
        }),
        fleet("a role as a list", DANGLING, |l, i| l.set(i, "role", |role| Some(format!("[{role}]")))),
        fleet("a misspelt state", "the machine would be wiped", |l, i| {
            l.set(i, "state", |_| Some("instaled".to_string()))
        }),
        fleet("a state in capitals", "the machine would be wiped", |l, i| {
            l.set(i, "state", |state| Some(state.to_uppercase()))
        }),
        fleet("a state of true", "the machine would be wiped", |l, i| l.set(i, "state", |_| Some("true".to_string()))),
        // Machines that are not listed.
        fleet("an unknown word for machines not listed", "nobody knows what they are to do", |l, i| {
            if l.path(i).is_empty() { l.set(i, "unknown", |_| Some("refuze".to_string())) } else { None }
        }),
        fleet("a role where `install` belongs", "nobody knows what they are to do", |l, i| {
            l.rename(i, "install", "role").filter(|_| l.path(i) == ["unknown"])
        }),
        // Addresses.
        fleet("an address outside of all networks", UNREACHABLE, |l, i| {
            address(l, i, |_, last| Some(format!("172.30.0.{last}")))
        }),
        fleet("the address of another host", TWICE, |l, i| {
            let other = earlier_address(l, i)?;
            l.set(i, "address", |_| Some(other))
        }),
        fleet("an address with the wrong prefix length", "near machines are taken for distant ones", |l, i| {
            address(l, i, |network, last| Some(format!("{network}.{last}/16")))
        }),
        fleet("the address of the gateway", "the machine takes the gateway's place (I-43)", |l, i| {
            let gateway = around(l, i, "gateway")?.to_string();
            l.set(i, "address", |_| Some(gateway))
        }),
        fleet("the network's own address", UNREACHABLE, |l, i| {
            let (network, length) = around(l, i, "cidr")?.split_once('/')?;
            let network = network.to_string();
            if length == "31" { None } else { l.set(i, "address", |_| Some(network)) }
        }),
        fleet("an address of five numbers", UNREACHABLE, |l, i| {
            address(l, i, |network, last| Some(format!("{network}.{last}.1")))
        }),
        fleet("an address of three numbers", UNREACHABLE, |l, i| address(l, i, |network, _| Some(network.to_string()))),
        fleet("an address with a number above 255", UNREACHABLE, |l, i| {
            address(l, i, |network, _| Some(format!("{network}.256")))
        }),
        fleet("an address with a leading zero", "some readers take it for octal", |l, i| {
            address(l, i, |network, last| Some(format!("{network}.0{last}")))
        }),
        fleet("an address with a port", "the installer lets it through and fails (I-43)", |l, i| {
            address(l, i, |network, last| Some(format!("{network}.{last}:22")))
        }),
        fleet("a name for an address", UNREACHABLE, |l, i| address(l, i, |_, _| Some("node.example".to_string()))),
        fleet("an IPv6 address", "the installer knows IPv4 alone (I-43)", |l, i| {
            address(l, i, |_, _| Some("\"fd00::11\"".to_string()))
        }),
        fleet("an address that DHCP gives out", TWICE, |l, i| {
            let first = around(l, i, "dhcp_range")?.split('-').next()?.to_string();
            l.set(i, "address", |_| Some(first))
        }),
        fleet("the address of the name server", TWICE, |l, i| {
            let dns = around(l, i, "dns")?.to_string();
            l.set(i, "address", |_| Some(dns))
        }),
        fleet("an address without an interface", "the installer fails once the disk is written (I-82)", |l, i| {
            if l.is_in(i, &["defaults"]) { l.drop_key(i, "interface") } else { None }
        }),
        fleet("an interface with a blank", "no interface is called so (I-83)", |l, i| {
            l.set(i, "interface", |name| Some(format!("{name} 0")))
        }),
        fleet("an interface of 16 letters", "no interface is called so (I-83)", |l, i| {
            l.set(i, "interface", |_| Some("enp175s0f0np0abc".to_string()))
        }),
        // Networks.
        fleet("a network without its length", "prefix lengths follow from it (I-43)", |l, i| {
            network(l, i, "cidr", |cidr| Some(cidr.split('/').next()?.to_string()))
        }),
        fleet("a network of length 33", "there is no such length (I-43)", |l, i| {
            network(l, i, "cidr", |cidr| Some(format!("{}/33", cidr.split('/').next()?)))
        }),
        fleet("a network with host bits", "it is not clear which network is meant", |l, i| {
            network(l, i, "cidr", |cidr| Some(cidr.replace(".0/", ".1/")))
        }),
        fleet("another network than its hosts and gateway", UNREACHABLE, |l, i| {
            if !is_used(l, i) {
                return None;
            }
            network(l, i, "cidr", |cidr| Some(format!("172.30.0.0/{}", cidr.split('/').nth(1)?)))
        }),
        fleet("a gateway outside of its network", UNREACHABLE, |l, i| {
            network(l, i, "gateway", |ip| Some(format!("172.30.0.{}", ip.rsplit_once('.')?.1)))
        }),
        fleet("a gateway that is the network's own address", UNREACHABLE, |l, i| {
            network(l, i, "gateway", |ip| Some(format!("{}.0", ip.rsplit_once('.')?.0)))
        }),
        fleet("a gateway with a number too many", UNREACHABLE, |l, i| {
            network(l, i, "gateway", |ip| Some(format!("{ip}.1")))
        }),
        fleet("a gateway with a length", UNREACHABLE, |l, i| network(l, i, "gateway", |ip| Some(format!("{ip}/24")))),
        fleet("no gateway, alone in its line", "the installer asks for one (I-43)", |l, i| {
            if in_networks(l, i) && is_used(l, i) { l.drop_key(i, "gateway") } else { None }
        }),
        fleet("no gateway between braces", "the installer asks for one (I-43)", |l, i| {
            if in_networks(l, i) && is_used(l, i) && l.line(i).contains('{') { l.unset(i, "gateway") } else { None }
        }),
        fleet("two name servers", "the installer crashes on a list (I-43)", |l, i| {
            network(l, i, "dns", |ip| Some(format!("[{ip}, 9.9.9.9]")))
        }),
        fleet("a name server with a letter", "the installer asks for an address (I-43)", |l, i| {
            network(l, i, "dns", |ip| Some(format!("{ip}a")))
        }),
        fleet("a DHCP range backwards", "no server takes it", |l, i| {
            network(l, i, "dhcp_range", |range| range.split_once('-').map(|(first, last)| format!("{last}-{first}")))
        }),
        fleet("a DHCP range outside of its network", "no server takes it", |l, i| {
            network(l, i, "dhcp_range", |_| Some("172.30.0.10-172.30.0.20".to_string()))
        }),
        fleet("a DHCP range without an end", "no server takes it", |l, i| {
            network(l, i, "dhcp_range", |range| Some(range.split('-').next()?.to_string()))
        }),
        fleet("a DHCP range with a length", "no server takes it", |l, i| {
            network(l, i, "dhcp_range", |range| Some(format!("{range}/24")))
        }),
        fleet("a DHCP range with a blank for its hyphen", "no server takes it", |l, i| {
            network(l, i, "dhcp_range", |range| Some(range.replace('-', " ")))
        }),
        fleet("a DHCP range that holds the gateway", TWICE, |l, i| {
            let (first, last) = l.block(i);
            let gateway = (first..=last).find_map(|at| l.value(at, "gateway"))?.1.to_string();
            network(l, i, "dhcp_range", |range| Some(format!("{gateway}-{}", range.split_once('-')?.1)))
        }),
        fleet("a network that stands twice", "it is not clear which gateway is meant", |l, i| {
            let line = l.line(i);
            let whole = l.path(i) == ["networks"] && line.contains("{ cidr: ");
            whole.then(|| Change::Line(format!("{line}\n{}", line.replacen(':', "-2:", 1))))
        }),
        fleet("a network without its addresses", UNREACHABLE, |l, i| {
            if in_networks(l, i) { l.drop_key(i, "cidr") } else { None }
        }),
    ];

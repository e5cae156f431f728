//! Kea's DHCPv4 server.

use std::fmt::Write;
use std::net::Ipv4Addr;

use super::Options;
use super::dhcp::{self, Boot, Dhcp, HTTP_CLASS, IPXE_OPTION, LEASE, Subnet, USER_CLASS};
use super::json::Json;
use super::trouble::Trouble;
use crate::model::{Fleet, Host, Mac};

pub(super) fn emit(fleet: &Fleet, options: &Options) -> Result<String, Trouble> {
    let dhcp = dhcp::read(fleet, options)?;
    let usage = [
        "Put it into /etc/kea/kea-dhcp4.conf, try it with `kea-dhcp4 -t FILE`, restart Kea.",
        "match-client-id: firmware, iPXE and the installer are one machine, though each calls itself something else.",
        "ip-reservations-unique: all cards of a machine have its address, one at a time.",
    ]
    .map(str::to_string);
    let mut text = String::new();
    for line in dhcp::header("kea", &usage, &dhcp) {
        let _ = writeln!(text, "// {line}");
    }
    let _ = writeln!(text, "{}", Json::Object(vec![("Dhcp4", server(&dhcp, options))]).lay_out(0));
    Ok(text)
}

fn server(dhcp: &Dhcp<'_>, options: &Options) -> Json {
    let interfaces = match options.interfaces.as_slice() {
        [] => vec![Json::text("*")],
        some => some.iter().map(Json::text).collect(),
    };
    let leases = vec![("type", Json::text("memfile")), ("lfc-interval", Json::Number(LEASE))];
    let named = dhcp.named.iter().flat_map(|host| dhcp::macs(host).map(|mac| reservation(mac, None, host)));
    let subnets: Vec<Json> = dhcp.subnets.iter().map(subnet).collect();
    Json::Object(vec![
        ("interfaces-config", Json::Object(vec![("interfaces", Json::List(interfaces))])),
        ("lease-database", Json::Object(leases)),
        ("valid-lifetime", Json::Number(LEASE)),
        ("match-client-id", Json::Bool(false)),
        ("ip-reservations-unique", Json::Bool(false)),
        ("reservations-global", Json::Bool(true)),
        ("reservations-in-subnet", Json::Bool(true)),
        ("next-server", Json::text(dhcp.tftp)),
        ("client-classes", Json::List(classes(dhcp))),
        ("subnet4", Json::List(subnets)),
        ("reservations", Json::List(named.collect())),
    ])
}

/// What each firmware boots. Classes are tried in their order.
fn classes(dhcp: &Dhcp<'_>) -> Vec<Json> {
    // With and without the length that RFC 3004 puts before it, as a number: Kea's texts have no escapes.
    let start = format!("0x{:02x}", USER_CLASS.len());
    let with_length = USER_CLASS.bytes().fold(start, |hex, byte| format!("{hex}{byte:02x}"));
    let class = "option[77].hex";
    let guard = format!("option[{IPXE_OPTION}].exists or {class} == '{USER_CLASS}' or {class} == {with_length}");
    let script =
        vec![("name", Json::text("ipxe")), ("test", Json::text(guard)), ("boot-file-name", Json::text(&dhcp.script))];
    std::iter::once(Json::Object(script)).chain(dhcp.boots.iter().map(firmware)).collect()
}

fn firmware(boot: &Boot<'_>) -> Json {
    let codes: Vec<String> = boot.codes.iter().map(|code| format!("option[93].hex == 0x{code:04x}")).collect();
    let codes = if let [one] = &codes[..] { one.clone() } else { format!("({})", codes.join(" or ")) };
    let mut members = vec![
        ("name", Json::text(&boot.tag)),
        ("test", Json::Text(format!("not member('ipxe') and {codes}"))),
        ("boot-file-name", Json::text(&boot.file)),
    ];
    if boot.http {
        let class = vec![
            ("name", Json::text("vendor-class-identifier")),
            ("data", Json::text(HTTP_CLASS)),
            ("always-send", Json::Bool(true)),
        ];
        members.push(("option-data", Json::List(vec![Json::Object(class)])));
    }
    Json::Object(members)
}

/// A network. Its number is its address, so that leases stay with it when others come and go.
fn subnet(subnet: &Subnet<'_>) -> Json {
    let pools = subnet
        .range
        .iter()
        .map(|range| Json::Object(vec![("pool", Json::Text(format!("{} - {}", range.first, range.last)))]));
    let option = |name: &str, data: String| Json::Object(vec![("name", Json::text(name)), ("data", Json::Text(data))]);
    let values = [
        ("routers", subnet.gateway.map(|address| address.to_string())),
        ("domain-name-servers", subnet.dns.map(|address| address.to_string())),
        ("domain-name", subnet.domain.map(str::to_string)),
    ];
    let values = values.into_iter().filter_map(|(name, data)| data.map(|data| option(name, data)));
    let reserved = subnet.reserved.iter();
    let reserved = reserved.flat_map(|(ip, host)| dhcp::macs(host).map(|mac| reservation(mac, Some(*ip), host)));
    Json::Object(vec![
        ("id", Json::Number(u32::from(subnet.cidr.network()).max(1))),
        ("subnet", Json::text(subnet.cidr)),
        ("user-context", Json::Object(vec![("name", Json::text(subnet.name))])),
        ("pools", Json::List(pools.collect())),
        ("option-data", Json::List(values.collect())),
        ("reservations", Json::List(reserved.collect())),
    ])
}

fn reservation(mac: Mac, ip: Option<Ipv4Addr>, host: &Host) -> Json {
    let mut members = vec![("hw-address", Json::text(mac))];
    members.extend(ip.map(|ip| ("ip-address", Json::text(ip))));
    members.push(("hostname", Json::text(host.name.as_str())));
    Json::Object(members)
}

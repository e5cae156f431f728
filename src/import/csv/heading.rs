//! What the columns of a list hold, by names that nobody agreed on.

use std::collections::HashSet;

use super::cells::Cell;
use crate::diag::Sink;
use crate::model::{FromText, Mac};
use crate::rules::import;

/// What a column holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Column {
    /// The host name.
    Name,
    /// The address of a network card, or of several.
    Mac,
    /// The role.
    Role,
    /// The static address.
    Address,
    /// Something else: a label of this name.
    Label(String),
    /// Nothing that has a name.
    Nothing,
}

/// The columns of a list.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Heading {
    pub(super) columns: Vec<Column>,
}

/// Words for a host name, the surest first.
const NAMES: &[&str] = &["hostname", "host", "nodename", "node", "servername", "name"];
const MACS: &[&str] =
    &["mac", "macs", "macaddress", "macaddresses", "macaddr", "hwaddr", "hwaddress", "ethernetaddress"];
const ADDRESSES: &[&str] = &["ip", "ipaddress", "ipaddr", "ipv4", "ipv4address", "address"];
/// Words for a controller that watches a machine: it has a card and an address of its own, and never asks for a boot
/// script.
const CONTROLLERS: &[&str] =
    &["bmc", "ipmi", "ilo", "idrac", "drac", "mgmt", "management", "oob", "cimc", "xcc", "imm"];

impl Heading {
    /// Reads the first row. None when it is no heading, which is reported.
    pub(super) fn read(row: &[Cell], sink: &Sink) -> Option<Heading> {
        let place = row.first()?.span;
        let help = "put a line with the names of the columns above it: `name,mac,role`";
        if let Some(cell) = row.iter().find(|cell| is_mac(&cell.text)) {
            let none = import::malformed_list().at(cell.span, "the first row is a machine, and no heading");
            sink.report(none.help(help));
            return None;
        }
        let names: Vec<&str> = row.iter().map(|cell| cell.text.as_str()).collect();
        let columns = columns(&names);
        if !columns.contains(&Column::Mac) {
            let none = import::malformed_list().at(place, "no column of this list holds MAC addresses");
            sink.report(none.help("call the column `mac`; one for each card: `mac1`, `mac2`"));
            return None;
        }
        Some(Heading { columns })
    }
}

fn is_mac(text: &str) -> bool {
    Mac::from_text(text).map_or_else(|fault| fault.instead.is_some(), |_| true)
}

fn columns(names: &[&str]) -> Vec<Column> {
    let plain: Vec<Vec<String>> = names.iter().map(|name| words(name)).collect();
    let is = |words: &[String], known: &[&str]| known.contains(&words.concat().as_str());
    let card = |words: &[String]| {
        words.iter().any(|word| MACS.contains(&word.as_str())) || MACS.contains(&words.concat().as_str())
    };
    let controller = |words: &[String]| words.iter().any(|word| CONTROLLERS.contains(&word.as_str()));
    // One column of each: of several, the one with the surest word.
    let first = |known: &[&str]| {
        let places = known.iter().filter_map(|word| plain.iter().position(|words| is(words, &[word])));
        places.into_iter().next()
    };
    let (name, role, address) = (first(NAMES), first(&["role"]), first(ADDRESSES));
    let mut labels = HashSet::new();
    let column = |(index, words): (usize, &Vec<String>)| match Some(index) {
        _ if words.is_empty() => Column::Nothing,
        _ if card(words) && !controller(words) => Column::Mac,
        place if place == name => Column::Name,
        place if place == role => Column::Role,
        place if place == address => Column::Address,
        _ => Column::Label(free(&label(names[index]), &mut labels)),
    };
    plain.iter().enumerate().map(column).collect()
}

/// The words of a name in lower case, without the number of the card: `NIC1 MAC-Address` is `nic`, `mac`, `address`.
fn words(name: &str) -> Vec<String> {
    let parts = name.split(|c: char| !c.is_alphanumeric()).map(|word| {
        let word = word.trim_end_matches(|c: char| c.is_ascii_digit());
        word.to_lowercase()
    });
    parts.filter(|word| !word.is_empty()).collect()
}

/// The name of a column as the name of a label.
fn label(name: &str) -> String {
    let words = name.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty());
    words.map(str::to_lowercase).collect::<Vec<_>>().join("_")
}

/// The name, with a number behind it where it is taken.
fn free(name: &str, taken: &mut HashSet<String>) -> String {
    let numbered = (2..).map(|number| format!("{name}_{number}"));
    let free = std::iter::once(name.to_string()).chain(numbered).find(|name| taken.insert(name.clone()));
    free.unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_matched_loosely() {
        let read = |heading: &str| {
            let names: Vec<&str> = heading.split(',').collect();
            let columns = columns(&names).into_iter().map(|column| match column {
                Column::Label(name) => name,
                known => format!("{known:?}").to_uppercase(),
            });
            columns.collect::<Vec<_>>().join(",")
        };
        assert_eq!(read("name,mac,role,ip"), "NAME,MAC,ROLE,ADDRESS");
        assert_eq!(read("Hostname,MAC Address,Role,IP-Address,Rack"), "NAME,MAC,ROLE,ADDRESS,rack");
        assert_eq!(read("Name,Host Name,MAC1,mac_2,NIC3 MAC,eth0-mac"), "name,NAME,MAC,MAC,MAC,MAC");
        assert_eq!(
            read("node,macaddress,BMC MAC,iDRAC IP,iLO MAC Address"),
            "NAME,MAC,bmc_mac,idrac_ip,ilo_mac_address"
        );
        assert_eq!(
            read("Serial Number,serial-number,,machine,MAC"),
            "serial_number,serial_number_2,NOTHING,machine,MAC"
        );
        assert_eq!(read("mac,U height,Asset #"), "MAC,u_height,asset");
    }
}

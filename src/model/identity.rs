//! Who a machine is: MAC address, host name, and the names that the fleet file gives to things.

use std::fmt;
use std::sync::Arc;

use super::text::{FromText, made_of, text_schema};
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// A MAC address that is not six pairs of hexadecimal digits.
    ///
    /// ## Why it matters
    /// The machine asks for its files by its MAC address. With a wrong one it finds none, and is treated as a machine
    /// that is not listed.
    ///
    /// Colons, hyphens and dots are read, in either case: `52:54:00:AB:CD:EF`, `52-54-00-ab-cd-ef`, `5254.00ab.cdef`.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    pub MALFORMED_MAC, malformed_mac: "malformed-mac", Identity, Error, fixed;
}

rule! {
    /// ## What it does
    /// A MAC address that no network card has: a multicast or broadcast address, or all zeros.
    ///
    /// ## Why it matters
    /// No machine ever asks with it (contract I-17), so the host would never be installed. Such addresses come from
    /// placeholders, or from a typo in the first pair of digits, which is odd in every multicast address.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: "01:00:5e:00:00:01", role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: "00:00:5e:00:00:01", role: compute }
    /// ```
    pub UNUSABLE_MAC, unusable_mac: "unusable-mac", Identity, Error, fixed;
}

rule! {
    /// ## What it does
    /// A host name that the installer rejects: it must begin with a letter or digit and hold only letters, digits and
    /// hyphens, 64 characters at most, no dots.
    ///
    /// ## Why it matters
    /// The installer stops before it touches a disk (contract I-40), and the machine waits at its console.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node_1: { mac: 52:54:00:00:00:01, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    pub MALFORMED_HOST_NAME, malformed_host_name: "malformed-host-name", Identity, Error, fixed;
}

rule! {
    /// ## What it does
    /// A host name that every system already uses for itself: `localhost` and its kin.
    ///
    /// ## Why it matters
    /// The machine would not be found by its name, and its own services would resolve it to the loopback address.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   localhost: { mac: 52:54:00:00:00:01, role: compute }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    pub RESERVED_NAME, reserved_name: "reserved-name", Identity, Error, fixed;
}

rule! {
    /// ## What it does
    /// A name of a role, release, layout or network with characters that a URL, a file name or a boot script would
    /// read as more than a name.
    ///
    /// ## Why it matters
    /// The name of a role goes into a URL as it stands: a blank stops the installer after the disk is written
    /// (contract I-20), a `#` cuts the rest off, a `/` makes a folder.
    ///
    /// ## Example
    /// ```yaml
    /// layouts:
    ///   one disk:   # <-
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// defaults: { layout: one disk, release: stable, bundles: [kernel-native, os-cloudguest, systemd-networkd-autostart] }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// layouts:
    ///   one-disk:
    ///     - disk: sda
    ///       partitions:
    ///         - { size: 512M, type: EFI, filesystem: vfat, mount: /boot }
    ///         - { size: rest, filesystem: ext4, mount: / }
    /// ```
    pub MALFORMED_NAME, malformed_name: "malformed-name", Identity, Error, fixed;
}

/// A MAC address, 48 bits, of one network card.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Mac([u8; 6]);

impl From<[u8; 6]> for Mac {
    fn from(octets: [u8; 6]) -> Mac {
        Mac(octets)
    }
}

impl Mac {
    /// The form that the installer asks with: lower case, colons (contract I-17).
    pub fn colons(self) -> String {
        self.joined(':')
    }

    /// The form that `${netX/mac:hexhyp}` prints: lower case, hyphens (contract X-1).
    pub fn hyphens(self) -> String {
        self.joined('-')
    }

    fn joined(self, between: char) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(17);
        for (index, byte) in self.0.into_iter().enumerate() {
            if index > 0 {
                text.push(between);
            }
            text.push(DIGITS[usize::from(byte >> 4)] as char);
            text.push(DIGITS[usize::from(byte & 15)] as char);
        }
        text
    }

    /// The address that a misspelt one can only mean: twelve digits in a row, pairs without their leading zeros (as some
    /// management controllers print them), other signs between.
    fn meant(text: &str) -> Option<Mac> {
        let groups: Vec<&str> = text.split([':', '-', '.', '_', ' ']).collect();
        let digits = match groups.as_slice() {
            [row] => row.to_string(),
            groups if groups.len() == 6 && groups.iter().all(|group| matches!(group.len(), 1 | 2)) => {
                groups.iter().map(|group| format!("{group:0>2}")).collect()
            }
            groups if groups.iter().all(|group| group.len() == 4) => groups.concat(),
            _ => return None,
        };
        if digits.len() != 12 || !digits.bytes().all(|byte| byte.is_ascii_hexdigit()) {
            return None;
        }
        let pairs: Vec<&str> = (0..6).map(|pair| &digits[2 * pair..2 * pair + 2]).collect();
        Mac::octets(&pairs.join(":")).map(Mac)
    }

    fn octets(text: &str) -> Option<[u8; 6]> {
        let bytes = text.as_bytes();
        let (group, between) = match (bytes.len(), bytes.get(2), bytes.get(4)) {
            (17, Some(between @ (b':' | b'-' | b'.')), _) => (2, *between),
            (14, _, Some(between @ (b'.' | b'-' | b':'))) => (4, *between),
            _ => return None,
        };
        let mut octets = [0; 6];
        let mut digits = 0;
        for (index, byte) in bytes.iter().enumerate() {
            if index % (group + 1) == group {
                if *byte != between {
                    return None;
                }
            } else {
                let digit = (*byte as char).to_digit(16)? as u8;
                octets[digits / 2] = octets[digits / 2] << 4 | digit;
                digits += 1;
            }
        }
        Some(octets)
    }
}

impl fmt::Display for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.colons())
    }
}

impl fmt::Debug for Mac {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.colons())
    }
}

impl FromText for Mac {
    fn from_text(text: &str) -> Result<Mac, Fault> {
        let Some(octets) = Mac::octets(text) else {
            let pairs = text.split([':', '-', '.']).count();
            let help = match text.chars().find(|c| !c.is_ascii_hexdigit() && !":-.".contains(*c)) {
                Some(bad) => format!("`{bad}` is no hexadecimal digit"),
                None if text.len() < 17 && pairs != 3 => "six pairs of digits: `52:54:00:ab:cd:ef`".to_string(),
                None => "write it as `52:54:00:ab:cd:ef`".to_string(),
            };
            let fault = MALFORMED_MAC.fault(format!("`{text}` is no MAC address"));
            return Err(match Mac::meant(text) {
                Some(mac) => fault.help(format!("write `{mac}`")).instead(mac.colons()),
                None => fault.help(help),
            });
        };
        let mac = Mac(octets);
        let unusable = |kind: &str| UNUSABLE_MAC.fault(format!("`{mac}` is {kind}; no network card has it"));
        if octets == [0; 6] {
            return Err(unusable("all zeros").help("put the machine's own address here; the `refuse` screen shows it"));
        }
        if octets == [255; 6] {
            return Err(unusable("the broadcast address").help("for machines that are not listed, see `unknown`"));
        }
        if octets[0] & 1 == 1 {
            return Err(unusable("a multicast address").help("the first pair of digits of a card's address is even"));
        }
        Ok(mac)
    }
}

text_schema!(Mac, "MAC address", "MAC address, with colons, hyphens or dots",
    "type": "string",
    "pattern": "^([0-9A-Fa-f]{2}([:.-])[0-9A-Fa-f]{2}(\\2[0-9A-Fa-f]{2}){4}|[0-9A-Fa-f]{4}([:.-])[0-9A-Fa-f]{4}\\4[0-9A-Fa-f]{4})$");

/// A host name as the installer takes it (contract I-40): at most 64 letters, digits and hyphens.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Hostname(Box<str>);

impl Hostname {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for Hostname {
    fn from_text(text: &str) -> Result<Hostname, Fault> {
        let fault = |message: String| MALFORMED_HOST_NAME.fault(message);
        if !made_of(text, "-") || text.starts_with('-') || text.len() > 64 || text.ends_with('-') {
            let mut better: String = text.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' }).collect();
            better.truncate(64);
            let better = better.trim_matches('-');
            let help = if text.contains('.') && made_of(text, "-.") {
                "use the short name; the domain belongs to the network".to_string()
            } else if better.is_empty() {
                "letters, digits and hyphens".to_string()
            } else {
                format!("`{better}` would do")
            };
            return Err(fault(format!("`{text}` is no host name that the installer takes")).help(help));
        }
        let small = text.to_ascii_lowercase();
        if matches!(small.as_str(), "localhost" | "localdomain" | "ip6-localhost" | "ip6-loopback" | "broadcasthost") {
            return Err(RESERVED_NAME
                .fault(format!("`{text}` is every system's name for itself"))
                .help("choose another name"));
        }
        Ok(Hostname(text.into()))
    }
}

text_schema!(Hostname, "host name", "host name: letters, digits and hyphens, 64 at most",
    "type": "string", "pattern": "^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$");

/// The name of a role, release, layout or network: safe in URLs, file names and boot scripts (contract I-20).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Name(Arc<str>);

impl Name {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for Name {
    fn from_text(text: &str) -> Result<Name, Fault> {
        if !made_of(text, "._-") || text.starts_with(['.', '_', '-']) || text.len() > 64 {
            let help = "letters, digits, `.`, `_` and `-`, beginning with a letter or digit, 64 at most";
            return Err(MALFORMED_NAME
                .fault(format!("`{text}` is no name that is safe in URLs and file names"))
                .help(help));
        }
        Ok(Name(text.into()))
    }
}

text_schema!(Name, "name", "name: letters, digits, dots, underscores and hyphens",
    "type": "string", "pattern": "^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_misspelt_address_is_repaired_where_it_can_mean_one_alone() {
        let repaired = |text: &str| Mac::from_text(text).err().and_then(|fault| fault.instead);
        for text in ["525400ABcd0f", "52:54:0:ab:cd:f", "52-54:00-ab:cd-0f", "52 54 00 ab cd 0f", "5254_00ab_cd0f"] {
            assert_eq!(repaired(text).as_deref(), Some("52:54:00:ab:cd:0f"), "{text}");
        }
        for text in [
            "52:54:00:ab:cd",
            "525400abcd0",
            "52:54:00:ab:cd:0g",
            "5254:00ab",
            "",
            "52::00:ab:cd:0f",
            "ä2:54:00:ab:cd:0",
        ] {
            assert_eq!(repaired(text), None, "{text}");
        }
    }

    #[test]
    fn reads_a_mac_in_every_spelling() {
        // contract I-17, S-4
        for text in ["52:54:00:AB:cd:ef", "52-54-00-ab-cd-ef", "5254.00ab.cdef", "52.54.00.ab.cd.ef"] {
            assert_eq!(Mac::from_text(text).map(Mac::colons).ok().as_deref(), Some("52:54:00:ab:cd:ef"), "{text}");
        }
        assert_eq!(Mac::from_text("52:54:00:ab:cd:ef").map(Mac::hyphens).ok().as_deref(), Some("52-54-00-ab-cd-ef"));
    }

    #[test]
    fn rejects_what_no_card_has() {
        let rule = |text| Mac::from_text(text).map_err(|fault| fault.rule.id).err();
        assert_eq!(rule("52:54:00-ab:cd:ef"), Some("malformed-mac"));
        assert_eq!(rule("52:54:00:ab:cd"), Some("malformed-mac"));
        assert_eq!(rule("52:54:00:ab:cd:eg"), Some("malformed-mac"));
        assert_eq!(rule("525400abcdef"), Some("malformed-mac"));
        assert_eq!(rule("00:00:00:00:00:00"), Some("unusable-mac"));
        assert_eq!(rule("ff:ff:ff:ff:ff:ff"), Some("unusable-mac"));
        assert_eq!(rule("01:00:5e:00:00:01"), Some("unusable-mac"));
    }

    #[test]
    fn host_names_are_what_the_installer_takes() {
        // contract I-40
        for good in ["node-1", "n", "NODE", "1", &"a".repeat(64)] {
            assert!(Hostname::from_text(good).is_ok(), "{good}");
        }
        for bad in ["", "-a", "a-", "a.b", "a_b", "ä", "a b", &"a".repeat(65), "localhost"] {
            assert!(Hostname::from_text(bad).is_err(), "{bad}");
        }
    }
}

//! `${…}`: what a script has set, and what it knows of the machine.

use std::borrow::Cow;
use std::collections::BTreeMap;

use super::Machine;

/// Bytes of a word with its values put in, before it counts as one that grows without end; a kernel line, the longest that
/// means something, has a quarter of them (contract X-8).
const MAX_LENGTH: usize = 8 << 10;

/// Rounds in which values are put in before that counts as going on for ever.
const ROUNDS: usize = 200;

/// Stand around the name of a value that stays open, so that it is not looked for again; no script has them.
const OPEN: [char; 2] = ['\u{1}', '\u{2}'];

/// Settings that have a meaning, or a value, of their own: they come from the machine, its firmware or DHCP.
const OWN: &[&str] = &[
    "asset",
    "board-serial",
    "buildarch",
    "busdev",
    "busid",
    "busloc",
    "bustype",
    "cert",
    "chip",
    "cpumodel",
    "cpuvendor",
    "crosscert",
    "cwduri",
    "cwuri",
    "dhcp-server",
    "dns",
    "dns6",
    "dnssl",
    "domain",
    "errno",
    "filename",
    "gateway",
    "gateway6",
    "hostname",
    "ifname",
    "initiator-iqn",
    "ip",
    "ip6",
    "keep-san",
    "key",
    "len6",
    "mac",
    "manufacturer",
    "memsize",
    "mtu",
    "netmask",
    "next-server",
    "ntp",
    "password",
    "platform",
    "priority",
    "privkey",
    "product",
    "reverse-password",
    "reverse-username",
    "root-path",
    "san-filename",
    "san-retries",
    "scriptlet",
    "serial",
    "skip-san-boot",
    "ssid",
    "syslog",
    "syslogs",
    "trust",
    "unixtime",
    "use-cached",
    "user-class",
    "username",
    "uuid",
    "vendor-class",
    "version",
    "vlan",
    "vram",
];

/// A word of a command, with its values put in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word<'t> {
    pub(super) text: Cow<'t, str>,
    /// Whether a part of it is something that only the machine knows; it stands there as `${…}`.
    pub(super) open: bool,
    /// Whether it asks for a card by its number.
    pub(super) numbered: bool,
}

/// Whether a script may use a setting of this name as it likes: iPXE knows none that is called so.
pub(super) fn is_free(name: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
    // A number is an option of DHCP.
    let named = name.bytes().next().is_some_and(|first| first.is_ascii_alphabetic());
    named && name.bytes().all(plain) && !OWN.contains(&name)
}

/// Puts values in the place of `${…}`, the innermost first, until there are none left; what is not set is empty
/// (contract X-7). None when that goes on for ever.
pub(super) fn expand<'t>(word: &'t str, machine: &Machine, set: &BTreeMap<String, String>) -> Option<Word<'t>> {
    if !word.contains("${") {
        return Some(Word { text: Cow::Borrowed(word), open: false, numbered: false });
    }
    let mut text = word.to_string();
    let (mut open, mut numbered) = (false, false);
    for _ in 0..ROUNDS {
        let Some((start, end)) = innermost(&text) else {
            let text = text.replace(OPEN[0], "${").replace(OPEN[1], "}");
            return Some(Word { text: Cow::Owned(text), open, numbered });
        };
        numbered |= text[start + 2..end].strip_prefix("net").is_some_and(|card| !card.starts_with('X'));
        let value = value(&text[start + 2..end], machine, set);
        open |= value.is_none();
        let value = value.unwrap_or_else(|| format!("{}{}{}", OPEN[0], &text[start + 2..end], OPEN[1]));
        text.replace_range(start..=end, &value);
        if text.len() > MAX_LENGTH {
            return None;
        }
    }
    None
}

/// The first `}` that has a `${` before it, and the last of these.
fn innermost(text: &str) -> Option<(usize, usize)> {
    let first = text.find("${")?;
    let end = first + text[first..].find('}')?;
    Some((text[..end].rfind("${")?, end))
}

/// The value of a setting, in the form that its name asks for; none for one that only the machine knows.
fn value(name: &str, machine: &Machine, set: &BTreeMap<String, String>) -> Option<String> {
    let (name, form) = name.split_once(':').map_or((name, None), |(name, form)| (name, Some(form)));
    let card = name.strip_prefix("net").and_then(|name| name.strip_suffix("/mac"));
    if let Some(number) = card {
        let index = if number == "X" { machine.booted } else { plain_number(number)? };
        let Some(mac) = machine.cards.get(index) else { return Some(String::new()) };
        return match form {
            None | Some("hex") => Some(mac.clone()),
            Some("hexhyp") => Some(mac.replace(':', "-")),
            Some("hexraw") => Some(mac.replace(':', "")),
            Some(_) => None,
        };
    }
    // A name of a block, a number of DHCP's, or one that has a meaning; no other name has a value but from a script.
    if name.contains(['/', '.']) || name.starts_with(|c: char| c.is_ascii_digit()) || OWN.contains(&name) {
        return None;
    }
    let Some(value) = set.get(name) else { return Some(String::new()) };
    let bytes = |between: &str| {
        let bytes: Vec<String> = value.bytes().map(|byte| format!("{byte:02x}")).collect();
        bytes.join(between)
    };
    match form {
        None | Some("string") => Some(value.clone()),
        Some("hex") => Some(bytes(":")),
        Some("hexhyp") => Some(bytes("-")),
        Some("hexraw") => Some(bytes("")),
        Some(_) => None,
    }
}

/// A number as iPXE writes it.
fn plain_number(text: &str) -> Option<usize> {
    text.parse().ok().filter(|number: &usize| number.to_string() == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expanded(word: &str) -> Option<(String, bool)> {
        let machine =
            Machine { cards: ["52:54:00:aa:bb:01", "52:54:00:aa:bb:02"].map(str::to_string).to_vec(), booted: 1 };
        let set = [("a", "b"), ("b", "c d"), ("net", "net0/mac"), ("dollar", "$"), ("round", "${round}"), ("one", "-")];
        let set = set.into_iter().map(|(name, value)| (name.to_string(), value.to_string())).collect();
        expand(word, &machine, &set).map(|word| (word.text.into_owned(), word.open))
    }

    #[test]
    fn values_are_put_in_from_within() {
        for (word, text) in [
            ("plain}", "plain}"),
            ("${netX/mac}", "52:54:00:aa:bb:02"),
            ("${net0/mac:hexhyp}.ipxe", "52-54-00-aa-bb-01.ipxe"),
            ("${net0/mac:hexraw}", "525400aabb01"),
            ("${net7/mac}", ""),
            ("x${none}y${a}", "xyb"),
            ("${${a}}", "c d"),
            ("${${net}}", "52:54:00:aa:bb:01"),
            ("${dollar}{a}", "b"),
            ("${}${${none}}", ""),
            ("${a", "${a"),
            ("${a${b}", "${ac d"),
            ("${b:hexhyp}${one:hexraw}", "63-20-642d"),
        ] {
            assert_eq!(expanded(word), Some((text.to_string(), false)), "{word}");
        }
        for word in ["${serial}", "${netX/ip}", "${netX/mac:uint8}", "${175.1}", "${a:base64}", "x${serial}}"] {
            assert_eq!(expanded(word), Some((word.to_string(), true)), "{word}");
        }
        assert_eq!(expanded("${serial}${a}"), Some(("${serial}b".to_string(), true)));
        assert_eq!(expanded("${round}"), None);
    }
}

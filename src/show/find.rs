//! The machine that somebody asks for: by its host name, or by a MAC address in any spelling.

use crate::model::{Fleet, FromText, Host, Identity, Mac};
use crate::nearest;

/// What is known of what was asked for.
#[derive(Debug)]
pub enum Found<'f> {
    /// A host; and the address, if that was asked for.
    Host(&'f Host, Option<Mac>),
    /// A host with a fault that leaves it unresolved.
    Stray(&'f str),
    /// An address that no host lists.
    Unlisted(Mac),
    /// No host name, and no address either; perhaps the nearest host name.
    Nothing(Option<&'f str>),
}

/// Finds a machine.
pub fn find<'f>(fleet: &'f Fleet, asked: &str) -> Found<'f> {
    if let Some(host) = fleet.host(asked) {
        return Found::Host(host, None);
    }
    let stray = |fits: &dyn Fn(&Identity<'f>) -> bool| {
        fleet.identities().find(|machine| fits(machine)).map(|machine| Found::Stray(machine.name.as_str()))
    };
    if let Some(found) = stray(&|machine| machine.name.as_str() == asked) {
        return found;
    }
    let Some(mac) = mac(asked) else {
        return Found::Nothing(nearest::nearest(asked, fleet.identities().map(|machine| machine.name.as_str())));
    };
    let has = |host: &&Host| host.macs.iter().any(|known| known.value == mac);
    match fleet.hosts.iter().find(has) {
        Some(host) => Found::Host(host, Some(mac)),
        None => stray(&|machine| machine.macs.iter().any(|known| known.value == mac)).unwrap_or(Found::Unlisted(mac)),
    }
}

/// An address in any spelling that can only mean one.
pub fn mac(text: &str) -> Option<Mac> {
    let text = text.trim();
    Mac::from_text(text).or_else(|fault| Mac::from_text(&fault.instead.unwrap_or_default())).ok()
}

#[cfg(test)]
mod tests {
    use super::mac;

    #[test]
    fn addresses_are_read_in_any_spelling() {
        for text in [
            "52:54:00:ab:12:ff",
            "52-54-00-AB-12-FF",
            "5254.00ab.12ff",
            "525400ab12ff",
            "52:54:0:ab:12:ff",
            " 525400AB12FF\n",
        ] {
            assert_eq!(mac(text).map(|mac| mac.colons()).as_deref(), Some("52:54:00:ab:12:ff"), "{text}");
        }
        for text in ["", "node-001", "52:54:00:ab:12", "ff:ff:ff:ff:ff:ff"] {
            assert_eq!(mac(text), None, "{text}");
        }
    }
}

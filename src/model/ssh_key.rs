//! Public SSH keys.

use std::sync::Arc;

use super::text::{FromText, text_schema};
use crate::diag::{Fault, rule};

rule! {
    /// ## What it does
    /// An SSH key that the installer does not take: it wants a type, the key in base64 and a comment, in one line,
    /// without options before it.
    ///
    /// ## Why it matters
    /// The installer first takes the key for a file name, and only when there is none by that name for a key: a key
    /// without a comment stops it (contract I-42), and so does a long key whose first `/` comes late (I-79). ucd appends
    /// to the same file, and a key cut short locks you out.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - name: ada
    ///       ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   users:
    ///     - name: ada
    ///       ssh_key: ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada@desk
    /// ```
    pub MALFORMED_SSH_KEY, malformed_ssh_key: "malformed-ssh-key", Installer, Error, fixed;
}

/// A public SSH key, inline: type, base64, comment (contract I-42, I-79).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct SshKey(Arc<str>);

impl SshKey {
    /// The key, without a line break.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The types of key that OpenSSH writes into public key files.
const KEY_TYPES: &[&str] = &[
    "ssh-ed25519",
    "ssh-rsa",
    "ecdsa-sha2-nistp256",
    "ecdsa-sha2-nistp384",
    "ecdsa-sha2-nistp521",
    "sk-ssh-ed25519@openssh.com",
    "sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Whether a line of `authorized_keys` lets anyone in: a public key, with or without options and comment.
///
/// # Errors
/// What is wrong with it.
pub fn authorized_key(line: &str) -> Result<(), &'static str> {
    if line.contains("PRIVATE KEY") {
        return Err("this is a private key");
    }
    let fields: Vec<&str> = line.split_ascii_whitespace().collect();
    let Some(at) = fields.iter().position(|field| KEY_TYPES.contains(field)) else {
        return Err("this is no public SSH key");
    };
    let kind = fields[at];
    let Some(body) = fields.get(at + 1).and_then(|body| data_encoding::BASE64.decode(body.as_bytes()).ok()) else {
        return Err("this SSH key is no valid base64");
    };
    match holds(kind, &body) {
        true => Ok(()),
        false => Err("this SSH key does not hold what its type says"),
    }
}

/// Whether a decoded key is of the type that is written before it, and long enough for one.
fn holds(kind: &str, body: &[u8]) -> bool {
    let name = [&(kind.len() as u32).to_be_bytes(), kind.as_bytes()].concat();
    body.starts_with(&name) && body.len() >= name.len() + 32
}

impl FromText for SshKey {
    fn from_text(text: &str) -> Result<SshKey, Fault> {
        let fault = |what: &str, help: &str| Err(MALFORMED_SSH_KEY.fault(what).help(help));
        let text = text.trim_end();
        if text.contains("PRIVATE KEY") {
            return fault(
                "this is a private key",
                "put the public one here, the line in the `.pub` file; and make a new pair",
            );
        }
        if !text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            return fault("this SSH key is not one line of ASCII text", "the whole line of the `.pub` file");
        }
        let fields: Vec<&str> = text.split_ascii_whitespace().collect();
        let Some(kind) = KEY_TYPES.iter().find(|kind| fields.first() == Some(kind)) else {
            let later = fields.iter().any(|field| KEY_TYPES.contains(field));
            let help = if later {
                "the installer takes no options before the key"
            } else {
                "the whole line of the `.pub` file"
            };
            return fault("this is no public SSH key", help);
        };
        let Some(body) = fields.get(1).and_then(|body| data_encoding::BASE64.decode(body.as_bytes()).ok()) else {
            return fault(
                "the key itself is no valid base64",
                "it may have been cut short; copy the whole line of the `.pub` file",
            );
        };
        if !holds(kind, &body) {
            return fault(
                "the key does not hold what its type says",
                "it may have been cut short; copy the whole line of the `.pub` file",
            );
        }
        if fields.len() < 3 {
            return fault(
                "this SSH key has no comment, and the installer rejects it",
                "put a word behind it: whose key it is",
            );
        }
        let before_slash = text.find('/').unwrap_or(text.len());
        if before_slash > 255 || text.len() >= 4095 {
            return fault("the installer would take this key for a file name that is too long", "use an ed25519 key");
        }
        Ok(SshKey(text.into()))
    }
}

text_schema!(SshKey, "SSH key", "public SSH key: type, base64, comment",
    "type": "string", "pattern": "^[a-z0-9@.-]+ +[A-Za-z0-9+/=]+ +[^\\n]*[^\\s][^\\n]*\\n?$");

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c";

    #[test]
    fn keys_are_what_the_installer_takes() {
        // contract I-42, I-79
        assert!(SshKey::from_text(&format!("{KEY} control@rack1\n")).is_ok());
        for bad in [
            KEY.to_string(),
            format!("from=\"10.0.0.1\" {KEY} x"),
            format!("{} x", &KEY[..60]),
            "ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c x".to_string(),
            format!("{KEY}\n{KEY} x"),
            String::new(),
        ] {
            assert!(SshKey::from_text(&bad).is_err(), "{bad}");
        }
        let body = [&7u32.to_be_bytes()[..], b"ssh-rsa", &[0; 300]].concat();
        let long = format!("ssh-rsa {} x", data_encoding::BASE64.encode(&body));
        assert_eq!(long.find('/'), None);
        assert!(SshKey::from_text(&long).is_err(), "no slash in the first 255 bytes");
    }
}

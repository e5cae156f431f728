//! What is installed and how: states, versions, bundles, interfaces, digests.

use std::sync::Arc;

use super::text::{FromText, made_of, text_schema};
use super::word::{MALFORMED_VALUE, number, words};
use crate::diag::{Fault, rule};
use crate::facts::{BundleId, Bundles};

rule! {
    /// ## What it does
    /// A bundle name that cannot be the name of a bundle.
    ///
    /// ## Why it matters
    /// The installer makes a file of that name in the new system (contract I-70): a `/` stops it, and a blank gives a
    /// bundle that does not exist.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: ["kernel-native os-core", os-cloudguest, systemd-networkd-autostart]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    /// ```
    pub MALFORMED_BUNDLE, malformed_bundle: "malformed-bundle", Software, Error, fixed;
}

rule! {
    /// ## What it does
    /// A network interface name that the kernel could not have given.
    ///
    /// ## Why it matters
    /// The static address is bound to the interface by this name (contract I-83). With a name that no interface has,
    /// the machine comes up without its address.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eth 0 }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute, interface: eth0 }
    /// ```
    pub MALFORMED_INTERFACE, malformed_interface: "malformed-interface", Network, Error, fixed;
}

words! {
    /// Whether a machine is to be installed, or has its system. The fleet file is the only memory of it (contract I-88).
    pub State, "state", "whether the machine's boot script installs, or boots the local disk": {
        /// Its boot script installs.
        Install = "install",
        /// Its boot script boots the local disk.
        Installed = "installed",
    }
}

words! {
    /// The installer's tool for the software of the new system.
    pub SoftwareManager, "software manager", "tool that installs the software": {
        /// Bundles, by swupd.
        Swupd = "swupd",
        /// Packages, by dnf.
        Dnf = "dnf",
    }
}

words! {
    /// A program that installs: each has a backend of its own.
    pub InstallerKind, "installer", "program that installs": {
        /// ister, the installer of Clear Linux up to 2019.
        Ister = "ister",
    }
}

words! {
    /// What a machine that is not listed gets, as one word.
    pub UnknownWord, "policy for unknown machines", "what a machine that is not listed gets": {
        /// It is told so, and keeps its disk.
        Refuse = "refuse",
        /// It boots its local disk.
        Local = "local",
    }
}

/// The version of the operating system to install (contract I-40).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Version {
    /// A release number.
    Number(u32),
    /// Whatever is newest at the time.
    Latest,
}

impl std::fmt::Display for Version {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Version::Number(number) => number.fmt(f),
            Version::Latest => f.write_str("latest"),
        }
    }
}

impl FromText for Version {
    fn from_text(text: &str) -> Result<Version, Fault> {
        match text {
            "latest" => Ok(Version::Latest),
            _ if text.eq_ignore_ascii_case("latest") => {
                Err(MALFORMED_VALUE.fault(format!("`{text}` is no version")).help("write `latest`").instead("latest"))
            }
            _ => number(text, "version").map(Version::Number),
        }
    }
}

text_schema!(Version, "version", "release number, or `latest`",
    "type": ["integer", "string"], "minimum": 1, "maximum": 4294967295u32, "pattern": "^([1-9][0-9]{0,9}|latest)$");

/// The version of the fleet file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct FormatVersion;

impl FromText for FormatVersion {
    fn from_text(text: &str) -> Result<FormatVersion, Fault> {
        match text {
            "1" => Ok(FormatVersion),
            _ => Err(MALFORMED_VALUE
                .fault(format!("this fleetc does not know format version `{text}`"))
                .help("write `version: 1`")),
        }
    }
}

text_schema!(FormatVersion, "format version", "version of the format", "enum": [1, "1"]);

/// The name of a bundle, or of a package with dnf (contract I-70, B-10).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle(BundleName);

/// Most names are those of the table; they cost nothing to keep.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum BundleName {
    Known(BundleId),
    Own(Arc<str>),
}

impl Bundle {
    /// The name.
    pub fn as_str(&self) -> &str {
        match &self.0 {
            BundleName::Known(id) => id.name(),
            BundleName::Own(name) => name,
        }
    }

    /// The bundle of this name, if some release had one.
    pub fn id(&self) -> Option<BundleId> {
        match self.0 {
            BundleName::Known(id) => Some(id),
            BundleName::Own(_) => None,
        }
    }
}

impl FromText for Bundle {
    fn from_text(text: &str) -> Result<Bundle, Fault> {
        if let Some(id) = Bundles::get().find(text) {
            return Ok(Bundle(BundleName::Known(id)));
        }
        if !made_of(text, "._+-") || text.starts_with(['.', '-']) || text.len() > 128 {
            let fault = MALFORMED_BUNDLE.fault(format!("`{text}` is no bundle name"));
            return Err(fault.help(if text.contains([' ', ',']) {
                "one list entry for each bundle"
            } else {
                "letters, digits, `.`, `_`, `+` and `-`"
            }));
        }
        Ok(Bundle(BundleName::Own(text.into())))
    }
}

text_schema!(Bundle, "bundle", "name of a bundle", "type": "string", "pattern": "^[A-Za-z0-9_+][A-Za-z0-9._+-]{0,127}$");

/// A network interface of the installed system.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Interface(pub Arc<str>);

impl FromText for Interface {
    fn from_text(text: &str) -> Result<Interface, Fault> {
        if !made_of(text, "._-") || text.len() > 15 || text.starts_with(['.', '-']) {
            let fault = MALFORMED_INTERFACE.fault(format!("`{text}` is no interface name"));
            return Err(fault.help("at most 15 letters, digits, `.`, `_` and `-`, like `eno1`; `ip link` lists them"));
        }
        Ok(Interface(text.into()))
    }
}

text_schema!(Interface, "interface", "name of a network interface", "type": "string", "pattern": "^[A-Za-z0-9_][A-Za-z0-9._-]{0,14}$");

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Sha256(pub [u8; 32]);

impl std::fmt::Display for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl std::fmt::Debug for Sha256 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{self}")
    }
}

impl FromText for Sha256 {
    fn from_text(text: &str) -> Result<Sha256, Fault> {
        let mut digest = [0; 32];
        let pairs = text.as_bytes().chunks_exact(2);
        let valid = text.len() == 64
            && digest.iter_mut().zip(pairs).all(|(byte, pair)| {
                let digits = (pair[0] as char).to_digit(16).zip((pair[1] as char).to_digit(16));
                digits.map(|(high, low)| *byte = (high << 4 | low) as u8).is_some()
            });
        if !valid {
            return Err(MALFORMED_VALUE
                .fault("this is no SHA-256 digest")
                .help("64 hexadecimal digits, as `sha256sum` prints them"));
        }
        Ok(Sha256(digest))
    }
}

text_schema!(Sha256, "SHA-256", "SHA-256 digest, 64 hexadecimal digits", "type": "string", "pattern": "^[0-9A-Fa-f]{64}$");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_have_one_spelling() {
        // contract I-40; a leading zero is octal to some readers
        assert_eq!(Version::from_text("29880").ok(), Some(Version::Number(29880)));
        assert_eq!(Version::from_text("latest").ok(), Some(Version::Latest));
        for bad in ["030", "0", "1.5", "true", "Latest", "-1", "99999999999"] {
            assert!(Version::from_text(bad).is_err(), "{bad}");
        }
    }
}

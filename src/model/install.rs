//! What is installed and how: states, releases, bundles, boot arguments, interfaces, hooks.

use std::sync::Arc;

use super::text::{FromText, first_bad, made_of, text_schema};
use super::url::shown;
use super::word::{MALFORMED_VALUE, number, words};
use crate::diag::{Fault, rule};

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
    /// A boot argument that iPXE or the kernel would not take as one argument.
    ///
    /// ## Why it matters
    /// iPXE has no quotes: it joins runs of blanks, expands `${…}`, and drops the rest of the line behind a word that
    /// begins with `#` (contract X-7). An argument dropped may be the one that names the configuration, and without it
    /// the installer wipes `sda` (I-3).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args: [quiet rw]   # <-
    ///     installer: { kind: ister, version: 69 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args: [quiet, rw]
    ///     installer: { kind: ister, version: 69 }
    /// ```
    pub MALFORMED_BOOT_ARGUMENT, malformed_boot_argument: "malformed-boot-argument", Boot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A boot argument that fleetc sets by itself: `isterconf=`, `initrd=`.
    ///
    /// ## Why it matters
    /// With two `isterconf=` the installer takes an arbitrary one (contract I-2); with two `initrd=` a UEFI machine
    /// may get none, and its kernel panics (X-10).
    ///
    /// ## Example
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args: [quiet, "initrd=initrd"]   # <-
    ///     installer: { kind: ister, version: 69 }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// releases:
    ///   stable:
    ///     version: 29880
    ///     kernel: linux
    ///     initrd: initrd
    ///     boot_args: [quiet]
    ///     installer: { kind: ister, version: 69 }
    /// ```
    pub RESERVED_BOOT_ARGUMENT, reserved_boot_argument: "reserved-boot-argument", Boot, Error, fixed;
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

rule! {
    /// ## What it does
    /// A hook that the installer cannot run as it is written.
    ///
    /// ## Why it matters
    /// `post_nonchroot` names files of the installer's own system, without arguments: anything else stops the installer
    /// (contract I-44). A command that ends in `&` keeps the installer waiting for ever (I-85): it waits for the end of
    /// the output.
    ///
    /// ## Example
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot_shell: ["ssh-keygen -A &"]   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// defaults:
    ///   release: stable
    ///   layout: one-disk
    ///   bundles: [kernel-native, os-core, os-cloudguest, systemd-networkd-autostart]
    ///   hooks:
    ///     post_chroot_shell: [ssh-keygen -A]
    /// ```
    pub MALFORMED_HOOK, malformed_hook: "malformed-hook", Installer, Error, fixed;
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
                Err(MALFORMED_VALUE.fault(format!("`{text}` is no version")).help("write `latest`"))
            }
            _ => number(text, "version").map(Version::Number),
        }
    }
}

text_schema!(Version, "version", "release number, or `latest`",
    "anyOf": [{ "type": "integer", "minimum": 1, "maximum": 4294967295u32 }, { "const": "latest" }]);

/// The version of the fleet file's format.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
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

text_schema!(FormatVersion, "format version", "version of the format", "const": 1);

/// The name of a bundle, or of a package with dnf (contract I-70, B-10).
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Bundle(Arc<str>);

impl Bundle {
    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for Bundle {
    fn from_text(text: &str) -> Result<Bundle, Fault> {
        if !made_of(text, "._+-") || text.starts_with(['.', '-']) || text.len() > 128 {
            let fault = MALFORMED_BUNDLE.fault(format!("`{text}` is no bundle name"));
            return Err(fault.help(if text.contains([' ', ',']) {
                "one list entry for each bundle"
            } else {
                "letters, digits, `.`, `_`, `+` and `-`"
            }));
        }
        Ok(Bundle(text.into()))
    }
}

text_schema!(Bundle, "bundle", "name of a bundle", "type": "string", "pattern": "^[A-Za-z0-9_+][A-Za-z0-9._+-]{0,127}$");

/// One argument on the installer's kernel command line (contract X-7).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BootArg(Arc<str>);

impl BootArg {
    /// The argument.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl FromText for BootArg {
    fn from_text(text: &str) -> Result<BootArg, Fault> {
        let fault = |what: String, help: &str| {
            Err(MALFORMED_BOOT_ARGUMENT.fault(format!("the boot argument `{text}` {what}")).help(help))
        };
        if text.is_empty() {
            return fault("is empty".to_string(), "remove it");
        }
        if text.contains(' ') {
            return fault("has a blank".to_string(), "one list entry for each argument");
        }
        if let Some(bad) = first_bad(text, |c| c.is_ascii_graphic() && !"'\"\\`$".contains(c)) {
            return fault(format!("has {}", shown(bad)), "iPXE and the kernel have no quotes; choose another spelling");
        }
        if text.starts_with('#') {
            return fault("begins with `#`".to_string(), "iPXE would drop the rest of the line");
        }
        if matches!(text, "||" | "&&" | ";" | "---" | "--") {
            return fault("is no argument".to_string(), "iPXE or the kernel would end the command line there");
        }
        if ["isterconf=", "initrd=", "clri.descriptor="].iter().any(|name| text.starts_with(name)) {
            let name = text.split('=').next().unwrap_or_default();
            let fault = RESERVED_BOOT_ARGUMENT.fault(format!("`{name}=` is set by fleetc, once"));
            return Err(fault.help("remove it"));
        }
        Ok(BootArg(text.into()))
    }
}

text_schema!(BootArg, "boot argument", "one argument of the installer's kernel command line",
    "type": "string", "pattern": "^(?!(isterconf|initrd|clri\\.descriptor)=)[!%&()*+,./0-9:;<=>?@A-Z\\[\\]^_a-z{|}~-][!#%&()*+,./0-9:;<=>?@A-Z\\[\\]^_a-z{|}~-]*$");

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

/// A shell command that the installer runs (contract I-85).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Command(pub Arc<str>);

impl FromText for Command {
    fn from_text(text: &str) -> Result<Command, Fault> {
        if text.trim().is_empty() || text.contains('\0') {
            return Err(MALFORMED_HOOK.fault("a hook is empty").help("remove it"));
        }
        let plain = text.trim_end();
        if plain.ends_with('&') && !plain.ends_with("&&") {
            let fault = MALFORMED_HOOK.fault("a hook that ends in `&` keeps the installer waiting for ever");
            return Err(fault.help("run it in the foreground, or as a service of the new system"));
        }
        Ok(Command(text.into()))
    }
}

text_schema!(Command, "command", "shell command that the installer runs", "type": "string", "minLength": 1);

/// A program in the installer's own system, run without arguments (contract I-44, I-86).
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Program(pub Arc<str>);

impl FromText for Program {
    fn from_text(text: &str) -> Result<Program, Fault> {
        let clean = text.starts_with('/') && made_of(text, "/._+-") && !text.ends_with('/');
        if !clean || text.split('/').any(|part| part == "..") {
            let fault = MALFORMED_HOOK.fault(format!("`{text}` is no program in the installer's system"));
            return Err(fault.help("an absolute path without arguments; for a command, use `post_nonchroot_shell`"));
        }
        Ok(Program(text.into()))
    }
}

text_schema!(Program, "program", "absolute path of a program in the installer's system", "type": "string", "pattern": "^/[A-Za-z0-9/._+-]*[A-Za-z0-9._+-]$");

/// A SHA-256 digest.
#[derive(Clone, Copy, PartialEq, Eq)]
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

    #[test]
    fn boot_arguments_reach_the_kernel_whole() {
        // contract X-7, I-2, X-10
        for good in ["quiet", "tsc=reliable", "console=ttyS0,115200n8", "ip=::::host:eno1:dhcp"] {
            assert!(BootArg::from_text(good).is_ok(), "{good}");
        }
        for bad in ["", "a b", "#x", "${net0/mac}", "||", "isterconf=x", "initrd=x", "a\tb", "ä", "\"x\"", "a\\"] {
            assert!(BootArg::from_text(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn hooks_end() {
        // contract I-85, I-44
        for bad in ["", "  ", "daemon &", "daemon & "] {
            assert!(Command::from_text(bad).is_err(), "{bad}");
        }
        assert!(Command::from_text("true && sync").is_ok());
        for bad in ["x", "/bin/x -a", "/bin/", "/a/../b"] {
            assert!(Program::from_text(bad).is_err(), "{bad}");
        }
    }
}

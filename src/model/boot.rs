//! Arguments on the installer's kernel command line.

use std::sync::Arc;

use super::text::{FromText, first_bad, text_schema};
use super::url::shown;
use crate::diag::{Fault, rule};

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
    pub MALFORMED_BOOT_ARGUMENT, malformed_boot_argument: "malformed-boot-argument", Ipxe, Error, fixed;
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
    pub RESERVED_BOOT_ARGUMENT, reserved_boot_argument: "reserved-boot-argument", Ipxe, Error, fixed;
}

/// One argument on the installer's kernel command line (contract X-7).
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
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

#[cfg(test)]
mod tests {
    use super::*;

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
}

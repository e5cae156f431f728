//! Which firmware gets which iPXE: the one table that every DHCP server is told.

use super::trouble::Trouble;

/// A kind of firmware.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Firmware {
    /// Its name in options and in the configuration of servers.
    pub name: &'static str,
    /// Its name for people.
    pub title: &'static str,
    /// The codes with which it asks for a file by TFTP, in DHCP's option 93 (contract N-2).
    pub codes: &'static [u16],
    /// The codes with which it asks for a URL: UEFI HTTP boot.
    pub http_codes: &'static [u16],
    /// The name of its iPXE unless another is given.
    pub file: &'static str,
}

/// Every firmware that there is an iPXE for (contract N-2; RFC 4578 and IANA's table of processor architectures).
///
/// UEFI on x86-64 says 7 or 9 by its age; the service that the tree replaces took 8 for it too. `undionly.kpxe` and
/// `ipxe.efi` are the names in Debian's package `ipxe`, which has no other of these; `ipxe-i386.efi` is that of the bundle
/// `pxe-server` (contract N-4).
pub const FIRMWARE: [Firmware; 4] = [
    Firmware { name: "bios", title: "BIOS", codes: &[0], http_codes: &[], file: "undionly.kpxe" },
    Firmware { name: "x64", title: "UEFI x86-64", codes: &[7, 8, 9], http_codes: &[16], file: "ipxe.efi" },
    Firmware { name: "ia32", title: "UEFI IA32", codes: &[6], http_codes: &[15], file: "ipxe-i386.efi" },
    Firmware { name: "arm64", title: "UEFI ARM64", codes: &[11], http_codes: &[19], file: "ipxe-arm64.efi" },
];

/// The names of iPXE's files, by firmware.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Files([String; FIRMWARE.len()]);

impl Default for Files {
    fn default() -> Files {
        Files(FIRMWARE.map(|firmware| firmware.file.to_string()))
    }
}

impl Files {
    /// Takes `FIRMWARE=FILE`: another name for the file of a firmware.
    ///
    /// # Errors
    /// A firmware that is not known; a name that a DHCP server, a TFTP server or a URL could not hold.
    pub fn set(&mut self, text: &str) -> Result<(), Trouble> {
        let names = FIRMWARE.map(|firmware| firmware.name).join("`, `");
        let Some((name, file)) = text.split_once('=') else {
            return Err(Trouble::new(format!("`{text}` names no file"), "write it like `x64=ipxe-x86_64.efi`"));
        };
        let Some(index) = FIRMWARE.iter().position(|firmware| firmware.name == name) else {
            return Err(Trouble::new(format!("`{name}` is no firmware"), format!("`{names}`")));
        };
        let plain = file.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"/._+-".contains(&byte));
        if !plain || file.split('/').any(|part| matches!(part, "" | "." | "..")) {
            let help = "a path below the folder of the TFTP server: letters, digits, `/`, `.`, `_`, `+` and `-`";
            return Err(Trouble::new(format!("`{file}` is no name for a file of iPXE"), help));
        }
        self.0[index] = file.to_string();
        Ok(())
    }

    /// Each firmware with its file.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&'static Firmware, &str)> + Clone {
        FIRMWARE.iter().zip(self.0.iter().map(String::as_str))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_code_has_two_firmwares() {
        let mut codes: Vec<u16> =
            FIRMWARE.iter().flat_map(|firmware| firmware.codes.iter().chain(firmware.http_codes)).copied().collect();
        codes.sort_unstable();
        // contract N-2
        assert_eq!(codes, [0, 6, 7, 8, 9, 11, 15, 16, 19]);
    }

    #[test]
    fn names_of_files_are_plain() {
        let mut files = Files::default();
        for bad in
            ["x64", "x64=", "amd64=ipxe.efi", "x64=../ipxe.efi", "x64=/ipxe.efi", "x64=a b", "x64=a\"b", "x64=a,b"]
        {
            assert!(files.set(bad).is_err(), "{bad}");
        }
        assert_eq!(files, Files::default());
        assert_eq!(files.set("x64=x/ipxe-x86_64.efi"), Ok(()));
        assert_eq!(files.iter().map(|(_, file)| file).nth(1), Some("x/ipxe-x86_64.efi"));
    }
}

//! What an image says of itself: its release, the format of its swupd, its installer.

use super::error::ImageError;
use crate::facts::ister_at_least;

/// The files that say it, by their path from the top. The first two of them say the release.
pub(super) const FILES: [&[u8]; 5] = [
    b"usr/share/clear/version",
    b"usr/lib/os-release",
    b"usr/share/defaults/swupd/format",
    b"usr/bin/ister.py",
    b"usr/bin/clr-installer",
];

/// How much of each is read: ister.py, the largest, has 60 kB; of clr-installer it is only asked whether it is there.
pub(super) const MOST: u64 = 1 << 20;

/// An installer in an image.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Installer {
    /// ister, of this version or a later one, as far as its text tells.
    Ister(Option<u32>),
    /// clr-installer, in the official images since November 2019 (contract P-7). Nothing beside it tells its version.
    ClrInstaller,
}

/// What an image says of itself.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Known {
    /// The number of its release.
    pub release: Option<u32>,
    /// The format of releases that its swupd reads (contract I-71).
    pub format: Option<u32>,
    /// Its installer; ister where it has both.
    pub installer: Option<Installer>,
}

impl Known {
    /// Reads it by what `start` gives for the path of a file: its first bytes, or nothing when there is no such file.
    ///
    /// # Errors
    /// When `start` fails.
    pub(super) fn read(
        mut start: impl FnMut(&[u8]) -> Result<Option<Vec<u8>>, ImageError>,
    ) -> Result<Known, ImageError> {
        let [version, os_release, format, ister, clr_installer] = FILES;
        let mut release = start(version)?.as_deref().and_then(number);
        if release.is_none() {
            release = start(os_release)?.as_deref().and_then(version_id);
        }
        let format = start(format)?.as_deref().and_then(number);
        let installer = match start(ister)? {
            Some(text) => Some(Installer::Ister(ister_at_least(&text))),
            None => start(clr_installer)?.map(|_| Installer::ClrInstaller),
        };
        Ok(Known { release, format, installer })
    }
}

/// A text that is a number from 1 on.
fn number(text: &[u8]) -> Option<u32> {
    let text = text.trim_ascii();
    let digits = !text.is_empty() && text.len() <= 9 && text.iter().all(u8::is_ascii_digit);
    let number = std::str::from_utf8(text).ok()?.parse().ok().filter(|number| *number > 0);
    number.filter(|_| digits)
}

/// The number behind `VERSION_ID=` in `os-release`, which may have quotes.
fn version_id(text: &[u8]) -> Option<u32> {
    let mut values =
        text.split(|byte| *byte == b'\n').filter_map(|line| line.trim_ascii().strip_prefix(b"VERSION_ID="));
    let value = values.next_back()?;
    let inside = [b'"', b'\''].iter().find_map(|quote| value.strip_prefix(&[*quote])?.strip_suffix(&[*quote]));
    number(inside.unwrap_or(value))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_numbers() {
        assert_eq!(number(b"29880\n"), Some(29880));
        for bad in ["", "\n", "0", "-5", "+5", "29880a", "2.9", "99999999999", "\u{664}"] {
            assert_eq!(number(bad.as_bytes()), None, "{bad}");
        }
        // The last one holds, as it would in a shell.
        assert_eq!(version_id(b"NAME=\"Clear Linux OS\"\nVERSION_ID=1\nVERSION_ID=\"29880\"\nID=x\n"), Some(29880));
        assert_eq!(version_id(b"VERSION_ID='7'"), Some(7));
        assert_eq!(version_id(b"X_VERSION_ID=7\nVERSION_ID=\"7"), None);
    }

    #[test]
    fn ister_comes_first() {
        let read = |files: &'static [(&str, &str)]| {
            Known::read(|path| {
                let found = files.iter().find(|(name, _)| name.as_bytes() == path);
                Ok(found.map(|(_, text)| text.as_bytes().to_vec()))
            })
            .unwrap()
        };
        let known = read(&[
            ("usr/lib/os-release", "VERSION_ID=29880\n"),
            ("usr/bin/ister.py", "forcemu"),
            ("usr/bin/clr-installer", "\u{7f}ELF"),
        ]);
        let ister = Some(Installer::Ister(Some(67)));
        assert_eq!(known, Known { release: Some(29880), format: None, installer: ister });
        let known = read(&[("usr/share/clear/version", "31890"), ("usr/bin/clr-installer", "")]);
        assert_eq!((known.release, known.installer), (Some(31890), Some(Installer::ClrInstaller)));
        assert_eq!(read(&[]), Known::default());
    }
}

//! The versions of ister, the installer, and when they came (contract ch. 0).

/// Versions of ister, each with the first day of the month in which it came.
const ISTER: &[(u32, &str)] = &[
    (38, "2016-04-01"),
    (55, "2017-09-01"),
    (62, "2018-03-01"),
    (63, "2018-05-01"),
    (64, "2018-08-01"),
    (66, "2018-09-01"),
    (67, "2018-10-01"),
];

/// A day before which there was no ister of this version, as `2018-10-01`.
pub fn ister_day(version: u32) -> &'static str {
    let at = ISTER.partition_point(|(known, _)| *known <= version);
    ISTER[at.saturating_sub(1)].1
}

/// Words that came into the text of `ister.py` with a version (contract ch. 0). The text does not tell its version.
const WORDS: &[(u32, &str)] = &[
    (67, "forcemu"),
    (64, "ucd.service"),
    (62, "SoftwareManager"),
    (55, "PreInstallShell"),
    (43, "HTTPSProxy"),
    (42, "LegacyBios"),
    (38, "IsterCloudInitSvc"),
];

/// The version that a text of `ister.py` has at least, by the words in it: what it understands, that version does too.
/// None for a text that is older than what installs machines from a network.
pub fn ister_at_least(text: &[u8]) -> Option<u32> {
    WORDS.iter().find(|(_, word)| memchr::memmem::find(text, word.as_bytes()).is_some()).map(|(version, _)| *version)
}

#[cfg(test)]
mod tests {
    use super::{ister_at_least, ister_day};

    #[test]
    fn the_youngest_word_tells_the_version() {
        assert_eq!(ister_at_least(b"if template.get(\"LegacyBios\"):\n    get(\"HTTPSProxy\")"), Some(43));
        assert_eq!(ister_at_least(b"\"IsterCloudInitSvc\" ucd.service \xff forcemu SoftwareManager"), Some(67));
        assert_eq!(ister_at_least(b"print()"), None);
    }

    #[test]
    fn versions_came_one_after_the_other() {
        assert_eq!(ister_day(69), "2018-10-01");
        assert_eq!(ister_day(65), "2018-08-01");
        assert_eq!(ister_day(61), "2017-09-01");
        assert_eq!(ister_day(38), "2016-04-01");
        assert_eq!(ister_day(1), "2016-04-01");
    }
}

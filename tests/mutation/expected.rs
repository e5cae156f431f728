//! What is not caught yet, and where the goals cannot be met.

/// How an outcome falls short.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Short {
    /// Nothing was found.
    Missed,
    /// What was found stands elsewhere.
    Misplaced,
    /// More than one thing was found.
    Beside,
}

/// A kind that falls short in some fleets, for a reason.
#[derive(Debug)]
pub struct Exception {
    pub kind: &'static str,
    /// The fleets; `*` is any.
    pub bases: &'static [&'static str],
    pub short: Short,
    pub why: &'static str,
}

/// Kinds whose rules are not there yet. One that is caught must leave this table.
pub const PENDING: &[&str] = &[];

/// Where the goals cannot be met.
pub const EXCEPTIONS: &[Exception] = &[
    Exception {
        kind: "the head of a section is gone",
        bases: &["*"],
        short: Short::Beside,
        why: "what stands below it is read as part of the section above, and each of its keys is strange there",
    },
    Exception {
        kind: "a misspelt name of a role",
        bases: &["*"],
        short: Short::Misplaced,
        why: "the name and who asks for it differ, and nobody knows which was meant: who asks is blamed",
    },
    Exception {
        kind: "a misspelt name of a role",
        bases: &["bulk", "campus"],
        short: Short::Beside,
        why: "two places ask for the role",
    },
    Exception { kind: "a misspelt name of a layout", bases: &["*"], short: Short::Misplaced, why: "as with roles" },
    Exception { kind: "a misspelt name of a release", bases: &["*"], short: Short::Misplaced, why: "as with roles" },
    Exception {
        kind: "a variable that the role text asks for, misspelt",
        bases: &["*"],
        short: Short::Misplaced,
        why: "the name and the text that asks for it differ: the text is blamed",
    },
    Exception {
        kind: "a variable that the role text asks for, misspelt",
        bases: &["pilot"],
        short: Short::Beside,
        why: "two texts ask for the variable",
    },
    Exception {
        kind: "a server at the address of a host",
        bases: &["*"],
        short: Short::Misplaced,
        why: "two have one address: the host is blamed",
    },
    Exception {
        kind: "a size of a disk that its partitions exceed",
        bases: &["*"],
        short: Short::Misplaced,
        why: "disk and partitions do not agree: the partition that does not fit is blamed",
    },
    Exception {
        kind: "data that is kept on a new table",
        bases: &["*"],
        short: Short::Misplaced,
        why: "`keep` and a new table do not agree: `keep` is blamed, since that is what would be lost",
    },
    Exception {
        kind: "a BIOS machine without its word",
        bases: &["*"],
        short: Short::Misplaced,
        why: "the layout and the machine do not agree: the layout is blamed, since most machines have UEFI",
    },
    Exception {
        kind: "no layout",
        bases: &["campus", "mixed", "pilot"],
        short: Short::Misplaced,
        why: "one role alone has none of its own, and is blamed",
    },
    Exception {
        kind: "no kernel",
        bases: &["campus", "mixed"],
        short: Short::Beside,
        why: "`cmdline` needs the boot manager that the kernel would bring",
    },
    Exception {
        kind: "no bundle with ucd",
        bases: &["*"],
        short: Short::Misplaced,
        why: "the role text and the bundles do not agree: the text is blamed",
    },
    Exception {
        kind: "no bundle with ucd",
        bases: &["campus", "mixed", "pilot"],
        short: Short::Beside,
        why: "it is told for each role text",
    },
    Exception {
        kind: "a mapping for a list of services",
        bases: &["*"],
        short: Short::Misplaced,
        why: "the key is blamed for the mapping below it",
    },
    Exception {
        kind: "an installer before roles",
        bases: &["*"],
        short: Short::Beside,
        why: "each rule on versions reports by itself",
    },
    Exception {
        kind: "a version of the installer that never was",
        bases: &["pilot"],
        short: Short::Beside,
        why: "another release has the same boot file with another version",
    },
    Exception {
        kind: "an installer that edits the wrong unit",
        bases: &["campus", "mixed", "pilot"],
        short: Short::Beside,
        why: "each key that the old installer does not know is told",
    },
];

//! What can be wrong with an answer.

use schemars::JsonSchema;
use serde::Serialize;

use super::probe::Why;

/// What is wrong with an answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fault {
    /// It is not there: 404 or 410.
    Missing(u16),
    /// The server has an answer, but another status.
    Refused(u16),
    /// The same bytes are there, under a name with other capitals.
    WrongCase(String),
    /// Nothing came.
    NoAnswer(String),
    /// The body ended early: bytes that came, and bytes that should have come.
    CutShort(u64, u64),
    /// There was no end to the body.
    Endless(u64),
    /// A list of a folder's files.
    Listing,
    /// A page for people.
    Html,
    /// The right bytes or others, packed: how.
    Encoded(String),
    /// A redirect that leads to no answer: its status, where it leads, and why that is the end.
    Redirect(u16, String, String),
    /// The right bytes, but they send machines to another server.
    Elsewhere(String),
    /// Bytes of another generation of the tree, or a file that should be gone: how one knows.
    Stale(String),
    /// The server gives something else in its place.
    Rewritten(String),
    /// Other bytes: how they differ.
    Different(String),
    /// A machine that is not listed does not get what `unknown` says.
    Treated(String),
}

/// The kinds of fault, by their words.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum FaultKind {
    /// Machines are sent to another server.
    Elsewhere,
    /// A machine that is not listed does not get what `unknown` says.
    Unlisted,
    /// It is not there.
    Missing,
    /// It is there under a name with other capitals.
    WrongCase,
    /// Bytes of another generation, or a file that should be gone.
    Stale,
    /// The server gives something else in its place.
    Rewritten,
    /// A page for people instead of what programs read.
    Html,
    /// A list of a folder's files.
    DirectoryListing,
    /// A redirect that leads to no answer.
    Redirect,
    /// The body ended early.
    CutShort,
    /// There was no end to the body.
    Endless,
    /// The body is packed.
    Encoded,
    /// Other bytes.
    Different,
    /// A status that is neither success nor "not there".
    Refused,
    /// Nothing came.
    NoAnswer,
}

impl FaultKind {
    /// Its word, as JSON has it.
    pub fn word(self) -> &'static str {
        match self {
            FaultKind::Elsewhere => "elsewhere",
            FaultKind::Unlisted => "unlisted",
            FaultKind::Missing => "missing",
            FaultKind::WrongCase => "wrong-case",
            FaultKind::Stale => "stale",
            FaultKind::Rewritten => "rewritten",
            FaultKind::Html => "html",
            FaultKind::DirectoryListing => "directory-listing",
            FaultKind::Redirect => "redirect",
            FaultKind::CutShort => "cut-short",
            FaultKind::Endless => "endless",
            FaultKind::Encoded => "encoded",
            FaultKind::Different => "different",
            FaultKind::Refused => "refused",
            FaultKind::NoAnswer => "no-answer",
        }
    }
}

impl Fault {
    /// Its kind.
    pub fn kind(&self) -> FaultKind {
        match self {
            Fault::Missing(_) => FaultKind::Missing,
            Fault::Refused(_) => FaultKind::Refused,
            Fault::WrongCase(_) => FaultKind::WrongCase,
            Fault::NoAnswer(_) => FaultKind::NoAnswer,
            Fault::CutShort(..) => FaultKind::CutShort,
            Fault::Endless(_) => FaultKind::Endless,
            Fault::Listing => FaultKind::DirectoryListing,
            Fault::Html => FaultKind::Html,
            Fault::Encoded(_) => FaultKind::Encoded,
            Fault::Redirect(..) => FaultKind::Redirect,
            Fault::Elsewhere(_) => FaultKind::Elsewhere,
            Fault::Stale(_) => FaultKind::Stale,
            Fault::Rewritten(_) => FaultKind::Rewritten,
            Fault::Different(_) => FaultKind::Different,
            Fault::Treated(_) => FaultKind::Unlisted,
        }
    }

    /// What is wrong, for people. Text of the server's is not cleaned here.
    pub fn message(&self) -> String {
        match self {
            Fault::Missing(status) => format!("it is not there ({status})"),
            Fault::Refused(status) => format!("the server answers {status}"),
            Fault::WrongCase(found) => format!("it is not there, but `{found}` is"),
            Fault::NoAnswer(why) => why.clone(),
            Fault::CutShort(got, of) => format!("the answer ends after {got} of {of} bytes"),
            Fault::Endless(read) => format!("the answer has no end: given up after {read} bytes"),
            Fault::Listing => "the server lists a folder".to_string(),
            Fault::Html => "the server answers with an HTML page".to_string(),
            Fault::Encoded(how) => format!("the answer is packed ({how}), and no machine unpacks it"),
            Fault::Redirect(status, to, why) => format!("a {status} leads to {to}: {why}"),
            Fault::Elsewhere(base) => format!("it sends machines to {base}"),
            Fault::Stale(how) | Fault::Rewritten(how) | Fault::Different(how) | Fault::Treated(how) => how.clone(),
        }
    }
}

impl Why {
    /// Why something should not be there, with what is.
    pub fn said(self) -> &'static str {
        match self {
            Why::Installed => "it is served, and the host has its system (`state: installed`)",
            Why::Unlisted => "it is served, and no host lists this address",
            Why::OtherGeneration => "it is served, and only the server's own manifest lists it",
            Why::Unused => "it is served, and nothing in this fleet needs it",
            Why::Invented => "it is served, and there is no such file",
        }
    }
}

//! What came of it all: counts by kind, what is wrong, what is to be noted.

use std::collections::BTreeMap;

use super::client::Client;
use super::expected::Source;
use super::fault::Fault;
use super::kind::Kind;
use crate::publish::manifest::Origin;

/// How a server was found.
#[derive(Clone, Debug)]
pub struct Report {
    /// The URL that was given.
    pub url: String,
    /// Where the list of files comes from.
    pub source: Source,
    /// Network cards whose requests were made, and those that there are.
    pub machines: (usize, usize),
    /// Requests by kind.
    pub tally: BTreeMap<Kind, Tally>,
    /// What is wrong, in the order of the requests.
    pub findings: Vec<Finding>,
    /// What is not wrong and worth to know.
    pub notes: Vec<String>,
    /// Why it is not the whole, when it is not.
    pub unfinished: Option<String>,
}

/// Requests of a kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// Requests that were made.
    pub asked: usize,
    /// Those whose answer is not as it should be.
    pub bad: usize,
}

/// Something that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// What.
    pub fault: Fault,
    /// The kind of URL.
    pub kind: Kind,
    /// Who asks.
    pub client: Client,
    /// The URL, as it was asked for.
    pub url: String,
    /// The path in the tree, or the URL of what is not in the tree.
    pub path: String,
    /// The line that the file comes from.
    pub origin: Option<Origin>,
}

impl Report {
    /// A report of nothing yet.
    pub fn new(url: &str, source: Source) -> Report {
        Report {
            url: url.to_string(),
            source,
            machines: (0, 0),
            tally: BTreeMap::new(),
            findings: Vec::new(),
            notes: Vec::new(),
            unfinished: None,
        }
    }

    /// Counts a request.
    pub fn count(&mut self, kind: Kind, finding: Option<Finding>) {
        let tally = self.tally.entry(kind).or_default();
        tally.asked += 1;
        tally.bad += usize::from(finding.is_some());
        self.findings.extend(finding);
    }

    /// All requests.
    pub fn asked(&self) -> usize {
        self.tally.values().map(|tally| tally.asked).sum()
    }

    /// Whether all that was asked is well.
    pub fn is_good(&self) -> bool {
        self.findings.is_empty() && self.unfinished.is_none()
    }
}

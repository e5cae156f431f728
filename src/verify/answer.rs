//! What a server answered, as data: nothing here asks, and nothing judges.

use crate::publish::manifest::Checksum;

/// What came of asking for a URL, all redirects that the client follows included.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// The redirects that were followed, in order.
    pub hops: Vec<Hop>,
    /// What came in the end.
    pub end: End,
}

/// A redirect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Hop {
    /// Its status.
    pub status: u16,
    /// Where it leads, as an absolute URL.
    pub to: String,
}

/// What came in the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum End {
    /// A status, with what came behind it.
    Status(Reply),
    /// A redirect that the client does not follow, and why it does not.
    Stopped(Hop, &'static str),
    /// Nothing that is an answer: why.
    Nothing(String),
}

/// A status and a body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reply {
    /// The status.
    pub status: u16,
    /// `Content-Encoding`, where it is there and not `identity`.
    pub encoding: Option<String>,
    /// `Age`: for how many seconds a cache has had the answer.
    pub age: Option<String>,
    /// The body.
    pub body: Body,
}

/// A body, as far as it was read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Body {
    /// Bytes that came.
    pub size: u64,
    /// The sum of what came.
    pub sha256: Checksum,
    /// Its first bytes; all of them for texts.
    pub start: Vec<u8>,
    /// How it ended.
    pub end: BodyEnd,
}

/// How a body ended.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum BodyEnd {
    /// It is whole.
    Whole,
    /// The connection was closed before all had come; how many bytes were announced, if any were.
    Cut(Option<u64>),
    /// There was more than anyone waits for.
    Endless,
    /// The time was up.
    Slow,
}

impl Body {
    /// The whole body, when it was kept.
    pub fn whole(&self) -> Option<&[u8]> {
        (self.end == BodyEnd::Whole && self.start.len() as u64 == self.size).then_some(&self.start)
    }
}

impl Answer {
    /// The reply with a status that means success.
    pub fn success(&self) -> Option<&Reply> {
        match &self.end {
            End::Status(reply) if (200..300).contains(&reply.status) => Some(reply),
            _ => None,
        }
    }

    /// An answer that never came.
    pub fn nothing(why: impl Into<String>) -> Answer {
        Answer { hops: Vec::new(), end: End::Nothing(why.into()) }
    }
}

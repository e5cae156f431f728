//! The boot program's part of a walk: what it asks for, and the lines that it runs.

use super::{Answers, By, Walk};
use crate::emit::ENTRY;
use crate::ipxe::{Content, End, Machine, Question, State, Watch, What, World, boot};
use crate::tree::Body;

impl World for Answers<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        match (self.path(url).and_then(|path| self.tree.find(path)).map(|file| file.body), what) {
            (Some(Body::Bytes(bytes)), _) => Some(Content::of(&bytes)),
            (Some(Body::Copy(_)), _) | (None, What::Image) => Some(Content::Image),
            (None, What::Program) => None,
        }
    }
}

/// Writes down what happens, along the path on which all goes well.
struct Scribe<'s, 'a> {
    answers: &'s Answers<'a>,
    walk: &'s mut Walk,
}

impl Watch for Scribe<'_, '_> {
    fn choose(&mut self, _: Question<'_>, _: &State) -> usize {
        0
    }

    fn line(&mut self, shown: &dyn Fn() -> String) {
        self.walk.then([shown().as_str()].into_iter());
    }

    fn asked(&mut self, url: &str, found: bool) {
        self.walk.requests.push(self.answers.request(By::Ipxe, url, found));
    }
}

/// Follows a machine from the entry to where its scripts lead.
pub(super) fn follow(machine: &Machine, answers: &Answers<'_>, walk: &mut Walk) -> End {
    boot(machine, &answers.fleet.server.url.join(ENTRY), answers, &mut Scribe { answers, walk })
}

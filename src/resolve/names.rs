//! Names to ids: every reference in the fleet file is looked up here.

use std::collections::HashMap;

use super::faults::DANGLING_REFERENCE;
use crate::diag::{Reported, Sink};
use crate::nearest;
use crate::source::{Span, Spanned};

/// The names of one kind of thing.
#[derive(Debug)]
pub(super) struct Names<Id> {
    what: &'static str,
    ids: HashMap<String, Option<Id>>,
    order: Vec<String>,
    /// The section could not be read, which was reported: any name may be in it.
    faulty: Option<Reported>,
}

impl<Id: Copy> Names<Id> {
    /// No names yet of `what`, in the plural; `faulty` when their section could not be read.
    pub(super) fn new(what: &'static str, faulty: Option<Reported>) -> Self {
        Names { what, ids: HashMap::new(), order: Vec::new(), faulty }
    }

    /// Adds a name; without an id when the thing has a fault that was reported.
    pub(super) fn add(&mut self, name: &str, id: Option<Id>) {
        self.ids.insert(name.to_string(), id);
        self.order.push(name.to_string());
    }

    /// The id of a name; reports a name that nothing has.
    ///
    /// # Errors
    /// Proof that the name, or the thing it names, was reported.
    pub(super) fn find(&self, name: &str, span: Span, kind: &str, sink: &Sink) -> Result<Spanned<Id>, Reported> {
        match self.ids.get(name) {
            Some(Some(id)) => Ok(Spanned::new(*id, span)),
            Some(None) => Err(Reported::earlier(sink)),
            None => {
                if let Some(reported) = self.faulty {
                    return Err(reported);
                }
                let fault = DANGLING_REFERENCE.at(span, format!("no {kind} is called `{name}`"));
                let help = nearest::did_you_mean(name, self.what, self.order.iter().map(String::as_str));
                Err(sink.report(fault.help_if(help)))
            }
        }
    }
}

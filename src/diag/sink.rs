//! Findings as they are made, and the sink that takes them.

use std::collections::BTreeSet;
use std::sync::Mutex;

use super::{Level, Rule};
use crate::source::{Span, Spanned};

impl Rule {
    /// A finding of this rule at `span`.
    pub fn at(&'static self, span: Span, message: impl Into<String>) -> Diagnostic {
        self.fault(message).at(span)
    }

    /// A fault under this rule, by code that knows the text at fault but not its place.
    pub fn fault(&'static self, message: impl Into<String>) -> Fault {
        Fault { rule: self, message: message.into(), help: None, instead: None }
    }
}

/// A fault in a text, before its place is known.
#[derive(Debug, Clone)]
pub struct Fault {
    /// The rule that reports it.
    pub rule: &'static Rule,
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The text that means the same and is right, where there is one: plain YAML, on one line.
    pub instead: Option<String>,
}

impl Fault {
    /// Adds what to do.
    pub fn help(mut self, help: impl Into<String>) -> Fault {
        self.help = Some(help.into());
        self
    }

    /// Says which text means the same and is right: plain YAML, on one line. `--fix` puts it there.
    pub fn instead(mut self, text: impl Into<String>) -> Fault {
        self.instead = Some(text.into());
        self
    }

    /// The finding at a place.
    pub fn at(self, span: Span) -> Diagnostic {
        let place = Label { span, text: String::new() };
        let fix = self.instead.map(|text| Edit { span, text }).into_iter().collect();
        Diagnostic { rule: self.rule, message: self.message, help: self.help, place, related: Vec::new(), fix }
    }
}

/// A place, and what is to be said of it there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    /// Where.
    pub span: Span,
    /// A few words; may be empty for the main place.
    pub text: String,
}

/// A change of a source: `text` takes the place of what stands at `span`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Edit {
    /// What goes; empty for an insertion.
    pub span: Span,
    /// What comes.
    pub text: String,
}

/// A finding: the rule, what is wrong, what to do, and every place that has a part in it.
#[derive(Debug, Clone)]
pub struct Diagnostic {
    /// The rule that reports it.
    pub rule: &'static Rule,
    /// What is wrong: lower case, no full stop, names in backticks.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
    /// The line to blame.
    pub place: Label,
    /// The other places.
    pub related: Vec<Label>,
    /// The edits that make it right, all of them or none; empty unless they are safe and mechanical.
    pub fix: Vec<Edit>,
}

impl Diagnostic {
    /// Says a few words at the main place.
    pub fn label(mut self, text: impl Into<String>) -> Diagnostic {
        self.place.text = text.into();
        self
    }

    /// Adds another place.
    pub fn and(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.related.push(Label { span, text: text.into() });
        self
    }

    /// Adds what to do.
    pub fn help(mut self, help: impl Into<String>) -> Diagnostic {
        self.help = Some(help.into());
        self
    }

    /// Adds an edit to what `--fix` does about it. Only for what is mechanical, and means what was meant.
    pub fn edit(mut self, span: Span, text: impl Into<String>) -> Diagnostic {
        self.fix.push(Edit { span, text: text.into() });
        self
    }

    /// Adds what to do, where there is something.
    pub fn help_if(mut self, help: Option<String>) -> Diagnostic {
        if help.is_some() {
            self.help = help;
        }
        self
    }
}

/// Proof that something was reported: only [`Sink::report`] makes one, so no stage can fail in silence.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Reported(());

impl Reported {
    /// For a thing that is missing because of an earlier fault.
    ///
    /// # Panics
    /// When nothing was reported: then the stage before failed in silence, which is a fault of fleetc.
    pub(crate) fn earlier(sink: &Sink) -> Reported {
        assert!(!sink.is_empty(), "a fault that nobody reported");
        Reported(())
    }
}

impl<'de> serde::Deserialize<'de> for Reported {
    /// Only the decoder of the YAML front end offers one, behind a fault that it has reported.
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Proof;
        impl serde::de::Visitor<'_> for Proof {
            type Value = Reported;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a reported fault")
            }
            fn visit_unit<E>(self) -> Result<Reported, E> {
                Ok(Reported(()))
            }
        }
        deserializer.deserialize_unit_struct("\0reported", Proof)
    }
}

/// Collects findings, from any thread.
#[derive(Debug, Default)]
pub struct Sink {
    findings: Mutex<Vec<Diagnostic>>,
}

impl Sink {
    /// Takes a finding.
    pub fn report(&self, finding: Diagnostic) -> Reported {
        self.findings.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).push(finding);
        Reported(())
    }

    /// Gives the value of a reading, or reports its fault at `span`.
    pub fn take<T>(&self, result: Result<T, Fault>, span: Span) -> Result<Spanned<T>, Reported> {
        result.map(|value| Spanned::new(value, span)).map_err(|fault| {
            // Allowed, it would leave a machine out in silence.
            debug_assert!(fault.rule.fixed, "`{}` leaves no value, so it cannot be allowed", fault.rule.id);
            self.report(fault.at(span))
        })
    }

    /// How many findings there are so far.
    pub fn len(&self) -> usize {
        self.findings.lock().unwrap_or_else(|poisoned| poisoned.into_inner()).len()
    }

    /// Whether there are none so far.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Whether an error was found so far, by the rules' own levels.
    pub(crate) fn has_errors(&self) -> bool {
        let findings = self.findings.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        findings.iter().any(|finding| finding.rule.level == Level::Error)
    }

    /// Whether anything was found so far inside a place.
    pub(crate) fn has_inside(&self, span: Span) -> bool {
        let findings = self.findings.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let inside = |at: Span| at.file == span.file && at.start >= span.start && at.end <= span.end;
        findings.iter().any(|finding| inside(finding.place.span))
    }

    /// The rules that have reported something so far, by id.
    pub(super) fn rules(&self) -> BTreeSet<&'static str> {
        let findings = self.findings.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        findings.iter().map(|finding| finding.rule.id).collect()
    }

    /// Ends collecting.
    pub(super) fn into_findings(self) -> Vec<Diagnostic> {
        self.findings.into_inner().unwrap_or_else(|poisoned| poisoned.into_inner())
    }
}

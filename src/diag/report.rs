//! The findings of a run: sorted, each once, with their levels.

use std::cmp::Ordering;
use std::collections::BTreeMap;

use super::{Diagnostic, Level, Levels, Rule, Sink, Suppressed, suppress};
use crate::source::Sources;

/// A finding with the level it has in this run.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Warning or error.
    pub level: Level,
    /// What was found.
    pub diagnostic: Diagnostic,
}

/// All findings of a run, by file and place.
#[derive(Debug, Default)]
pub struct Report {
    /// The findings that are not allowed.
    pub findings: Vec<Finding>,
    /// The findings that a comment in the source allows.
    pub suppressed: Vec<Suppressed>,
}

impl Report {
    /// The findings of a run, with the levels that the user chose, without those that a comment in `sources` allows.
    /// `rules` are those that a comment may name.
    pub fn new(sink: Sink, levels: &Levels, sources: &Sources, rules: &[&'static Rule]) -> Report {
        let mut found = sink.into_findings();
        let suppressed = suppress::apply(&mut found, sources, rules, levels);
        Report { findings: sorted(found, levels), suppressed }
    }

    /// The same for files that know nothing of fleetc, and so have no comments that allow anything.
    pub fn plain(sink: Sink, levels: &Levels) -> Report {
        Report { findings: sorted(sink.into_findings(), levels), suppressed: Vec::new() }
    }

    /// The findings of a stage behind compiling. What is to be said of the comments themselves was said before it.
    pub fn later(sink: Sink, levels: &Levels, sources: &Sources, rules: &[&'static Rule]) -> Report {
        let asked = sink.rules();
        let mut report = Report::new(sink, levels, sources, rules);
        report.findings.retain(|finding| asked.contains(finding.diagnostic.rule.id));
        report
    }

    /// Adds findings of rules whose levels cannot be changed.
    pub fn add(&mut self, sink: Sink) {
        let found = sink.into_findings().into_iter();
        self.findings.extend(found.map(|diagnostic| Finding { level: diagnostic.rule.level, diagnostic }));
        self.findings.sort_by(|a, b| order(&a.diagnostic, &b.diagnostic));
    }

    /// How many findings have this level.
    pub fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|finding| finding.level == level).count()
    }

    /// Whether nothing may be built.
    pub fn has_errors(&self) -> bool {
        self.findings.iter().any(|finding| finding.level == Level::Error)
    }

    /// Findings a rule, most first, then by id.
    pub fn by_rule(&self) -> Vec<(&'static str, Level, usize)> {
        let mut counts: BTreeMap<&'static str, (Level, usize)> = BTreeMap::new();
        for finding in &self.findings {
            counts.entry(finding.diagnostic.rule.id).or_insert((finding.level, 0)).1 += 1;
        }
        let mut rows: Vec<_> = counts.into_iter().map(|(id, (level, count))| (id, level, count)).collect();
        rows.sort_by(|a, b| b.2.cmp(&a.2).then(a.0.cmp(b.0)));
        rows
    }
}

/// Findings in order, each once, without those that are allowed.
fn sorted(mut found: Vec<Diagnostic>, levels: &Levels) -> Vec<Finding> {
    found.sort_by(order);
    // The same fault seen from several machines is one finding.
    found.dedup_by(|a, b| a.rule == b.rule && a.place.span == b.place.span && a.message == b.message);
    let findings = found.into_iter().map(|diagnostic| Finding { level: levels.of(diagnostic.rule), diagnostic });
    findings.filter(|finding| finding.level > Level::Allow).collect()
}

/// Threads report in any order; what is said does not depend on it.
fn order(a: &Diagnostic, b: &Diagnostic) -> Ordering {
    let key = |d: &Diagnostic| (d.place.span, d.rule.id);
    let others = |d: &Diagnostic| d.related.iter().map(|label| label.span).collect::<Vec<_>>();
    key(a).cmp(&key(b)).then_with(|| a.message.cmp(&b.message)).then_with(|| others(a).cmp(&others(b)))
}

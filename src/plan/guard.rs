//! Guards: what a change does, held against what the fleet file and the command line allow.

use std::collections::BTreeMap;

use super::Plan;
use super::change::{Change, Kind};
use super::side::Side;
use crate::diag::{Diagnostic, Levels, Report, Rule, Sink};
use crate::model::{Guards, Host, LabelChoice, Limit, Limits};
use crate::rules::guard::{LOCKED_HOST_CHANGES, TOO_MANY_CHANGES, TOO_MANY_REINSTALLS};
use crate::source::{FileId, Sources, Span, Spanned};

/// Hosts that a message names.
const NAMED: usize = 3;

/// A limit from the command line, which takes the place of the same one in the fleet file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Override {
    /// For the machines with this label; none for all.
    pub choice: Option<LabelChoice>,
    /// The limit.
    pub limit: Limit,
}

/// What the command line says of guards.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// For machines that had their system and would be wiped.
    pub max_reinstall: Vec<Override>,
    /// For all machines that are touched.
    pub max_change: Vec<Override>,
}

/// What guards say of a change, and the sources that their places are in.
pub struct Judgement {
    /// The findings.
    pub report: Report,
    /// The sources of the head, and those of the base behind them.
    pub sources: Sources,
}

/// Judges a plan. What is locked is what the base says; limits are those of the head. A built tree says neither what is
/// locked nor which labels its machines had: without a base, both are what the head says.
pub fn judge(plan: &Plan, base: Option<&Side<'_>>, head: &Side<'_>, overrides: &Overrides) -> Judgement {
    let mut sources = Sources::new(head.sources.folder());
    for id in head.sources.ids() {
        let source = head.sources.get(id);
        sources.add(source.name.clone(), source.text.as_str());
    }
    let behind = sources.ids().count() as u32;
    for source in base.iter().flat_map(|base| base.sources.ids().map(|id| base.sources.get(id))) {
        sources.add(format!("<base>/{}", source.name), source.text.as_str());
    }
    let judge = Judge { plan, base, head, behind, sink: Sink::default() };
    judge.locks();
    judge.limits(&head.fleet.guards, overrides);
    let report = Report::new(judge.sink, &Levels::default(), &sources, crate::rules::RULES);
    Judgement { report, sources }
}

struct Judge<'p, 's> {
    plan: &'p Plan,
    base: Option<&'p Side<'s>>,
    head: &'p Side<'s>,
    /// The number of the first file of the base.
    behind: u32,
    sink: Sink,
}

impl<'s> Judge<'_, 's> {
    fn was(&self, change: &Change) -> Option<&'s Host> {
        self.base?.fleet.host(change.was.as_deref().unwrap_or(&change.host))
    }

    fn now(&self, change: &Change) -> Option<&'s Host> {
        self.head.fleet.host(&change.host)
    }

    fn in_base(&self, span: Span) -> Span {
        Span { file: FileId(span.file.0 + self.behind), ..span }
    }

    fn locks(&self) {
        for change in &self.plan.hosts {
            let was = if self.base.is_some() { self.was(change) } else { self.now(change) };
            let Some(was) = was.filter(|_| !change.kinds.contains(&Kind::New)) else { continue };
            let Some(locked) = was.settings.locked.get().filter(|locked| locked.value) else { continue };
            let kinds: Vec<&str> = change.kinds.iter().map(|kind| kind.word()).collect();
            let message =
                format!("host `{}` is locked, and this change touches it: {}", was.name.as_str(), kinds.join(", "));
            let found = match self.now(change) {
                Some(now) if self.base.is_none() => {
                    LOCKED_HOST_CHANGES.at(now.name.span, message).and(locked.span, "locked here")
                }
                Some(now) => LOCKED_HOST_CHANGES
                    .at(now.name.span, message)
                    .and(self.in_base(locked.span), "locked here, before the change"),
                None => LOCKED_HOST_CHANGES
                    .at(self.in_base(was.name.span), message)
                    .and(self.in_base(locked.span), "locked here"),
            };
            self.sink.report(found.help("take the lock off by a change of its own first, or leave the host as it is"));
        }
    }

    fn limits(&self, guards: &Guards, overrides: &Overrides) {
        let minimum = guards.minimum.map_or(1, |minimum| minimum.value.0 as usize);
        let wipes = |change: &Change| change.kinds.contains(&Kind::Reinstall);
        let touches = |_: &Change| true;
        let reinstall: (&'static Rule, &dyn Fn(&Change) -> bool) = (&TOO_MANY_REINSTALLS, &wipes);
        let change: (&'static Rule, &dyn Fn(&Change) -> bool) = (&TOO_MANY_CHANGES, &touches);
        type Get = fn(&Limits) -> Option<Spanned<Limit>>;
        let reinstalls: Get = |limits| limits.max_reinstall;
        let changes: Get = |limits| limits.max_change;
        for ((rule, counts), get, over, flag) in [
            (reinstall, reinstalls, &overrides.max_reinstall, "--max-reinstall"),
            (change, changes, &overrides.max_change, "--max-change"),
        ] {
            let own = [(None, get(&guards.all))].into_iter();
            let own = own.chain(guards.by_label.iter().map(|(choice, limits)| (Some(&choice.value), get(limits))));
            for (choice, limit) in own {
                // The command line has the last word.
                let overridden = over.iter().any(|over| over.choice.as_ref() == choice);
                if let Some(limit) = limit.filter(|_| !overridden) {
                    self.limit(rule, choice, limit.value, minimum, Some(limit.span), counts, flag);
                }
            }
            for over in over {
                self.limit(rule, over.choice.as_ref(), over.limit, minimum, None, counts, flag);
            }
        }
    }

    #[allow(clippy::too_many_arguments)]
    fn limit(
        &self,
        rule: &'static Rule,
        choice: Option<&LabelChoice>,
        limit: Limit,
        minimum: usize,
        span: Option<Span>,
        counts: &dyn Fn(&Change) -> bool,
        flag: &str,
    ) {
        let place = span.unwrap_or(self.head.fleet.server.url.span);
        let counted: Vec<&Change> = self.plan.hosts.iter().filter(|change| counts(change)).collect();
        let groups = match choice {
            None => BTreeMap::from([(String::new(), (self.plan.before.max(self.head.fleet.hosts.len()), counted))]),
            Some(choice) => self.by_label(choice, &counted),
        };
        for (value, (all, changes)) in groups {
            let allowed = limit.of(all, minimum);
            if changes.len() <= allowed {
                continue;
            }
            let whose = match choice {
                None => String::new(),
                Some(choice) => format!(" with `{}={value}`", choice.label),
            };
            let does = if std::ptr::eq(rule, &TOO_MANY_REINSTALLS) { "wipes" } else { "touches" };
            let had = if does == "wipes" { " that had their system" } else { "" };
            let count = changes.len();
            let are = if allowed == 1 { "is" } else { "are" };
            let message =
                format!("this change {does} {count} of {all} machines{whose}{had}, and {allowed} {are} allowed");
            let names: Vec<String> = changes.iter().take(NAMED).map(|change| format!("`{}`", change.host)).collect();
            let more = if count > NAMED { format!(" and {} more", count - NAMED) } else { String::new() };
            let found: Diagnostic = rule.at(place, message).label(match span {
                Some(_) => format!("{}{more}", names.join(", ")),
                None => format!("`{flag} {limit}`: {}{more}", names.join(", ")),
            });
            let target = choice.map_or(String::new(), |choice| format!("{choice}:"));
            self.sink.report(
                found.help(format!("change fewer machines at a time, or allow it this once: `{flag} {target}{count}`")),
            );
        }
    }

    /// The machines with a label, by its value: how many there are, and which of them change.
    fn by_label<'c>(&self, choice: &LabelChoice, changes: &[&'c Change]) -> BTreeMap<String, (usize, Vec<&'c Change>)> {
        let value = |host: &Host| {
            let value = host.labels.get(&choice.label).map(|value| value.value.to_string())?;
            choice.value.as_deref().is_none_or(|wanted| *wanted == *value).then_some(value)
        };
        let mut groups: BTreeMap<String, (usize, Vec<&'c Change>)> = BTreeMap::new();
        let count = |side: &Side<'_>| {
            let mut counts: BTreeMap<String, usize> = BTreeMap::new();
            side.fleet.hosts.iter().filter_map(value).for_each(|value| *counts.entry(value).or_default() += 1);
            counts
        };
        for side in self.base.into_iter().chain([self.head]) {
            for (value, count) in count(side) {
                let group = groups.entry(value).or_default();
                group.0 = group.0.max(count);
            }
        }
        for change in changes {
            // A machine belongs where it was, and where it goes.
            let values = [self.was(change), self.now(change)].into_iter().flatten().filter_map(value);
            let values: std::collections::BTreeSet<String> = values.collect();
            for value in values {
                groups.entry(value).or_default().1.push(change);
            }
        }
        groups
    }
}

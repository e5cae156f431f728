//! The plan for people: what is most severe first, machines with the same cause together.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::fmt::Write;

use super::Plan;
use super::change::{Change, Kind, Place};
use crate::diag::Level;
use crate::report::Style;

/// Names in a row that are written out; more are a range.
const FEW: usize = 3;

/// Places that are written out.
const PLACES: usize = 4;

/// What a kind of change means for the machines.
pub(super) fn meaning(kind: Kind) -> &'static str {
    match kind {
        Kind::Reinstall => "wiped: had a system, or may have had one, and is installed at the next network boot",
        Kind::Install => "still to be installed, now differently",
        Kind::New => "not listed before",
        Kind::Removed => "listed no more",
        Kind::Renamed => "has another name",
        Kind::Finished => "was to be installed, now boots its disk",
        Kind::Network => "other network cards or another address",
        Kind::Boot => "boots by another path",
        Kind::Cosmetic => "other bytes that mean the same",
    }
}

/// Machines that change in the same way for the same reason.
pub(super) struct Group<'p> {
    pub(super) kinds: &'p [Kind],
    pub(super) fields: &'p [&'static str],
    pub(super) because: Cow<'p, [Place]>,
    pub(super) hosts: Vec<&'p Change>,
    /// Whether each machine has one line of its own.
    single: bool,
}

/// By what machines are put together: kinds, whether each has a cause of its own, causes, fields.
type Key<'p> = (&'p [Kind], bool, &'p [Place], &'p [&'static str]);

/// The groups of a plan, the most severe first, then by cause.
pub(super) fn groups(plan: &Plan) -> Vec<Group<'_>> {
    let own = |change: &Change| matches!(change.worst(), Kind::New | Kind::Removed);
    let mut found: BTreeMap<Key<'_>, Vec<&Change>> = BTreeMap::new();
    for change in &plan.hosts {
        // Each new machine has a line of its own, which is no reason to show it apart.
        let because = if own(change) { &[][..] } else { &change.because[..] };
        found.entry((&change.kinds, own(change), because, &change.fields)).or_default().push(change);
    }
    // Machines with a line each that says the same stand together, with all their lines.
    let mut groups: BTreeMap<Key<'_>, Vec<Group<'_>>> = BTreeMap::new();
    for ((kinds, own, because, fields), hosts) in found {
        let single = hosts.len() == 1 && because.len() == 1;
        let there = groups.entry((kinds, own, &[][..], fields)).or_default();
        match there.iter_mut().find(|group| single && group.single) {
            Some(group) => {
                group.because.to_mut().extend_from_slice(because);
                group.hosts.extend(hosts);
            }
            None => there.push(Group { kinds, fields, because: because.into(), hosts, single }),
        }
    }
    let mut groups: Vec<Group<'_>> = groups.into_values().flatten().collect();
    for group in groups.iter_mut().filter(|group| group.single) {
        group.because.to_mut().sort_by(|a, b| (a.gone, &a.file, a.line).cmp(&(b.gone, &b.file, b.line)));
        group.hosts.sort_by(|a, b| a.host.cmp(&b.host));
    }
    groups
}

/// A host's name, and the one that it had.
fn name(change: &Change) -> String {
    match &change.was {
        Some(was) => format!("{was} → {}", change.host),
        None => change.host.to_string(),
    }
}

/// Hosts whose names follow each other: the first, the last, how many.
type Run<'p> = (&'p Change, &'p Change, usize);

/// Names that follow each other, put together.
pub(super) fn runs<'p>(hosts: &[&'p Change]) -> Vec<Run<'p>> {
    let mut runs: Vec<Run<'_>> = Vec::new();
    for host in hosts {
        match runs.last_mut() {
            Some((_, last, count)) if host.was.is_none() && follows(&last.host, &host.host) => {
                (*last, *count) = (host, *count + 1);
            }
            _ => runs.push((host, host, 1)),
        }
    }
    runs
}

/// A run of names as text, each name made by `name`.
pub(super) fn run_text((first, last, count): &Run<'_>, dots: &str, name: &dyn Fn(&Change) -> String) -> String {
    match count {
        1 => name(first),
        2 => format!("{}, {}", name(first), name(last)),
        _ => format!("{} {dots} {}", name(first), name(last)),
    }
}

/// Host names on one line: each of a few, else runs of names that follow each other as first and last.
fn names(hosts: &[&Change], dots: &str) -> String {
    if hosts.len() <= FEW {
        return hosts.iter().map(|host| name(host)).collect::<Vec<_>>().join(", ");
    }
    let runs = runs(hosts);
    let shown: Vec<String> = runs.iter().take(2 * FEW).map(|run| run_text(run, dots, &name)).collect();
    let left: usize = runs.iter().skip(2 * FEW).map(|(_, _, count)| count).sum();
    let more = if left > 0 { format!(" and {left} more") } else { String::new() };
    format!("{}{more}", shown.join(", "))
}

/// Whether two names differ in their number alone, and the second has the next one.
fn follows(a: &str, b: &str) -> bool {
    let split = |name: &str| -> Option<(usize, u64)> {
        let digits = name.len() - name.trim_end_matches(|c: char| c.is_ascii_digit()).len();
        Some((name.len() - digits, name[name.len() - digits..].parse().ok()?))
    };
    match (split(a), split(b)) {
        (Some((stem, number)), Some((other, next))) => a[..stem] == b[..other] && number.checked_add(1) == Some(next),
        _ => false,
    }
}

/// Places on one line, lines of one file together: `fleet.yaml:3, 5-9`.
pub(super) fn places(because: &[Place]) -> String {
    let mut runs: Vec<(&Place, u32)> = Vec::new();
    for place in because {
        match runs.last_mut() {
            Some((first, last)) if first.file == place.file && first.gone == place.gone && *last + 1 == place.line => {
                *last = place.line;
            }
            _ => runs.push((place, place.line)),
        }
    }
    let mut text = String::new();
    let mut file: Option<(&str, bool)> = None;
    for (first, last) in runs.iter().take(PLACES) {
        let here = (&*first.file, first.gone);
        if file == Some(here) {
            text.push_str(", ");
        } else {
            let gone = if first.gone { "gone: " } else { "" };
            let _ = write!(text, "{}{gone}{}:", if file.is_some() { "; " } else { "" }, first.file);
        }
        file = Some(here);
        let _ =
            if first.line == *last { write!(text, "{}", first.line) } else { write!(text, "{}-{last}", first.line) };
    }
    if runs.len() > PLACES {
        let _ = write!(text, " and {} more", runs.len() - PLACES);
    }
    text
}

pub(super) fn hosts(count: usize) -> String {
    if count == 1 { "1 host".to_string() } else { format!("{count} hosts") }
}

/// The plan as text; says so when nothing changes.
pub fn human(plan: &Plan, style: &Style) -> String {
    if plan.is_empty() {
        return "no machine changes\n".to_string();
    }
    let dots = if style.unicode { "…" } else { "..." };
    let arrow = if style.unicode { "→" } else { "->" };
    let paint = |kind: Kind| match kind {
        Kind::Reinstall => style.paint(kind.word(), Level::Error),
        Kind::Install | Kind::Removed => style.paint(kind.word(), Level::Warn),
        _ => style.bold(kind.word()),
    };
    let mut out = String::new();
    if let Some(unlisted) = &plan.unlisted {
        let kinds: Vec<String> = unlisted.kinds.iter().map(|kind| paint(*kind)).collect();
        let text = match unlisted.was.as_ref().filter(|was| **was != unlisted.now) {
            Some(was) => format!("{was} {arrow} {}", unlisted.now),
            None => unlisted.now.clone(),
        };
        let _ = writeln!(out, "machines that are not listed: {} ({})", style.bold(&text), kinds.join(", "));
        if unlisted.kinds.contains(&Kind::Reinstall) {
            let _ = writeln!(out, "  any machine that is not in the fleet file is wiped when it boots here");
        }
        let cause = places(&unlisted.because);
        if !cause.is_empty() {
            let _ = writeln!(out, "  {cause}: {}", unlisted.fields.join(", "));
        }
        out.push('\n');
    }
    let mut heading = None;
    for group in groups(plan) {
        let kind = group.kinds[0];
        if heading != Some(kind) {
            if heading.is_some() {
                out.push('\n');
            }
            heading = Some(kind);
            let count = plan.hosts.iter().filter(|change| change.worst() == kind).count();
            let _ = writeln!(out, "{}: {}, {}", paint(kind), hosts(count), meaning(kind));
        }
        let count = if group.hosts.len() > FEW { format!("{}: ", hosts(group.hosts.len())) } else { String::new() };
        let also: Vec<&str> = group.kinds[1..].iter().map(|kind| kind.word()).collect();
        let also = if also.is_empty() { String::new() } else { format!(" (also {})", also.join(", ")) };
        let _ = writeln!(out, "  {count}{}{also}", names(&group.hosts, dots));
        let cause = places(&group.because);
        if !cause.is_empty() {
            let _ = writeln!(out, "    {cause}: {}", group.fields.join(", "));
        }
        for note in notes(plan, &group) {
            let _ = writeln!(out, "    {note}");
        }
    }
    let _ = writeln!(out, "\n{}", summary(plan));
    out
}

/// What is to be said of cards that fell out of the list, or went to another host.
pub(super) fn notes(plan: &Plan, group: &Group<'_>) -> Vec<String> {
    let mut notes = Vec::new();
    let fallen: usize = group.hosts.iter().map(|change| change.unlisted.len()).sum();
    if fallen > 0 {
        let cards = if fallen == 1 { "1 card is".to_string() } else { format!("{fallen} cards are") };
        notes.push(format!(
            "{cards} not listed any more and get{} `{}`",
            if fallen == 1 { "s" } else { "" },
            plan.unknown
        ));
    }
    for moved in group.hosts.iter().flat_map(|change| &change.moved).take(FEW) {
        notes.push(format!("card {} went from {} to {}", moved.mac.colons(), moved.from, moved.to));
    }
    notes
}

/// How many hosts have each kind, on one line.
pub(super) fn summary(plan: &Plan) -> String {
    let counts = Kind::ALL.into_iter().map(|kind| (kind, plan.count(kind))).filter(|(_, count)| *count > 0);
    let parts: Vec<String> = counts.map(|(kind, count)| format!("{count} {}", kind.word())).collect();
    let hosts = match plan.hosts.len() {
        0 => "no listed machine changes".to_string(),
        1 => "1 host changes".to_string(),
        count => format!("{count} hosts change"),
    };
    if parts.is_empty() { hosts } else { format!("{hosts}: {}", parts.join(", ")) }
}

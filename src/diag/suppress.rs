//! Comments that allow a rule in one place: `# fleetc: allow(rule) reason`, on the line or on the one above it.

use memchr::memmem;

use super::{Diagnostic, Level, Levels, Rule, rule};
use crate::nearest::nearest;
use crate::source::{FileId, Sources, Span};

rule! {
    /// ## What it does
    /// A comment `# fleetc: allow(…)` that allows nothing: no rule has that name, the reason is missing, or the rule is one
    /// that cannot be allowed.
    ///
    /// ## Why it matters
    /// The finding is reported as if the comment were not there. An error that would wipe, strand or half-configure a
    /// machine cannot be allowed: the machine will not read the comment. A reason is for the next reader, who must decide
    /// whether it still holds.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   # fleetc: allow(unused-http-proxy)   # <-
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1:
    ///     mac: 52:54:00:00:00:01
    ///     role: compute
    ///     # fleetc: allow(unused-http-proxy) the role text reads it from the template
    ///     http_proxy: http://proxy.example.net:3128
    /// ```
    MALFORMED_SUPPRESSION, malformed_suppression: "malformed-suppression", Language, Error, fixed;
}

rule! {
    /// ## What it does
    /// A comment `# fleetc: allow(rule) reason` where the rule has nothing to report.
    ///
    /// ## Why it matters
    /// The fault that it was written for is gone; the comment would hide the next one. It is reported only when there are
    /// no errors, since behind an error some rules have not been asked.
    ///
    /// ## Example
    /// ```yaml
    /// hosts:
    ///   # fleetc: allow(unused-http-proxy) the role text reads it from the template   # <-
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// hosts:
    ///   node-1: { mac: 52:54:00:00:00:01, role: compute }
    /// ```
    UNUSED_SUPPRESSION, unused_suppression: "unused-suppression", Hygiene, Warn;
}

/// A finding that a comment allows.
#[derive(Debug, Clone)]
pub struct Suppressed {
    /// The finding.
    pub diagnostic: Diagnostic,
    /// Why it is allowed, in the words of the comment.
    pub reason: String,
}

/// One rule of one comment.
struct Suppression<'s> {
    rule: &'static Rule,
    /// Its name in the comment.
    span: Span,
    /// The whole comment.
    comment: Span,
    reason: &'s str,
    /// The line that it is about.
    line: u32,
    used: bool,
}

/// Takes out of `found` what a comment allows, and adds what is to be said of the comments.
pub(super) fn apply(
    found: &mut Vec<Diagnostic>,
    sources: &Sources,
    rules: &[&'static Rule],
    levels: &Levels,
) -> Vec<Suppressed> {
    let mut suppressions = Vec::new();
    for file in sources.ids() {
        read(file, sources, rules, &mut suppressions, found);
    }
    if suppressions.is_empty() {
        return Vec::new();
    }
    let mut suppressed = Vec::new();
    found.retain(|diagnostic| {
        let span = diagnostic.place.span;
        let line = sources.get(span.file).line_of(span.start);
        let allows = |one: &&mut Suppression<'_>| {
            *one.rule == *diagnostic.rule && one.span.file == span.file && one.line == line
        };
        let Some(one) = suppressions.iter_mut().find(allows) else { return true };
        one.used = true;
        suppressed.push(Suppressed { diagnostic: diagnostic.clone(), reason: one.reason.to_string() });
        false
    });
    if !found.iter().any(|diagnostic| levels.of(diagnostic.rule) == Level::Error) {
        let unused = suppressions.iter().filter(|one| !one.used);
        found.extend(unused.map(|one| {
            let message = format!("`{}` has nothing to report here, so there is nothing to allow", one.rule.id);
            UNUSED_SUPPRESSION.at(one.span, message).help("take it out").and(one.comment, "this comment")
        }));
    }
    suppressed
}

/// Reads the comments of a file.
fn read<'s>(
    file: FileId,
    sources: &'s Sources,
    rules: &[&'static Rule],
    suppressions: &mut Vec<Suppression<'s>>,
    found: &mut Vec<Diagnostic>,
) {
    let source = sources.get(file);
    let text = source.text.as_str();
    for word in memmem::find_iter(text.as_bytes(), "fleetc:") {
        let line = source.line_of(word as u32);
        let (start, end) = source.line_range(line);
        let before = text[start..word].trim_end_matches([' ', '\t']);
        let Some(before) = before.strip_suffix('#') else { continue };
        if before.ends_with(|c: char| !c.is_whitespace() && c != '{') {
            continue;
        }
        let Some(comment) = Comment::parse(&text[word + "fleetc:".len()..end]) else { continue };
        let whole = Span { file, start: (start + before.len()) as u32, end: end as u32 };
        let span_of = |part: &str| {
            let at = part.as_ptr() as usize - text.as_ptr() as usize;
            Span { file, start: at as u32, end: (at + part.len()) as u32 }
        };
        let alone = before.trim_matches(['{', ' ', '\t', '\u{feff}']).is_empty();
        let line = if alone { next_line(source, line) } else { line };
        for id in comment.rules() {
            match comment.judge(id, rules) {
                Ok(rule) => suppressions.push(Suppression {
                    rule,
                    span: span_of(id),
                    comment: whole,
                    reason: comment.reason,
                    line,
                    used: false,
                }),
                Err((message, help)) => {
                    let span = if id.is_empty() { whole } else { span_of(id) };
                    found.push(MALFORMED_SUPPRESSION.at(span, message).help(help));
                }
            }
        }
    }
}

/// The next line that is more than a comment.
fn next_line(source: &crate::source::Source, line: u32) -> u32 {
    let says = |line: &u32| {
        let (start, end) = source.line_range(*line);
        let text = source.text[start..end].trim();
        !(text.starts_with('#') || text.starts_with("{#") && text.ends_with("#}"))
    };
    (line + 1..=source.line_count()).find(says).unwrap_or(line)
}

/// What stands behind `fleetc:` in a comment.
struct Comment<'s> {
    verb: &'s str,
    inside: &'s str,
    reason: &'s str,
}

impl<'s> Comment<'s> {
    /// Reads `allow(a, b) reason`; none for plain prose.
    fn parse(text: &'s str) -> Option<Comment<'s>> {
        let (verb, rest) = text.trim_start().split_once('(')?;
        let verb = verb.trim_end();
        if verb.is_empty() || !verb.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-_".contains(&byte)) {
            return None;
        }
        let (inside, reason) = rest.split_once(')').unwrap_or((rest, ""));
        Some(Comment { verb, inside, reason: reason.trim().trim_end_matches("#}").trim_end() })
    }

    fn rules(&self) -> impl Iterator<Item = &'s str> {
        self.inside.split(',').map(str::trim)
    }

    /// The rule that `id` names, if it can be allowed; otherwise what is wrong, and what to do.
    fn judge(&self, id: &str, rules: &[&'static Rule]) -> Result<&'static Rule, (String, String)> {
        let form = "write `# fleetc: allow(rule) reason`, on the line or on the one above it".to_string();
        if self.verb != "allow" {
            return Err((format!("comments to fleetc say `allow`, not `{}`", self.verb), form));
        }
        let Some(rule) = Rule::named(rules, id) else {
            let near = nearest(id, rules.iter().map(|rule| rule.id));
            let help = match near {
                Some(near) => format!("did you mean `{near}`?"),
                None => "`fleetc explain` lists the rules".to_string(),
            };
            return Err((format!("no rule is called `{id}`"), help));
        };
        if rule.fixed {
            let message = format!("`{id}` is an error that cannot be allowed");
            return Err((message, format!("mend what it reports; `fleetc explain {id}` says how")));
        }
        if !self.reason.contains(char::is_alphabetic) {
            return Err((format!("nothing says why `{id}` is allowed here"), form));
        }
        Ok(rule)
    }
}

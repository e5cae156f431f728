//! What can go wrong in a template, placed in the template.

use minijinja::{Error, ErrorKind, Value};

use super::{Audience, MAX_TEXT_BYTES};
use crate::diag::{Diagnostic, rule};
use crate::model::{Fleet, RoleText};
use crate::nearest;
use crate::source::Span;

rule! {
    /// ## What it does
    /// A role text that is no valid template.
    ///
    /// ## Why it matters
    /// Role texts are templates: `{{ … }}` inserts a value, `{% … %}` is a statement. Text that means something else by
    /// these signs stands between `{% raw %}` and `{% endraw %}`.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: {{ host.name }   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// hostname: {{ host.name }}
    /// ```
    pub(super) TEMPLATE_SYNTAX, template_syntax: "template-syntax", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A template that asks for what is not there, or fails while it is rendered.
    ///
    /// ## Why it matters
    /// An empty value in a role text makes a machine without a key, without a name, or with a command cut short. fleetc
    /// never renders an undefined name or a `null` as nothing.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute:
    ///     cloud_config: role.yaml
    ///     vars: { motd: hello }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     content: "{{ vars.mtod }}"   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute:
    ///     cloud_config: role.yaml
    ///     vars: { motd: hello }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// write_files:
    ///   - path: /etc/motd
    ///     permissions: "0644"
    ///     content: "{{ vars.motd }}"
    /// ```
    pub(super) TEMPLATE_FAILS, template_fails: "template-fails", FirstBoot, Error, fixed;
}

/// The registry entries of templates.
pub(crate) mod rules {
    pub(crate) use super::{template_fails, template_syntax};
}

fn place(text: &RoleText, error: &Error) -> Span {
    if let Some(range) = error.range().filter(|range| !range.is_empty()) {
        return text.span_of(range.start, range.end);
    }
    let line = error.line().unwrap_or(1);
    let start: usize = text.body.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum();
    let length = text.body[start.min(text.body.len())..].lines().next().map_or(0, str::len);
    text.span_of(start, start + length)
}

/// The tag, or the block, that is open where the engine gave up: it sees so only lines below, or at the end.
fn unclosed(text: &RoleText, error: &Error) -> Option<(Span, &'static str)> {
    let body = &*text.body;
    let line = error.line().unwrap_or(1);
    let here = body.split_inclusive('\n').take(line.saturating_sub(1)).map(str::len).sum::<usize>().min(body.len());
    let open = body[..here].rfind("{{").max(body[..here].rfind("{%"));
    let closed = body[..here].rfind("}}").max(body[..here].rfind("%}"));
    if let Some(open) = open.filter(|open| closed.is_none_or(|closed| closed < *open)) {
        let rest = &body[here..];
        let next = |signs: [&str; 2]| signs.iter().filter_map(|sign| rest.find(sign)).min();
        // A tag may go over lines; then its end comes before another one.
        let ends = next(["}}", "%}"]).is_some_and(|end| next(["{{", "{%"]).is_none_or(|start| end < start));
        let length = body[open..].lines().next().map_or(0, str::len);
        return (!ends).then(|| (text.span_of(open, open + length), "tag"));
    }
    if !error.detail().is_some_and(|detail| detail.contains("unexpected end of input")) {
        return None;
    }
    let mut blocks: Vec<(usize, usize)> = Vec::new();
    for (start, _) in body.match_indices("{%") {
        let Some(end) = body[start..].find("%}") else { break };
        let word = body[start + 2..start + end].trim_start_matches('-').split_whitespace().next().unwrap_or_default();
        match word {
            "if" | "for" | "block" | "macro" | "filter" | "call" | "with" | "autoescape" => {
                blocks.push((start, start + end + 2));
            }
            _ if word.starts_with("end") => {
                blocks.pop();
            }
            _ => {}
        }
    }
    blocks.last().map(|(start, end)| (text.span_of(*start, *end), "block"))
}

pub(super) fn syntax(text: &RoleText, error: &Error) -> Diagnostic {
    let detail = error.detail().unwrap_or("this is no valid template");
    let fault = match unclosed(text, error) {
        Some((place, what)) => {
            TEMPLATE_SYNTAX.at(place, format!("the template cannot be read: this {what} is never closed"))
        }
        None => TEMPLATE_SYNTAX.at(place(text, error), format!("the template cannot be read: {detail}")),
    };
    fault.help(
        "`{{ … }}` inserts a value; put text that only looks like a template between `{% raw %}` and `{% endraw %}`",
    )
}

pub(super) fn too_large(text: &RoleText, which: &str, bytes: usize) -> Diagnostic {
    let message = format!("{which} text has {bytes} bytes, more than the {MAX_TEXT_BYTES} that a role may have");
    TEMPLATE_FAILS.at(text.span_of(0, 0), message).help("shorten it; large files belong on the server")
}

pub(super) fn too_deep(text: &RoleText, at: usize, why: &str) -> Diagnostic {
    let length = text.body[at..].lines().next().map_or(0, str::len);
    let fault = TEMPLATE_SYNTAX.at(text.span_of(at, at + length), format!("the template cannot be read: {why}"));
    fault.help("set parts of it with `{% set … %}` first, or put the values into `vars`")
}

/// Without it, a text that goes deep could end the program.
pub(super) fn no_stack(text: &RoleText) -> Diagnostic {
    let message = "the system gives no memory to render this template";
    TEMPLATE_FAILS.at(text.span_of(0, 0), message).help("raise the limit of address space: `ulimit -v unlimited`")
}

pub(super) fn render(
    text: &RoleText,
    error: &Error,
    audience: Audience<'_>,
    fleet: &Fleet,
    context: &Value,
) -> Diagnostic {
    let span = place(text, error);
    let expression = error.range().and_then(|range| text.body.get(range)).unwrap_or_default().trim();
    let whom = |fault: Diagnostic| match audience {
        Audience::Host(host) => fault.and(host.name.span, "when it is rendered for this host"),
        Audience::Role(role) => fault.and(fleet.role(role).name.span, "when it is rendered for this role"),
    };
    let fault = match error.kind() {
        ErrorKind::UndefinedError => {
            let (message, help) = undefined(expression, audience, context);
            TEMPLATE_FAILS.at(span, message).help_if(help)
        }
        ErrorKind::OutOfFuel => TEMPLATE_FAILS
            .at(span, "the template does too much work")
            .help("loops of some ten thousand steps are the limit"),
        _ => TEMPLATE_FAILS
            .at(span, format!("the template fails: {}", error.detail().unwrap_or("it cannot be rendered"))),
    };
    whom(fault)
}

/// Says which name is missing, and which is near.
fn undefined(expression: &str, audience: Audience<'_>, context: &Value) -> (String, Option<String>) {
    let path: Vec<&str> =
        expression.split(|c: char| !c.is_alphanumeric() && c != '_').take_while(|part| !part.is_empty()).collect();
    let mut known = context.clone();
    for (depth, part) in path.iter().enumerate() {
        let next = known.get_attr(part).ok().filter(|value| !value.is_undefined());
        let Some(next) = next else {
            let name = path[..=depth].join(".");
            let help = match (path[0], audience) {
                ("network", Audience::Host(_)) if depth == 0 => {
                    Some("this host has no `address`, and so no network".to_string())
                }
                ("host" | "network", Audience::Role(_)) if depth == 0 => {
                    Some("machines that are not listed have no host; give them a role that uses none".to_string())
                }
                _ => {
                    let names: Vec<String> =
                        known.try_iter().map(|keys| keys.map(|key| key.to_string()).collect()).unwrap_or_default();
                    nearest::did_you_mean(part, "names here", names.iter().map(String::as_str))
                }
            };
            return (format!("`{name}` is not defined"), help);
        };
        known = next;
    }
    (format!("`{expression}` is not defined"), None)
}

//! Role texts as templates: compiled once, rendered for a role or for one host, every output byte traceable to the
//! template.
//!
//! A text that uses nothing of the host is rendered once for its role. [`Templates::is_own`] decides that from the names
//! that the text uses and from who set their values, never from what other hosts do.

mod context;
mod deep;
mod faults;
mod uses;

pub(crate) use faults::rules;

use std::collections::BTreeSet;

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, OutputSpan, OutputSpanKind, UndefinedBehavior, Value};

use crate::diag::{Diagnostic, Reported, Sink};
use crate::model::{Fleet, Host, RoleId, RoleText, TextId};
use crate::source::Span;
use context::Contexts;
use deep::deep;
use uses::Uses;

/// What a template may do before it is stopped, in steps of the template engine; each may allocate some 64 bytes.
const FUEL: u64 = 100_000;

/// The largest role text, in bytes, as it is written and as it is rendered.
pub const MAX_TEXT_BYTES: usize = 1 << 20;

/// The templates of a fleet.
pub struct Templates<'f> {
    fleet: &'f Fleet,
    environment: Environment<'f>,
    contexts: Contexts<'f>,
    /// By text: the names it uses, or proof that its syntax fault was reported.
    uses: Vec<Result<Uses, Reported>>,
}

/// Where a role text is rendered for.
#[derive(Clone, Copy, Debug)]
pub enum Audience<'f> {
    /// For every host of the role that has no text of its own.
    Role(RoleId),
    /// For one host.
    Host(&'f Host),
}

/// A rendered text.
#[derive(Debug)]
pub struct Rendered<'t> {
    /// The text, with line breaks as in the template.
    pub text: String,
    spans: Vec<OutputSpan>,
    template: &'t RoleText,
}

impl<'f> Templates<'f> {
    /// Compiles every text of the fleet, and reports those that are no templates.
    pub fn new(fleet: &'f Fleet, sink: &Sink) -> Templates<'f> {
        let mut environment = Environment::new();
        environment.set_undefined_behavior(UndefinedBehavior::Strict);
        environment.set_syntax(syntax());
        environment.set_auto_escape_callback(|_| minijinja::AutoEscape::None);
        environment.set_fuel(Some(FUEL));
        environment.set_debug(true);
        environment.remove_global("debug");
        environment.set_formatter(|out, state, value| {
            if value.is_none() {
                return Err(minijinja::Error::new(minijinja::ErrorKind::InvalidOperation, "this value is null"));
            }
            minijinja::escape_formatter(out, state, value)
        });
        let mut added = |(index, text): (usize, &RoleText)| {
            if text.body.len() > MAX_TEXT_BYTES {
                return Err(sink.report(faults::too_large(text, "this", text.body.len())));
            }
            if let Some((at, why)) = deep::too_deep(&text.body) {
                return Err(sink.report(faults::too_deep(text, at, &why)));
            }
            let name = index.to_string();
            let uses = deep(|| {
                environment.add_template_owned(name.clone(), text.body.to_string())?;
                environment.get_template(&name).map(|template| Uses::of(&template))
            });
            match uses {
                Some(uses) => uses.map_err(|error| sink.report(faults::syntax(text, &error))),
                None => Err(sink.report(faults::no_stack(text))),
            }
        };
        let uses = fleet.texts.iter().enumerate().map(&mut added).collect();
        Templates { fleet, environment, contexts: Contexts::new(fleet), uses }
    }

    /// The names that a text uses, like `vars.port`, `host` or `labels`; a name without a key stands for all its keys.
    pub fn names(&self, text: TextId) -> BTreeSet<String> {
        if self.uses[text.0 as usize].is_err() {
            return BTreeSet::new();
        }
        let names = deep(|| self.environment.get_template(&text.0.to_string()).map(|template| uses::names(&template)));
        names.and_then(Result::ok).unwrap_or_default()
    }

    /// Whether the text of a host's role uses something that is the host's own, so that the host needs its own copy.
    /// False for a role without text.
    pub fn is_own(&self, host: &Host) -> bool {
        let role = self.fleet.role(host.role.value);
        let Some(text) = role.text else { return false };
        let Ok(uses) = &self.uses[text.value.0 as usize] else { return false };
        uses.touch(host, role)
    }

    /// The text of an audience; none for a role without text, or with one that is no template.
    ///
    /// # Errors
    /// The finding that says what the template asked for and did not get.
    pub fn render(&self, audience: Audience<'_>) -> Option<Result<Rendered<'f>, Box<Diagnostic>>> {
        let role = match audience {
            Audience::Role(role) => role,
            Audience::Host(host) => host.role.value,
        };
        let id = self.fleet.role(role).text?.value;
        self.uses[id.0 as usize].as_ref().ok()?;
        let text = self.fleet.text(id);
        if !deep::can_nest(&text.body) {
            return Some(self.render_text(id, audience));
        }
        Some(deep(|| self.render_text(id, audience)).unwrap_or_else(|| Err(Box::new(faults::no_stack(text)))))
    }

    fn render_text(&self, id: TextId, audience: Audience<'_>) -> Result<Rendered<'f>, Box<Diagnostic>> {
        let text = self.fleet.text(id);
        let context: Value = self.contexts.of(audience);
        let fault = |error: &minijinja::Error| Box::new(faults::render(text, error, audience, self.fleet, &context));
        let template = self.environment.get_template(&id.0.to_string()).map_err(|error| fault(&error))?;
        let (rendered, spans) = template.render_with_spans(context.clone()).map_err(|error| fault(&error))?;
        if rendered.len() > MAX_TEXT_BYTES {
            return Err(Box::new(faults::too_large(text, "the rendered", rendered.len())));
        }
        Ok(Rendered { text: rendered, spans, template: text })
    }
}

/// A line that holds a statement alone leaves nothing in the text; every other line break stays.
fn syntax() -> SyntaxConfig {
    let mut builder = SyntaxConfig::builder();
    builder.keep_trailing_newline(true).trim_blocks(true).lstrip_blocks(true);
    builder.build().unwrap_or_default()
}

impl Rendered<'_> {
    /// The place in the template that a byte range of the text comes from.
    pub fn span_of(&self, start: usize, end: usize) -> Span {
        let (from, to) = (self.source(start, false), self.source(end.max(start + 1) - 1, true));
        self.template.span_of(from, to.max(from))
    }

    /// The place of a byte range that the template has word for word, so that an edit there is an edit of the text; none
    /// for what an expression made, or a statement interrupts.
    pub fn literal(&self, start: usize, end: usize) -> Option<Span> {
        let index = self.spans.partition_point(|span| span.output_range().end <= start);
        let span = self.spans.get(index)?;
        let (output, source) = (span.output_range(), span.source_range());
        let inside = output.start <= start && end <= output.end && start < end;
        (self.template.literal && span.kind() == OutputSpanKind::Raw && inside).then(|| {
            let from = source.start + (start - output.start);
            self.template.span_of(from, from + (end - start))
        })
    }

    /// Whether the template is part of the fleet file.
    pub fn is_inline(&self) -> bool {
        self.template.lines.is_some()
    }

    /// What the template has for a byte range of the text: the text itself, or the expression that makes it.
    pub fn written(&self, start: usize, end: usize) -> &str {
        let (from, to) = (self.source(start, false), self.source(end.max(start + 1) - 1, true));
        self.template.body.get(from..to).unwrap_or_default()
    }

    /// The template's offset for an output offset; behind the byte when `after`.
    fn source(&self, offset: usize, after: bool) -> usize {
        let index = self.spans.partition_point(|span| span.output_range().end <= offset);
        let Some(span) = self.spans.get(index).or(self.spans.last()) else { return 0 };
        let (output, source) = (span.output_range(), span.source_range());
        match span.kind() {
            OutputSpanKind::Raw => {
                source.start + offset.saturating_sub(output.start).min(output.len()) + usize::from(after)
            }
            _ if after => source.end,
            _ => source.start,
        }
    }

    /// The bytes to serve: line breaks are LF, as the service served them (contract X-17).
    pub fn into_bytes(self) -> Vec<u8> {
        if self.text.contains('\r') { self.text.replace("\r\n", "\n").into_bytes() } else { self.text.into_bytes() }
    }
}

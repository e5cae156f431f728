//! The stages, chained: sources → nodes → draft → fleet → judged fleet.

use crate::diag::{Levels, Report, Sink};
use crate::draft::FleetDraft;
use crate::model::{Fleet, Host, ServerUrl};
use crate::resolve::Layer;
use crate::source::{FileId, Loader, Sources, Span};
use crate::yaml::{self, Decoder};
use crate::{resolve, rules};

/// What compiling gives: the sources, what is to be said of them, and the fleet unless a fault leaves none.
#[derive(Debug)]
pub struct Compiled {
    /// Every file that was read.
    pub sources: Sources,
    /// What was found.
    pub report: Report,
    /// The fleet. There is one also when there are errors, as long as the file could be parsed; only a report without
    /// errors makes it fit to be emitted: see [`Compiled::fleet`].
    judged: Option<Fleet>,
}

impl Compiled {
    /// The fleet, if nothing speaks against building it.
    pub fn fleet(&self) -> Option<&Fleet> {
        self.judged.as_ref().filter(|_| !self.report.has_errors())
    }

    /// The fleet as far as it could be resolved, also with errors: to look at, not to emit.
    pub fn resolved(&self) -> Option<&Fleet> {
        self.judged.as_ref()
    }

    /// Adds what was found when the fleet was built.
    pub fn add(&mut self, sink: Sink) {
        self.report.add(sink);
    }

    /// How the settings of a host came about, from the lowest layer up.
    pub fn layers(&self, host: &Host) -> Vec<Layer> {
        let Some(fleet) = &self.judged else { return Vec::new() };
        let file = host.name.span.file;
        let text = self.sources.get(file).text.clone();
        // What there is to find was found when the fleet was compiled.
        let sink = Sink::default();
        let Ok(document) = yaml::read(&text, file, &sink) else { return Vec::new() };
        let decoder = Decoder::new(&document, file, &sink);
        let draft = document.root().and_then(|root| decoder.read::<FleetDraft<'_>>(root, "").ok());
        draft.map_or_else(Vec::new, |draft| resolve::history(draft, &decoder, fleet, host, &sink))
    }
}

/// Compiles a fleet file that was read already.
///
/// `name` is its name relative to its own folder, `folder` what to put before names when they are shown, and `loader`
/// reads the files that it names.
pub fn compile(name: &str, text: String, folder: &str, loader: &dyn Loader, levels: &Levels) -> Compiled {
    compile_at(name, text, folder, loader, levels, None)
}

/// The same for a tree that is served at `url`, whatever the fleet file says: the URL is judged as if it stood there.
pub fn compile_at(
    name: &str,
    text: String,
    folder: &str,
    loader: &dyn Loader,
    levels: &Levels,
    url: Option<&ServerUrl>,
) -> Compiled {
    let mut sources = Sources::new(folder);
    let file = sources.add(name, text);
    let sink = Sink::default();
    let judged = judge(file, &mut sources, loader, url, &sink);
    let report = Report::new(sink, levels, &sources, rules::RULES);
    Compiled { sources, report, judged }
}

fn judge(
    file: FileId,
    sources: &mut Sources,
    loader: &dyn Loader,
    url: Option<&ServerUrl>,
    sink: &Sink,
) -> Option<Fleet> {
    let text = sources.get(file).text.clone();
    let mut fleet = {
        // The document is as large as the fleet: it goes before the checks, which need room of their own.
        let document = yaml::read(&text, file, sink).ok()?;
        let decoder = Decoder::new(&document, file, sink);
        let draft: FleetDraft<'_> = decoder.read(document.root()?, "").ok()?;
        resolve::resolve(draft, &decoder, top(&text, file), sources, loader, sink)
    };
    if let Some(url) = url {
        fleet.server.url.value = url.clone();
    }
    rules::check(&fleet, sink);
    Some(fleet)
}

/// The place to blame for what is missing at the top of a file: its first line that says something.
fn top(text: &str, file: FileId) -> Span {
    let mut start = 0;
    for line in text.split_inclusive('\n') {
        let said = line.trim_start_matches('\u{feff}').trim();
        if !said.is_empty() && !said.starts_with('#') && said != "---" {
            let from = start + line.find(said).unwrap_or(0);
            return Span { file, start: from as u32, end: (from + said.len()) as u32 };
        }
        start += line.len();
    }
    Span::start_of(file)
}

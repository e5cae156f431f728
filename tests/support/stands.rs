//! What holds for any text whatever: findings, never a panic, and every place in its file.
#![allow(dead_code)]

use fleetc::compile::Compiled;
use fleetc::emit::Emission;
use fleetc::report::{FORMATS, Format, Style, render};
use fleetc::trace::{Outcome, trace};
use fleetc::tree::{Body, Tree};

/// Every place and every edit lies in its file, and the report can be drawn.
pub fn stands(compiled: &Compiled) {
    for finding in &compiled.report.findings {
        let places = std::iter::once(&finding.diagnostic.place).chain(&finding.diagnostic.related);
        let edits = finding.diagnostic.fix.iter().map(|edit| edit.span);
        for span in places.map(|place| place.span).chain(edits) {
            let source = compiled.sources.get(span.file);
            assert!(span.start <= span.end && span.end as usize <= source.text.len(), "{finding:?}");
            assert!(source.text.is_char_boundary(span.start as usize), "{finding:?}");
            assert!(source.text.is_char_boundary(span.end as usize), "{finding:?}");
        }
        assert!(!finding.diagnostic.message.ends_with('.'), "{}", finding.diagnostic.message);
    }
    drawn(compiled, Format::Human);
}

/// A report in a format.
fn drawn(compiled: &Compiled, format: Format) -> Vec<u8> {
    let mut text = Vec::new();
    render(format, &compiled.report, &compiled.sources, &Style::PLAIN, &mut text).unwrap();
    text
}

/// The report is text in every format, and JSON in those that are.
pub fn every_format(compiled: &Compiled) {
    for (name, format, _) in FORMATS {
        let text = drawn(compiled, *format);
        assert!(std::str::from_utf8(&text).is_ok(), "{name}");
        if matches!(format, Format::Json | Format::Sarif | Format::Gitlab) {
            serde_json::from_slice::<serde_json::Value>(&text).unwrap_or_else(|error| panic!("{name}: {error}"));
        }
    }
}

/// A fleet without errors has a tree: paths grow, as what publishes it relies on, and the scripts of its machines are
/// understood to their ends.
pub fn emits(compiled: &Compiled) {
    let Some(fleet) = compiled.fleet() else { return };
    let tree = Emission::new(fleet, &compiled.sources);
    let mut last = String::new();
    for index in 0..tree.len() {
        let file = tree.file(index);
        assert!(last.as_str() < file.path.as_str(), "{} comes after {last}", file.path.as_str());
        last = file.path.as_str().to_string();
        if let (Body::Bytes(bytes), true) = (&file.body, last.ends_with(".json")) {
            serde_json::from_slice::<serde_json::Value>(bytes).unwrap_or_else(|error| panic!("{last}: {error}"));
        }
    }
    for host in fleet.hosts.iter().take(4) {
        let walk = trace(fleet, &compiled.sources, host.macs[0].value, Some(host), false);
        assert_ne!(walk.outcome, Outcome::Unknown, "{}", walk.end);
    }
}

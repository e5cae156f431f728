//! Any text as a template: what it makes comes from places in the template, and what is there word for word is the same.
#![no_main]

use fleetc::compile::compile;
use fleetc::diag::{Levels, Sink};
use fleetc::source::Memory;
use fleetc::template::{Audience, MAX_TEXT_BYTES, Templates};
use libfuzzer_sys::fuzz_target;

const FLEET: &str = include_str!("template.yaml");

fuzz_target!(|text: &str| {
    let loader = Memory::new([("role.yaml", text)]);
    let compiled = compile("fleet.yaml", FLEET.to_string(), "", &loader, &Levels::default());
    let fleet = compiled.resolved().unwrap();
    let templates = Templates::new(fleet, &Sink::default());
    let hosts = fleet.hosts.iter().map(Audience::Host);
    for audience in hosts.chain([Audience::Role(fleet.hosts[0].role.value)]) {
        let Some(Ok(rendered)) = templates.render(audience) else { continue };
        assert!(rendered.text.len() <= MAX_TEXT_BYTES);
        let mut starts: Vec<usize> = rendered.text.char_indices().map(|(at, _)| at).take(200).collect();
        starts.push(rendered.text.len());
        for pair in starts.windows(2) {
            let span = rendered.span_of(pair[0], pair[1]);
            let source = compiled.sources.get(span.file);
            assert!(span.start <= span.end && span.end as usize <= source.text.len(), "{span:?}");
            if let Some(place) = rendered.literal(pair[0], pair[1]) {
                assert_eq!(compiled.sources.slice(place), &rendered.text[pair[0]..pair[1]]);
            }
            rendered.written(pair[0], pair[1]);
        }
    }
});

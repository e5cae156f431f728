//! Any scripts come to an end, within bounds, whatever they say. Behind a line `%%%` comes the next one, by its number.
#![no_main]

use fleetc::trace::script::{Event, Machine, What, boot};
use libfuzzer_sys::fuzz_target;

/// How much a boot may write down, in bytes: as many lines as are run, and each as long as one may be.
const MAX_WRITTEN: usize = 64 << 20;

fuzz_target!(|text: &str| {
    let scripts: Vec<&str> = text.split("\n%%%\n").collect();
    let get = |url: &str, what: What| match what {
        What::Script => scripts.get(url.parse::<usize>().ok()?).map(|script| script.as_bytes().to_vec()),
        What::Image => (!url.starts_with('-')).then(Vec::new),
    };
    let cards = ["52:54:00:aa:bb:01", "52:54:00:aa:bb:02"].map(str::to_string).to_vec();
    let boot = boot(&Machine { cards, booted: 1 }, "0", &get);
    let written = boot.events.iter().map(|event| match event {
        Event::Asked(url, _) => url.len(),
        Event::Ran(line) => line.len(),
    });
    assert!(written.sum::<usize>() < MAX_WRITTEN);
});

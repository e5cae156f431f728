//! Any scripts come to an end, within bounds, whatever they say, along one path and along every path. Behind a line `%%%`
//! comes the next one, by its number.
#![no_main]

use fleetc::ipxe::{Content, Machine, Question, State, Watch, What, World, boot};
use libfuzzer_sys::fuzz_target;

/// How much a boot may show, in bytes: as many lines as are run, and each as long as one may be.
const MAX_SHOWN: usize = 128 << 20;

struct Scripts<'t>(Vec<&'t str>);

impl World for Scripts<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        match what {
            What::Program => self.0.get(url.parse::<usize>().ok()?).map(|script| Content::of(script.as_bytes())),
            What::Image => (!url.starts_with('-')).then_some(Content::Image),
        }
    }
}

struct Counted(usize);

impl Watch for Counted {
    fn choose(&mut self, question: Question<'_>, _: &State) -> usize {
        self.0 % question.ways()
    }

    fn line(&mut self, shown: &dyn Fn() -> String) {
        self.0 += shown().len();
    }

    fn said(&mut self, text: &str, _: bool) {
        self.0 += text.len();
    }
}

fuzz_target!(|text: &str| {
    let cards = ["52:54:00:aa:bb:01", "52:54:00:aa:bb:02"].map(str::to_string).to_vec();
    let mut counted = Counted(0);
    boot(&Machine { cards, booted: 1 }, "0", &Scripts(text.split("\n%%%\n").collect()), &mut counted);
    assert!(counted.0 < MAX_SHOWN);
});

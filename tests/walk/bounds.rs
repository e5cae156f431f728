//! Scripts that grow: whoever runs them, also one that a server made up, ends in time and within bounds.

use fleetc::ipxe::{Content, End, Machine, Question, State, Watch, What, World, boot};

struct One(&'static str);

impl World for One {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        (what == What::Program && url == "entry").then(|| Content::of(self.0.as_bytes()))
    }
}

/// The good way, and how much was shown.
struct Shown(usize);

impl Watch for Shown {
    fn choose(&mut self, _: Question<'_>, _: &State) -> usize {
        0
    }

    fn line(&mut self, shown: &dyn Fn() -> String) {
        self.0 += shown().len();
    }
}

#[test]
fn values_that_grow_come_to_an_end() {
    let machine = Machine { cards: vec!["52:54:00:aa:bb:01".to_string()], booted: 0 };
    for script in [
        "#!ipxe\nset a xxxxxxxxxxxxxxxx\n:again\nset a ${a}${a}\ngoto again\n",
        "#!ipxe\nset a xxxxxxxxxxxxxxxx\n:again\nset a ${a} ${a}\nset b ${a} ${a} ${a}\nset a ${b}\ngoto again\n",
    ] {
        let mut shown = Shown(0);
        let end = boot(&machine, "entry", &One(script), &mut shown);
        assert!(matches!(&end, End::Unknown(what) if what.starts_with("values that grow without end: ")), "{end:?}");
        assert!(shown.0 < 1 << 20, "{}", shown.0);
    }
}

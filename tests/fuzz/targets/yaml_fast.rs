//! The reader for the common forms of YAML makes of a text what the general parser makes of it, or nothing.
#![no_main]

use fleetc::yaml::{parse_fast, parse_general};
use libfuzzer_sys::{Corpus, fuzz_target};

fuzz_target!(|text: &str| -> Corpus {
    let Some(fast) = parse_fast(text) else { return Corpus::Keep };
    match parse_general(text) {
        Ok(general) => assert_eq!(fast, general),
        Err(error) => panic!("taken, but {error:?}"),
    }
    Corpus::Keep
});

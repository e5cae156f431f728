//! The README shows what the program does.

mod docs;

use std::fs;

use docs::{none, play, root, settle};

#[test]
fn commands_print_what_the_readme_says() {
    let path = root().join("README.md");
    let page = fs::read_to_string(&path).expect("the README");
    none(settle(&path, &play(&page)).err().into_iter().collect());
}

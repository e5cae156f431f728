//! Files that are made from the product and kept in the repository: compared, or rewritten when that is asked for.
#![allow(dead_code)]

use std::fs;
use std::path::Path;

/// The environment variable that rewrites the files instead of comparing them.
const SWITCH: &str = "FLEETC_BLESS";

/// Whether to rewrite. A machine that judges changes must never do so: what it compares would always be right.
fn bless() -> bool {
    let set =
        |name: &str| std::env::var_os(name).is_some_and(|value| !matches!(value.to_str(), Some("" | "0" | "false")));
    assert!(!(set(SWITCH) && set("CI")), "{SWITCH} is set under CI: rewrite the files at your desk, and review them");
    set(SWITCH)
}

/// Compares `text` with the file at `path`, or rewrites the file.
///
/// # Errors
/// The first line that differs, and how to rewrite the file.
pub fn compare(path: &Path, text: &str) -> Result<(), String> {
    if bless() {
        if let Some(folder) = path.parent() {
            fs::create_dir_all(folder).unwrap();
        }
        if fs::read(path).ok().as_deref() != Some(text.as_bytes()) {
            fs::write(path, text).unwrap();
        }
        return Ok(());
    }
    let name = path.strip_prefix(env!("CARGO_MANIFEST_DIR")).unwrap_or(path).display();
    let help = format!("if that is right, run the test again with {SWITCH}=1 and review the change");
    let Ok(kept) = fs::read_to_string(path) else {
        return Err(format!("{name} is not there; {help}"));
    };
    if kept == text {
        return Ok(());
    }
    let (mut old, mut new) = (kept.split('\n'), text.split('\n'));
    for line in 1.. {
        let (old, new) = (old.next(), new.next());
        if old != new {
            let shown = |line: Option<&str>| line.map_or("(the end)".to_string(), |line| format!("{line:?}"));
            return Err(format!("{name}:{line}: kept {}, made {}; {help}", shown(old), shown(new)));
        }
    }
    unreachable!("two texts that differ have a line that differs")
}

//! `fleetc check --fix` and `--diff`: the repairs of a fleet, written or shown.

use std::collections::BTreeMap;
use std::io::{self, Write};
use std::path::{Path, PathBuf};

use similar::TextDiff;

use super::input::{Opened, reason};
use super::{Failure, output};
use crate::compile::Compiled;
use crate::fix::{Overlay, repair};
use crate::report::mask_text;
use crate::source::Disk;

/// Rounds of repairing: one may uncover the next.
const MAX_ROUNDS: usize = 8;

/// A fleet in memory, with its repairs made.
pub(super) struct Mended {
    /// What is left to say of it.
    pub(super) compiled: Compiled,
    /// The files that changed, by name.
    files: BTreeMap<String, File>,
}

struct File {
    shown: String,
    before: String,
    after: String,
    repairs: usize,
}

/// Repairs the files of a fleet in memory.
pub(super) fn mend(opened: &Opened, loader: &Disk) -> Mended {
    let mut files: BTreeMap<String, File> = BTreeMap::new();
    let mut compiled = opened.compile(opened.text.clone(), loader);
    for _ in 0..MAX_ROUNDS {
        let repaired = repair(&compiled.report, &compiled.sources);
        if repaired.is_empty() {
            break;
        }
        for one in repaired {
            let source = compiled.sources.get(one.file);
            let file = files.entry(source.name.clone()).or_insert_with(|| File {
                shown: source.shown.clone(),
                before: source.text.to_string(),
                after: String::new(),
                repairs: 0,
            });
            file.after = one.text;
            file.repairs += one.repairs;
        }
        let text = files.get(&opened.name).map_or(&opened.text, |file| &file.after);
        let texts = files.iter().map(|(name, file)| (name.as_str(), file.after.as_str())).collect();
        compiled = opened.compile(text.clone(), &Overlay { below: loader, texts });
    }
    Mended { compiled, files }
}

impl Mended {
    /// What changes, as a unified diff; empty when nothing does. Secrets are starred out.
    pub(super) fn diff(&self) -> String {
        let mut text = String::new();
        for file in self.files.values() {
            let (before, after) = (mask_text(&file.before), mask_text(&file.after));
            let diff = TextDiff::from_lines(&before, &after);
            text.push_str(&diff.unified_diff().header(&file.shown, &file.shown).to_string());
        }
        text
    }

    /// Writes what changed, and says so on standard error.
    ///
    /// # Errors
    /// When a file cannot be written; the files before it are.
    pub(super) fn write(&self, folder: &Path) -> Result<(), Failure> {
        for (name, file) in &self.files {
            replace(&folder.join(name), &file.before, &file.after)
                .map_err(|error| Failure::new(format!("`{}` cannot be repaired: {}", file.shown, reason(&error))))?;
            let places = if file.repairs == 1 { "1 place".to_string() } else { format!("{} places", file.repairs) };
            output::complain(&format!("repaired {}: {places}", file.shown));
        }
        Ok(())
    }
}

/// Puts a new text in the place of an old one, in one step, with the old one's permissions. A symbolic link stays one.
pub(super) fn replace(path: &Path, before: &str, after: &str) -> io::Result<()> {
    let path = path.canonicalize()?;
    if std::fs::read(&path)? != before.as_bytes() {
        return Err(io::Error::other("it has changed in the meantime"));
    }
    let folder = path.parent().map_or_else(|| PathBuf::from("."), Path::to_path_buf);
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.{}.fleetc", std::process::id()));
    let written = (|| {
        let mut file = std::fs::OpenOptions::new().write(true).create_new(true).open(&beside)?;
        file.set_permissions(std::fs::metadata(&path)?.permissions())?;
        file.write_all(after.as_bytes())?;
        file.sync_all()?;
        std::fs::rename(&beside, &path)
    })();
    if written.is_err() {
        let _ = std::fs::remove_file(&beside);
    }
    written
}

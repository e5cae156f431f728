//! `fleetc init`: a first fleet that checks clean.

use std::io::Write;
use std::path::{Path, PathBuf};

use clap::Args;

use super::{Failure, Outcome, input, output};

/// The files of a first fleet: the example `minimal`.
const FILES: &[(&str, &str)] = &[
    ("fleet.yaml", include_str!("../../examples/minimal/fleet.yaml")),
    ("roles/managed.yaml", include_str!("../../examples/minimal/roles/managed.yaml")),
];

/// Write a first fleet file that checks clean
#[derive(Debug, Args)]
pub(super) struct Init {
    /// Folder to write it into.
    #[arg(default_value = ".")]
    folder: PathBuf,
}

impl Init {
    pub(super) fn run(self) -> Result<Outcome, Failure> {
        for (name, _) in FILES {
            let path = self.folder.join(name);
            if path.symlink_metadata().is_ok() {
                let failure = Failure::new(format!("`{}` is there already", path.display()));
                return Err(failure.help("choose another folder: `fleetc init DIR`"));
            }
        }
        for (name, text) in FILES {
            let path = self.folder.join(name);
            write_new(&path, text).map_err(|error| {
                Failure::new(format!("`{}` cannot be written: {}", path.display(), input::reason(&error)))
            })?;
            output::say(&format!("wrote {}", path.display()))?;
        }
        let file = self.folder.join(FILES[0].0);
        let place = if self.folder == Path::new(".") { String::new() } else { format!(" {}", file.display()) };
        output::say(&format!(
            "next: put your SSH key and your machine's MAC address in place of the stand-ins, then `fleetc check{place}`"
        ))?;
        Ok(Outcome::Fine)
    }
}

/// Writes a file that must not be there yet, and the folders it needs.
pub(super) fn write_new(path: &Path, text: &str) -> std::io::Result<()> {
    if let Some(parent) = path.parent() {
        std::fs::create_dir_all(parent)?;
    }
    std::fs::OpenOptions::new().write(true).create_new(true).open(path)?.write_all(text.as_bytes())
}

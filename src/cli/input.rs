//! What `check` and `build` share: which fleet file, which levels, which format; and compiling it.

use std::io::Read;
use std::path::{Path, PathBuf};

use clap::{ArgMatches, Args};

use super::{Failure, Outcome, output};
use crate::compile::{Compiled, compile, compile_at};
use crate::diag::{Level, Levels, Report, Sink};
use crate::model::ServerUrl;
use crate::report::{FORMATS, Format};
use crate::rules::RULES;
use crate::source::{Disk, Loader, MAX_SOURCE_BYTES};

/// The name of a fleet file that is not named.
const FLEET_FILE: &str = "fleet.yaml";
/// What standard input is called.
const STDIN: &str = "<stdin>";

/// The fleet file, and how findings are judged and shown.
#[derive(Debug, Args)]
pub(super) struct Input {
    /// The fleet file; `-` reads standard input. Without one: `fleet.yaml` in the current folder.
    file: Option<PathBuf>,
    /// How findings are shown.
    #[arg(long, value_name = "FORMAT", default_value = "human", value_parser = clap::builder::PossibleValuesParser::new(FORMATS.iter().map(|(name, _, about)| clap::builder::PossibleValue::new(*name).help(*about))))]
    format: String,
    #[command(flatten)]
    levels: LevelFlags,
}

/// How a fleet file is read and its findings are judged.
#[derive(Debug, Args)]
pub(super) struct LevelFlags {
    /// Do not report this rule; `warnings` for all warnings.
    #[arg(short = 'A', long = "allow", value_name = "RULE")]
    allow: Vec<String>,
    /// Report this rule as a warning.
    #[arg(short = 'W', long = "warn", value_name = "RULE")]
    warn: Vec<String>,
    /// Report this rule as an error; `warnings` for all warnings.
    #[arg(short = 'D', long = "deny", value_name = "RULE")]
    deny: Vec<String>,
    /// Also read files that lie outside the folder of the fleet file, where it or a symlink says so.
    #[arg(long)]
    allow_outside: bool,
}

/// A fleet file that was read, and how it is to be judged.
pub(super) struct Opened {
    /// Its name in its folder.
    pub(super) name: String,
    pub(super) folder: PathBuf,
    pub(super) text: String,
    pub(super) format: Format,
    shown: String,
    pub(super) levels: Levels,
    allow_outside: bool,
}

impl Opened {
    /// Compiles a fleet file of another name, whose files `loader` reads.
    pub(super) fn compile_as(&self, name: &str, text: String, loader: &dyn Loader) -> Compiled {
        compile(name, text, &self.shown, loader, &self.levels)
    }

    /// Compiles `text` in the place of what was read.
    pub(super) fn compile(&self, text: String, loader: &dyn Loader) -> Compiled {
        self.compile_as(&self.name, text, loader)
    }

    /// Compiles what was read.
    pub(super) fn load(self) -> Loaded {
        self.load_at(None)
    }

    /// The same, for a tree that is served at another URL than the fleet file says.
    pub(super) fn load_at(mut self, url: Option<&ServerUrl>) -> Loaded {
        let loader = self.loader();
        let text = std::mem::take(&mut self.text);
        let compiled = compile_at(&self.name, text, &self.shown, &loader, &self.levels, url);
        Loaded { compiled, loader, format: self.format, levels: self.levels }
    }

    /// What reads the files beside it.
    pub(super) fn loader(&self) -> Disk {
        Disk::new(&self.folder).leaving(self.allow_outside)
    }

    /// Whether it came from standard input.
    pub(super) fn is_stdin(&self) -> bool {
        self.name == STDIN
    }
}

/// A compiled fleet, and where its files are.
pub(super) struct Loaded {
    pub(super) compiled: Compiled,
    pub(super) loader: Disk,
    pub(super) format: Format,
    pub(super) levels: Levels,
}

impl Input {
    /// Reads and compiles the fleet file.
    pub(super) fn load(&self, matches: &ArgMatches) -> Result<Loaded, Failure> {
        Ok(self.open(matches)?.load())
    }

    /// Reads the fleet file.
    pub(super) fn open(&self, matches: &ArgMatches) -> Result<Opened, Failure> {
        let format = Format::named(&self.format).ok_or_else(|| Failure::new("no such format"))?;
        open(self.file.as_deref(), &self.levels, format, matches)
    }
}

/// Reads a fleet file; without a name, the one in the current folder.
pub(super) fn open(
    file: Option<&Path>,
    levels: &LevelFlags,
    format: Format,
    matches: &ArgMatches,
) -> Result<Opened, Failure> {
    let allow_outside = levels.allow_outside;
    let levels = levels.read(matches)?;
    let (name, folder, text) = read(file)?;
    let shown = folder.to_str().ok_or_else(|| Failure::new("the path of the fleet file is not UTF-8"))?;
    let shown = shown.to_string();
    Ok(Opened { name, folder, text, format, shown, levels, allow_outside })
}

impl LevelFlags {
    /// The levels in the order of the flags: the last word on a rule holds.
    pub(super) fn read(&self, matches: &ArgMatches) -> Result<Levels, Failure> {
        let flags = [
            ("allow", &self.allow, Level::Allow),
            ("warn", &self.warn, Level::Warn),
            ("deny", &self.deny, Level::Error),
        ];
        let mut all: Vec<(usize, &str, Level)> = Vec::new();
        for (id, values, level) in flags {
            let places = matches.indices_of(id).into_iter().flatten();
            all.extend(places.zip(values).map(|(place, rule)| (place, rule.as_str(), level)));
        }
        all.sort_by_key(|(place, _, _)| *place);
        let mut levels = Levels::default();
        for (_, rule, level) in all {
            let result = levels.set(RULES, rule, level);
            result.map_err(|error| Failure::new(error.to_string()).help("`fleetc explain` lists the rules"))?;
        }
        Ok(levels)
    }
}

/// The name of the fleet file, its folder, its text.
fn read(named: Option<&Path>) -> Result<(String, PathBuf, String), Failure> {
    let path = match named {
        Some(path) if path.as_os_str() == "-" => {
            let text = text_of(&mut std::io::stdin().lock(), Path::new("standard input"))?;
            return Ok((STDIN.to_string(), PathBuf::new(), text));
        }
        Some(path) if path.is_dir() => path.join(FLEET_FILE),
        Some(path) => path.to_path_buf(),
        None => PathBuf::from(FLEET_FILE),
    };
    let mut file = std::fs::File::open(&path).map_err(|error| {
        let failure = Failure::new(format!("`{}` cannot be read: {}", path.display(), reason(&error)));
        match named {
            None => failure.help("name a fleet file, or write a first one with `fleetc init`"),
            Some(_) => failure,
        }
    })?;
    let text = text_of(&mut file, &path)?;
    let name = path.file_name().and_then(|name| name.to_str());
    let name = name.ok_or_else(|| Failure::new(format!("`{}` is no name of a file", path.display())))?;
    Ok((name.to_string(), path.parent().unwrap_or(Path::new("")).to_path_buf(), text))
}

fn text_of(reader: &mut dyn Read, path: &Path) -> Result<String, Failure> {
    utf8(bytes_of(reader, path)?, path)
}

/// All that a reader gives, within reason.
pub(super) fn bytes_of(reader: &mut dyn Read, path: &Path) -> Result<Vec<u8>, Failure> {
    let mut bytes = Vec::new();
    let read = reader.take(MAX_SOURCE_BYTES + 1).read_to_end(&mut bytes);
    read.map_err(|error| Failure::new(format!("`{}` cannot be read: {}", path.display(), reason(&error))))?;
    if bytes.len() as u64 > MAX_SOURCE_BYTES {
        return Err(Failure::new(format!("`{}` is larger than {} MiB", path.display(), MAX_SOURCE_BYTES >> 20)));
    }
    Ok(bytes)
}

/// The text of a file.
pub(super) fn utf8(bytes: Vec<u8>, path: &Path) -> Result<String, Failure> {
    String::from_utf8(bytes).map_err(|error| {
        let before = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = before.iter().filter(|byte| **byte == b'\n').count() + 1;
        Failure::new(format!("`{}` is not UTF-8 text (line {line})", path.display())).help("save it as UTF-8")
    })
}

/// What the system says of an error, without its number.
pub(super) fn reason(error: &std::io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

impl Loaded {
    /// What was found after compiling, with the levels that the user chose, without what a comment allows.
    pub(super) fn told(&self, sink: Sink) -> Report {
        Report::later(sink, &self.levels, &self.compiled.sources, RULES)
    }

    /// Shows the findings on standard output.
    pub(super) fn show(&self) -> Result<Outcome, Failure> {
        output::report(self.format, &self.compiled.report, &self.compiled.sources)?;
        Ok(if self.compiled.report.has_errors() { Outcome::Faults } else { Outcome::Fine })
    }
}

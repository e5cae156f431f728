//! The commands that are understood, read from their words.

use super::options::{Arguments, Known, Trouble};
use super::settings::{Word, is_free};

/// Words that a command may have, where iPXE sets no limit.
const MANY: usize = usize::MAX;

/// The options of a command that fetches.
const FETCH: &[Known] = &[("name", 'n', true), ("timeout", 't', true)];

/// The options of a command that fetches what is then started, or selected.
const IMAGE: &[Known] =
    &[("name", 'n', true), ("timeout", 't', true), ("replace", 'r', false), ("autofree", 'a', false)];

const PROMPT: &[Known] = &[("key", 'k', true), ("timeout", 't', true)];

/// A file to fetch, or one that was fetched under this name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Target {
    pub(super) url: String,
    /// The name that it gets; none for the last part of its URL.
    pub(super) name: Option<String>,
    /// The command line that it gets; none to leave it alone.
    pub(super) line: Option<String>,
}

/// A command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Command {
    /// It does nothing, successfully.
    Nothing,
    /// It fails, whatever the machine.
    Fails,
    /// It shows a text.
    Say {
        text: String,
        breaks: bool,
    },
    /// It gives a setting a value; an empty one clears it.
    Set {
        name: String,
        value: String,
    },
    /// It succeeds or not; none when only the machine knows.
    Test(Option<bool>),
    /// It asks for a key.
    Prompt(String),
    Goto(String),
    Exit {
        fails: bool,
    },
    /// It frees the images of these names; with none, all.
    Free(Vec<String>),
    /// It lists the images.
    List,
    /// It fetches an image.
    Fetch(Target),
    /// It fetches an image, and selects it for `boot`.
    Select(Target),
    /// It starts an image: the selected one without a target.
    Start {
        target: Option<Target>,
        replace: bool,
        autofree: bool,
    },
    /// It is not understood.
    Unknown,
}

impl Command {
    /// Reads a command from its words.
    pub(super) fn read(words: &[Word<'_>]) -> Command {
        let Some((name, arguments)) = words.split_first() else { return Command::Nothing };
        if name.open {
            return Command::Unknown;
        }
        match named(&name.text, arguments) {
            Ok(command) => command,
            Err(Trouble::Usage) => Command::Fails,
            // Also what looks like an option to it is no more than a failure.
            Err(Trouble::Open) if matches!(&*name.text, "isset" | "iseq") => Command::Test(None),
            Err(Trouble::Open) => Command::Unknown,
        }
    }
}

fn named(name: &str, words: &[Word<'_>]) -> Result<Command, Trouble> {
    let read = |known, min, max| Arguments::read(words, known, min, max);
    Ok(match name {
        "echo" => {
            let arguments = read(&[("n", 'n', false)], 0, MANY)?;
            Command::Say { text: arguments.joined(0), breaks: !arguments.has('n') }
        }
        "sleep" => match integer(&read(&[], 1, 1)?.rest[0]) {
            Some(Some(_)) => Command::Nothing,
            Some(None) => Command::Fails,
            None => Command::Unknown,
        },
        "isset" => {
            let arguments = read(&[], 1, 1)?;
            // Something around what only the machine knows is something.
            let word = &arguments.rest[0];
            Command::Test((!word.open).then(|| !word.text.is_empty()))
        }
        "iseq" => {
            let arguments = read(&[], 2, 2)?;
            Command::Test((!arguments.is_open()).then(|| arguments.rest[0].text == arguments.rest[1].text))
        }
        "goto" => known_word(&read(&[], 1, 1)?).map_or(Command::Unknown, Command::Goto),
        "exit" => match read(&[], 0, 1)?.rest {
            [] => Command::Exit { fails: false },
            [word, ..] => match integer(word) {
                Some(Some(number)) => Command::Exit { fails: number != 0 },
                Some(None) => Command::Fails,
                None => Command::Unknown,
            },
        },
        "prompt" => Command::Prompt(read(PROMPT, 0, MANY)?.joined(0)),
        "set" => setting(&read(&[], 1, MANY)?),
        "clear" => match known_word(&read(&[], 1, 1)?) {
            Some(name) if is_free(&name) => Command::Set { name, value: String::new() },
            _ => Command::Unknown,
        },
        "imgfree" => {
            let arguments = read(&[], 0, MANY)?;
            if arguments.is_open() {
                return Err(Trouble::Open);
            }
            Command::Free(arguments.rest.iter().map(|word| word.text.to_string()).collect())
        }
        "imgstat" => {
            read(&[], 0, 0)?;
            Command::List
        }
        "initrd" | "imgfetch" | "module" => target(&read(FETCH, 1, MANY)?)?.map_or(Command::Unknown, Command::Fetch),
        "kernel" | "imgselect" | "imgload" => {
            let arguments = read(IMAGE, 1, MANY)?;
            let plain = !arguments.has('a') && !arguments.has('r');
            target(&arguments)?.filter(|_| plain).map_or(Command::Unknown, Command::Select)
        }
        "chain" | "imgexec" | "boot" => {
            let arguments = read(IMAGE, 0, MANY)?;
            let target = target(&arguments)?;
            Command::Start { target, replace: arguments.has('r'), autofree: arguments.has('a') }
        }
        _ => Command::Unknown,
    })
}

fn setting(arguments: &Arguments<'_>) -> Command {
    let name = &arguments.rest[0];
    if arguments.is_open() || !is_free(&name.text) {
        return Command::Unknown;
    }
    Command::Set { name: name.text.to_string(), value: arguments.joined(1) }
}

/// The first word, unless only the machine knows it.
fn known_word(arguments: &Arguments<'_>) -> Option<String> {
    arguments.rest.first().filter(|word| !word.open).map(|word| word.text.to_string())
}

/// The target of a command that takes one; none without any words.
fn target(arguments: &Arguments<'_>) -> Result<Option<Target>, Trouble> {
    let Some(url) = arguments.rest.first() else { return Ok(None) };
    // What only the machine knows may stand in a command line, not in an address.
    if url.open {
        return Err(Trouble::Open);
    }
    let timed = arguments.value('t').is_none_or(|timeout| timeout.parse::<u32>().is_ok());
    if !timed || arguments.value('n') == Some("") {
        return Err(Trouble::Open);
    }
    Ok(Some(Target {
        url: url.text.to_string(),
        name: arguments.value('n').map(str::to_string),
        line: (arguments.rest.len() > 1).then(|| arguments.joined(1)),
    }))
}

/// A number as `strtoul` reads it; `Some(None)` for what is none, none for what is not known or out of reach.
fn integer(word: &Word<'_>) -> Option<Option<u32>> {
    let text = &*word.text;
    if word.open || text.is_empty() || text.len() > 9 {
        return None;
    }
    let (digits, base) = match (text.strip_prefix("0x"), text.strip_prefix('0')) {
        (Some(digits), _) => (digits, 16),
        (None, Some(digits)) if !digits.is_empty() => (digits, 8),
        _ => (text, 10),
    };
    // Signs and blanks are read too; nobody writes them.
    if digits.is_empty() || digits.starts_with(['+', '-']) {
        return None;
    }
    Some(u32::from_str_radix(digits, base).ok())
}

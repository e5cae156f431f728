//! What the scripts of a built tree say, read back: the scripts of this fleetc, and of others that write them alike.

use super::ipxe::{BY_ANOTHER_CARD, LOCAL, LOOK_UP};

/// How an entry sends a machine on to its own script.
const CHAIN: &str = "chain --replace ";

/// What an entry does with machines that are not listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unlisted {
    /// It shows them, and leaves their disks alone.
    Refused,
    /// It boots their disks.
    Local,
    /// It installs them.
    Installed,
}

/// The entry of a built tree.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// The lines that a listed machine executes, as [`super::Emission::entry_of_listed`] gives them.
    pub listed: String,
    /// The lines that others execute, as [`super::Emission::entry_of_unlisted`] gives them.
    pub unlisted: String,
    /// What becomes of them.
    pub unknown: Unlisted,
    /// Where the tree is served; empty when the entry does not say.
    pub server: String,
}

/// Reads the entry of a built tree.
pub fn entry(text: &str) -> Entry {
    let chain = |line: &&str| line.starts_with(CHAIN);
    let listed = |line: &&str| *line == LOOK_UP || *line == BY_ANOTHER_CARD || chain(line);
    let join = |lines: &mut dyn Iterator<Item = &str>| lines.flat_map(|line| [line, "\n"]).collect::<String>();
    Entry {
        listed: join(&mut text.lines().filter(listed)),
        unlisted: join(&mut text.lines().filter(|line| !is_card(line))),
        unknown: match text.lines().any(|line| line == LOOK_UP) {
            true => Unlisted::Installed,
            false if text.contains(LOCAL) => Unlisted::Local,
            false => Unlisted::Refused,
        },
        server: server(text).unwrap_or_default().to_string(),
    }
}

/// Where the tree of an entry is served: where it sends listed machines on to.
pub fn server(entry: &str) -> Option<&str> {
    let target = entry.lines().find_map(|line| line.trim().strip_prefix(CHAIN))?;
    target.split(' ').next()?.strip_suffix("/boot/${netX/mac:hexhyp}.ipxe")
}

/// The role that an answer of the service names.
pub fn role(answer: &[u8]) -> Option<String> {
    let answer: serde_json::Value = serde_json::from_slice(answer).ok()?;
    Some(answer.get("role")?.as_str()?.to_string())
}

/// Whether a line is the label of a card: `:52-54-00-00-00-01`.
fn is_card(line: &str) -> bool {
    line.strip_prefix(':').is_some_and(|label| {
        label.len() == 17
            && label.split('-').count() == 6
            && label.bytes().all(|byte| byte == b'-' || byte.is_ascii_hexdigit())
    })
}

/// The host that a boot script is for: its first comment says so.
pub fn host_of(script: &str) -> Option<&str> {
    let name = script.lines().nth(1)?.strip_prefix("# ")?.split_once(": ")?.0;
    name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-').then_some(name)
}

/// What a script loads and starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Loads {
    /// The kernel's URL.
    pub kernel: String,
    /// The initrd's URL.
    pub initrd: String,
    /// The arguments of the kernel, but for those that name the initrd and the configuration.
    pub arguments: Vec<String>,
    /// The kernel argument that names the configuration, like `isterconf=URL`.
    pub configuration: String,
}

/// What a script loads; none for one that installs nothing.
pub fn loads(script: &str) -> Option<Loads> {
    let words = |command: &str| {
        let line = script.lines().find(|line| line.split(' ').next() == Some(command))?;
        let words = line.split(' ').skip(1).take_while(|word| *word != "||");
        Some(words.map(str::to_string).collect::<Vec<_>>())
    };
    let mut kernel = words("kernel")?.into_iter();
    let url = kernel.next()?;
    let (own, arguments): (Vec<String>, Vec<String>) =
        kernel.partition(|word| word.starts_with("initrd=") || word.starts_with("isterconf="));
    Some(Loads {
        kernel: url,
        initrd: words("initrd").and_then(|words| words.into_iter().next_back()).unwrap_or_default(),
        arguments,
        configuration: own.into_iter().find(|word| word.starts_with("isterconf=")).unwrap_or_default(),
    })
}

//! Revisions of a git repository as sources: read from its objects by one `git cat-file`, without a checkout.
//!
//! Nothing is written, no hook runs, nothing is fetched: a clone without credentials and without network is enough.
#![allow(clippy::disallowed_methods)] // the second reading seam

use std::fmt;
use std::io::{self, BufRead, BufReader, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Mutex, MutexGuard};

use crate::source::{Loader, MAX_SOURCE_BYTES, OUTSIDE};

/// Files up to this size are read at once; larger ones as they are asked for.
const SMALL: u64 = 1 << 20;

/// Why git did not say what was asked.
#[derive(Debug)]
pub struct GitError {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl GitError {
    fn new(message: impl Into<String>) -> GitError {
        GitError { message: message.into(), help: None }
    }

    fn help(mut self, help: impl Into<String>) -> GitError {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for GitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for GitError {}

/// The git program, asked about the repository that holds a folder.
fn git(folder: &Path) -> Command {
    let mut command = Command::new("git");
    // Nothing that a repository's configuration names is run: no pager, no hooks, no file-system monitor.
    command.args(["--no-pager", "-c", "core.hooksPath=/dev/null", "-c", "core.fsmonitor=false", "-C"]).arg(folder);
    command.env("GIT_OPTIONAL_LOCKS", "0").env("GIT_TERMINAL_PROMPT", "0").env("GIT_NO_LAZY_FETCH", "1");
    command.env("GIT_PAGER", "cat").env("LC_ALL", "C").stdin(Stdio::null());
    command
}

fn cannot_run(error: &io::Error) -> GitError {
    match error.kind() {
        io::ErrorKind::NotFound => {
            GitError::new("there is no program `git`").help("install it, or compare with a built tree: `--base DIR`")
        }
        _ => GitError::new(format!("`git` cannot be run: {error}")),
    }
}

/// What git prints, without the line break at its end; or what it complains of.
fn ask(folder: &Path, arguments: &[&str]) -> Result<Result<String, String>, GitError> {
    let output = git(folder).args(arguments).output().map_err(|error| cannot_run(&error))?;
    let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).trim_end_matches('\n').to_string();
    Ok(if output.status.success() { Ok(text(&output.stdout)) } else { Err(text(&output.stderr)) })
}

/// A repository, as seen from a folder of its working tree.
#[derive(Debug)]
pub struct Repository {
    folder: PathBuf,
    /// The way from the top to the folder, with a slash at its end; empty for the top.
    prefix: String,
}

impl Repository {
    /// The repository that holds `folder`; the current folder when empty.
    ///
    /// # Errors
    /// When there is no git, or no repository that it will read.
    pub fn around(folder: &Path) -> Result<Repository, GitError> {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        match ask(folder, &["rev-parse", "--show-prefix"])? {
            Ok(prefix) => Ok(Repository { folder: folder.to_path_buf(), prefix }),
            Err(said) if said.contains("not a git repository") => {
                Err(GitError::new(format!("`{}` is in no git repository", folder.display()))
                    .help("compare with a built tree: `--base DIR`"))
            }
            Err(said) => Err(complaint("git cannot read the repository", &said)),
        }
    }

    /// The commit that a revision names.
    ///
    /// # Errors
    /// When it names none.
    pub fn commit(&self, revision: &str) -> Result<String, GitError> {
        let wanted = format!("{revision}^{{commit}}");
        match ask(&self.folder, &["rev-parse", "--verify", "--quiet", "--end-of-options", &wanted])? {
            Ok(commit) if !revision.is_empty() => Ok(commit),
            _ => {
                let unknown = GitError::new(format!("`{revision}` is no revision of this repository"));
                Err(unknown.help(if self.is_shallow()? {
                    "its history is cut short (a shallow clone): fetch the revision first, or clone with all history \
                     (`fetch-depth: 0` for actions/checkout)"
                } else {
                    "a branch, a tag or a commit, like `origin/main`; or the folder of a built tree"
                }))
            }
        }
    }

    /// The commit at which `HEAD` left `other`; without `other`, left the branch that it follows.
    ///
    /// # Errors
    /// When there is no such branch or commit.
    pub fn merge_base(&self, other: Option<&str>) -> Result<String, GitError> {
        let head = self.commit("HEAD").map_err(|_| {
            GitError::new("the repository has no commit yet").help("there is nothing to compare the fleet with")
        })?;
        let other = match other {
            Some(other) => self.commit(other)?,
            None => self.commit("@{upstream}").map_err(|_| {
                GitError::new("this branch follows no other, so there is nothing to compare it with")
                    .help("name what to compare with: `--base origin/main`")
            })?,
        };
        match ask(&self.folder, &["merge-base", &head, &other])? {
            Ok(commit) if !commit.is_empty() => Ok(commit),
            _ if self.is_shallow()? => Err(GitError::new(
                "the history is cut short (a shallow clone), and the common commit is not in it",
            )
            .help("clone with all history (`fetch-depth: 0` for actions/checkout), or name a commit: `--base REV`")),
            _ => Err(GitError::new("the two branches have no commit in common").help("name a commit: `--base REV`")),
        }
    }

    fn is_shallow(&self) -> Result<bool, GitError> {
        Ok(ask(&self.folder, &["rev-parse", "--is-shallow-repository"])? == Ok("true".to_string()))
    }

    /// The files of a commit, with names relative to the folder.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn files(&self, commit: &str) -> Result<Revision, GitError> {
        self.open(format!("{commit}:{}", self.prefix))
    }

    /// The files of a commit, with names relative to a folder given by its path from the top.
    ///
    /// # Errors
    /// When git cannot be started.
    pub fn files_below(&self, commit: &str, folder: &str) -> Result<Revision, GitError> {
        let slash = if folder.is_empty() { "" } else { "/" };
        self.open(format!("{commit}:{folder}{slash}"))
    }

    fn open(&self, root: String) -> Result<Revision, GitError> {
        let mut command = git(&self.folder);
        command.args(["cat-file", "--batch", "--follow-symlinks"]);
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null());
        let mut child = command.spawn().map_err(|error| cannot_run(&error))?;
        let pipes = child.stdin.take().zip(child.stdout.take());
        let (asks, answers) = pipes.ok_or_else(|| GitError::new("`git cat-file` has no pipes"))?;
        let process = Process { child, asks: Some(asks), answers: BufReader::with_capacity(1 << 16, answers) };
        Ok(Revision { process: Mutex::new(process), root })
    }
}

fn complaint(what: &str, said: &str) -> GitError {
    let mut lines = said.lines();
    let first = lines.next().unwrap_or_default().trim_start_matches("fatal: ");
    let error = GitError::new(format!("{what}: {first}"));
    // Git's own advice, like how to trust a folder that somebody else owns.
    let advice: Vec<&str> = lines.map(str::trim).filter(|line| !line.is_empty()).collect();
    if advice.is_empty() { error } else { error.help(advice.join(" ")) }
}

/// A running `git cat-file --batch`: one question a line, one answer each.
#[derive(Debug)]
struct Process {
    child: Child,
    asks: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl Drop for Process {
    fn drop(&mut self) {
        // Without questions to come, git ends.
        self.asks = None;
        let _ = self.child.wait();
    }
}

impl Process {
    /// Asks for an object; gives its kind and size, and leaves its bytes to be read.
    fn ask(&mut self, object: &str) -> io::Result<(String, u64)> {
        let gone = || io::Error::new(io::ErrorKind::BrokenPipe, "git has ended");
        let asks = self.asks.as_mut().ok_or_else(gone)?;
        asks.write_all(format!("{object}\n").as_bytes())?;
        asks.flush()?;
        let mut line = String::new();
        if self.answers.read_line(&mut line)? == 0 {
            return Err(gone());
        }
        let line = line.trim_end_matches('\n');
        if line.ends_with(" missing") {
            return Err(io::Error::new(io::ErrorKind::NotFound, "no such file"));
        }
        let words: Vec<&str> = line.split(' ').collect();
        let size = words.last().and_then(|size| size.parse::<u64>().ok());
        let size = size.ok_or_else(|| io::Error::other(format!("git answers `{line}`")))?;
        let kind = if words.len() == 3 { words[1] } else { words[0] };
        Ok((kind.to_string(), size))
    }

    /// Reads the rest of an answer without keeping it.
    fn skip(&mut self, bytes: u64) -> io::Result<()> {
        let skipped = io::copy(&mut (&mut self.answers).take(bytes), &mut io::sink())?;
        if skipped == bytes { Ok(()) } else { Err(io::ErrorKind::UnexpectedEof.into()) }
    }
}

/// The files of a commit.
#[derive(Debug)]
pub struct Revision {
    process: Mutex<Process>,
    /// What to put before a name: `COMMIT:FOLDER/`.
    root: String,
}

impl Revision {
    /// Whether the commit has a file of this name.
    ///
    /// # Errors
    /// When git does not answer.
    pub fn has(&self, name: &str) -> io::Result<bool> {
        match self.open(name) {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(error) => Err(error),
        }
    }
}

impl Loader for Revision {
    fn open(&self, name: &str) -> io::Result<Box<dyn Read + '_>> {
        let name = name.strip_prefix("./").unwrap_or(name);
        if name.split('/').any(|part| matches!(part, "" | "." | "..")) || name.contains(['\n', '\0']) {
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, OUTSIDE));
        }
        let mut process = self.process.lock().unwrap_or_else(|poisoned| poisoned.into_inner());
        let (kind, size) = process.ask(&format!("{}{name}", self.root))?;
        if kind != "blob" || size <= SMALL {
            let mut bytes = Vec::new();
            (&mut process.answers).take(size).read_to_end(&mut bytes)?;
            process.skip(1 + size - bytes.len() as u64)?;
            return match kind.as_str() {
                "blob" => Ok(Box::new(io::Cursor::new(bytes))),
                "tree" => Err(io::Error::new(io::ErrorKind::IsADirectory, "is a folder")),
                "dangling" => Err(io::Error::new(io::ErrorKind::NotFound, "no such file")),
                "symlink" => Err(io::Error::new(
                    io::ErrorKind::PermissionDenied,
                    "is a symbolic link that leads out of the repository",
                )),
                _ => Err(io::Error::new(io::ErrorKind::InvalidInput, "is no regular file")),
            };
        }
        Ok(Box::new(Streamed { process, left: size }))
    }

    fn siblings(&self, name: &str) -> Vec<String> {
        let folder = name.rfind('/').map_or("", |slash| &name[..slash]);
        let prefix = if folder.is_empty() { String::new() } else { format!("{folder}/") };
        // Whoever reads a large file holds the process; a suggestion can wait for ever.
        let Ok(mut process) = self.process.try_lock() else { return Vec::new() };
        let root = self.root.trim_end_matches('/');
        let slash = if folder.is_empty() || root.ends_with(':') { "" } else { "/" };
        let Ok((kind, size)) = process.ask(&format!("{root}{slash}{folder}")) else { return Vec::new() };
        let mut bytes = Vec::new();
        let read = (&mut process.answers).take(size.min(MAX_SOURCE_BYTES)).read_to_end(&mut bytes);
        if read.is_err() || process.skip(1 + size - bytes.len() as u64).is_err() || kind != "tree" {
            return Vec::new();
        }
        tree_names(&bytes).map(|name| format!("{prefix}{name}")).take(1000).collect()
    }
}

/// The names in a tree object: `MODE NAME\0`, then the bytes of an object's id.
fn tree_names(tree: &[u8]) -> impl Iterator<Item = &str> {
    // An id has 20 bytes, or 32 in repositories with SHA-256: only one of them ends with the last entry.
    let id = [20, 32].into_iter().find(|id| ends_whole(tree, *id)).unwrap_or(20);
    let mut rest = tree;
    std::iter::from_fn(move || {
        let blank = rest.iter().position(|byte| *byte == b' ')?;
        let end = rest.iter().position(|byte| *byte == 0)?;
        let name = rest.get(blank + 1..end)?;
        rest = rest.get(end + 1 + id..).unwrap_or(&[]);
        Some(name)
    })
    .filter_map(|name| std::str::from_utf8(name).ok())
}

fn ends_whole(mut tree: &[u8], id: usize) -> bool {
    while !tree.is_empty() {
        let Some(end) = tree.iter().position(|byte| *byte == 0) else { return false };
        let whole = tree[..end].iter().take(6).all(|byte| byte.is_ascii_digit() || *byte == b' ');
        match tree.get(end + 1 + id..) {
            Some(rest) if whole => tree = rest,
            _ => return false,
        }
    }
    true
}

/// A large file, read from git as it is asked for.
struct Streamed<'p> {
    process: MutexGuard<'p, Process>,
    left: u64,
}

impl Read for Streamed<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let most = buffer.len().min(usize::try_from(self.left).unwrap_or(usize::MAX));
        let read = self.process.answers.read(&mut buffer[..most])?;
        if read == 0 && most > 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        self.left -= read as u64;
        Ok(read)
    }
}

impl Drop for Streamed<'_> {
    fn drop(&mut self) {
        // What was not read stands before the next answer.
        let left = self.left + 1;
        if self.process.skip(left).is_err() {
            self.process.asks = None;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::tree_names;

    #[test]
    fn names_in_trees_are_read_with_ids_of_either_length() {
        for length in [20, 32] {
            let id = vec![0xa5; length];
            let tree = [b"100644 fleet.yaml\0".as_slice(), &id, b"40000 roles\0", &id].concat();
            assert_eq!(tree_names(&tree).collect::<Vec<_>>(), ["fleet.yaml", "roles"]);
        }
        assert_eq!(tree_names(b"").count(), 0);
    }
}

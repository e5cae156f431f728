//! Why a tree was not published.
#![allow(clippy::disallowed_methods)]

use std::fmt;
use std::io;
use std::path::PathBuf;

/// Why a tree was not published. What was served before is served still, whichever it is.
#[derive(Debug)]
pub enum PublishError {
    /// The output path is not a folder that can be published into.
    Out {
        /// The output path, as it was given.
        path: PathBuf,
        /// What is the matter with it, and what to do.
        why: &'static str,
    },
    /// The output folder holds files, and no list of fleetc's that says which of them are fleetc's.
    NotOurs {
        /// The output folder, as it was given.
        path: PathBuf,
        /// What is the matter with its manifest.
        why: String,
    },
    /// The output folder, or a folder inside it, is a mount point, which cannot be exchanged with another folder.
    Mount {
        /// The mount point.
        path: PathBuf,
        /// Whether it is the output folder itself.
        out: bool,
    },
    /// Something that fleetc did not write stands where the new tree needs a file or a folder.
    Taken {
        /// What stands there.
        path: PathBuf,
    },
    /// What an earlier build left beside the output folder cannot be cleared without losing something.
    Leftover {
        /// What cannot be cleared.
        path: PathBuf,
        /// Why, and what to do.
        why: String,
    },
    /// A source file that is copied into the tree cannot be read.
    Source {
        /// Its name, relative to the folder of the fleet file.
        name: String,
        /// What went wrong.
        error: io::Error,
    },
    /// A source file held other bytes when it was read again.
    Changed {
        /// Its name, relative to the folder of the fleet file.
        name: String,
    },
    /// The tree is not right, as it said itself once all its files were made ([`Tree::is_right`]).
    ///
    /// [`Tree::is_right`]: crate::tree::Tree::is_right
    Refused,
    /// The tree contradicts itself: a fault of fleetc.
    Tree {
        /// The path in the tree.
        path: String,
        /// What is the matter with it.
        why: &'static str,
    },
    /// The file system refused.
    Io {
        /// What was tried: a verb, `write` or `list`.
        what: &'static str,
        /// Where.
        path: PathBuf,
        /// What it said.
        error: io::Error,
    },
}

impl fmt::Display for PublishError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            PublishError::Out { path, why } => write!(f, "`{}` {why}", path.display()),
            PublishError::NotOurs { path, why } => {
                write!(f, "`{}` is not empty and was not written by fleetc ({why}): ", path.display())?;
                f.write_str("choose an empty or a new folder")
            }
            PublishError::Mount { path, out: true } => {
                let path = path.display();
                write!(f, "`{path}` is a mount point or a layer below one, and cannot be exchanged: ")?;
                write!(f, "build into a folder inside it, such as `{path}/tree`")
            }
            PublishError::Mount { path, out: false } => {
                let path = path.display();
                write!(f, "`{path}` is a mount point inside the output folder and cannot be carried over: ")?;
                f.write_str("mount it elsewhere and put a symlink here")
            }
            PublishError::Taken { path } => {
                write!(f, "`{}` was not written by fleetc, and the new tree needs its place: ", path.display())?;
                f.write_str("move it away and build again")
            }
            PublishError::Leftover { path, why } => write!(f, "`{}` {why}", path.display()),
            PublishError::Source { name, error } => {
                write!(f, "cannot read `{name}`: {error}: make it readable and build again")
            }
            PublishError::Changed { name } => {
                write!(f, "`{name}` changed while it was copied: build again when it is complete")
            }
            PublishError::Refused => f.write_str("a file of the tree is not right: nothing was published"),
            PublishError::Tree { path, why } => {
                write!(f, "the tree has `{path}` {why}, which is a fault of fleetc: please report it")
            }
            PublishError::Io { what: "lock", path, error } => {
                write!(f, "cannot lock `{}`: {error}: choose a folder on a local file system", path.display())
            }
            PublishError::Io { what, path, error } => {
                write!(f, "cannot {what} `{}`: {error}", path.display())?;
                f.write_str(advice(error.kind()))
            }
        }
    }
}

impl std::error::Error for PublishError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            PublishError::Source { error, .. } | PublishError::Io { error, .. } => Some(error),
            _ => None,
        }
    }
}

/// What to do about a refusal of the file system.
fn advice(kind: io::ErrorKind) -> &'static str {
    match kind {
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded => {
            ": free space for a second copy of what changes, and build again"
        }
        io::ErrorKind::PermissionDenied => {
            ": build as the user who owns the output folder and the folder that holds it"
        }
        io::ErrorKind::ReadOnlyFilesystem => ": choose a folder on a file system that can be written",
        io::ErrorKind::FileTooLarge => ": share the hosts out between several fleet files",
        io::ErrorKind::Unsupported => ": choose a folder on a local file system",
        _ => ": what was served before is unchanged; build again when this is mended",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::error::Error;

    #[test]
    fn messages_are_house_style_and_say_what_to_do() {
        let io = || io::Error::from(io::ErrorKind::StorageFull);
        let all = [
            PublishError::Out { path: "out".into(), why: "is a file: choose a folder" },
            PublishError::NotOurs { path: "out".into(), why: "it has no `manifest.json`".into() },
            PublishError::Mount { path: "out".into(), out: true },
            PublishError::Mount { path: "out/x".into(), out: false },
            PublishError::Taken { path: "out/boot".into() },
            PublishError::Leftover { path: ".out.fleetc-new".into(), why: "is a file: remove it".into() },
            PublishError::Source { name: "a.tar".into(), error: io() },
            PublishError::Changed { name: "a.tar".into() },
            PublishError::Tree { path: "a".into(), why: "twice" },
            PublishError::Io { what: "write", path: "out/a".into(), error: io() },
        ];
        for error in all {
            let text = error.to_string();
            assert!(text.contains('`') && text.contains(": ") && !text.ends_with('.'), "{text}");
            assert!(text.starts_with(|first: char| first.is_lowercase() || first == '`'), "{text}");
            let has_source = matches!(error, PublishError::Source { .. } | PublishError::Io { .. });
            assert_eq!(error.source().is_some(), has_source, "{text}");
        }
    }
}

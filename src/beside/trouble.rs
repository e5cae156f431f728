//! Why a server's configuration cannot be written.

/// Why a configuration cannot be written, and what to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trouble {
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub help: String,
}

impl Trouble {
    pub(super) fn new(message: impl Into<String>, help: impl Into<String>) -> Trouble {
        Trouble { message: message.into(), help: help.into() }
    }
}

/// Holds an absolute path to what every server can be told: no control character can end a line of it.
pub(super) fn path<'p>(path: &'p str, option: &str) -> Result<&'p str, Trouble> {
    if !path.starts_with('/') {
        let help = format!("write `{option} /{path}`, or whatever the whole path is on the server");
        return Err(Trouble::new(format!("`{path}` is no absolute path"), help));
    }
    if path.contains(|c: char| c.is_control()) {
        return Err(Trouble::new(format!("{path:?} has a control character"), format!("give `{option}` another path")));
    }
    let trimmed = path.trim_end_matches('/');
    Ok(if trimmed.is_empty() { "/" } else { trimmed })
}

//! Why an image gives no boot files.

use std::fmt;
use std::io;

/// What is wrong with an image, and what to do. Nothing was written.
#[derive(Debug)]
pub struct ImageError {
    /// What is wrong.
    pub message: String,
    /// What to do, where there is something.
    pub help: Option<String>,
}

impl ImageError {
    pub(super) fn new(message: impl Into<String>) -> ImageError {
        ImageError { message: message.into(), help: None }
    }

    pub(super) fn help(mut self, help: impl Into<String>) -> ImageError {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for ImageError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)
    }
}

impl std::error::Error for ImageError {}

/// Makes an error of what went wrong with something, like `the partition table cannot be read`.
pub(super) fn failed(what: impl fmt::Display) -> impl FnOnce(io::Error) -> ImageError {
    move |error| match error.kind() {
        io::ErrorKind::UnexpectedEof => ImageError::new(format!("{what}: it ends too early")).help(CUT_SHORT),
        _ => ImageError::new(format!("{what}: {}", reason(&error))),
    }
}

/// What the system says of an error, without its number.
pub(super) fn reason(error: &io::Error) -> String {
    let text = error.to_string();
    text.split(" (os error").next().unwrap_or_default().to_lowercase()
}

/// What to do about a file that is not whole.
pub(super) const CUT_SHORT: &str =
    "the file is damaged or cut short: copy or download it again, and compare its digest";

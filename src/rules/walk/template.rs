//! What decides of the walk in a template. It is JSON to the installer, and read as that.
//!
//! The templates of a role begin alike, before the name of the host: what was read there once is not read again.

use std::sync::OnceLock;

use memchr::memmem;
use serde::Deserialize;

use crate::model::RoleId;

/// Where the name begins, behind other keys.
const NAME: &[u8] = b",\n  \"Hostname\":";

/// What decides of the walk in a template.
#[derive(Debug, PartialEq, Eq, Deserialize)]
pub(super) struct Template {
    #[serde(rename = "Hostname")]
    pub(super) hostname: Option<String>,
    #[serde(rename = "IsterCloudInitSvc")]
    pub(super) service: Option<String>,
}

impl Template {
    pub(super) fn read(bytes: &[u8]) -> Result<Template, serde_json::Error> {
        serde_json::from_slice(bytes)
    }
}

/// By role: how a template of one of its hosts begins, up to the name. These are whole keys and values, none of which
/// decides of the walk.
pub(super) struct Beginnings(Vec<OnceLock<Vec<u8>>>);

impl Beginnings {
    /// None is known yet.
    pub(super) fn new(roles: usize) -> Beginnings {
        Beginnings((0..roles).map(|_| OnceLock::new()).collect())
    }

    /// Reads the template of a host of a role.
    pub(super) fn read(&self, role: RoleId, bytes: &[u8]) -> Result<Template, serde_json::Error> {
        let known = &self.0[role.0 as usize];
        let rest = known.get().and_then(|beginning| bytes.strip_prefix(&**beginning));
        // An object that begins with the name has the other keys behind it, and is JSON if the whole is.
        let rest = rest.filter(|rest| rest.starts_with(NAME)).map(|rest| [b"{", &rest[1..]].concat());
        if let Some(template) = rest.and_then(|rest| Template::read(&rest).ok()) {
            return Ok(template);
        }
        let template = Template::read(bytes)?;
        if known.get().is_none()
            && let Some(beginning) = beginning(bytes)
        {
            // Another thread may have been faster.
            let _ = known.set(beginning.to_vec());
        }
        Ok(template)
    }
}

/// How a template begins that was read.
fn beginning(bytes: &[u8]) -> Option<&[u8]> {
    let beginning = &bytes[..memmem::find(bytes, NAME)?];
    let alone = Template::read(&[beginning, b"}"].concat()).ok()?;
    (alone == Template { hostname: None, service: None }).then_some(beginning)
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;

    const FIRST: &str =
        "{\n  \"A\": [1, {\n  \"a\": 2,\n  \"b\": \"c\"\n}],\n  \"Hostname\": \"node-1\",\n  \"B\": {}\n}\n";
    const OTHER: &str = "{\n  \"A\": [1, {\n  \"a\": 2,\n  \"b\": \"c\"\n}],\n  \"Hostname\": \"n\",\n  \"IsterCloudInitSvc\": \"u\"\n}\n";

    /// What is made of a template behind another one; none for what is no template.
    fn behind(first: &str, bytes: &[u8]) -> (bool, Option<Template>) {
        let beginnings = Beginnings::new(1);
        let _ = beginnings.read(RoleId(0), first.as_bytes());
        (beginnings.0[0].get().is_some(), beginnings.read(RoleId(0), bytes).ok())
    }

    #[test]
    fn whatever_was_read_before_a_template_is_read_as_it_stands() {
        let other = Template { hostname: Some("n".to_string()), service: Some("u".to_string()) };
        assert_eq!(behind(FIRST, OTHER.as_bytes()), (true, Some(other)));
        for at in 0..OTHER.len() {
            for byte in *b"\"{}[],: n1" {
                let mut changed = OTHER.as_bytes().to_vec();
                changed[at] = byte;
                let [cut, longer] = [&OTHER.as_bytes()[..at], &[&changed[..at], &[byte], &changed[at..]].concat()];
                for bytes in [&changed, cut, longer] {
                    let shown = String::from_utf8_lossy(bytes);
                    assert_eq!(behind(FIRST, bytes).1, Template::read(bytes).ok(), "{shown}");
                }
            }
        }
    }

    #[test]
    fn what_decides_or_is_not_whole_is_no_beginning() {
        for first in [
            "{,\n  \"Hostname\": \"a\"}",
            "{\"IsterCloudInitSvc\": \"u\",\n  \"Hostname\": \"a\"}",
            "{\"A\": {\"a\": 1,\n  \"Hostname\": \"a\"}}",
            "{\"Hostname\": \"a\"}",
        ] {
            assert!(!behind(first, b"").0, "{first}");
        }
    }
}

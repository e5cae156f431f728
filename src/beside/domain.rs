//! The domain of a network, where it leaves the fleet file for programs that resolve names.

use super::trouble::Trouble;
use crate::model::Network;

/// The longest label of a name, in bytes (RFC 1035, 2.3.4).
pub(super) const MAX_LABEL: usize = 63;

/// The domain of a network. In the fleet file it is any line, for templates.
pub(super) fn domain(network: &Network) -> Result<Option<&str>, Trouble> {
    let Some(domain) = &network.domain else { return Ok(None) };
    let label = |label: &str| {
        let plain = label.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        plain && !label.is_empty() && label.len() <= MAX_LABEL && !label.starts_with('-') && !label.ends_with('-')
    };
    if !domain.value.split('.').all(label) || domain.value.len() > 253 {
        let message =
            format!("the domain of network `{}` is no domain name: {:?}", network.name.as_str(), domain.value);
        return Err(Trouble::new(message, "letters, digits and hyphens between dots, like `rack1.example`"));
    }
    Ok(Some(&domain.value))
}

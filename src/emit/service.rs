//! The service's answers: which role a network card's machine has.

/// The answer to a network card, or to `default`: byte for byte what the service answered (contract X-17, S-2, S-6).
pub(super) fn config(mac: &str, role: &str) -> Vec<u8> {
    format!("{{\"mac_addr\":{},\"role\":{}}}\n", json_text(mac), json_text(role)).into_bytes()
}

/// The answer for machines that are not listed.
pub fn default_answer(role: &str) -> Vec<u8> {
    config("default", role)
}

/// A text as JSON.
fn json_text(text: &str) -> serde_json::Value {
    serde_json::Value::from(text)
}

#[cfg(test)]
mod tests {
    use super::config;

    #[test]
    fn answers_as_the_service_did() {
        // contract X-17, I-19, S-5: made from a name that was read, and so a text that is not empty; compact JSON, `mac_addr` then `role`, a final newline
        assert_eq!(
            config("52:54:00:00:00:01", "compute"),
            b"{\"mac_addr\":\"52:54:00:00:00:01\",\"role\":\"compute\"}\n"
        );
    }
}

//! The service's answers: which role a network card's machine has.

/// The answer to a network card, or to `default`: byte for byte what the service answered (contract X-17, S-2, S-6).
pub(super) fn config(mac: &str, role: &str) -> Vec<u8> {
    let mut answer = Vec::with_capacity(128);
    answer.extend_from_slice(b"{\"mac_addr\":");
    json_text(&mut answer, mac);
    answer.extend_from_slice(b",\"role\":");
    json_text(&mut answer, role);
    answer.extend_from_slice(b"}\n");
    answer
}

/// The answer for machines that are not listed.
pub fn default_answer(role: &str) -> Vec<u8> {
    config("default", role)
}

/// Adds a text as JSON.
fn json_text(json: &mut Vec<u8>, text: &str) {
    serde_json::to_writer(json, text).unwrap_or_else(|error| unreachable!("a text in memory: {error}"));
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

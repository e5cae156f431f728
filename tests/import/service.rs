//! A model of the service, from what is written down of it (contract S-2 to S-7, X-17) and from nothing in fleetc.

use std::collections::BTreeMap;

use crate::server::Answer;

/// The service: its `config.txt` and its roles.
pub struct Service<'s> {
    pub config: &'s str,
    pub roles: BTreeMap<String, String>,
}

/// What the service is asked with: letters, digits and signs that mean themselves in a regular expression, as the
/// installer asks. Of others nobody knows what they match.
fn is_literal(request: &str) -> bool {
    !request.is_empty() && request.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b':' || byte == b'-')
}

fn found(status: u16, kind: &str, body: String) -> Answer {
    Answer { status, kind: kind.to_string(), body: body.into_bytes() }
}

impl Service<'_> {
    /// The lines, as Python reads a text: every line break ends one.
    fn lines(&self) -> Vec<String> {
        let text = self.config.replace("\r\n", "\n").replace('\r', "\n");
        text.split_inclusive('\n').map(str::to_string).collect()
    }

    /// `get_config/<mac>`.
    pub fn config(&self, request: &str) -> Answer {
        assert!(is_literal(request), "{request}");
        let lines = self.lines();
        // S-3: the first line that begins with the request; S-6: else the last that begins with `default`.
        let first = lines.iter().find(|line| line.starts_with(request));
        let Some(line) = first.or_else(|| lines.iter().rfind(|line| line.starts_with("default"))) else {
            return found(200, "text/html", format!("No config info for {request}"));
        };
        // S-5: only the right end of the line is trimmed; the fields lie between commas.
        let fields: Vec<&str> = line.trim_end().split(',').collect();
        match fields.as_slice() {
            [mac, role, ..] => {
                let body = serde_json::json!({ "mac_addr": mac, "role": role });
                found(200, "application/json", format!("{body}\n"))
            }
            _ => found(500, "text/html", String::new()),
        }
    }

    /// `get_role/<role>`.
    pub fn role(&self, role: &str) -> Answer {
        match self.roles.get(role) {
            Some(text) => found(200, "text/html; charset=utf-8", text.replace("\r\n", "\n").replace('\r', "\n")),
            None => found(404, "text/html", String::new()),
        }
    }

    /// The role that the installer gets for a card, and its text: what I-18 to I-21 make of the answers. None when it
    /// gets none, an error when it stops.
    pub fn installed_with(&self, mac: &str) -> Result<Option<(String, String)>, String> {
        let answer = self.config(mac);
        if answer.status != 200 {
            return Ok(None);
        }
        let value: serde_json::Value = serde_json::from_slice(&answer.body).map_err(|_| "no JSON".to_string())?;
        let role = value["role"].as_str().unwrap_or_default();
        if role.is_empty() {
            return Ok(None);
        }
        if role.contains(|c: char| c == ' ' || c.is_control() || !c.is_ascii()) {
            return Err(format!("the role {role:?} is no part of a URL"));
        }
        let text = self.role(role);
        if text.status != 200 {
            return Err(format!("no role {role:?}"));
        }
        Ok(Some((role.to_string(), String::from_utf8(text.body).unwrap())))
    }
}

#[test]
fn the_model_answers_as_written_down() {
    let roles = BTreeMap::from([("compute".to_string(), "a\r\nb\n".to_string())]);
    let service =
        Service { config: "#MAC,role\ndefault,a\n52:54:00:00:00:01,compute\nx, b \ny\ndefault,compute,z\n", roles };
    let body = |request: &str| String::from_utf8(service.config(request).body).unwrap();
    assert_eq!(body("52:54:00:00:00:01"), "{\"mac_addr\":\"52:54:00:00:00:01\",\"role\":\"compute\"}\n");
    assert_eq!(body("52:54"), "{\"mac_addr\":\"52:54:00:00:00:01\",\"role\":\"compute\"}\n");
    assert_eq!(body("52:54:00:00:00:02"), "{\"mac_addr\":\"default\",\"role\":\"compute\"}\n");
    assert_eq!(body("default"), "{\"mac_addr\":\"default\",\"role\":\"a\"}\n");
    assert_eq!(body("x"), "{\"mac_addr\":\"x\",\"role\":\" b\"}\n");
    assert_eq!(service.config("y").status, 500);
    assert_eq!((service.role("compute").body.as_slice(), service.role("a").status), (&b"a\nb\n"[..], 404));
    assert_eq!(service.installed_with("y"), Ok(None));
    assert!(service.installed_with("x").is_err());
    let none = Service { config: "", roles: BTreeMap::new() };
    assert_eq!((none.config("a").status, none.config("a").kind.as_str()), (200, "text/html"));
}

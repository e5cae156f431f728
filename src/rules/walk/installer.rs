//! What the installer asks for once its kernel runs: it is all there, and names what it should.

use std::borrow::Cow;
use std::sync::Arc;

use serde::Deserialize;

use super::template::Template;
use super::verdict::Judge;
use crate::model::{Host, RoleId, own_role_name};

/// The service's answer.
#[derive(Deserialize)]
struct Answer<'t> {
    #[serde(borrow)]
    role: Cow<'t, str>,
}

/// Follows the installer of a host.
pub(super) fn host(judge: &Judge<'_>, host: &Host) -> Result<(), String> {
    let id = host.role.value;
    let role = judge.fleet.role(id);
    let (url, template) = template(judge, &judge.conf(Some(host)))?;
    // That of a host with settings of its own begins as no other.
    let alike = Arc::ptr_eq(&host.settings, &role.settings);
    let template = if alike { judge.beginnings.read(id, &template) } else { Template::read(&template) };
    let template = template.map_err(|error| unread(&url, error))?;
    if template.hostname.as_deref() != Some(host.name.as_str()) {
        return Err(format!("its template is that of {:?}", template.hostname.unwrap_or_default()));
    }
    let Some(service) = template.service else {
        let text = judge.fleet.text_of(host).is_some();
        return if text { Err("its template names no service for its role text".to_string()) } else { Ok(()) };
    };
    // contract I-13
    if !service.ends_with('/') {
        return Err(format!("the service `{service}` has no slash at its end"));
    }
    let is_its = |answer: &str| answer == role.name.as_str() || answer == own_role_name(&role.name, &host.name);
    for mac in &host.macs {
        // contract I-17 to I-21
        let url = [&*service, "get_config/", &mac.colons()].concat();
        let answer = get(judge, &url)?;
        let answer: Answer<'_> = serde_json::from_slice(&answer).map_err(|error| unread(&url, error))?;
        if !is_its(&answer.role) {
            return Err(format!("`{url}` gives it the role `{}`", answer.role));
        }
        text(judge, &[&*service, "get_role/", &*answer.role].concat())?;
    }
    Ok(())
}

/// Follows the installer of a machine that is not listed: a hook fetches its role text, and no service is asked.
pub(super) fn unlisted(judge: &Judge<'_>, role: RoleId) -> Result<(), String> {
    let (url, template) = template(judge, &judge.conf(None))?;
    let template = Template::read(&template).map_err(|error| unread(&url, error))?;
    if template.hostname.is_some() || template.service.is_some() {
        return Err("its template is that of a listed machine".to_string());
    }
    let role = judge.fleet.role(role);
    let url = [&*judge.served.ground.service, "get_role/", role.name.as_str()].concat();
    if role.text.is_some() { text(judge, &url) } else { Ok(()) }
}

/// The template that a configuration names: its URL, and its bytes.
fn template<'j>(judge: &Judge<'j>, conf: &str) -> Result<(String, Cow<'j, [u8]>), String> {
    let bytes = get(judge, conf)?;
    // contract I-6: one line, `template=`, a URL.
    let url = std::str::from_utf8(&bytes).ok().and_then(|text| text.strip_prefix("template=")?.strip_suffix('\n'));
    let url = url.filter(|url| url.bytes().all(|byte| byte.is_ascii_graphic() && byte != b'='));
    let url = url.ok_or_else(|| format!("`{conf}` does not name a template"))?.to_string();
    let template = get(judge, &url)?;
    Ok((url, template))
}

fn get<'j>(judge: &Judge<'j>, url: &str) -> Result<Cow<'j, [u8]>, String> {
    judge.served.bytes(url).ok_or_else(|| format!("`{url}` is not in the tree"))
}

/// A role text: whatever it says, it is there (contract I-21).
fn text(judge: &Judge<'_>, url: &str) -> Result<(), String> {
    if judge.served.has(url) { Ok(()) } else { Err(format!("`{url}` is not in the tree")) }
}

fn unread(url: &str, error: serde_json::Error) -> String {
    format!("`{url}` cannot be read: {error}")
}

//! The installer's part of the walk: what it asks for once its kernel runs, by contract 1.1, 1.2 and I-11 to I-21.
#![allow(dead_code)]

use serde_json::Value;

use crate::ipxe::Boot;

/// What the installer has when it begins to write the disk, and when it is done with the role.
#[derive(Clone, Debug)]
pub struct Installation {
    pub template: Value,
    /// The name of the role that the service gave, and its text.
    pub role: Option<(String, Vec<u8>)>,
    /// Every URL that was asked for, in order.
    pub fetched: Vec<String>,
}

/// Follows a kernel's command line to the role, for a machine that reports `mac`.
///
/// # Errors
/// The rule of the contract by which the installer stops, or leaves the machine without its role.
pub fn install(boot: &Boot, mac: &str, get: &mut dyn FnMut(&str) -> Option<Vec<u8>>) -> Result<Installation, String> {
    let mut fetched = Vec::new();
    let mut fetch = |url: &str| {
        fetched.push(url.to_string());
        get(url)
    };
    check_images(boot)?;

    let conf_url = argument(&boot.line, "isterconf=")?;
    let conf = fetch(&conf_url).ok_or_else(|| format!("I-5: {conf_url} is not there"))?;
    let template_url = template_url(&conf)?;
    let bytes = fetch(&template_url).ok_or_else(|| format!("I-8: {template_url} is not there"))?;
    let template: Value = serde_json::from_slice(&bytes).map_err(|error| format!("I-9: {error}"))?;
    if !template.is_object() {
        return Err("I-9: the template is no object".to_string());
    }

    let service = match template.get("IsterCloudInitSvc") {
        None => return Ok(Installation { template, role: None, fetched }),
        Some(Value::String(service)) => service,
        Some(other) => return Err(format!("I-12: {other}")),
    };
    if !service.ends_with('/') || !service.starts_with("http://") {
        return Err(format!("I-13, I-14: {service}"));
    }
    let config_url = format!("{service}get_config/{mac}");
    let config = fetch(&config_url).ok_or_else(|| format!("I-18: {config_url} is not there: no role, in silence"))?;
    let config: Value = serde_json::from_slice(&config).map_err(|error| format!("I-18: {error}"))?;
    let object = config.as_object().ok_or("I-18: no object")?;
    if object.keys().map(String::as_str).collect::<Vec<_>>() != ["mac_addr", "role"] || object["mac_addr"] != mac {
        return Err(format!("S-2: {config}"));
    }
    let role = config["role"].as_str().filter(|role| !role.is_empty()).ok_or("I-19: no role")?.to_string();
    if role.bytes().any(|byte| !byte.is_ascii_alphanumeric() && !b"._-".contains(&byte)) {
        return Err(format!("I-20: {role}"));
    }
    let role_url = format!("{service}get_role/{role}");
    let text = fetch(&role_url).ok_or_else(|| format!("I-21: {role_url} is not there: the installation fails late"))?;
    if !text.starts_with(b"#cloud-config\n") && !text.starts_with(b"#!/") {
        return Err(format!("U-6: {role_url} is no role text"));
    }
    Ok(Installation { template, role: Some((role, text)), fetched })
}

/// The kernel finds its initrd, the only other image, by name (contract ).
fn check_images(boot: &Boot) -> Result<(), String> {
    let [(name, _)] = &boot.images[..] else {
        return Err(format!("X-3: {} images beside the kernel", boot.images.len()));
    };
    let wanted = argument(&boot.line, "initrd=")?;
    if wanted == *name { Ok(()) } else { Err(format!("X-10: initrd={wanted}, but the image is {name}")) }
}

/// The value of the one argument of a name: what lies between the first and the second `=` (contract I-1, I-2).
fn argument(line: &str, name: &str) -> Result<String, String> {
    let found: Vec<&str> = line.split_ascii_whitespace().filter(|word| word.starts_with(name)).collect();
    match found[..] {
        [word] => {
            let value = word.split('=').nth(1).unwrap_or_default();
            if value.is_empty() { Err(format!("I-3: {name} is empty")) } else { Ok(value.to_string()) }
        }
        _ => Err(format!("I-2: {} times {name}", found.len())),
    }
}

/// Reads `ister.conf` (contract I-6): line 1, trimmed at its right end, is split on `=` into exactly two parts.
fn template_url(conf: &[u8]) -> Result<String, String> {
    let text = std::str::from_utf8(conf).map_err(|error| format!("I-6: {error}"))?;
    let line = text.split('\n').next().unwrap_or_default().trim_end();
    match line.split('=').collect::<Vec<_>>()[..] {
        ["template", url] if !url.is_empty() => Ok(url.to_string()),
        _ => Err(format!("I-6: {line:?}")),
    }
}

//! nginx: the server block that serves the tree.

use super::Options;
use super::trouble::{Trouble, path};
use crate::model::Fleet;

/// A word of nginx's configuration that stands for `text`, in quotes where it needs them.
///
/// nginx ends a word at blanks, `;` and braces, and a `\` in quotes makes the next quote or `\` plain; the rest is taken as
/// it is (`ngx_conf_read_token`). A `$` begins a variable, also in quotes, and nothing takes that from it.
///
/// # Errors
/// A `$` in it.
pub fn quoted(text: &str) -> Result<String, Trouble> {
    if text.contains('$') {
        let message = format!("nginx would take `$` for the beginning of a variable: {text:?}");
        return Err(Trouble::new(message, "choose a path without it"));
    }
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"/._-+@:,=".contains(&byte);
    if text.bytes().all(plain) && !text.is_empty() {
        return Ok(text.to_string());
    }
    Ok(format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"")))
}

pub(super) fn emit(fleet: &Fleet, options: &Options) -> Result<String, Trouble> {
    let (url, root) = (&fleet.server.url.value, path(&options.root, "--root")?);
    let mut lines = vec![
        "# Written by `fleetc emit nginx`; change the fleet file, not this.".to_string(),
        "# Put it into /etc/nginx/conf.d/fleet.conf, try it with `nginx -t`, reload nginx.".to_string(),
        format!("# {url}/ is the tree that `fleetc build` writes into {root}."),
    ];
    if !url.path().is_empty() {
        let note = "# If there is a server block for this host and port, its `location` blocks go there instead.";
        lines.push(note.to_string());
    }
    lines.push("server {".to_string());
    lines.extend(listen(fleet, options)?.into_iter().map(|line| format!("    {line}")));
    lines.extend(locations(fleet, root)?.into_iter().map(|line| match line.as_str() {
        "" => line,
        _ => format!("    {line}"),
    }));
    lines.push("}\n".to_string());
    Ok(lines.join("\n"))
}

/// Where it listens, and what holds for all of it.
fn listen(fleet: &Fleet, options: &Options) -> Result<Vec<String>, Trouble> {
    let url = &fleet.server.url.value;
    let mut lines = vec![
        format!("listen {}{};", url.port(), if url.is_https() { " ssl" } else { "" }),
        format!("server_name {};", url.host()),
    ];
    match (&options.certificate, url.is_https()) {
        (Some((certificate, key)), true) => {
            lines.push(format!("ssl_certificate {};", quoted(path(certificate, "--certificate")?)?));
            lines.push(format!("ssl_certificate_key {};", quoted(path(key, "--certificate-key")?)?));
        }
        (None, true) => {
            let help = "give `--certificate FILE` and `--certificate-key FILE`, as nginx finds them on the server";
            return Err(Trouble::new(format!("nginx needs a certificate to serve `{url}`"), help));
        }
        (Some(_), false) => {
            let message = format!("`{url}` is served without a certificate");
            return Err(Trouble::new(message, "leave the certificate out, or make `server.url` an `https` URL"));
        }
        (None, false) => {}
    }
    lines.push("autoindex off;".to_string());
    // The installer reads files by what is in them (contract I-26, S-10).
    lines.push("default_type application/octet-stream;".to_string());
    Ok(lines)
}

/// What is served. `try_files` finds files alone, so a folder is 404, with or without its slash (contract X-13).
fn locations(fleet: &Fleet, root: &str) -> Result<Vec<String>, Trouble> {
    let prefix = fleet.server.url.path();
    let below = if root == "/" { "" } else { root };
    let mut lines = Vec::new();
    if prefix.is_empty() {
        lines.extend([format!("root {};", quoted(root)?), String::new(), "location / {".to_string()]);
    } else {
        lines.extend([
            String::new(),
            format!("location {prefix}/ {{"),
            format!("    alias {};", quoted(&format!("{below}/"))?),
        ]);
    }
    lines.extend(["    try_files $uri =404;".to_string(), "}".to_string()]);
    if let Some(folder) = default_folder(fleet) {
        // contract S-12, option 1; without a name it stays 404 (S-2)
        lines.extend([
            String::new(),
            "# A machine that is not listed gets the answer that is there for all of them.".to_string(),
            format!("location {prefix}/{folder}/ {{"),
        ]);
        // Behind an alias, a name without a variable is looked up in the folder of the alias.
        let default = if prefix.is_empty() {
            format!("/{folder}/default")
        } else {
            lines.push(format!("    alias {};", quoted(&format!("{below}/{folder}/"))?));
            "default".to_string()
        };
        lines.extend([
            format!("    try_files $uri {default} =404;"),
            "}".to_string(),
            format!("location = {prefix}/{folder}/ {{"),
            "    return 404;".to_string(),
            "}".to_string(),
        ]);
    }
    if !prefix.is_empty() {
        let rest = ["", "# Nothing else is served here.", "location / {", "    return 404;", "}"];
        lines.extend(rest.map(str::to_string));
    }
    Ok(lines)
}

/// The folder of the service's answers, where there is one for machines that are not listed.
fn default_folder(fleet: &Fleet) -> Option<String> {
    let role = fleet.unknown_role()?;
    fleet.role(role.value).text.as_ref()?;
    Some(format!("{}/get_config", fleet.server.service.0))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The first word of a line, as `ngx_conf_read_token` reads it, and what follows.
    fn word(line: &str) -> Option<(String, &str)> {
        let mut word = String::new();
        let quote = line.chars().next().filter(|c| matches!(c, '"' | '\''));
        let mut chars = line.char_indices().skip(usize::from(quote.is_some()));
        while let Some((at, c)) = chars.next() {
            match (c, quote) {
                ('\\', _) => match chars.next()?.1 {
                    next @ ('"' | '\'' | '\\') => word.push(next),
                    't' => word.push('\t'),
                    'r' => word.push('\r'),
                    'n' => word.push('\n'),
                    other => word.extend(['\\', other]),
                },
                (c, Some(quote)) if c == quote => return Some((word, &line[at + 1..])),
                ('$', _) => return None,
                (' ' | '\t' | ';' | '{' | '\n' | '\r', None) => return Some((word, &line[at..])),
                (c, _) => word.push(c),
            }
        }
        None
    }

    proptest! {
        #[test]
        fn what_is_quoted_is_read_back(text in "\\PC{0,40}|[a-z/\\\\\"' ;{}#~]{0,12}") {
            match quoted(&text) {
                Ok(quoted) => {
                    let line = format!("{quoted};");
                    prop_assert_eq!(word(&line), Some((text, ";")));
                }
                Err(_) => prop_assert!(text.contains('$')),
            }
        }
    }
}

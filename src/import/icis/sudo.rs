//! The repair of the sudo rule that the service's sample role has: a name too many before it (contract S-9, U-20).

use crate::yaml::{Document, Kind, NodeId, parse};

/// The range of each name that stands before a sudo rule of a role, with the blanks behind it. None in a text that is
/// no mapping.
pub(super) fn names(text: &str) -> Vec<(usize, usize)> {
    let Ok(document) = parse(text) else { return Vec::new() };
    let mut names: Vec<_> = rules(&document).into_iter().filter_map(|rule| extra(&document, text, rule)).collect();
    names.sort_unstable();
    names
}

/// The text of a role without these names.
pub(super) fn repaired(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut done = 0;
    for (start, end) in names(text) {
        out.push_str(&text[done..start]);
        done = end;
    }
    out.push_str(&text[done..]);
    out
}

/// Every item of every user's `sudo`.
fn rules(document: &Document<'_>) -> Vec<NodeId> {
    let child = |node: NodeId, key: &str| {
        document.pairs(node).find(|(known, _)| document.scalar(*known) == key).map(|(_, value)| value)
    };
    let root = document.root().filter(|root| document.node(*root).kind == Kind::Mapping);
    let users = root.and_then(|root| child(root, "users")).filter(|users| document.node(*users).kind == Kind::Sequence);
    let users = users.into_iter().flat_map(|users| document.children(users));
    let sudo = users.filter(|user| document.node(*user).kind == Kind::Mapping).filter_map(|user| child(user, "sudo"));
    sudo.flat_map(|sudo| match document.node(sudo).kind {
        Kind::Sequence => document.children(sudo).collect(),
        _ => vec![sudo],
    })
    .collect()
}

/// The range of the name before a rule, with the blanks behind it. A rule begins with its host; two words before the
/// `=` are a name and a host.
fn extra(document: &Document<'_>, text: &str, rule: NodeId) -> Option<(usize, usize)> {
    let node = document.node(rule);
    let (start, end) = (node.start as usize, node.end as usize);
    let start = start + usize::from(node.kind == Kind::Quoted);
    let written = text.get(start..end).filter(|_| matches!(node.kind, Kind::Plain | Kind::Quoted))?;
    let (hosts, _) = written.split_once('=')?;
    let name = hosts.find(char::is_whitespace).filter(|_| !hosts.contains([',', '\n', '\\']))?;
    let host = hosts[name..].trim();
    let whole = !host.is_empty() && !host.contains(char::is_whitespace);
    whole.then(|| (start, start + name + hosts[name..].len() - hosts[name..].trim_start().len()))
}

#[cfg(test)]
mod tests {
    use super::repaired;

    #[test]
    fn the_name_before_a_rule_goes() {
        let role = |rule: &str| format!("#cloud-config\nusers:\n  - name: ada\n    sudo:\n    - {rule}\n");
        assert_eq!(repaired(&role("ALL ALL=(ALL) NOPASSWD:ALL")), role("ALL=(ALL) NOPASSWD:ALL"));
        assert_eq!(repaired(&role("\"ada  web1 = /bin/true\"   # x")), role("\"web1 = /bin/true\"   # x"));
        let text = "users:\n- sudo: ALL ALL=(ALL) ALL\n- sudo: [A B=C, D=E]\n- x\n";
        assert_eq!(repaired(text), "users:\n- sudo: ALL=(ALL) ALL\n- sudo: [B=C, D=E]\n- x\n");
    }

    #[test]
    fn everything_else_stays() {
        for text in [
            "",
            "a: [",
            "- a\n",
            "users: x\n",
            "users:\n- sudo: ALL=(ALL) ALL\n",
            "users:\n- sudo: web1, web2 = ALL\n",
            "users:\n- sudo: false\n",
            "sudo: ALL ALL=(ALL) ALL\n",
            "users:\n- sudo: ALL =(ALL) ALL\n",
        ] {
            assert_eq!(repaired(text), text);
        }
    }
}

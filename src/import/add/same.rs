//! Whether a text is still the one that it was, but for what was added.

use crate::yaml::{Document, Kind, NodeId};

/// Whether the new document is the old one with these entries more in one section, behind those that were there.
pub(super) fn but_for(old: &Document<'_>, new: &Document<'_>, section: &str, names: &[&str]) -> bool {
    let (Some(before), Some(after)) = (old.root(), new.root()) else { return false };
    let whole = new.tags.len() == old.tags.len() && new.second.is_none() && new.cycle.is_none();
    let rest = |document: &Document<'_>, root: NodeId| -> Vec<(NodeId, NodeId)> {
        document.pairs(root).filter(|(key, _)| document.scalar(*key) != section).collect()
    };
    let (one, other) = (rest(old, before), rest(new, after));
    let unchanged = one.len() == other.len()
        && one.iter().zip(&other).all(|(a, b)| equal(old, a.0, new, b.0) && equal(old, a.1, new, b.1));
    let there = find(old, before, section);
    let Some(now) = find(new, after, section).filter(|_| whole && unchanged) else { return false };
    let known: Vec<_> = match there {
        Some(there) if old.node(there).kind == Kind::Mapping => old.pairs(there).collect(),
        _ => Vec::new(),
    };
    let found: Vec<_> = new.pairs(now).collect();
    // An alias elsewhere would take the new entries there too.
    let alone = there.is_none_or(|there| {
        (0..old.len() as NodeId).all(|node| old.node(node).kind != Kind::Alias || old.follow(node) != there)
    });
    alone
        && found.len() == known.len() + names.len()
        && known.iter().zip(&found).all(|(a, b)| equal(old, a.0, new, b.0) && equal(old, a.1, new, b.1))
        && names.iter().zip(&found[known.len()..]).all(|(name, (key, _))| new.scalar(*key) == *name)
}

fn find(document: &Document<'_>, root: NodeId, section: &str) -> Option<NodeId> {
    document.pairs(root).find(|(key, _)| document.scalar(*key) == section).map(|(_, value)| value)
}

/// Whether two nodes, and all that is in them, are alike.
fn equal(old: &Document<'_>, a: NodeId, new: &Document<'_>, b: NodeId) -> bool {
    let (first, second) = (old.after(a) - a, new.after(b) - b);
    first == second
        && (0..first).all(|step| {
            let (a, b) = (a + step, b + step);
            let (one, other) = (old.node(a), new.node(b));
            one.kind == other.kind
                && match one.kind {
                    Kind::Alias => old.after(old.follow(a)) - old.follow(a) == new.after(new.follow(b)) - new.follow(b),
                    _ => old.scalar(a) == new.scalar(b) && old.after(a) - a == new.after(b) - b,
                }
        })
}

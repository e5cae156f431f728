//! "Did you mean …?": the nearest of the names that are valid.

/// The candidate nearest to `text`, when it is near enough to be a slip of the pen.
///
/// Case, `-` and `_` count for nothing; of equally near candidates the first wins.
pub fn nearest<'a>(text: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |name: &str| name.to_lowercase().replace('_', "-");
    let wanted = plain(text);
    let most = (wanted.chars().count() / 3).max(1);
    let mut best: Option<(usize, &'a str)> = None;
    for candidate in candidates {
        let distance = strsim::damerau_levenshtein(&wanted, &plain(candidate));
        if distance <= most && best.is_none_or(|(least, _)| distance < least) {
            best = Some((distance, candidate));
        }
    }
    best.map(|(_, name)| name)
}

/// A help text that names the nearest valid name, or lists the valid ones when they are few.
pub fn did_you_mean<'a>(text: &str, what: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<String> {
    let names: Vec<&str> = candidates.into_iter().take(10_000).collect();
    if let Some(name) = nearest(text, names.iter().copied()) {
        return Some(format!("did you mean `{name}`?"));
    }
    match names.len() {
        0 => Some(format!("there are no {what} yet")),
        1..=12 => Some(format!("{what}: `{}`", names.join("`, `"))),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn finds_slips_and_leaves_strangers() {
        let names = ["bundles", "boot_args", "kernel", "mac"];
        assert_eq!(nearest("bundels", names), Some("bundles"));
        assert_eq!(nearest("boot-args", names), Some("boot_args"));
        assert_eq!(nearest("MAC", names), Some("mac"));
        assert_eq!(nearest("zebra", names), None);
    }
}

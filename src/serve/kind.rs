//! The content type of a file, by the extension of its name.

/// Extensions and types, sorted.
const KINDS: &str = include_str!("kinds.tsv");

/// The type of what has no extension that is known: all that machines ask for, besides boot script and template.
const DEFAULT: &str = "application/octet-stream";

/// The content type that nginx gives the file at a path.
pub fn kind(path: &[u8]) -> &'static str {
    let name = path.rsplit(|byte| *byte == b'/').next().unwrap_or_default();
    // Dots that a name begins with, up to three, begin no extension.
    let leading = name.iter().take_while(|byte| **byte == b'.').take(3).count();
    let Some(dot) = name.iter().rposition(|byte| *byte == b'.').filter(|dot| *dot >= leading) else { return DEFAULT };
    let extension = name[dot + 1..].to_ascii_lowercase();
    let mut lines = KINDS.lines().filter_map(|line| line.split_once('\t'));
    lines.find(|(known, _)| known.as_bytes() == extension).map_or(DEFAULT, |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::kind;

    #[test]
    fn types_go_by_the_last_extension() {
        assert_eq!(kind(b"/ipxe_boot_script.txt"), "text/plain");
        assert_eq!(kind(b"/icis/static/ister/a/ister_config.json"), "application/json");
        assert_eq!(kind(b"/a.b/ROLE.HTML"), "text/html");
        for path in [
            "/icis/get_role/compute",
            "/boot/a.ipxe",
            "/a/ister.conf",
            "/linux",
            "/.txt",
            "/a.txt/b",
            "/a.",
            "/..txt",
            "/...txt",
        ] {
            assert_eq!(kind(path.as_bytes()), "application/octet-stream", "{path}");
        }
    }
}

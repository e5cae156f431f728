//! Where a fleet file lies in its repository: services know files by their paths from its top.

use std::path::{Path, PathBuf};

/// The path of a folder from the top of its git repository; where there is none, from the current folder. Empty for
/// the top itself, and for a folder that lies outside.
pub(super) fn folder(folder: &str) -> String {
    let here = std::env::current_dir().and_then(|here| here.canonicalize()).ok();
    let found = Path::new(if folder.is_empty() { "." } else { folder }).canonicalize();
    let Ok(found) = found else { return String::new() };
    let top = found.ancestors().find(|above| above.join(".git").exists()).map(Path::to_path_buf).or(here);
    path(&found, top)
}

/// The way from a folder to one inside it, with slashes.
fn path(folder: &Path, top: Option<PathBuf>) -> String {
    let inside = top.and_then(|top| folder.strip_prefix(top).ok().map(Path::to_path_buf)).unwrap_or_default();
    let parts: Vec<&str> = inside.iter().filter_map(|part| part.to_str()).collect();
    parts.join("/")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_start_at_the_top() {
        let top = || Some(PathBuf::from("/home/me/site"));
        assert_eq!(path(Path::new("/home/me/site/fleets/a"), top()), "fleets/a");
        assert_eq!(path(Path::new("/home/me/site"), top()), "");
        assert_eq!(path(Path::new("/srv"), top()), "");
        assert_eq!(path(Path::new("/srv"), None), "");
    }
}

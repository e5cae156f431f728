//! Any sequence of trees and foreign files.

use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::symlink;
use std::path::{Path, PathBuf};

use fleetc::publish::PublishError;
use proptest::prelude::*;

use crate::{Files, Site, content, expected, files};

const PATHS: [&str; 9] = ["a", "a/b", "a/c", "b", "b/a/c", "b/a/d", "c/a", "c.d", "d"];

fn any_tree() -> impl Strategy<Value = Vec<(usize, u8)>> {
    proptest::collection::vec((0..PATHS.len(), 0..3u8), 0..6)
}

/// Makes a tree of some of the paths, without those that lie below others.
fn tree_of(picked: &[(usize, u8)]) -> Files {
    let mut all: BTreeMap<&str, u8> = BTreeMap::new();
    for (path, text) in picked {
        let path = PATHS[*path];
        if !all.keys().any(|other| below(other, path) || below(path, other)) {
            all.insert(path, *text);
        }
    }
    Files::new(all.iter().map(|(path, text)| (path.to_string(), format!("{text}"))).collect())
}

fn below(path: &str, folder: &str) -> bool {
    path.strip_prefix(folder).is_some_and(|rest| rest.starts_with('/'))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn the_folder_is_the_tree_and_what_is_foreign(
        steps in proptest::collection::vec((any_tree(), any_tree(), 0..4u8), 1..6)
    ) {
        let site = Site::new();
        let mut last = files([]);
        let mut foreign: BTreeMap<PathBuf, String> = BTreeMap::new();
        for (picked, planted, edit) in steps {
            if site.out().exists() {
                for (path, kind) in planted {
                    // Only where nothing is: files, folders, and symlinks of the user.
                    let path = site.path(PATHS[path]);
                    let parent_is_real = path.parent().unwrap().canonicalize().is_ok_and(|real| real == path.parent().unwrap() && real.is_dir());
                    if fs::symlink_metadata(&path).is_ok() || !parent_is_real {
                        continue;
                    }
                    let text = match kind {
                        0 => fs::write(&path, "mine").map(|()| "mine".to_string()),
                        1 => fs::create_dir(&path).map(|()| "/".to_string()),
                        _ => symlink("../x", &path).map(|()| "-> ../x".to_string()),
                    };
                    let relative = path.strip_prefix(site.out()).unwrap().to_path_buf();
                    foreign.remove(relative.parent().unwrap());
                    foreign.insert(relative, text.unwrap());
                }
                if let Some((path, _)) = last.files.first().filter(|_| edit == 1) {
                    fs::write(site.path(path), "edited").unwrap();
                }
            }
            let tree = tree_of(&picked);
            let clash = tree.files.iter().any(|(path, _)| foreign.iter().any(|(other, kind)| {
                let other = other.to_str().unwrap();
                other == path || below(other, path) || (below(path, other) && kind != "/")
            }));
            let before = site.out().exists().then(|| content(&site.out()));
            match site.publish(&tree) {
                Ok(published) => {
                    prop_assert!(!clash);
                    prop_assert_eq!(published.files, published.written + published.unchanged);
                    // A foreign empty folder is no longer seen as one when a file of the tree is in it.
                    let seen = |path: &Path| !tree.files.iter().any(|(file, _)| Path::new(file).starts_with(path));
                    let mut all = expected(&tree, &[]);
                    all.extend(foreign.iter().filter(|(path, _)| seen(path)).map(|(path, text)| (path.clone(), text.clone())));
                    prop_assert_eq!(site.content(&tree), all);
                    // From then on such a folder is fleetc's.
                    foreign.retain(|path, _| !tree.files.iter().any(|(file, _)| Path::new(file).starts_with(path)));
                    let again = site.publish(&tree).unwrap();
                    prop_assert_eq!((again.written, again.removed), (0, 0));
                    last = tree;
                }
                Err(error) => {
                    prop_assert!(clash && matches!(error, PublishError::Taken { .. }), "{}", error);
                    prop_assert_eq!(Some(content(&site.out())), before);
                }
            }
        }
    }
}

//! The exchange of two generations.
#![allow(clippy::disallowed_methods)]

use std::os::fd::AsFd;

use rustix::fs::RenameFlags;
use rustix::io::Errno;

use super::error::PublishError;
use super::folder::rename_new;
use super::place::Place;

/// Puts the new generation in the place of an empty output folder.
///
/// # Errors
/// When the folder is not empty any more, among others.
pub(super) fn replace_empty(place: &Place) -> Result<(), PublishError> {
    rustix::fs::renameat(&place.parent, &*place.new, &place.parent, &*place.name).map_err(|errno| match errno {
        Errno::NOTEMPTY | Errno::EXIST => {
            let why = "something was put there during the build".to_string();
            PublishError::NotOurs { path: place.shown(b""), why }
        }
        errno => refused(place, errno),
    })
}

/// Exchanges the output folder and the new generation in one step, for every reader at once.
///
/// A file system without that step gets three renames; between the first and the second, some microseconds apart, the
/// name of the output folder stands for nothing. A build that is killed there leaves the old generation aside, and the
/// next build puts it back.
pub(super) fn exchange(place: &Place) -> Result<(), PublishError> {
    let (parent, name, new) = (&place.parent, &*place.name, &*place.new);
    match rustix::fs::renameat_with(parent, new, parent, name, RenameFlags::EXCHANGE) {
        Err(Errno::INVAL | Errno::NOSYS | Errno::OPNOTSUPP) => exchange_in_turn(place),
        done => done.map_err(|errno| refused(place, errno)),
    }
}

fn exchange_in_turn(place: &Place) -> Result<(), PublishError> {
    let (parent, name, new, aside) = (&place.parent, &*place.name, &*place.new, &*place.aside);
    // Whoever finds the name missing creates a folder only under this lock.
    let _lock = place.lock_parent()?;
    rename_new(parent.as_fd(), name, parent.as_fd(), aside).map_err(|errno| refused(place, errno))?;
    if let Err(errno) = rustix::fs::renameat(parent, new, parent, name) {
        rename_new(parent.as_fd(), aside, parent.as_fd(), name).map_err(place.failed("put back", aside))?;
        return Err(refused(place, errno));
    }
    rename_new(parent.as_fd(), aside, parent.as_fd(), new).map_err(place.failed("rename", aside))
}

fn refused(place: &Place, errno: Errno) -> PublishError {
    match errno {
        Errno::BUSY | Errno::XDEV => PublishError::Mount { path: place.shown(b""), out: true },
        errno => PublishError::Io { what: "exchange", path: place.shown(b""), error: errno.into() },
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used)]
mod tests {
    use super::*;
    use std::fs;

    fn place(folder: &tempfile::TempDir) -> Place {
        fs::create_dir(folder.path().join("out")).unwrap();
        fs::create_dir(folder.path().join(".out.fleetc-new")).unwrap();
        fs::write(folder.path().join(".out.fleetc-new/new"), "").unwrap();
        Place::find(&folder.path().join("out")).unwrap()
    }

    #[test]
    fn an_exchange_in_turn_ends_as_an_exchange_does() {
        for exchange in [exchange, exchange_in_turn] {
            let folder = tempfile::tempdir().unwrap();
            let place = place(&folder);
            fs::write(folder.path().join("out/old"), "").unwrap();
            exchange(&place).unwrap();
            assert!(folder.path().join("out/new").exists() && folder.path().join(".out.fleetc-new/old").exists());
            assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 2);
            exchange(&place).unwrap();
            assert!(folder.path().join("out/old").exists());
        }
    }

    #[test]
    fn an_exchange_in_turn_that_fails_puts_the_old_tree_back() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(&folder);
        fs::write(folder.path().join("out/old"), "").unwrap();
        fs::remove_dir_all(folder.path().join(".out.fleetc-new")).unwrap();
        assert!(exchange_in_turn(&place).is_err());
        assert!(folder.path().join("out/old").exists());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }

    #[test]
    fn only_an_empty_folder_is_replaced() {
        let folder = tempfile::tempdir().unwrap();
        let place = place(&folder);
        fs::write(folder.path().join("out/mine"), "").unwrap();
        assert!(matches!(replace_empty(&place).unwrap_err(), PublishError::NotOurs { .. }));
        fs::remove_file(folder.path().join("out/mine")).unwrap();
        replace_empty(&place).unwrap();
        assert!(folder.path().join("out/new").exists());
    }
}

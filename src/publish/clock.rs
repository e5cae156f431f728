//! The clock by which the file system dates what is done to it.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};

use super::folder::Time;

/// The date that a change has now, at the earliest: the file system's clock goes in steps of some milliseconds.
pub(super) fn now() -> Time {
    time(clock_gettime(ClockId::RealtimeCoarse))
}

/// How long to wait for the clock, in milliseconds: many steps of it.
const PATIENCE: u64 = 500;

/// Waits for the file system's clock to go on, and gives a time with this meaning: what was changed before has no later
/// date, and what is changed from now on has. Where somebody has set the clock back meanwhile, it is a time before all.
pub(super) fn settle() -> Time {
    let settled = time(clock_gettime(ClockId::Realtime));
    for _ in 0..PATIENCE {
        if now() > settled {
            return settled;
        }
        std::thread::sleep(Duration::from_millis(1));
    }
    (i64::MIN, 0)
}

fn time(time: Timespec) -> Time {
    (time.tv_sec, u32::try_from(time.tv_nsec).unwrap_or_default())
}

#[cfg(test)]
#[allow(clippy::unwrap_used, clippy::disallowed_methods)]
mod tests {
    use super::super::folder::look;
    use super::*;

    #[test]
    fn what_came_before_is_told_from_what_comes_after() {
        let folder = tempfile::tempdir().unwrap();
        let root = std::fs::File::open(folder.path()).unwrap();
        for round in 0..20 {
            let begun = now();
            std::fs::write(folder.path().join("before"), [round]).unwrap();
            let settled = settle();
            std::fs::write(folder.path().join("after"), [round]).unwrap();
            let changed = |name: &str| look(&root, name.as_bytes()).unwrap().unwrap().changed;
            let (before, after) = (changed("before"), changed("after"));
            assert!(
                begun <= before && before <= settled && settled < after,
                "{begun:?} {before:?} {settled:?} {after:?}"
            );
        }
    }
}

//! Which lines made two lists of users, or two layouts, differ.

use super::cause::{Pair, setting};
use super::change::Place;
use super::value::{partition_values, same_user, user_values};
use crate::emit::Part;
use crate::model::{Layout, User};

impl Pair<'_> {
    /// The users that came, went, or are others.
    pub(super) fn of_users(&self, places: &mut Vec<Place>) {
        if let Some(detour) = self.detour(&|settings| setting(Part::Users, settings)) {
            places.push(detour);
            return;
        }
        let (old, new) = (self.was.settings.users(), self.now.settings.users());
        let before = places.len();
        for user in new {
            let other = old.iter().find(|other| other.name.value == user.name.value);
            match other.filter(|other| !same_user(user, other)) {
                Some(other) => places.extend(user_places(self, other, user)),
                None if other.is_none() => places.push(self.here(user.span)),
                None => {}
            }
        }
        let gone = old.iter().filter(|user| !new.iter().any(|other| other.name.value == user.name.value));
        places.extend(gone.map(|user| self.gone(user.span)));
        if places.len() == before {
            places.extend(self.of_setting(|settings| setting(Part::Users, settings)));
        }
    }

    /// The disks and partitions that came, went, or are others.
    pub(super) fn of_layout(&self, old: &Layout, new: &Layout) -> Vec<Place> {
        let mut places = Vec::new();
        for (index, disk) in new.disks.iter().enumerate() {
            let other = old.disks.get(index);
            if other.is_none_or(|other| other.name.value != disk.name.value) {
                places.push(self.here(disk.name.span));
            }
            for (index, partition) in disk.partitions.iter().enumerate() {
                let before = other.and_then(|other| other.partitions.get(index));
                match before {
                    None => places.push(self.here(partition.span)),
                    Some(before) => {
                        let pairs = partition_values(before).into_iter().zip(partition_values(partition));
                        for ((_, old), (_, new)) in pairs.filter(|((was, _), (now, _))| was != now) {
                            places.extend(self.either(old, new));
                        }
                    }
                }
            }
            let extra = other.map_or(&[][..], |other| &other.partitions);
            places.extend(extra.iter().skip(disk.partitions.len()).map(|partition| self.gone(partition.span)));
        }
        places.extend(old.disks.iter().skip(new.disks.len()).map(|disk| self.gone(disk.name.span)));
        if places.is_empty() {
            places.push(self.here(new.name.span));
        }
        places
    }
}

fn user_places(pair: &Pair<'_>, old: &User, new: &User) -> Vec<Place> {
    let pairs = user_values(old).into_iter().zip(user_values(new));
    pairs.filter(|((a, _), (b, _))| a != b).filter_map(|((_, a), (_, b))| pair.either(a, b)).collect()
}

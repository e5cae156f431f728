//! The values of what a fleet lists, each with its place.

use crate::model::{Partition, User};
use crate::source::{Span, Spanned};

/// Whether two users of one name are the same.
pub(super) fn same_user(a: &User, b: &User) -> bool {
    user_values(a).iter().map(|(value, _)| value).eq(user_values(b).iter().map(|(value, _)| value))
}

/// The values of a user besides the name, with their places.
pub(super) fn user_values(user: &User) -> [(Option<String>, Option<Span>); 5] {
    [
        (user.full_name.as_ref().map(|name| name.value.0.to_string()), user.full_name.as_ref().map(|name| name.span)),
        (user.uid.map(|uid| uid.value.0.to_string()), user.uid.map(|uid| uid.span)),
        (user.sudo.map(|sudo| sudo.value.to_string()), user.sudo.map(|sudo| sudo.span)),
        (
            user.password_hash.as_ref().map(|hash| hash.value.0.to_string()),
            user.password_hash.as_ref().map(|hash| hash.span),
        ),
        (user.ssh_key.as_ref().map(|key| key.as_str().to_string()), user.ssh_key.as_ref().map(|key| key.span)),
    ]
}

/// The values of a partition, with their places.
pub(super) fn partition_values(partition: &Partition) -> [(String, Option<Span>); 9] {
    fn of<T>(value: Option<&Spanned<T>>, text: impl Fn(&T) -> String) -> (String, Option<Span>) {
        (value.map_or(String::new(), |value| text(&value.value)), value.map(|value| value.span))
    }
    [
        of(Some(&partition.size), |size| size.as_str().to_string()),
        of(Some(&partition.kind), |kind| kind.word().to_string()),
        of(partition.filesystem.as_ref(), |filesystem| filesystem.word().to_string()),
        of(partition.mount.as_ref(), |mount| mount.as_str().to_string()),
        of(partition.label.as_ref(), |label| label.0.to_string()),
        of(partition.options.as_ref(), |options| options.0.to_string()),
        of(partition.force_unit.as_ref(), bool::to_string),
        of(partition.keep.as_ref(), bool::to_string),
        of(partition.encryption.as_ref(), |encryption| {
            format!("{} {}", encryption.name.value.0, encryption.passphrase.value.0)
        }),
    ]
}

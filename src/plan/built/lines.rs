//! Which lines set what differs from a built tree: those of the head, since a tree does not have the old ones.

use crate::emit::Part;
use crate::model::{Host, Role, Settings};
use crate::plan::base::Found;
use crate::plan::cause::setting;
use crate::plan::change::{Field, Place};
use crate::plan::side::Side;
use crate::source::Span;

/// The lines that set what was found, each once. `host` is none for machines that are not listed.
pub(super) fn lines(
    head: &Side<'_>,
    host: Option<&Host>,
    role: &Role,
    settings: &Settings,
    found: &Found,
) -> Vec<Place> {
    let at = Lines { head, host, role, settings };
    let mut places: Vec<Place> =
        found.fields.iter().filter_map(|field| at.field(*field)).map(|span| head.place(span, false)).collect();
    places.sort();
    places.dedup();
    places
}

struct Lines<'l> {
    head: &'l Side<'l>,
    host: Option<&'l Host>,
    role: &'l Role,
    settings: &'l Settings,
}

impl Lines<'_> {
    fn field(&self, field: Field) -> Option<Span> {
        let release = self.settings.release.get().map(|release| self.head.fleet.release(release.value));
        let name = self.host.map(|host| host.name.span);
        match field {
            Field::State => self.settings.state.get().map(|state| state.span).or(name),
            Field::Told(part) => self.part(part),
            Field::Text => self.role.text.as_ref().map(|text| text.span),
            Field::Role => self.host.map(|host| host.role.span),
            Field::Name => name,
            Field::Mac => self.host.and_then(|host| host.macs.first()).map(|mac| mac.span),
            Field::Server => Some(self.head.fleet.server.url.span),
            Field::Unknown => self.head.fleet.unknown_at,
            Field::Kernel => release.map(|release| release.kernel.source.span),
            Field::Initrd => release.map(|release| release.initrd.source.span),
            Field::BootArgs => {
                release.map(|release| release.boot_args.first().map_or(release.name.span, |argument| argument.span))
            }
            Field::ReleaseName => self.settings.release.get().map(|release| release.span),
            Field::Script | Field::Template => name.or(Some(self.role.name.span)),
        }
    }

    fn part(&self, part: Part) -> Option<Span> {
        let address = self.host.and_then(|host| host.address.as_ref());
        match part {
            Part::Release => {
                let release = self.settings.release.get()?;
                Some(self.head.fleet.release(release.value).version.span)
            }
            Part::Address => address.map(|address| address.span).or_else(|| setting(part, self.settings)),
            Part::Name => self.host.map(|host| host.name.span),
            Part::Service => {
                let text = self.role.text.as_ref().map(|text| text.span);
                Some(text.unwrap_or(self.head.fleet.server.url.span))
            }
            part => setting(part, self.settings),
        }
    }
}

//! Which lines made two machines differ: from the places that settings carry.

use super::change::{Field, Place};
use super::side::Side;
use crate::emit::Part;
use crate::model::{Host, Layout, Release, Role, Settings, Value};
use crate::source::{Span, Spanned};

/// A machine on both sides.
#[derive(Clone, Copy)]
pub(super) struct Pair<'p> {
    pub(super) base: &'p Side<'p>,
    pub(super) head: &'p Side<'p>,
    /// Its settings and role before.
    pub(super) was: Holder<'p>,
    /// And after.
    pub(super) now: Holder<'p>,
}

/// What has settings: a host, or the role of machines that are not listed.
#[derive(Clone, Copy)]
pub(super) struct Holder<'p> {
    pub(super) host: Option<&'p Host>,
    pub(super) role: &'p Role,
    /// Where its role is said.
    pub(super) role_at: Span,
    pub(super) settings: &'p Settings,
}

impl<'p> Holder<'p> {
    pub(super) fn host(side: &'p Side<'p>, host: &'p Host) -> Holder<'p> {
        let role = side.fleet.role(host.role.value);
        Holder { host: Some(host), role, role_at: host.role.span, settings: &host.settings }
    }

    fn release(self, side: &'p Side<'p>) -> Option<&'p Release> {
        self.settings.release.get().map(|release| side.fleet.release(release.value))
    }

    fn layout(self, side: &'p Side<'p>) -> Option<&'p Layout> {
        self.settings.layout.get().map(|layout| side.fleet.layout(layout.value))
    }
}

fn at<T>(value: &Value<T>) -> Option<Span> {
    value.get().map(|value| value.span)
}

/// The place of the setting behind a part.
pub(super) fn setting(part: Part, settings: &Settings) -> Option<Span> {
    let hooks = &settings.hooks;
    match part {
        Part::Release => at(&settings.release),
        Part::Layout => at(&settings.layout),
        Part::Bundles => at(&settings.bundles),
        Part::Users => at(&settings.users),
        Part::Cmdline => at(&settings.cmdline),
        Part::LegacyBios => at(&settings.legacy_bios),
        Part::KeepPartitionTable => at(&settings.keep_partition_table),
        Part::HttpsProxy => at(&settings.https_proxy),
        Part::HttpProxy => at(&settings.http_proxy),
        Part::MirrorUrl => at(&settings.mirror_url),
        Part::VersionUrl => at(&settings.version_url),
        Part::PreInstallShell => at(&hooks.pre_install_shell),
        Part::PostNonchroot => at(&hooks.post_nonchroot),
        Part::PostNonchrootShell => at(&hooks.post_nonchroot_shell),
        Part::PostChroot => at(&hooks.post_chroot),
        Part::PostChrootShell => at(&hooks.post_chroot_shell),
        Part::SoftwareManager => at(&settings.software_manager),
        Part::Address => at(&settings.interface),
        Part::Service | Part::Name => None,
    }
}

impl<'p> Pair<'p> {
    pub(super) fn new(base: &'p Side<'p>, head: &'p Side<'p>, was: &'p Host, now: &'p Host) -> Pair<'p> {
        Pair { base, head, was: Holder::host(base, was), now: Holder::host(head, now) }
    }

    pub(super) fn here(&self, span: Span) -> Place {
        self.head.place(span, false)
    }

    pub(super) fn gone(&self, span: Span) -> Place {
        self.base.place(span, true)
    }

    /// The line to show for a value that stood at one place and stands at another: the new one, else the old.
    pub(super) fn either(&self, old: Option<Span>, new: Option<Span>) -> Option<Place> {
        new.map(|new| self.here(new)).or_else(|| old.map(|old| self.gone(old)))
    }

    /// Adds the lines that caused a difference.
    pub(super) fn because(&self, field: Field, places: &mut Vec<Place>) {
        match field {
            Field::State => places.extend(self.of_setting(|settings| at(&settings.state))),
            Field::Told(part) => self.of_part(part, places),
            Field::Role | Field::Text => places.extend(self.of_role()),
            Field::Name => places.extend(self.now.host.map(|host| self.here(host.name.span))),
            Field::Mac => self.of_macs(places),
            Field::Server => self.of_server(places),
            Field::Unknown => {
                let (old, new) = (self.base.fleet.unknown_at, self.head.fleet.unknown_at);
                places.extend(self.either(old, new));
            }
            Field::Kernel => self
                .of_release(|release| vec![(release.kernel.source.value.clone(), release.kernel.source.span)], places),
            Field::Initrd => self
                .of_release(|release| vec![(release.initrd.source.value.clone(), release.initrd.source.span)], places),
            Field::BootArgs => {
                let arguments = |release: &Release| {
                    release.boot_args.iter().map(|argument| (argument.value.clone(), argument.span)).collect()
                };
                self.of_release(arguments, places);
            }
            // Two fleets know what in a script or a template differs.
            Field::Script | Field::Template => {}
            Field::ReleaseName => {
                let names = (self.was.release(self.base), self.now.release(self.head));
                match names {
                    // The same setting by another name of the release: the name is what changed, and who says it.
                    (Some(old), Some(new)) if old.name.value == new.name.value => {
                        places.push(self.here(new.version.span));
                    }
                    _ => places.extend(self.of_setting(|settings| at(&settings.release))),
                }
            }
        }
    }

    /// Whether the machine has another role.
    pub(super) fn role_differs(&self) -> bool {
        self.was.role.name.value != self.now.role.name.value
    }

    /// The line that made a setting come from elsewhere: another role, or another `extends`; none when it is its own.
    pub(super) fn detour(&self, get: &dyn Fn(&Settings) -> Option<Span>) -> Option<Place> {
        let (mut old, mut new) = (self.was.role, self.now.role);
        if get(self.now.settings) != get(&new.settings) {
            return None;
        }
        if self.role_differs() {
            return Some(self.here(self.now.role_at));
        }
        // A circle of `extends` is an error, so this ends.
        loop {
            let parents = (old.extends.as_ref(), new.extends.as_ref());
            let find = |side: &'p Side<'p>, name: &str| side.fleet.roles.iter().find(|role| role.name.as_str() == name);
            match parents {
                (Some(a), Some(b)) if a.value == b.value => {
                    let (below, above) = (find(self.base, &a.value)?, find(self.head, &b.value)?);
                    if get(&above.settings) != get(&new.settings) {
                        return None;
                    }
                    (old, new) = (below, above);
                }
                (None, None) => return None,
                (a, b) => {
                    let parent = b.and_then(|parent| find(self.head, &parent.value));
                    // What the role says itself did not come from above.
                    let own = get(&new.settings);
                    let inherited = parent.is_some_and(|parent| get(&parent.settings) == own);
                    let unchanged = own.is_none_or(|own| self.base.has_line_of(self.head, own));
                    return if inherited || unchanged {
                        self.either(a.map(|a| a.span), b.map(|b| b.span))
                    } else {
                        None
                    };
                }
            }
        }
    }

    /// The line that changed a setting.
    pub(super) fn of_setting(&self, get: impl Fn(&Settings) -> Option<Span>) -> Option<Place> {
        if let Some(detour) = self.detour(&get) {
            return Some(detour);
        }
        match (get(self.was.settings), get(self.now.settings)) {
            (_, Some(new)) => Some(self.here(new)),
            // Its old line may still be there, when the host clears what others inherit.
            (Some(old), None) if self.head.has_line_of(self.base, old) => {
                Some(self.now.host.map_or(self.gone(old), |host| self.here(host.name.span)))
            }
            (Some(old), None) => Some(self.gone(old)),
            (None, None) => None,
        }
    }

    fn of_part(&self, part: Part, places: &mut Vec<Place>) {
        let (was, now) = (self.was.settings, self.now.settings);
        match part {
            Part::Release => self.of_named(
                &|settings| at(&settings.release),
                |pair| {
                    let (old, new) = (pair.was.release(pair.base)?, pair.now.release(pair.head)?);
                    (old.name.value == new.name.value).then(|| vec![pair.here(new.version.span)])
                },
                places,
            ),
            Part::Layout => self.of_named(
                &|settings| at(&settings.layout),
                |pair| {
                    let (old, new) = (pair.was.layout(pair.base)?, pair.now.layout(pair.head)?);
                    (old.name.value == new.name.value).then(|| pair.of_layout(old, new))
                },
                places,
            ),
            Part::Bundles => self.of_list(part, was.bundles(), now.bundles(), places),
            Part::Users => self.of_users(places),
            Part::PreInstallShell | Part::PostNonchrootShell | Part::PostChroot | Part::PostChrootShell => {
                let list = |settings: &'p Settings| -> &'p [Spanned<crate::model::Command>] {
                    let value = match part {
                        Part::PreInstallShell => &settings.hooks.pre_install_shell,
                        Part::PostNonchrootShell => &settings.hooks.post_nonchroot_shell,
                        Part::PostChroot => &settings.hooks.post_chroot,
                        _ => &settings.hooks.post_chroot_shell,
                    };
                    value.get().map_or(&[], |list| &list.value)
                };
                let before = places.len();
                self.of_list(part, list(was), list(now), places);
                if places.len() == before {
                    // The hook that fetches the role text of machines that are not listed.
                    self.of_server(places);
                    places.extend(self.of_role());
                }
            }
            Part::PostNonchroot => {
                let list = |settings: &'p Settings| -> &'p [Spanned<crate::model::Program>] {
                    settings.hooks.post_nonchroot.get().map_or(&[], |list| &list.value)
                };
                self.of_list(part, list(was), list(now), places);
            }
            Part::Service => {
                if self.was.role.text.is_some() != self.now.role.text.is_some() {
                    places.extend(self.of_role());
                } else {
                    self.of_server(places);
                }
            }
            Part::Name => places.extend(self.now.host.map(|host| self.here(host.name.span))),
            Part::Address => self.of_address(places),
            _ => places.extend(self.of_setting(|settings| setting(part, settings))),
        }
    }

    /// The lines that changed something that a setting names: those of the thing when the name is the same.
    fn of_named(
        &self,
        get: &dyn Fn(&Settings) -> Option<Span>,
        inside: impl Fn(&Pair<'p>) -> Option<Vec<Place>>,
        places: &mut Vec<Place>,
    ) {
        match inside(self) {
            Some(found) => places.extend(found),
            None => places.extend(self.of_setting(get)),
        }
    }

    /// The elements that came, and those that went.
    fn of_list<T: PartialEq>(&self, part: Part, old: &[Spanned<T>], new: &[Spanned<T>], places: &mut Vec<Place>) {
        if let Some(detour) = self.detour(&|settings| setting(part, settings)) {
            places.push(detour);
            return;
        }
        let before = places.len();
        let came = new.iter().filter(|one| !old.iter().any(|other| other.value == one.value));
        places.extend(came.map(|one| self.here(one.span)));
        for gone in old.iter().filter(|one| !new.iter().any(|other| other.value == one.value)) {
            // Removed by an edit, its own line is still there.
            match setting(part, self.now.settings) {
                Some(edit) if self.head.has_line_of(self.base, gone.span) => places.push(self.here(edit)),
                _ => places.push(self.gone(gone.span)),
            }
        }
        if places.len() == before && old.iter().map(|one| &one.value).ne(new.iter().map(|one| &one.value)) {
            places.extend(self.of_setting(|settings| setting(part, settings)));
        }
    }

    fn of_release<T: PartialEq>(&self, get: impl Fn(&Release) -> Vec<(T, Span)>, places: &mut Vec<Place>) {
        let (Some(old), Some(new)) = (self.was.release(self.base), self.now.release(self.head)) else { return };
        if old.name.value != new.name.value {
            places.extend(self.of_setting(|settings| at(&settings.release)));
            return;
        }
        let (old, new) = (get(old), get(new));
        let before = places.len();
        let came = new.iter().filter(|(value, _)| !old.iter().any(|(other, _)| other == value));
        places.extend(came.map(|(_, span)| self.here(*span)));
        let gone = old.iter().filter(|(value, _)| !new.iter().any(|(other, _)| other == value));
        let gone: Vec<Place> = gone.map(|(_, span)| self.gone(*span)).collect();
        if new.len() < old.len() {
            places.extend(gone);
        }
        if places.len() == before {
            // The order alone differs, or the bytes of a copied file.
            places.extend(new.first().map(|(_, span)| self.here(*span)));
        }
    }

    /// The line that gave the machine another role, or the role another text.
    fn of_role(&self) -> Option<Place> {
        if self.role_differs() {
            return Some(self.here(self.now.role_at));
        }
        let text = |role: &Role| role.text.as_ref().map(|text| text.span);
        self.either(text(self.was.role), text(self.now.role))
    }

    fn of_macs(&self, places: &mut Vec<Place>) {
        let macs = |holder: Holder<'p>| holder.host.map_or(&[][..], |host| &*host.macs);
        let (old, new) = (macs(self.was), macs(self.now));
        let came = new.iter().filter(|mac| !old.iter().any(|other| other.value == mac.value));
        let before = places.len();
        places.extend(came.map(|mac| self.here(mac.span)));
        if places.len() == before {
            let gone = old.iter().filter(|mac| !new.iter().any(|other| other.value == mac.value));
            places.extend(gone.map(|mac| self.gone(mac.span)));
        }
    }

    fn of_server(&self, places: &mut Vec<Place>) {
        let (old, new) = (&self.base.fleet.server, &self.head.fleet.server);
        if old.url.value != new.url.value || old.service != new.service {
            places.push(self.here(new.url.span));
        }
    }

    fn of_address(&self, places: &mut Vec<Place>) {
        let address = |holder: Holder<'p>| holder.host.and_then(|host| host.address.as_ref());
        let (old, new) = (address(self.was), address(self.now));
        let before = places.len();
        match (old, new) {
            (Some(a), Some(b)) if a.ip == b.ip => {
                let networks = (self.base.fleet.network(a.network), self.head.fleet.network(b.network));
                if a.prefix != b.prefix {
                    places.push(self.here(networks.1.cidr.span));
                }
                for (old, new) in [(networks.0.gateway, networks.1.gateway), (networks.0.dns, networks.1.dns)] {
                    if old.map(|old| old.value) != new.map(|new| new.value) {
                        places.extend(self.either(old.map(|old| old.span), new.map(|new| new.span)));
                    }
                }
            }
            (a, b) => places.extend(self.either(a.map(|a| a.span), b.map(|b| b.span))),
        }
        let interface = |settings: &'p Settings| settings.interface.get().map(|name| &name.value);
        if interface(self.was.settings) != interface(self.now.settings) || places.len() == before {
            places.extend(self.of_setting(|settings| at(&settings.interface)));
        }
    }
}

//! A template from an installation.

use super::hook;
use super::template::{
    Encryption, FilesystemType, MountPoint, PartitionLayout, StaticIp, Template, User, Version, Volume,
};
use crate::emit::job::{Delivery, Job};
use crate::model::{Command, Hooks, Layout, List, Partition, Value};
use crate::{model, source::Spanned};

pub(super) fn template<'f>(job: &Job<'f>) -> Template<'f> {
    let install = job.install();
    let settings = job.settings;
    let layout = job.fleet.layout(install.layout.value);
    let hooks = &settings.hooks;
    let mut after: Vec<std::borrow::Cow<'f, str>> =
        commands(&hooks.post_nonchroot_shell).into_iter().map(Into::into).collect();
    let mut service = None;
    match job.delivery {
        Delivery::None => {}
        Delivery::Service => service = Some(job.fleet.server.service_url().into()),
        // First, so that the fleet's own hooks may still change what it did.
        Delivery::Fetch(role) => {
            let url = [&*job.fleet.server.service_url(), "get_role/", role].concat();
            after.insert(0, hook::fetch_role(&url).into());
        }
    }
    let url = |value: &'f Value<model::WebUrl>| value.get().map(|url| &*url.value.0);
    let truth = |value: &Value<bool>| value.get().filter(|flag| flag.value).map(|flag| flag.value);
    Template {
        destination_type: "physical",
        partition_layout: each(layout, |disk, partition| {
            let kind = partition.kind.word();
            Some(PartitionLayout { disk, partition: partition.number, size: partition.size.as_str(), kind })
        }),
        filesystem_types: each(layout, filesystem),
        partition_mount_points: each(layout, mount_point),
        version: match job.release().version.value {
            model::Version::Number(number) => Version::Number(number),
            model::Version::Latest => Version::Latest("latest"),
        },
        bundles: install.bundles.value.iter().map(|bundle| bundle.as_str()).collect(),
        software_manager: settings.software_manager.get().map(|manager| manager.word()),
        users: settings.users().iter().map(user).collect(),
        hostname: job.host.map(|host| host.name.as_str()),
        static_ip: static_ip(job),
        cmdline: settings.cmdline.get().map(|line| &*line.value.0),
        legacy_bios: truth(&settings.legacy_bios),
        https_proxy: url(&settings.https_proxy),
        http_proxy: url(&settings.http_proxy),
        mirror_url: url(&settings.mirror_url),
        version_url: url(&settings.version_url),
        ister_cloud_init_svc: service,
        disabled_new_partitions: truth(&settings.keep_partition_table),
        pre_install_shell: commands(&hooks.pre_install_shell),
        post_non_chroot: programs(hooks),
        post_non_chroot_shell: after,
        post_chroot: commands(&hooks.post_chroot),
        post_chroot_shell: commands(&hooks.post_chroot_shell),
    }
}

/// The entries that the partitions of a layout give, in their order.
fn each<'f, T>(layout: &'f Layout, entry: impl Fn(&'f str, &'f Partition) -> Option<T>) -> Vec<T> {
    let partitions = layout.disks.iter().flat_map(|disk| disk.partitions.iter().map(|part| (disk.name.as_str(), part)));
    partitions.filter_map(|(disk, partition)| entry(disk, partition)).collect()
}

fn filesystem<'f>(disk: &'f str, partition: &'f Partition) -> Option<FilesystemType<'f>> {
    Some(FilesystemType {
        disk,
        partition: partition.number,
        kind: partition.filesystem?.word(),
        options: partition.options.as_ref().map(|options| &*options.value.0),
        label: partition.label.as_ref().map(|label| &*label.value.0),
        disable_format: partition.is_kept().then_some(true),
        encryption: partition.encryption.as_ref().map(|encryption| Encryption {
            name: &encryption.name.value.0,
            passphrase: &encryption.passphrase.value.0,
        }),
    })
}

fn mount_point<'f>(disk: &'f str, partition: &'f Partition) -> Option<MountPoint<'f>> {
    Some(MountPoint {
        disk,
        partition: partition.number,
        mount: partition.mount.as_ref()?.as_str(),
        forcemu: partition.forces_unit().then_some(true),
        // Both halves or the raw partition would be mounted: contract I-63.
        encryption: partition.encryption.as_ref().map(|encryption| Volume { name: &encryption.name.value.0 }),
    })
}

fn user(user: &model::User) -> User<'_> {
    User {
        username: user.name.as_str(),
        password: user.password_hash.as_ref().map(|hash| &*hash.value.0),
        uid: user.uid.map(|uid| uid.value.0),
        sudo: user.sudo.map(|sudo| sudo.value),
        key: user.ssh_key.as_ref().map(|key| format!("{}\n", key.as_str())),
        fullname: user.full_name.as_ref().map(|name| &*name.value.0),
    }
}

/// The address of a host that has one.
pub(super) fn static_ip<'f>(job: &Job<'f>) -> Option<StaticIp<'f>> {
    let address = job.host?.address.as_ref()?;
    let network = job.fleet.network(address.network);
    Some(StaticIp {
        iface: &job.settings.interface.get()?.value.0,
        address: format!("{}/{}", address.ip, address.prefix),
        gateway: network.gateway.as_ref()?.to_string(),
        dns: network.dns.as_ref().map(|dns| dns.to_string()),
    })
}

fn commands(value: &Value<List<Command>>) -> Vec<&str> {
    let list: &[Spanned<Command>] = value.get().map_or(&[], |list| &list.value);
    list.iter().map(|command| &*command.value.0).collect()
}

fn programs(hooks: &Hooks) -> Vec<&str> {
    hooks.post_nonchroot.get().map_or(Vec::new(), |list| list.value.iter().map(|program| &*program.value.0).collect())
}

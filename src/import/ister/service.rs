//! The service that a template names (contract I-11 to I-15): where the tree is, and in which folder the answers are.

use super::super::list::Setup;
use super::json::Kind;
use super::object::Object;
use crate::model::{FromText, ServerUrl, ServiceFolder};
use crate::source::Spanned;

/// The key.
pub(super) const KEY: &str = "IsterCloudInitSvc";

/// The URL of the service; none when the installer asks nobody.
pub(super) fn service(template: &Object<'_>) -> Option<Spanned<String>> {
    let node = template.get(KEY).filter(|node| node.is_truthy())?;
    let Kind::Text(url) = &node.kind else {
        // contract I-12
        let message = format!("`{KEY}` is {}: the installer fails once the disk is written", node.kind.name());
        template.fault(node.place, message, "write one URL, as a text");
        return None;
    };
    if !url.ends_with('/') {
        // contract I-13
        let message = format!("the URL `{url}` does not end in `/`, so machines are installed without a role");
        template.fault(node.place, message, format!("write `{url}/`"));
        return None;
    }
    let url = template.sink.take(ServerUrl::from_text(url), node.place).ok()?;
    Some(Spanned::new(format!("{}/", url.as_str()), url.span))
}

/// Puts server and folder of the service into a setup that has none; another one that is there stays, and is reported.
pub(super) fn settle(template: &Object<'_>, service: &Spanned<String>, setup: &mut Setup) {
    if let Some(url) = &setup.url {
        let folder = setup.service.as_ref().map_or("icis", |folder| &*folder.0);
        let known = format!("{url}/{folder}/");
        if known != service.value {
            let message = format!("the template names the service `{}`, and all else `{known}`", service.value);
            template.leave(service.span, message, "machines will ask the second; mend `server` if that is wrong");
        }
        return;
    }
    let url = service.trim_end_matches('/');
    let parts = url.rsplit_once('/').filter(|(server, _)| !server.ends_with('/'));
    let parts = parts.and_then(|(server, folder)| {
        Some((ServerUrl::from_text(server).ok()?, ServiceFolder::from_text(folder).ok()?))
    });
    match parts {
        Some((server, folder)) => (setup.url, setup.service) = (Some(server), Some(folder)),
        None => {
            let message = format!("the service `{}` has no folder of its own, and that of a fleet has", service.value);
            template.leave(service.span, message, "machines will ask in the folder `icis` of the same server");
            setup.url = ServerUrl::from_text(url).ok();
        }
    }
}

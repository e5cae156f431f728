//! What ucd does at every boot, since it is told to at every boot.

use super::case::Case;
use super::commands;
use super::read::Place;
use super::role::{Body, Role};
use super::{shell, text};
use crate::diag::rule;

rule! {
    /// ## What it does
    /// A role text that does something again at every boot, and never says that once is enough.
    ///
    /// ## Why it matters
    /// ucd goes through the text at every boot, not only at the first (contract U-2): it runs the commands again, appends
    /// the rules of sudo and the variables again, and adds the bundles again. With `mask: ucd.service` behind `service`, as
    /// the last key, the first boot is the last one that does.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// runcmd:
    ///   - echo installed >> /etc/motd   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// runcmd:
    ///   - echo installed >> /etc/motd
    /// service:
    ///   - mask: ucd.service
    /// ```
    REPEATED_AT_EVERY_BOOT, repeated_at_every_boot: "repeated-at-every-boot", FirstBoot, Warn;
}

/// Judges what happens again.
pub(super) fn judge(case: &Case<'_>, role: &Role<'_>) {
    let mut guarded = false;
    let mut again: Vec<(Place, &str)> = Vec::new();
    for block in &role.blocks {
        match &block.body {
            Body::Services(actions) => guarded |= actions.iter().any(|action| action.is_guard()),
            Body::Commands(list) => {
                guarded |= list.iter().any(|command| masks_ucd(&command.line()));
                if !guarded {
                    commands::reboots(case, list);
                }
                let new = list.iter().filter(|command| !shell::has_condition(&command.line()));
                again.extend(new.map(|command| (text::first_line(case, &command.words[0]), "runs this command again")));
            }
            Body::FirstCommands(list) => guarded |= list.iter().any(|command| masks_ucd(&command.line())),
            Body::Variables(list) => {
                again.extend(list.first().map(|_| (block.key.place, "appends the variables again")))
            }
            Body::Packages(list) => again.extend(list.first().map(|_| (block.key.place, "adds the bundles again"))),
            Body::Upgrade(Some(true)) => again.push((block.key.place, "updates the system again")),
            Body::Users(list) => {
                let sudo = list.iter().filter(|user| !user.sudo.is_empty()).filter_map(|user| user.sudo_key);
                again.extend(sudo.map(|key| (key, "appends the rules of sudo again")));
            }
            _ => {}
        }
    }
    // Where the text is cut short, or `service` no list, the guard may be there and not be seen.
    let Some((place, what)) = again.first().filter(|_| !guarded && !role.hides) else { return };
    let mut finding = case.finding(&REPEATED_AT_EVERY_BOOT, *place, format!("at every boot ucd {what}"));
    for (place, what) in again.iter().skip(1).take(3) {
        finding = finding.and(case.span(*place), format!("and {what}"));
    }
    case.report(
        finding
            .help("add `- mask: ucd.service` behind `service`, as the last key: then this boot is the last that does"),
    );
}

fn masks_ucd(line: &str) -> bool {
    shell::commands(line).iter().any(|words| {
        let unit = |word: &&str| matches!(*word, "ucd" | "ucd.service");
        words.contains(&"mask") && words.iter().any(unit)
    })
}

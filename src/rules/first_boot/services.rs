//! Units that `service` starts, stops, enables and masks.

use super::case::Case;
use super::kinds;
use super::read::{Place, Text, Value};
use super::text;
use crate::diag::rule;
use crate::nearest;

rule! {
    /// ## What it does
    /// A verb in `service` that ucd does not know.
    ///
    /// ## Why it matters
    /// ucd knows `enable`, `disable`, `start`, `stop`, `restart`, `reload`, `isolate`, `mask` and `unmask`, and skips
    /// everything else (contract U-31): the unit does not run.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - enabel: nginx   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - enable: nginx
    /// ```
    UNKNOWN_SERVICE_VERB, unknown_service_verb: "unknown-service-verb", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// Two verbs in one entry of `service`.
    ///
    /// ## Why it matters
    /// ucd looks at the first key of an entry, and at no other (contract U-31).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - enable: nginx
    ///     start: nginx   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - enable: nginx
    ///   - start: nginx
    /// ```
    SECOND_SERVICE_VERB, second_service_verb: "second-service-verb", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A unit's name with characters that the shell takes apart.
    ///
    /// ## Why it matters
    /// ucd hands the name to `systemctl` by way of a shell, without quotes (contract U-31, X-18).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - enable: nginx; systemctl start nginx   # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// service:
    ///   - enable: nginx
    ///   - start: nginx
    /// ```
    MALFORMED_UNIT, malformed_unit: "malformed-unit", FirstBoot, Error, fixed;
}

/// What is to be done with units.
pub(super) struct Action<'d> {
    pub(super) verb: Text<'d>,
    pub(super) units: Vec<Text<'d>>,
}

const VERBS: &[&str] = &["enable", "disable", "start", "stop", "restart", "reload", "isolate", "mask", "unmask"];

/// The name of a unit with its type, which `systemctl` adds to a name without one.
pub(super) fn unit(name: &str) -> String {
    const TYPES: &[&str] =
        &["service", "socket", "timer", "path", "mount", "automount", "swap", "target", "slice", "scope", "device"];
    match name.rsplit_once('.') {
        Some((_, kind)) if TYPES.contains(&kind) => name.to_string(),
        _ => format!("{name}.service"),
    }
}

impl Action<'_> {
    /// Whether this keeps ucd from running at the next boot (contract U-2), or is a slip of the pen for it.
    pub(super) fn is_guard(&self) -> bool {
        let mask = self.verb.text == "mask" || !VERBS.contains(&self.verb.text);
        mask && self.units.iter().any(|name| unit(name.text) == "ucd.service")
    }
}

/// Reads the value of `service`.
pub(super) fn read<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<Action<'d>> {
    let mut actions = Vec::new();
    for entry in kinds::entries(case, key, value, "ucd skips it") {
        let mut pairs = kinds::pairs(case, entry).into_iter();
        let Some((verb, units)) = pairs.next() else { continue };
        if let Some((second, _)) = pairs.next() {
            let message = format!("ucd looks at {} alone, and skips what stands behind it", case.quote(&verb));
            let finding = case.finding(&SECOND_SERVICE_VERB, second.place, message);
            case.report(finding.and(case.span(verb.place), "the one it takes").help("write an entry for each verb"));
        }
        if !VERBS.contains(&verb.text) {
            let message = format!("ucd knows no verb {}, and skips the unit", case.quote(&verb));
            let help = nearest::did_you_mean(verb.text, "the verbs", VERBS.iter().copied());
            case.report(case.finding(&UNKNOWN_SERVICE_VERB, verb.place, message).help_if(help));
        }
        let units = kinds::texts(case, &verb, &units, true, "ucd hands nothing to `systemctl`");
        let units = units.into_iter().filter(|unit| is_good(case, &verb, unit)).collect();
        actions.push(Action { verb, units });
    }
    actions
}

fn is_good(case: &Case<'_>, verb: &Text<'_>, name: &Text<'_>) -> bool {
    if !text::whole(case, verb.text, name) {
        return false;
    }
    // A blank parts two units, and `systemctl` takes several; other signs mean something else to the shell.
    let good = |c: char| c.is_ascii_alphanumeric() || " :-_.@+,%=/".contains(c);
    if name.text.chars().all(good) {
        return true;
    }
    let message = format!("the shell takes {} apart before `systemctl` gets it", case.quote(name));
    case.at(&MALFORMED_UNIT, name.place, message, "name the unit alone, like `nginx.service`");
    false
}

/// The names of the units of an action, each with its place.
pub(super) fn units(action: &Action<'_>) -> Vec<(String, Place)> {
    let names = action.units.iter().flat_map(|text| text.text.split_whitespace().map(|name| (unit(name), text.place)));
    names.collect()
}

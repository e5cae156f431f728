//! What `fleetc import` says of files in memory: those of the service, a vendor's list, what dnsmasq has,
//! the installer's template.

use std::collections::BTreeMap;

use fleetc::compile::Compiled;
use fleetc::diag::{Levels, Report, Sink};
use fleetc::import::{self, Known, Pattern, Repairs, RoleFile, Setup, Wish};
use fleetc::source::Sources;

/// Puts the findings of an import in the place of those of a fleet, where the files are there to be imported. Marks of
/// lines that are reported, as the pages of rules have them, are no part of the files.
pub fn judge(compiled: &mut Compiled, files: &BTreeMap<String, Vec<u8>>) {
    let line = |line: &str| line.strip_suffix("# <-").map_or(line, str::trim_end).to_string() + "\n";
    let text = |name: &str| -> Option<String> {
        let text = std::str::from_utf8(files.get(name)?).expect("UTF-8");
        Some(text.lines().map(line).collect())
    };
    let (mut sources, sink) = (Sources::default(), Sink::default());
    let mut list = if let Some(config) = text("config.txt") {
        let file = sources.add("config.txt", config.as_str());
        let roles = files.keys().filter_map(|path| Some((path, path.strip_prefix("roles/")?)));
        let roles: Vec<RoleFile> = roles
            .map(|(path, name)| {
                let text = text(path).unwrap_or_default();
                let file = sources.add(path.as_str(), text.as_str());
                RoleFile { name: name.to_string(), text: Some((text, file)) }
            })
            .collect();
        import::icis(&config, file, &roles, Repairs::default(), &sink)
    } else if let Some(list) = text("machines.csv") {
        import::csv(&list, sources.add("machines.csv", list.as_str()), &sink)
    } else if let Some(list) = text("dnsmasq.conf") {
        import::dnsmasq(&list, sources.add("dnsmasq.conf", list.as_str()), &sink)
    } else if let Some(template) = text("ister_config.json") {
        let file = sources.add("ister_config.json", template.as_str());
        import::ister(&template, file, &Wish::default(), Setup::default(), &sink)
    } else {
        return;
    };
    let known = Known { names: Pattern::read("node-###").ok(), ..Known::default() };
    import::judge(&mut list, &known, None, &sink);
    compiled.report = Report::plain(sink, &Levels::default());
    compiled.sources = sources;
}

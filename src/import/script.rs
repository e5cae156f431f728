//! A boot script, run as iPXE runs it: which kernel it starts, with which arguments, and where the service is.

use super::list::Setup;
use crate::diag::Sink;
use crate::ipxe::{Content, End, Machine, Question, State, Watch, What, World, boot};
use crate::model::{BootArg, FromText, Location, ServerUrl, ServiceFolder};
use crate::rules::import;
use crate::source::{FileId, Span};

/// Where the script stands while it runs: what it names beside itself is a path on the server.
const HERE: &str = "http://boot.invalid/";

/// A server that has the script, and every image that it asks for.
struct Server<'s> {
    script: &'s str,
    entry: String,
}

impl World for Server<'_> {
    fn get(&self, url: &str, what: What) -> Option<Content> {
        match what {
            _ if url == self.entry => Some(Content::of(self.script.as_bytes())),
            What::Image => Some(Content::Image),
            What::Program => None,
        }
    }
}

/// All goes well.
struct Lucky;

impl Watch for Lucky {
    fn choose(&mut self, _: Question<'_>, _: &State) -> usize {
        0
    }
}

/// Commands that bring the network up. A script that was fetched has it, so nothing is lost without them.
const NETWORK: [&str; 3] = ["dhcp", "ifconf", "ifopen"];

/// Reads the setup out of a boot script; what it does not start, or fleetc cannot say, is reported.
pub fn boot_script(text: &str, file: FileId, setup: &mut Setup, sink: &Sink) {
    let place = Span { file, start: 0, end: text.lines().next().map_or(0, str::len) as u32 };
    let machine = Machine { cards: vec!["02:00:00:00:00:01".to_string()], booted: 0 };
    let entry = format!("{HERE}ipxe_boot_script.txt");
    let network = |line: &&str| line.split_whitespace().next().is_some_and(|word| NETWORK.contains(&word));
    let script: String = text.split_inclusive('\n').filter(|line| !network(line)).collect();
    let start =
        match boot(&machine, &entry, &Server { script: &script, entry: entry.clone() }, &mut Lucky) {
            End::Kernel(start) => start,
            other => {
                let why = match other {
                    End::Unknown(what) => format!("this script does something that is not understood: {what}"),
                    End::Loop => "this script goes round for ever".to_string(),
                    End::NextDevice | End::Kernel(_) => "this script starts no kernel".to_string(),
                };
                let fault = import::malformed_list().at(place, why);
                sink.report(fault.help(
                    "name the script that starts the installer, or leave `--boot-script` out and write it yourself",
                ));
                return;
            }
        };
    let not_imported = |message: String, help: &str| {
        sink.report(import::not_imported().at(place, message).help(help));
    };
    let words = || start.line.split_whitespace();
    match words().find_map(|word| word.strip_prefix("isterconf=")).map(service) {
        Some(Some((url, folder))) => (setup.url, setup.service) = (Some(url), Some(folder)),
        Some(None) => {
            not_imported("the URL behind `isterconf=` is none of the service".into(), "write `server` yourself")
        }
        None => not_imported("this script names no `isterconf=`".into(), "write `server` yourself"),
    }
    let server = setup.url.as_ref().map(|url| format!("{url}/"));
    let image = |url: &str, what: &str| -> Option<String> {
        let near = url.strip_prefix(HERE).or_else(|| url.strip_prefix(server.as_deref()?)).unwrap_or(url);
        match Location::from_text(near) {
            Ok(_) => Some(near.to_string()),
            Err(fault) => {
                not_imported(format!("the {what}: {}", fault.message), "write it yourself");
                None
            }
        }
    };
    setup.kernel = image(&start.kernel, "kernel");
    setup.initrd = start.images.first().and_then(|(_, url)| image(url, "initrd"));
    if let Some((_, url)) = start.images.get(1) {
        not_imported(format!("a second image, `{url}`"), "fleetc loads a kernel and one initrd; join the images");
    }
    let own = |word: &&str| !word.starts_with("isterconf=") && !word.starts_with("initrd=");
    let (good, bad): (Vec<&str>, Vec<&str>) = words().filter(own).partition(|word| BootArg::from_text(word).is_ok());
    for word in bad {
        not_imported(
            format!("the kernel argument `{word}`"),
            "write it in a spelling that iPXE and the kernel read alike",
        );
    }
    setup.boot_args = Some(good.into_iter().map(str::to_string).collect());
}

/// The server and the folder of the service in the URL of the installer's configuration:
/// `http://192.168.1.1/icis/static/ister/ister.conf`.
fn service(url: &str) -> Option<(ServerUrl, ServiceFolder)> {
    let (before, _) = url.split_once("/static/")?;
    let (server, folder) = before.rsplit_once('/')?;
    Some((ServerUrl::from_text(server).ok()?, ServiceFolder::from_text(folder).ok()?))
}

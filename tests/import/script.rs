//! Boot scripts of services as they are set up: what is taken from them, and what is said of the rest.

use fleetc::diag::{Levels, Report, Sink};
use fleetc::import::{Setup, boot_script};
use fleetc::source::Sources;

/// What a script gives: server, folder of the service, kernel, initrd, arguments; and what is said.
fn read(script: &str) -> (Setup, Vec<String>) {
    let (mut sources, sink, mut setup) = (Sources::default(), Sink::default(), Setup::default());
    let file = sources.add_foreign("boot.ipxe", script);
    boot_script(script, file, &mut setup, &sink);
    let findings = Report::plain(sink, &Levels::default()).findings;
    (setup, findings.into_iter().map(|finding| finding.diagnostic.message).collect())
}

#[test]
fn a_script_says_what_machines_boot_and_where_the_service_is() {
    let script = "#!ipxe\n# comment\ndhcp || goto retry\nset base http://boot.example:60000/pxe\n:retry\n\
                  kernel --name linux ${base}/images/linux quiet rw initrd=initrd \
                  isterconf=${base}/ccis/static/ister/ister.conf || shell\n\
                  initrd --name initrd http://mirror.example/initrd\nboot || exit\n";
    let (setup, said) = read(script);
    assert_eq!(said, [""; 0]);
    assert_eq!(setup.url.unwrap().to_string(), "http://boot.example:60000/pxe");
    assert_eq!(&*setup.service.unwrap().0, "ccis");
    assert_eq!(setup.kernel.as_deref(), Some("images/linux"));
    assert_eq!(setup.initrd.as_deref(), Some("http://mirror.example/initrd"));
    assert_eq!(setup.boot_args, Some(vec!["quiet".to_string(), "rw".to_string()]));
}

#[test]
fn what_a_script_has_too_much_or_too_little_is_said() {
    let (setup, said) = read("#!ipxe\nkernel linux a$b quiet\ninitrd one\ninitrd two\nboot\n");
    assert_eq!(
        said,
        ["a second image, `http://boot.invalid/two`", "the kernel argument `a$b`", "this script names no `isterconf=`",]
    );
    assert_eq!((setup.url, setup.initrd.as_deref()), (None, Some("one")));
    for (script, expected) in [
        ("#!ipxe\nexit\n", "this script starts no kernel"),
        ("kernel linux\nboot\n", "this script does something that is not understood"),
        ("#!ipxe\n:a\ngoto a\n", "this script goes round for ever"),
        (
            "#!ipxe\nkernel linux isterconf=http://h/x.conf\nboot\n",
            "the URL behind `isterconf=` is none of the service",
        ),
    ] {
        let (_, said) = read(script);
        assert!(said.len() == 1 && said[0].starts_with(expected), "{script}{said:?}");
    }
}

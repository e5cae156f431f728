//! Which requests are made, and how: as each client makes them, and for the machines that were chosen.

use std::collections::BTreeSet;

use crate::shop::Shop;
use crate::{Site, verify};

fn paths(shop: &Shop) -> BTreeSet<String> {
    shop.asked().into_iter().map(|request| request.path).collect()
}

#[test]
fn each_client_asks_as_it_does() {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |_| None);
    assert_eq!(verify(&shop.url(), &[]).code, Some(0));
    let invented = |path: &str| path.contains("fleetc-verify");
    for request in shop.asked().into_iter().filter(|request| !invented(&request.path)) {
        let header =
            |wanted: &str| request.headers.iter().find(|(name, _)| name == wanted).map(|(_, value)| value.as_str());
        let agent = header("user-agent").unwrap();
        let installer = request.path.starts_with("/icis/");
        let manifest = request.path == "/manifest.json";
        match (installer, manifest) {
            (true, _) => assert_eq!((agent, header("accept-encoding")), ("Python-urllib/3.7", Some("identity"))),
            (_, true) => assert!(agent.starts_with("fleetc/"), "{agent}"),
            _ => assert_eq!((&agent[..5], header("accept-encoding")), ("iPXE/", None), "{}", request.path),
        }
        assert_eq!((header("accept"), header("host")), (None, Some(&shop.url()[7..])));
    }
    let paths = paths(&shop);
    for path in [
        "/icis/get_config/52:54:00:00:01:01",
        "/icis/get_config/52%3A54%3A00%3A00%3A01%3A01",
        "/boot/52-54-00-00-01-01.ipxe",
        "/linux",
    ] {
        assert!(paths.contains(path), "{path} is not asked for: {paths:#?}");
    }
}

#[test]
fn every_file_of_the_tree_is_asked_for() {
    for example in ["pilot", "bulk", "mixed"] {
        let site = Site::new(example, None);
        let shop = Shop::open(&site.root(), |_| None);
        verify(&shop.url(), &["--timeout", "5"]);
        let asked = paths(&shop);
        let manifest: serde_json::Value = serde_json::from_slice(&site.read("manifest.json")).unwrap();
        for file in manifest["files"].as_array().unwrap() {
            let path = format!("/{}", file["path"].as_str().unwrap());
            assert!(asked.contains(&path), "{example}: {path}");
        }
    }
}

/// What a chosen machine asks for, and nothing of others; the same whether the list is the server's or at hand.
#[test]
fn machines_can_be_chosen() {
    let site = Site::pilot();
    let root = site.root();
    let expected = [
        "/boot/52-54-00-00-01-02.ipxe",
        "/icis/get_config/52%3A54%3A00%3A00%3A01%3A02",
        "/icis/get_config/52:54:00:00:01:02",
        "/icis/get_role/compute",
        "/icis/static/ister/node-002/ister.conf",
        "/icis/static/ister/node-002/ister_config.json",
        "/initrd",
        "/ipxe_boot_script.txt",
        "/linux",
        "/manifest.json",
    ];
    for against in [&[][..], &["--tree", root.to_str().unwrap()]] {
        let shop = Shop::open(&site.root(), |_| None);
        let run = verify(&shop.url(), &[&["--mac", "52-54-00-00-01-02"], against].concat());
        assert_eq!(run.code, Some(0), "{}", run.stdout);
        let asked = paths(&shop);
        let there: Vec<&String> =
            asked.iter().filter(|path| root.join(&path.replace("%3A", ":")[1..]).is_file()).collect();
        assert_eq!(there, expected.iter().collect::<Vec<_>>());
        assert!(run.stdout.contains(" requests for 1 of 6 network cards, "), "{}", run.stdout);
    }
    // By name: all scripts have to be read to find it, unless they are at hand.
    let shop = Shop::open(&site.root(), |_| None);
    let run = site.verify(&shop.url(), &["--host", "store-001"]);
    assert_eq!(run.code, Some(0), "{}", run.stdout);
    assert!(run.stdout.contains(" requests for 2 of 6 network cards, "), "{}", run.stdout);
    let run = verify(&shop.url(), &["--sample", "3", "--host", "node-002"]);
    assert!(run.stdout.contains(" requests for 4 of 6 network cards, ") && run.code == Some(0), "{}", run.stdout);
    let run = verify(&shop.url(), &["--sample", "1000"]);
    assert!(run.stdout.contains(" requests for 6 network cards, ") && run.code == Some(0), "{}", run.stdout);
}

#[test]
fn what_cannot_be_chosen_is_said() {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |_| None);
    for (flags, said) in [
        (["--host", "node-9"], "error: no boot script is that of a host `node-9`\n"),
        (["--mac", "52:54:00:00:00:99"], "error: no host has the MAC address `52:54:00:00:00:99`\n"),
        (["--mac", "52:54"], "error: invalid value '52:54' for '--mac <MAC>': a MAC address is six pairs of"),
        (["--sample", "0"], "error: invalid value '0' for '--sample <NUMBER>'"),
        (["--tree", "/nonexistent"], "error: `/nonexistent/manifest.json` cannot be read: no such file or directory\n"),
    ] {
        let run = verify(&shop.url(), &flags);
        assert!(run.code == Some(2) && run.stderr.starts_with(said), "{}", run.stderr);
    }
    let run = verify("https://192.168.1.1", &[]);
    assert!(run.code == Some(2) && run.stderr.contains("fleetc asks over http alone"), "{}", run.stderr);
}

//! What the book shows of `fleetc verify` is what it says.

use std::path::Path;

use crate::golden;
use crate::shop::{Act, Request, Shop, bytes, missing, page};
use crate::{Site, verify};

/// What is printed for the pilot's tree on a server; the tree is built for that server.
fn printed(twist: impl Fn(&Site, &Request) -> Option<Act> + Send + Sync + 'static) -> String {
    let site = std::sync::Arc::new(Site::pilot());
    let inside = site.clone();
    let shop = Shop::open(&site.root(), move |request| twist(&inside, request));
    site.edit("url: http://192.168.1.1", &format!("url: {}", shop.url()));
    site.build();
    let root = site.root();
    let run = verify(&shop.url(), &["--tree", root.to_str().unwrap()]);
    let printed = run.stdout.replace("http://SERVER", "http://192.168.1.1");
    format!(
        "$ fleetc verify http://192.168.1.1 --tree public; echo \"exit status $?\"\n{printed}exit status {}\n",
        run.code.unwrap()
    )
}

#[test]
fn the_book_shows_what_is_said() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("book/src/commands.md");
    let mut text = std::fs::read_to_string(&path).unwrap();
    let good = printed(|_, _| None);
    let broken = printed(|site, request| match request.path.replace("%3A", ":").as_str() {
        "/icis/get_config/52:54:00:00:01:03" => Some(missing()),
        "/icis/get_role/compute" => {
            let role = String::from_utf8(site.read("icis/get_role/compute")).unwrap();
            Some(bytes(role.replace('\n', "\r\n")))
        }
        "/icis/static/ister/node-002/ister_config.json" => Some(page(200, "<!doctype html><title>Sign in</title>")),
        "/icis/static/ister/node-004/ister.conf" => Some(bytes("template=http://192.168.1.1/t\n")),
        _ => None,
    });
    for (name, said) in [("good", good), ("broken", broken)] {
        let fence = format!("```text,verify={name}\n");
        let (before, rest) = text.split_once(&fence).unwrap_or_else(|| panic!("commands.md has no block {fence}"));
        let (_, after) = rest.split_once("```").unwrap();
        text = format!("{before}{fence}{said}```{after}");
    }
    golden::compare(&path, &text).unwrap_or_else(|fault| panic!("{fault}"));
}

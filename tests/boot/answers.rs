//! What iPXE makes of answers that are not simply a file: facts for whoever asks a live server as iPXE would.

use std::fs;

use crate::namespace::{Namespace, SERVER};
use crate::qemu::{End, Machine, OPEN_NETWORK};

/// A second server, by its address.
const OTHER: &str = "192.168.1.3";

const REDIRECTIONS: [u16; 5] = [301, 302, 303, 307, 308];

/// A script, of which a server sends a part.
const HALF: &str = "#!ipxe\necho half of a script\n";

/// nginx with redirections to `/next`, on this server and on the other.
fn servers(root: &str) -> String {
    let redirections: String = REDIRECTIONS
        .map(|status| {
            format!(
                "location /path-{status} {{ return {status} /next; }}\n\
                 location /host-{status} {{ return {status} http://{OTHER}/next; }}\n"
            )
        })
        .concat();
    format!(
        "absolute_redirect off;\nserver {{\nlisten {SERVER}:80;\nroot {root};\n{redirections}}}\n\
         server {{\nlisten {OTHER}:80;\nroot {root}/other;\n}}\n"
    )
}

#[test]
fn ipxe_follows_redirections_and_refuses_what_is_cut() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
    fs::create_dir(root.path().join("other")).unwrap();
    write("next", "#!ipxe\necho next\n");
    write("other/next", "#!ipxe\necho next of the other\n");
    write("page", "<html><body>hello</body></html>\n");
    let mut lan = Namespace::with_cables(1);
    lan.ip(&format!("address add {OTHER}/24 dev lan"));
    lan.nginx(&servers(root.path().to_str().unwrap()));
    lan.answer_with(81, format!("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n{HALF}").as_bytes());
    lan.answer_with(82, format!("HTTP/1.1 200 OK\r\n\r\n{HALF}").as_bytes());

    let mut lines = String::new();
    let mut expected = Vec::new();
    for status in REDIRECTIONS {
        for (to, shown) in [("path", "next"), ("host", "next of the other")] {
            lines += &format!("echo = {to} {status}\nchain http://{SERVER}/{to}-{status} || echo failed\n");
            expected.extend([format!("= {to} {status}"), shown.to_string()]);
        }
    }
    // A server that announces more than it sends is found out; one that announces nothing is not.
    lines += &format!("echo = cut\nchain http://{SERVER}:81/ || echo failed\n");
    lines += &format!("echo = cut, no length\nchain http://{SERVER}:82/ || echo failed\n");
    expected.extend(["= cut", "failed", "= cut, no length", "half of a script"].map(str::to_string));
    // BIOS takes a page for a boot program, and would start it and hang (contract X-4).
    lines += &format!("imgfree\necho = page\nimgfetch http://{SERVER}/page || echo failed\nimgstat\necho = end\n");
    expected.extend(["= page", "page : 32 bytes [PXE-NBP]", "= end"].map(str::to_string));

    let boot = Machine::with_script(&format!("#!ipxe\n{OPEN_NETWORK}{lines}exit 1\n")).boot(&lan);
    assert_eq!(boot.end, End::Off, "{}", boot.console);
    let from_first = boot.console.lines().skip_while(|line| !line.starts_with("= "));
    let shown: Vec<&str> = from_first.filter(|line| !line.starts_with("http://")).map(str::trim_end).collect();
    assert!(shown.starts_with(&expected.iter().map(String::as_str).collect::<Vec<_>>()), "{}", boot.console);
}

//! The reader of boot scripts is right itself: it does what was measured (contract ch. 10).

use crate::ipxe::{self, Boot, End, Machine};

/// Runs one script on a machine with one card; the server has the kernel `k` and the initrd `i`.
fn run(script: &str) -> (End, Vec<String>) {
    let machine = Machine { booted: 0, cards: vec!["52:54:00:aa:bb:01".to_string()] };
    let script = format!("#!ipxe\n{script}\n");
    let mut fetch = |url: &str| match url {
        "http://h/entry" => Some(script.clone().into_bytes()),
        "http://h/next" => Some(b"#!ipxe\necho next\n".to_vec()),
        "http://h/k" | "http://h/i" => Some(b"image".to_vec()),
        _ => None,
    };
    let walk = ipxe::boot(&machine, "http://h/entry", &mut fetch, &mut || false);
    (walk.end, walk.screen)
}

#[test]
fn the_reader_of_scripts_knows_what_was_measured() {
    let shown = |script: &str| run(script).1.join("|");
    // contract X-1
    assert_eq!(shown("echo ${netX/mac} ${net0/mac:hexhyp} ${net7/mac} ."), "52:54:00:aa:bb:01 52-54-00-aa-bb-01 .");
    // contract X-2: what nothing catches ends the script
    assert_eq!(shown("chain --replace http://h/gone\necho on"), "");
    assert_eq!(shown("chain --replace http://h/gone || goto a\necho on\n:a\necho a"), "a");
    assert_eq!(shown("chain --replace http://h/gone ||\necho on"), "on");
    assert_eq!(shown("chain --replace http://h/next || goto a\necho on"), "next");
    // contract X-5: `boot` with nothing loaded succeeds
    assert_eq!(shown("boot || goto a\necho on\n:a"), "on");
    // contract X-7
    assert_eq!(shown("echo  a   b #c d"), "a b");
    assert_eq!(shown("isset ${other} && goto a ||\necho on\n:a"), "on");
    assert_eq!(shown("set other yes\nisset ${other} && goto a ||\necho on\n:a\necho a"), "a");
    assert_eq!(shown("isset ${other} && goto a\necho on\n:a"), "");
    // contract X-9
    assert_eq!(shown("goto ${netX/mac:hexhyp} ||\necho none\nexit 1\n:52-54-00-aa-bb-01\necho me"), "me");
    assert_eq!(shown("goto nowhere ||\necho on"), "on");
    assert_eq!(shown("exit 1\necho on"), "");
    // contract X-3: what was loaded stays until it is freed
    let load = "kernel http://h/k a  b || goto x\ninitrd --name i http://h/i || goto x\n";
    let boot = |images: usize| Boot {
        kernel: "http://h/k".to_string(),
        line: "a b".to_string(),
        images: vec![("i".to_string(), "http://h/i".to_string()); images],
    };
    assert_eq!(run(&format!("{load}boot")).0, End::Boot(boot(1)));
    assert_eq!(run(&format!("{load}{load}boot")).0, End::Boot(boot(2)));
    assert_eq!(run(&format!("{load}imgfree\n{load}boot")).0, End::Boot(boot(1)));
    assert_eq!(run(&format!("{load}imgfree\nboot")).0, End::NextDevice);
}

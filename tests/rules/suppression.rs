//! Comments that allow a rule: `# fleetc: allow(rule) reason`.

use fleetc::compile::{Compiled, compile};
use fleetc::diag::Levels;
use fleetc::source::Memory;

use super::whole;

fn compiled(hosts: &str) -> Compiled {
    compile("fleet.yaml", whole(hosts), "", &Memory::default(), &Levels::default())
}

/// The rules that are reported, with their lines, and how many findings are allowed.
fn found(hosts: &str) -> (Vec<(&'static str, u32)>, usize) {
    let compiled = compiled(hosts);
    let line = |span: fleetc::source::Span| compiled.sources.get(span.file).line_of(span.start);
    let findings = &compiled.report.findings;
    let found = findings.iter().map(|one| (one.diagnostic.rule.id, line(one.diagnostic.place.span))).collect();
    (found, compiled.report.suppressed.len())
}

/// A host with an `http_proxy` that nothing uses, with `above` on the line above and `behind` on the same line.
fn host(above: &str, behind: &str) -> String {
    format!(
        "hosts:\n  node-1:\n    mac: 52:54:00:00:00:01\n    role: compute\n{above}    http_proxy: http://proxy.example.net:3128{behind}\n"
    )
}

#[test]
fn a_comment_on_the_line_or_above_it_allows_a_rule() {
    assert_eq!(found(&host("", "")), (vec![("unused-http-proxy", 5)], 0));
    for (above, behind) in [
        ("", " # fleetc: allow(unused-http-proxy) the template asks for it"),
        ("    # fleetc: allow(unused-http-proxy) the template asks for it\n", ""),
        ("    #fleetc:allow( unused-http-proxy )the template asks for it\r\n", ""),
        ("    # fleetc: allow(unused-http-proxy) ž\n    # another comment\n", " # and one more"),
    ] {
        let text = host(above, behind);
        assert_eq!(found(&text), (vec![], 1), "{text}");
        assert_eq!(compiled(&text).report.suppressed[0].diagnostic.rule.id, "unused-http-proxy");
        assert!(compiled(&text).fleet().is_some());
    }
    let reason =
        compiled(&host("", " # fleetc: allow(unused-http-proxy) as asked  ")).report.suppressed[0].reason.clone();
    assert_eq!(reason, "as asked");
}

#[test]
fn a_comment_elsewhere_does_not() {
    let above = "    # fleetc: allow(unused-http-proxy) for another line\n    interface: eth0\n";
    assert_eq!(found(&host(above, "")), (vec![("unused-suppression", 5), ("unused-http-proxy", 7)], 0));
    // A comment behind a value is about its own line alone.
    let behind = "    interface: eth0 # fleetc: allow(unused-http-proxy) for another line\n";
    assert_eq!(found(&host(behind, "")), (vec![("unused-suppression", 5), ("unused-http-proxy", 6)], 0));
}

#[test]
fn one_comment_may_name_several_rules() {
    let both = " # fleetc: allow(unused-http-proxy, half-a-mirror) until the move";
    assert_eq!(found(&host("", both)), (vec![("unused-suppression", 5)], 1));
}

#[test]
fn a_comment_that_says_nothing_clear_is_an_error() {
    for (comment, message) in [
        ("allow(unused-http-proxy)", "nothing says why `unused-http-proxy` is allowed here"),
        ("allow(unused-http-proxy) …!", "nothing says why `unused-http-proxy` is allowed here"),
        ("allow(unused-http-proxi) why", "no rule is called `unused-http-proxi`"),
        ("allow() why", "no rule is called ``"),
        ("allow(unused-http-proxy", "nothing says why `unused-http-proxy` is allowed here"),
        ("ignore(unused-http-proxy) why", "comments to fleetc say `allow`, not `ignore`"),
        ("allow(duplicate-mac) why", "`duplicate-mac` is an error that cannot be allowed"),
    ] {
        let compiled = compiled(&host("", &format!(" # fleetc: {comment}")));
        let messages: Vec<_> = compiled.report.findings.iter().map(|one| one.diagnostic.message.as_str()).collect();
        assert!(messages.contains(&message), "{comment}: {messages:?}");
        assert!(messages.iter().any(|message| message.contains("never uses")), "{comment}: {messages:?}");
        assert!(compiled.fleet().is_none());
    }
}

#[test]
fn prose_about_fleetc_is_no_such_comment() {
    for prose in ["fleetc: see the book", "made for fleetc: allow(nothing)", "fleetc: (allow)", "fleetc:"] {
        assert_eq!(found(&host("", &format!(" # {prose}"))).0, [("unused-http-proxy", 5)], "{prose}");
    }
    // Not a comment: no blank before it.
    let text = "hosts:\n  node-1: { mac: 52:54:00:00:00:01, role: compute, labels: { a: x#fleetc:allow(x) } }\n";
    assert_eq!(found(text), (vec![], 0));
}

#[test]
fn behind_an_error_no_comment_is_called_unused() {
    let text = "hosts:\n  # fleetc: allow(unused-http-proxy) why\n  node-1: { mac: 52:54:00:00:00, role: compute, http_proxy: http://proxy.example.net }\n";
    assert_eq!(found(text), (vec![("malformed-mac", 3)], 0));
}

//! Laws of judging, for answers made at random; and the formats, as their readers read them.

use fleetc::publish::manifest::Checksum;
use fleetc::verify::Fault;
use fleetc::verify::answer::{Answer, Body, BodyEnd, End, Hop, Reply};
use fleetc::verify::judge::{Known, judge};
use fleetc::verify::probe::{Want, Why};
use proptest::prelude::*;
use sha2::{Digest, Sha256};

use crate::Site;
use crate::shop::{Shop, missing, page};

fn sum(bytes: &[u8]) -> Checksum {
    Checksum(Sha256::digest(bytes).into())
}

fn answer(status: u16, bytes: &[u8], end: BodyEnd) -> Answer {
    let body = Body { size: bytes.len() as u64, sha256: sum(bytes), start: bytes.to_vec(), end };
    Answer { hops: Vec::new(), end: End::Status(Reply { status, encoding: None, age: None, body }) }
}

fn bodies() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        proptest::collection::vec(any::<u8>(), 0..64),
        "(\u{feff}|\r\n|#!ipxe\n|<html>|<title>Index of|\\{\"a\": 1\\}|[a-z ]){0,6}".prop_map(String::into_bytes),
    ]
}

fn ends() -> impl Strategy<Value = BodyEnd> {
    prop_oneof![
        Just(BodyEnd::Whole),
        any::<Option<u64>>().prop_map(BodyEnd::Cut),
        Just(BodyEnd::Endless),
        Just(BodyEnd::Slow),
    ]
}

proptest! {
    /// An answer is good if and only if it means success, is whole, and has the bytes that should come.
    #[test]
    fn good_is_the_same_bytes(status in 100u16..600, got in bodies(), wanted in bodies(), end in ends(), same: bool) {
        let got = if same { wanted.clone() } else { got };
        let want = Want::Bytes(wanted.len() as u64, sum(&wanted));
        let good = (200..300).contains(&status) && got == wanted && end == BodyEnd::Whole;
        let verdict = judge(want, &answer(status, &got, end), Known::default());
        prop_assert_eq!(verdict.is_ok(), good, "{:?}", verdict);
    }

    /// What must not be there is good if and only if nothing is, or what may be.
    #[test]
    fn nothing_is_no_success(status in 100u16..600, got in bodies(), or in proptest::option::of(bodies())) {
        for why in [Why::Installed, Why::Unlisted, Why::OtherGeneration, Why::Unused, Why::Invented] {
            let may = or.as_ref().is_some_and(|or| *or == got);
            let good = !(200..300).contains(&status) || may;
            let verdict = judge(Want::Nothing(why, or.as_deref().map(sum)), &answer(status, &got, BodyEnd::Whole), Known::default());
            prop_assert_eq!(verdict.is_ok(), good, "{:?}", verdict);
        }
    }

    /// A boot file with a sum is good if and only if it has it; one without is never empty, cut or a page.
    #[test]
    fn boot_files(got in bodies(), wanted in bodies(), end in ends(), same: bool) {
        let got = if same { wanted.clone() } else { got };
        let answer = answer(200, &got, end.clone());
        let good = judge(Want::Image(Some(sum(&wanted))), &answer, Known::default()).is_ok();
        prop_assert_eq!(good, got == wanted && end == BodyEnd::Whole);
        if judge(Want::Image(None), &answer, Known::default()).is_ok() {
            prop_assert!(end == BodyEnd::Whole && !got.is_empty() && !got.starts_with(b"<html>"));
        }
    }

    /// Right bytes for another server are told from other bytes.
    #[test]
    fn elsewhere_is_the_same_but_for_the_server(before in "[a-z\n ]{0,20}", after in "[a-z/\n ]{0,20}") {
        let text = |base: &str| format!("{before}{base}/{after}");
        let (right, wrong) = (text("http://right"), text("http://wrong:8080"));
        let known = Known { base: Some("http://right"), served_base: Some("http://wrong:8080"), ..Known::default() };
        let want = Want::Bytes(right.len() as u64, sum(right.as_bytes()));
        let verdict = judge(want, &answer(200, wrong.as_bytes(), BodyEnd::Whole), known);
        prop_assert_eq!(verdict, Err(Fault::Elsewhere("http://wrong:8080".to_string())));
        let other = answer(200, format!("{wrong}x").as_bytes(), BodyEnd::Whole);
        prop_assert!(!matches!(judge(want, &other, known), Ok(()) | Err(Fault::Elsewhere(_))));
    }
}

#[test]
fn an_answer_by_way_of_a_redirect_is_judged_by_its_end() {
    let hop = || Hop { status: 302, to: "http://h/x".to_string() };
    let by_way = |status| Answer { hops: vec![hop()], ..answer(status, b"a", BodyEnd::Whole) };
    let want = Want::Bytes(1, sum(b"a"));
    assert_eq!(judge(want, &by_way(200), Known::default()), Ok(()));
    assert!(matches!(judge(want, &by_way(404), Known::default()), Err(Fault::Redirect(302, ..))));
}

#[test]
fn json_is_what_its_schema_says() {
    let schema = serde_json::to_value(fleetc::verify::schema()).unwrap();
    let validator = jsonschema::draft202012::new(&schema).unwrap();
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |request| match request.path.as_str() {
        "/icis/get_role/compute" => Some(page(200, "<html>")),
        "/linux" => Some(missing()),
        _ => None,
    });
    let run = site.verify(&shop.url(), &["--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).unwrap();
    let faults: Vec<String> = validator.iter_errors(&json).map(|error| error.to_string()).collect();
    assert_eq!((faults, run.code), (Vec::new(), Some(1)));
    let found: Vec<[&str; 4]> = json["findings"]
        .as_array()
        .unwrap()
        .iter()
        .map(|finding| ["fault", "kind", "client", "url"].map(|key| finding[key].as_str().unwrap()))
        .collect();
    assert_eq!(
        found,
        [
            ["html", "role", "installer", "http://SERVER/icis/get_role/compute"],
            ["missing", "boot-file", "ipxe", "http://SERVER/linux"],
        ]
    );
    assert_eq!((&json["good"], &json["machines"], &json["source"]), (&false.into(), &6.into(), &"tree".into()));
}

/// The XML is read by another reader than wrote it.
#[test]
fn junit_is_xml() {
    let site = Site::pilot();
    let shop = Shop::open(&site.root(), |request| (request.path == "/icis/get_role/compute").then(missing));
    let run = site.verify(&shop.url(), &["--format", "junit"]);
    assert_eq!(run.code, Some(1));
    let expected = "  <testsuite name=\".../get_role/&lt;role&gt;\" tests=\"2\" failures=\"1\" errors=\"0\">
    <testcase classname=\"fleetc.verify.role\" name=\"right answers\">
      <system-out>1 of 2</system-out>
    </testcase>
    <testcase classname=\"fleetc.verify.role\" name=\"icis/get_role/compute\">
      <failure type=\"missing\" message=\"it is not there (404)\">http://SERVER/icis/get_role/compute
the installation fails after the disk is written
roles/managed.yaml:1</failure>
    </testcase>
  </testsuite>
";
    assert!(run.stdout.contains(expected), "{}", run.stdout);
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("report.xml");
    std::fs::write(&path, &run.stdout).unwrap();
    let output = std::process::Command::new("python3")
        .args(["-c", "import sys, xml.etree.ElementTree as t; r = t.parse(sys.argv[1]).getroot(); print(r.get('tests'), r.get('failures'), len(r.findall('.//testcase')))"])
        .arg(&path)
        .output()
        .expect("these tests need `python3`; on Debian: apt-get install python3");
    assert_eq!(String::from_utf8(output.stdout).unwrap(), "12 1 12\n");
}

//! What the three DHCP servers answer, asked by machines of every kind: what the contract says, and each the same.

use std::net::Ipv4Addr;

use fleetc::beside::{Kind, emit};
use fleetc::model::Fleet;
use serde_json::{Value, json};

use crate::example::{self, Example};
use crate::programs::{converse, options_for};

/// What a PXE client asks for, as iPXE and UEFI do: also the names of server and file.
const PXE: [u8; 20] = [1, 3, 6, 12, 15, 17, 28, 43, 50, 51, 54, 58, 59, 60, 66, 67, 97, 128, 129, 175];
/// What an installed Linux asks for.
const LINUX: [u8; 8] = [1, 3, 6, 12, 15, 28, 51, 54];

/// What a machine gets to boot, by what it asks with: code of its architecture, file, vendor class in the answer. Written
/// from the contract (N-2, N-4, N-10), not from the code.
const TABLE: [(u16, &str, Option<&str>); 13] = [
    (0, "undionly.kpxe", None),
    (6, "ipxe-i386.efi", None),
    (7, "ipxe.efi", None),
    (8, "ipxe.efi", None),
    (9, "ipxe.efi", None),
    (11, "ipxe-arm64.efi", None),
    (15, "URL/ipxe-i386.efi", Some("HTTPClient")),
    (16, "URL/ipxe.efi", Some("HTTPClient")),
    (19, "URL/ipxe-arm64.efi", Some("HTTPClient")),
    // Firmware that there is no iPXE for: Itanium, 32-bit ARM, POWER, RISC-V.
    (2, "", None),
    (10, "", None),
    (14, "", None),
    (27, "", None),
];

/// How iPXE makes itself known: by its own option, by its user class, as it writes that and as RFC 3004 has it.
const IPXE: [(&str, &str); 3] = [("175", "b10501808610d3"), ("77", "69505845"), ("77", "0469505845")];

pub const SERVERS: [Kind; 3] = [Kind::Dnsmasq, Kind::Kea, Kind::Dhcpd];

fn hex(text: &str) -> String {
    text.bytes().map(|byte| format!("{byte:02x}")).collect()
}

fn addresses(list: &[&str]) -> String {
    list.iter().flat_map(|text| text.parse::<Ipv4Addr>().unwrap().octets()).map(|byte| format!("{byte:02x}")).collect()
}

/// What an example's servers answer to some requests, the server's own folder of iPXE's files being there.
fn ask(kind: Kind, fleet: &Fleet, wires: &[&str], requests: &[Value]) -> Vec<Value> {
    let folder = tempfile::tempdir().unwrap();
    let mut options = options_for(fleet);
    options.tftp_root = Some(folder.path().to_str().unwrap().to_string());
    let text = emit(fleet, kind, &options).unwrap();
    converse(kind, &text, wires, requests)
}

fn with_fleet(example: &Example, judge: impl Fn(&Fleet)) {
    let compiled = example.compile(&example.text());
    judge(compiled.fleet().unwrap());
}

/// Architecture × iPXE or not × listed or not.
fn cases() -> Vec<(Value, String, Option<&'static str>)> {
    let mut cases = Vec::new();
    for mac in ["52:54:00:00:01:01", "52:54:00:00:02:01", "52:54:00:00:02:02", "52:54:00:99:99:99"] {
        for (arch, file, class) in TABLE {
            let file = file.replace("URL", "http://192.168.1.1");
            for asks in [&PXE[..], &LINUX, &[]] {
                cases.push((json!({ "mac": mac, "arch": arch, "asks": asks }), file.clone(), class));
            }
            for (option, data) in IPXE {
                let request = json!({ "mac": mac, "arch": arch, "asks": PXE, "options": { option: data } });
                cases.push((request, "http://192.168.1.1/ipxe_boot_script.txt".to_string(), None));
            }
        }
        // The installer and the installed system (contract N-5).
        cases.push((json!({ "mac": mac, "asks": LINUX }), String::new(), None));
    }
    cases
}

fn in_range(address: &str) -> bool {
    let address: Ipv4Addr = address.parse().unwrap();
    (Ipv4Addr::new(192, 168, 1, 128)..=Ipv4Addr::new(192, 168, 1, 253)).contains(&address)
}

/// The pilot's network, as its fleet file has it.
fn judge(kind: Kind, request: &Value, answer: &Value, file: &str, class: Option<&str>) {
    let about = format!("{kind:?}: {request}: {answer}");
    assert_eq!(answer["kind"], 2, "no offer: {about}");
    assert_eq!(answer["file"], file, "{about}");
    if !file.is_empty() {
        assert_eq!(answer["next"], "192.168.1.1", "{about}");
    }
    let option = |code: &str| answer["options"][code].as_str();
    assert_eq!(option("60"), class.map(hex).as_deref(), "{about}");
    let (address, name) = match request["mac"].as_str().unwrap() {
        "52:54:00:00:01:01" => (Some("192.168.1.11"), Some("node-001")),
        "52:54:00:00:02:01" | "52:54:00:00:02:02" => (Some("192.168.1.21"), Some("store-001")),
        _ => (None, None),
    };
    match address {
        Some(address) => assert_eq!(answer["address"], address, "{about}"),
        None => assert!(in_range(answer["address"].as_str().unwrap()), "{about}"),
    }
    if request["asks"].as_array().unwrap().is_empty() {
        return;
    }
    assert_eq!(option("12"), name.map(hex).as_deref(), "{about}");
    assert_eq!(option("1"), Some(&*addresses(&["255.255.255.0"])), "{about}");
    assert_eq!(option("3"), Some(&*addresses(&["192.168.1.1"])), "{about}");
    assert_eq!(option("6"), Some(&*addresses(&["192.168.1.1"])), "{about}");
    assert_eq!(option("15"), None, "{about}");
    assert_eq!(option("51"), Some("00000e10"), "{about}");
}

/// The part of an answer in which the servers must not differ.
fn common(answer: &Value) -> Value {
    let options = ["1", "3", "6", "12", "15", "51", "60"].map(|code| answer["options"][code].clone());
    let file = &answer["file"];
    let next = if file == "" { &Value::Null } else { &answer["next"] };
    let fixed = !in_range(answer["address"].as_str().unwrap());
    json!([fixed.then(|| answer["address"].clone()), file, next, options])
}

/// A line for each architecture: what all three say to a listed machine.
#[allow(clippy::print_stdout)]
fn table(cases: &[(Value, String, Option<&str>)], answers: &[Value]) {
    let pxe: Vec<(&Value, &Value)> = cases
        .iter()
        .map(|(request, ..)| request)
        .zip(answers)
        .filter(|(request, _)| request["asks"] != json!([]))
        .collect();
    let say = |answer: &Value| {
        let class = answer["options"]["60"].as_str().map_or("", |_| " + option 60 HTTPClient");
        format!("{}{class}", answer["file"].as_str().unwrap())
    };
    println!("{:>12}  {:60}  iPXE gets", "architecture", "firmware gets");
    for (arch, ..) in TABLE {
        let mut of = pxe.iter().filter(|(request, _)| request["arch"] == arch);
        let mut find = |ipxe: bool| of.find(|(request, _)| request["options"].is_object() == ipxe).unwrap().1;
        println!("{arch:>12}  {:60}  {}", say(find(false)), say(find(true)));
    }
}

/// Each firmware gets its own iPXE (contract N-2), iPXE never itself (N-3), and what is neither an address (N-5).
#[test]
fn three_servers_give_one_answer() {
    with_fleet(&example::named("pilot"), |fleet| {
        let cases = cases();
        let requests: Vec<Value> = cases.iter().map(|(request, ..)| request.clone()).collect();
        let all = SERVERS.map(|kind| ask(kind, fleet, &["192.168.1.1/24"], &requests));
        for (kind, answers) in SERVERS.iter().zip(&all) {
            for ((request, file, class), answer) in cases.iter().zip(answers) {
                judge(*kind, request, answer, file, *class);
            }
        }
        for (index, request) in requests.iter().enumerate() {
            let said: Vec<Value> = all.iter().map(|answers| common(&answers[index])).collect();
            // Without a list of what is asked for, each sends what it likes.
            if request["asks"] != json!([]) {
                assert!(said.iter().all(|one| *one == said[0]), "{request}: {said:#?}");
            }
        }
        table(&cases, &all[0]);
    });
}

/// The firmware, iPXE and the installer of one machine each give another client identifier; they are one machine.
#[test]
fn a_machine_keeps_its_address_through_all_its_programs() {
    let names = ["00112233445566778899aabbccddeeff00", "01525400000101", "ff0000000000020000ab1122334455667788", ""];
    let steps = |mac: &str| -> Vec<Value> {
        let step = |name: &&str| {
            let options = if name.is_empty() { json!({}) } else { json!({ "61": name }) };
            json!({ "mac": mac, "asks": LINUX, "takes": true, "options": options })
        };
        names.iter().map(step).collect()
    };
    with_fleet(&example::named("pilot"), |fleet| {
        for kind in SERVERS {
            let requests = [steps("52:54:00:00:01:01"), steps("52:54:00:99:99:99")].concat();
            let answers = ask(kind, fleet, &["192.168.1.1/24"], &requests);
            for answer in &answers {
                assert_eq!(answer["kind"], 5, "{kind:?}: {answer}");
            }
            let (listed, unlisted) = answers.split_at(names.len());
            assert!(listed.iter().all(|answer| answer["address"] == "192.168.1.11"), "{kind:?}: {listed:#?}");
            assert!(in_range(unlisted[0]["address"].as_str().unwrap()), "{kind:?}");
            let first = &unlisted[0]["address"];
            assert!(unlisted.iter().all(|answer| answer["address"] == *first), "{kind:?}: {unlisted:#?}");
        }
    });
}

/// Two networks: what is said of the one is not said in the other; one has no range.
#[test]
fn each_network_has_its_own_answers() {
    let asks = |mac: &str, wire: usize| json!({ "mac": mac, "wire": wire, "arch": 7, "asks": PXE });
    let mut nobody = asks("52:54:00:99:99:99", 1);
    nobody["silence"] = true.into();
    let requests = [
        asks("52:54:00:0a:01:02", 0),
        asks("52:54:00:0b:01:01", 1),
        asks("52:54:00:0d:01:01", 0),
        asks("52:54:00:99:99:99", 0),
        nobody,
    ];
    with_fleet(&example::named("mixed"), |fleet| {
        for kind in SERVERS {
            let answers = ask(kind, fleet, &["10.1.0.1/24", "10.2.0.1/22"], &requests);
            let option = |index: usize, code: &str| answers[index]["options"][code].as_str();
            let front = [addresses(&["255.255.255.0"]), addresses(&["10.1.0.1"]), addresses(&["10.1.0.2"])];
            let [mask, gateway, dns] = &front;
            for index in [0, 2, 3] {
                assert_eq!(option(index, "1"), Some(&**mask), "{kind:?}");
                assert_eq!(option(index, "3"), Some(&**gateway), "{kind:?}");
                assert_eq!(option(index, "6"), Some(&**dns), "{kind:?}");
                assert_eq!(option(index, "15"), Some(&*hex("front.example")), "{kind:?}: {answers:#?}");
            }
            assert_eq!(answers[0]["address"], "10.1.0.11", "{kind:?}");
            assert_eq!(option(0, "12"), Some(&*hex("web-01")), "{kind:?}");
            // A name and no address: one of the range.
            assert_eq!(option(2, "12"), Some(&*hex("vault-01")), "{kind:?}");
            let given = answers[2]["address"].as_str().unwrap();
            assert!(given.starts_with("10.1.0.2"), "{kind:?}: {given}");
            assert_eq!(option(3, "12"), None, "{kind:?}");
            assert_eq!(answers[1]["address"], "10.2.0.11", "{kind:?}");
            assert_eq!(option(1, "1"), Some(&*addresses(&["255.255.252.0"])), "{kind:?}");
            assert_eq!(option(1, "3"), Some(&*addresses(&["10.2.0.1"])), "{kind:?}");
            assert_eq!(option(1, "6"), None, "{kind:?}");
            assert_eq!(option(1, "15"), Some(&*hex("back.example")), "{kind:?}");
            // No range, no address of its own: no answer.
            assert_eq!(answers[4], Value::Null, "{kind:?}");
            for answer in &answers[..4] {
                assert_eq!((&answer["file"], &answer["next"]), (&json!("ipxe.efi"), &json!("10.1.0.1")), "{kind:?}");
            }
        }
    });
}

/// A machine boots from its second card while the first still has the address of both. dnsmasq and dhcpd give it to the
/// second, too; Kea lends an address once, and gives the second another one until then.
#[test]
fn the_cards_of_a_machine_share_its_address() {
    let cards = ["52:54:00:00:02:01", "52:54:00:00:02:02"];
    let requests = cards.map(|mac| json!({ "mac": mac, "asks": LINUX, "takes": true }));
    with_fleet(&example::named("pilot"), |fleet| {
        for kind in SERVERS {
            let answers = ask(kind, fleet, &["192.168.1.1/24"], &requests);
            let [first, second] = [&answers[0], &answers[1]].map(|answer| answer["address"].as_str().unwrap());
            assert_eq!((&answers[0]["kind"], &answers[1]["kind"]), (&json!(5), &json!(5)), "{kind:?}");
            assert_eq!(first, "192.168.1.21", "{kind:?}");
            match kind {
                Kind::Kea => assert!(in_range(second), "{second}"),
                _ => assert_eq!(second, first, "{kind:?}"),
            }
        }
    });
}

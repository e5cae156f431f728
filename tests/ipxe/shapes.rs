//! Scripts from a small grammar, the same each time.

use crate::{expected, hold};

/// How many scripts are compared, and how many in one boot.
const SCRIPTS: usize = 300;
const AT_ONCE: usize = 100;

/// A source of numbers.
struct Dice(u64);

impl Dice {
    fn below(&mut self, count: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        ((self.0 >> 33) as usize) % count
    }

    fn of<'t>(&mut self, choices: &[&'t str]) -> &'t str {
        choices[self.below(choices.len())]
    }
}

fn word(dice: &mut Dice) -> String {
    let value =
        dice.of(&["${a}", "${b}", "${c}", "${none}", "${netX/mac:hexhyp}", "${${c}}", "${a:hexhyp}", "${net0/mac}"]);
    match dice.below(5) {
        0 => dice.of(&["x", "yes", "1", "\"q", "a"]).to_string(),
        1 => format!("{}{value}", dice.of(&["", "x", "-", "$"])),
        _ => value.to_string(),
    }
}

fn label(dice: &mut Dice) -> &'static str {
    dice.of(&["one", "two", "three", "four", "nowhere"])
}

/// A command; `mark` says where it is.
fn command(dice: &mut Dice, mark: usize) -> String {
    let url = dice.of(&["ok.ipxe", "fails.ipxe", "gone.ipxe", "sets.ipxe", "deep.ipxe", "exits.ipxe", "loads.ipxe"]);
    match dice.below(22) {
        0..=4 => format!("echo @{mark} {} {}", word(dice), word(dice)),
        5 | 6 => format!("isset {}", word(dice)),
        7 | 8 => format!("iseq {} {}", word(dice), word(dice)),
        9 | 10 => format!("set {} {}", dice.of(&["a", "b", "c"]), word(dice)),
        11 => format!("clear {}", dice.of(&["a", "b", "c"])),
        12 | 13 => format!("goto {}", label(dice)),
        14 => format!("exit{}", dice.of(&["", " 0", " 1", " ${none}x", " 0 0", " 2"])),
        15 | 16 => format!("chain {}{url}", dice.of(&["", "--autofree ", "--replace ", "http://192.168.1.1/", "-a /"])),
        17 => format!("initrd {}{}", dice.of(&["", "--name n ", "-n ${none}m "]), dice.of(&["image", "gone", "other"])),
        18 => format!("kernel {} {}", dice.of(&["--name k image", "gone", "/other x", "--bad image"]), word(dice)),
        19 => dice.of(&["imgfree", "imgstat", "boot", "sleep 0", "isset", "iseq a", "goto", "imgstat"]).to_string(),
        20 => format!("#{}", dice.of(&["", " echo @no", "echo @no"])),
        _ => String::new(),
    }
}

fn line(dice: &mut Dice, mark: &mut usize) -> String {
    let mut line = dice.of(&["", "", "", "  ", "\t"]).to_string();
    if dice.below(5) == 0 {
        line.push_str(&format!(":{}{}", label(dice), dice.of(&["", "", " ", "x"])));
        if dice.below(3) > 0 {
            return line;
        }
        line.push(' ');
    }
    let commands = [1, 1, 2, 2, 3, 4][dice.below(6)];
    for index in 0..commands {
        if index > 0 {
            line.push_str(dice.of(&[" || ", " && ", " ; ", "  ||  ", " || ", " ||", "&& "]));
        }
        *mark += 1;
        line.push_str(&command(dice, *mark));
    }
    line.push_str(dice.of(&["", "", " ||", " ||", " &&", " ;", "  ", " # end", "\r", " \\"]));
    line
}

fn script(dice: &mut Dice) -> String {
    let (count, mut mark) = (2 + dice.below(9), 0);
    let lines: Vec<String> = (0..count).map(|_| line(dice, &mut mark)).collect();
    format!("#!ipxe\n{}{}", lines.join("\n"), dice.of(&["\n", "\n", ""]))
}

/// Whether a text that is shown has something which only the machine knows, such as an option of DHCP.
fn is_open(mark: &str) -> bool {
    mark.split("${").skip(1).any(|rest| rest.contains('}'))
}

#[test]
fn scripts_of_any_shape_do_what_ipxe_does() {
    let mut dice = Dice(20_190_125);
    let (mut scripts, mut left) = (Vec::new(), 0);
    while scripts.len() < SCRIPTS {
        let script = script(&mut dice);
        // What starts a kernel, or goes round for ever, cannot be one of many; what is not understood is not compared.
        match expected(std::slice::from_ref(&script)) {
            Ok(marks) if !marks.values().flatten().any(|mark| is_open(mark)) => scripts.push(script),
            _ => left += 1,
        }
    }
    println!("{left} of {} scripts left out", left + SCRIPTS);
    assert!(left < SCRIPTS, "{left} scripts are not understood");
    let held: usize = scripts.chunks(AT_ONCE).map(hold).sum();
    assert_eq!(held, SCRIPTS);
}

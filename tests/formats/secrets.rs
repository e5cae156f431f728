//! No format shows a secret, wherever the fault is beside it.

use fleetc::report::FORMATS;

use super::{BOOK, compiled, drawn, whole};

const PASSPHRASE: &str = "melon vine";
const HASH: &str = "$6$saltsalt$Zm9vYmFyYmF6cXV4Zm9vYmFyYmF6cXV4";

/// A fleet whose layout and user have this text for the passphrase and for the hash.
fn fleet(passphrase: &str, user: &str) -> String {
    let layouts = format!(
        "layouts:\n  one-disk:\n    - disk: sda\n      partitions:\n        - {{ size: 512M, type: EFI, filesystem: vfat, mount: /boot }}\n        \
         - {{ size: 8G, filesystem: ext4, mount: / }}\n        - {{ size: rest, filesystem: ext4, mount: /home, {passphrase} }}\n"
    );
    whole(&format!("{layouts}roles:\n  compute: {{ users: [{{ name: ada, {user} }}] }}\n"))
}

#[test]
fn secrets_on_faulty_lines_are_in_no_report() {
    let good = (format!("encryption: {{ name: vault, passphrase: {PASSPHRASE} }}"), format!("password_hash: {HASH}"));
    let faults = [
        (format!("encryption: {{ name: va lt, passphrase: {PASSPHRASE} }}"), good.1.clone()),
        (format!("encryption: {{ nmae: vault, passphrase: {PASSPHRASE} }}"), good.1.clone()),
        (format!("encryption: {{ name: vault, pasphrase: {PASSPHRASE} }}"), good.1.clone()),
        (format!("encryption: {{ name: vault, passphrase: [{PASSPHRASE}] }}"), good.1.clone()),
        (format!("encryption: {{ name: vault, passphrase: {{ a: {PASSPHRASE} }} }}"), good.1.clone()),
        (format!("encryption: {{ name: vault, passphrase: \"{PASSPHRASE} }}"), good.1.clone()),
        (format!("encryption: {PASSPHRASE}"), good.1.clone()),
        (format!("encryption: {{ name: vault, passphrase: [a, {PASSPHRASE}] }}"), good.1.clone()),
        (good.0.clone(), format!("password_hash: {HASH}, uid: many")),
        (good.0.clone(), format!("password_hash: {PASSPHRASE}")),
        (good.0.clone(), format!("password-hash: {HASH}")),
        (good.0.clone(), format!("password: {PASSPHRASE}")),
        (good.0.clone(), format!("passwrod_hash: {HASH}")),
    ];
    for (passphrase, user) in &faults {
        let compiled = compiled(&fleet(passphrase, user), &[]);
        assert!(compiled.report.has_errors(), "{passphrase} {user}");
        for (name, format, _) in FORMATS {
            let text = drawn(*format, &compiled, &BOOK);
            for secret in ["vine", "Zm9vYmFy"] {
                assert!(!text.contains(secret), "{name}, {passphrase}, {user}: {text}");
            }
        }
    }
}

#[test]
fn secrets_on_lines_of_their_own_are_in_no_report() {
    let block = "layouts:\n  one-disk:\n    - disk: sda\n      partitions:\n        - size: rest\n          filesystem: ext4\n          \
                 mount: /\n          encryption:\n            name: va lt\n            passphrase: >-\n              melon\n              vine\n            bad: 1\n";
    let compiled = compiled(&whole(block), &[]);
    assert!(compiled.report.has_errors());
    for (name, format, _) in FORMATS {
        let text = drawn(*format, &compiled, &BOOK);
        assert!(!text.contains("vine") && !text.contains("melon"), "{name}: {text}");
    }
}

//! The hook that gives machines which are not listed their role, on a server without fallback rules.
//!
//! The installer asks the service by MAC address, and no static file answers for a MAC address that nobody knows
//! (contract S-11). So these machines get a template without service URL, and one hook that does what the installer
//! would have done: it stores the role text (I-22) and edits the unit of ucd (I-24). Shown to work in contract X-15.

/// The hook, for a role text at `url`. Any step that fails stops the installer, rather than leave a machine that looks
/// installed and has no role.
pub(super) fn fetch_role(url: &str) -> String {
    assert!(url.bytes().all(|byte| byte.is_ascii_graphic() && !b"'\"\\`$".contains(&byte)), "a URL that needs quotes");
    let steps = [
        "import os,sys,urllib.request as u".to_string(),
        "r=os.environ[\"ISTER_CHROOT\"]".to_string(),
        format!("d=u.urlopen(\"{url}\",timeout=60).read()"),
        "d[:2]==b\"#!\" or d[:13]==b\"#cloud-config\" or sys.exit(\"fleetc: no role text\")".to_string(),
        "open(r+\"/etc/cloud-init-user-data\",\"wb\").write(d)".to_string(),
        "p=r+\"/usr/lib/systemd/system/ucd.service\"".to_string(),
        "s=open(p).read()".to_string(),
        "n=s.replace(\" --metadata --user-data-once\",\" --user-data-file /etc/cloud-init-user-data\")".to_string(),
        "n!=s or sys.exit(\"fleetc: not the ucd.service that the role text fits\")".to_string(),
        "open(p,\"w\").write(n)".to_string(),
    ];
    format!("python3 -c '{}'", steps.join(";"))
}

#[cfg(test)]
mod tests {
    use super::fetch_role;

    #[test]
    fn is_one_shell_word_for_python() {
        let hook = fetch_role("http://192.168.1.1/icis/get_role/compute");
        assert_eq!(hook.matches('\'').count(), 2);
        assert!(!hook.contains('\n'));
    }
}

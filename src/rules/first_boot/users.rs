//! The users of a role text: which they are, and whether ucd understands their entries.

use super::booleans;
use super::case::Case;
use super::groups;
use super::kinds;
use super::read::{Entry, Place, Text, Value};
use super::text;
use super::useradd;
use crate::diag::rule;
use crate::model::{FromText, PasswordHash};
use crate::nearest;

rule! {
    /// ## What it does
    /// A key in a user's entry that ucd does not know.
    ///
    /// ## Why it matters
    /// ucd spells the keys of a user with hyphens, and ignores all others in silence (contract U-18), among them the
    /// spellings of cloud-init with underscores: with `ssh_authorized_keys` the machine comes up, and nobody can log in.
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     lock_passwd: true   # <-
    ///     shell: /bin/zsh     # <-
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     lock-passwd: true
    /// fbootcmd:
    ///   - usermod -s /bin/zsh ada
    /// ```
    UNKNOWN_USER_KEY, unknown_user_key: "unknown-user-key", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// A user's entry without `name`.
    ///
    /// ## Why it matters
    /// ucd skips it, with its keys and its rules for sudo (contract U-19).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - gecos: Ada   # <-
    ///     groups: wheel
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    ///     gecos: Ada
    ///     groups: wheel
    /// ```
    NAMELESS_USER, nameless_user: "nameless-user", FirstBoot, Error, fixed;
}

rule! {
    /// ## What it does
    /// `default`, or several plain names, in the list of users.
    ///
    /// ## Why it matters
    /// In cloud-init `default` stands for a user that the system defines; ucd creates an account of that name, which
    /// nobody can use. Several plain names it joins into one: `alice` and `bob` become the account `alicebob` (contract
    /// U-19).
    ///
    /// ## Example
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - default   # <-
    ///   - name: ada
    /// ```
    ///
    /// ## Instead
    /// ```yaml
    /// roles:
    ///   compute: { cloud_config: role.yaml }
    /// ```
    /// ```yaml role.yaml
    /// #cloud-config
    /// users:
    ///   - name: ada
    /// ```
    PLAIN_TEXT_USER, plain_text_user: "plain-text-user", FirstBoot, Error, fixed;
}

/// A yes or no of a user: where it stands, and what it says; nothing where that is left to chance.
pub(super) type Setting = Option<(Place, Option<bool>)>;

/// A user, as far as it could be read.
pub(super) struct User<'d> {
    pub(super) name: Option<Text<'d>>,
    /// The word `name` of the entry; none for a plain name.
    pub(super) name_key: Option<Place>,
    pub(super) head: Place,
    pub(super) home: Option<Text<'d>>,
    pub(super) primary_group: Option<Text<'d>>,
    pub(super) groups: Vec<groups::Name<'d>>,
    pub(super) no_create_home: Setting,
    pub(super) no_user_group: Setting,
    pub(super) keys: Vec<Text<'d>>,
    pub(super) sudo: Vec<Text<'d>>,
    pub(super) sudo_key: Option<Place>,
    /// Whether the account is made as an expired one, into which nobody gets.
    pub(super) is_expired: bool,
}

impl<'d> User<'d> {
    fn new(head: Place) -> User<'d> {
        User {
            name: None,
            name_key: None,
            head,
            home: None,
            primary_group: None,
            groups: Vec::new(),
            no_create_home: None,
            no_user_group: None,
            keys: Vec::new(),
            sudo: Vec::new(),
            sudo_key: None,
            is_expired: false,
        }
    }

    /// The name, empty where there is none.
    pub(super) fn name(&self) -> &'d str {
        self.name.map_or("", |name| name.text)
    }

    /// The file that ucd appends the user's keys to.
    pub(super) fn key_file(&self) -> String {
        match (&self.home, self.name()) {
            (Some(home), _) => format!("{}/.ssh/authorized_keys", home.text.trim_end_matches('/')),
            (None, "root") => "/root/.ssh/authorized_keys".to_string(),
            (None, name) => format!("/home/{name}/.ssh/authorized_keys"),
        }
    }
}

const KEYS: &[&str] = &[
    "name",
    "gecos",
    "homedir",
    "primary-group",
    "groups",
    "lock-passwd",
    "inactive",
    "passwd",
    "no-create-home",
    "no-user-group",
    "no-log-init",
    "expiredate",
    "ssh-authorized-keys",
    "sudo",
    "system",
];

/// What to do instead of a key that other clients know (contract U-18).
const INSTEAD: &[(&[&str], &str)] = &[
    (&["shell"], "ucd leaves the shell to `useradd`; the command `usermod -s SHELL NAME` in `fbootcmd` changes it"),
    (&["uid"], "a user with a number goes into the fleet file's `users`, or `usermod -u NUMBER NAME` into `fbootcmd`"),
    (&["plain_text_passwd"], "put a hash behind `passwd`: `openssl passwd -6` makes one"),
    (&["ssh_import_id", "ssh-import-id", "ssh_redirect_user"], "list the keys behind `ssh-authorized-keys`"),
    (&["selinux_user", "selinux-user", "snapuser", "doas"], "these machines have nothing that would read it"),
];

/// Reads the value of `users`.
pub(super) fn read<'d>(case: &Case<'_>, key: &Text<'d>, value: &Value<'d>) -> Vec<User<'d>> {
    let nothing = "ucd makes no user of it";
    let Value::List(list) = value else {
        kinds::entries(case, key, value, nothing);
        return Vec::new();
    };
    let mut users = Vec::new();
    let mut plain: Vec<Text<'d>> = Vec::new();
    for item in list.items() {
        match item {
            Value::Text(text) => plain.extend(kinds::filled(case, key, text)),
            Value::Entry(entry) => users.push(user(case, entry)),
            item => kinds::wrong(case, key, &item, kinds::ENTRIES, nothing),
        }
    }
    plain_names(case, &plain);
    users.extend(plain.iter().map(|name| User { name: Some(*name), ..User::new(name.place) }));
    users
}

fn plain_names(case: &Case<'_>, names: &[Text<'_>]) {
    if let [first, second, ..] = names {
        let joined: String = names.iter().map(|name| name.text).collect();
        let message = "ucd joins the plain names of this list into the name of one account";
        let finding =
            case.finding(&PLAIN_TEXT_USER, second.place, message).and(case.span(first.place), "joined to this");
        case.report(finding.help(format!("ucd would create `{joined}`; write `- name: {}` and so on", first.text)));
    } else if let [name] = names {
        if name.text == "default" {
            let message = "ucd knows no default user; it creates an account that is called `default`";
            case.at(&PLAIN_TEXT_USER, name.place, message, "remove it, and list the users that you want");
        } else {
            useradd::account_name(case, "users", name);
        }
    }
}

fn user<'d>(case: &Case<'_>, entry: Entry<'d>) -> User<'d> {
    let mut user = User::new(entry.place());
    let pairs = kinds::pairs(case, entry);
    for (key, value) in &pairs {
        match key_of(case, key, value, &pairs) {
            Some(known) => field(case, &mut user, known, key, value),
            // What is misspelt is not missing besides.
            None if nearest::nearest(key.text, KEYS.iter().copied()) == Some("name") => user.name_key = Some(key.place),
            None => {}
        }
    }
    if user.name_key.is_none() {
        let help = "add `name:`";
        case.at(&NAMELESS_USER, user.head, "ucd skips a user without `name`, and all that stands in its entry", help);
    }
    user
}

/// The key that is meant; reports it unless it is the one that is written.
fn key_of(case: &Case<'_>, key: &Text<'_>, value: &Value<'_>, pairs: &[(Text<'_>, Value<'_>)]) -> Option<&'static str> {
    if let Some(known) = KEYS.iter().find(|known| **known == key.text) {
        return Some(known);
    }
    // A mapping is reported as such.
    if matches!(value, Value::Entry(_)) {
        return None;
    }
    let plain = key.text.to_ascii_lowercase().replace('_', "-");
    let meant = match plain.as_str() {
        "hashed-passwd" => Some(&"passwd"),
        plain => KEYS.iter().find(|known| **known == plain),
    };
    let message = format!("ucd does not know {} of a user, and ignores it", case.quote(key));
    let finding = case.finding(&UNKNOWN_USER_KEY, key.place, message);
    let Some(meant) = meant else {
        let instead =
            INSTEAD.iter().find(|(names, _)| names.contains(&key.text)).map(|(_, instead)| instead.to_string());
        let near = || nearest::nearest(key.text, KEYS.iter().copied()).map(|name| format!("did you mean `{name}`?"));
        let help = instead.or_else(near).unwrap_or_else(|| format!("the keys of a user: `{}`", KEYS.join("`, `")));
        case.report(finding.help(help));
        return None;
    };
    let twice = pairs.iter().any(|(other, _)| other.text == *meant);
    let finding = finding.help(format!("write `{meant}`"));
    case.report(if twice { finding } else { case.edited(finding, key.place, meant) });
    (!twice).then_some(*meant)
}

fn field<'d>(case: &Case<'_>, user: &mut User<'d>, known: &str, key: &Text<'d>, value: &Value<'d>) {
    let fails = "`useradd` fails, and the user is not created";
    let text = || kinds::text(case, key, value, fails);
    let quoted = || text().filter(|text| text::quoted(case, known, text));
    match known {
        "name" => {
            user.name_key = Some(key.place);
            user.name = quoted().filter(|name| useradd::account_name(case, known, name));
        }
        // An empty full name is one, too.
        "gecos" if matches!(value, Value::Text(text) if text.text.is_empty()) => {}
        "gecos" => {
            quoted().filter(|text| useradd::accepted(case, text, !text.text.contains(':'), "a full name has no `:`"));
        }
        "homedir" => {
            let good = |text: &Text<'_>| text.text.starts_with('/') && !text.text.contains(':');
            user.home = quoted()
                .filter(|text| useradd::accepted(case, text, good(text), "it wants the whole path of a home folder"));
        }
        "expiredate" => {
            let wanted = "it wants a date like `2030-12-31`";
            let date = quoted().filter(|text| useradd::accepted(case, text, useradd::is_date(text.text), wanted));
            user.is_expired |= date.is_some_and(|date| useradd::is_long_past(date.text));
        }
        "primary-group" => user.primary_group = quoted(),
        "groups" => user.groups = groups::of_user(case, key, value),
        "passwd" => {
            let locked = |text: &Text<'_>| text.text.starts_with(['!', '*']);
            if let Some((text, fault)) = quoted()
                .filter(|text| !locked(text))
                .and_then(|text| PasswordHash::from_text(text.text).err().map(|fault| (text, fault)))
            {
                case.fault(fault, text.place);
            }
        }
        "no-create-home" => user.no_create_home = Some((key.place, booleans::read(case, key, value))),
        "no-user-group" => user.no_user_group = Some((key.place, booleans::read(case, key, value))),
        // What is neither yes nor no is left to chance (contract U-17, U-22).
        "inactive" => user.is_expired |= booleans::read(case, key, value) != Some(false),
        "lock-passwd" | "no-log-init" => {
            booleans::read(case, key, value);
        }
        "ssh-authorized-keys" => user.keys = kinds::texts(case, key, value, true, "ucd writes no key of it"),
        "sudo" => {
            user.sudo_key = Some(key.place);
            user.sudo = kinds::texts(case, key, value, true, "ucd writes no rule of it");
        }
        "system" => useradd::system(case, key, value),
        _ => {}
    }
}

//! What secrets look like in plain text: for the rules that find them in what is served, and for the reports that star
//! them out.

use std::ops::Range;
use std::sync::LazyLock;

use memchr::memmem;

/// What a secret is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// The body of a private key.
    PrivateKey,
    /// A hashed password, as `crypt` writes it.
    PasswordHash,
    /// A token of a well-known service.
    Token,
    /// User and password of a URL.
    Credentials,
}

/// How the tokens of services begin, and how many characters follow at the least.
const TOKENS: &[(&str, usize)] = &[
    ("ghp_", 36),
    ("gho_", 36),
    ("ghs_", 36),
    ("github_pat_", 22),
    ("glpat-", 20),
    ("xoxb-", 20),
    ("xoxp-", 20),
    ("AKIA", 16),
    ("sk_live_", 24),
    ("hvs.", 24),
    ("AGE-SECRET-KEY-1", 58),
];

/// What finds the beginnings of [`TOKENS`], made once: there may be a text for each host.
static FINDERS: LazyLock<Vec<memmem::Finder<'static>>> =
    LazyLock::new(|| TOKENS.iter().map(|(prefix, _)| memmem::Finder::new(prefix)).collect());

/// The ids of hashes between their first dollar signs: DES and MD5, Blowfish, SHA, scrypt, yescrypt, Argon2.
const HASHES: &[&str] = &["1", "2a", "2b", "2x", "2y", "5", "6", "7", "y", "gy", "argon2i", "argon2id", "md5", "sha1"];

/// The secrets in a text, in order; none overlap.
pub fn find(text: &str) -> Vec<(Range<usize>, Kind)> {
    let mut found: Vec<(Range<usize>, Kind)> = Vec::new();
    found.extend(private_keys(text).map(|range| (range, Kind::PrivateKey)));
    found.extend(hashes(text).map(|range| (range, Kind::PasswordHash)));
    let finders = TOKENS.iter().zip(FINDERS.iter());
    found.extend(finders.flat_map(|(token, finder)| tokens(text, token, finder)).map(|range| (range, Kind::Token)));
    found.extend(credentials(text).map(|range| (range, Kind::Credentials)));
    found.sort_by_key(|(range, _)| (range.start, std::cmp::Reverse(range.end)));
    let mut end = 0;
    found.retain(|(range, _)| {
        let free = range.start >= end;
        end = end.max(range.end);
        free
    });
    found
}

/// From the line that opens a private key to the line that closes it, or to the end.
fn private_keys(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memmem::find_iter(text.as_bytes(), "PRIVATE KEY-----").filter_map(|at| {
        let line = text[..at].rfind('\n').map_or(0, |newline| newline + 1);
        let start = line + text[line..at].rfind("-----BEGIN ")?;
        let body = at + "PRIVATE KEY-----".len();
        let end = text[body..].find("-----END ").map_or(text.len(), |end| {
            let end = body + end + "-----END ".len();
            end + text[end..].find("-----").map_or(0, |dashes| dashes + "-----".len())
        });
        Some(start..end)
    })
}

/// `$id$…` with enough behind it to be a hash.
fn hashes(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memchr::memchr_iter(b'$', text.as_bytes()).filter_map(|start| {
        let rest = &text[start + 1..];
        let id = HASHES.iter().find(|id| rest.strip_prefix(**id).is_some_and(|rest| rest.starts_with('$')))?;
        let body = &rest[id.len()..];
        let length = run(body, |byte| byte.is_ascii_alphanumeric() || b"./$=,+-_".contains(&byte));
        (length > 12).then(|| start..start + 1 + id.len() + length)
    })
}

fn tokens<'t>(
    text: &'t str,
    (prefix, least): &'t (&str, usize),
    finder: &'t memmem::Finder<'static>,
) -> impl Iterator<Item = Range<usize>> + 't {
    finder.find_iter(text.as_bytes()).filter_map(move |start| {
        let length =
            run(&text[start + prefix.len()..], |byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-');
        let inside = text[..start].ends_with(|c: char| c.is_ascii_alphanumeric() || c == '_');
        (length >= *least && !inside).then(|| start..start + prefix.len() + length)
    })
}

/// `user:password` between `://` and `@`.
fn credentials(text: &str) -> impl Iterator<Item = Range<usize>> + '_ {
    memmem::find_iter(text.as_bytes(), "://").filter_map(|at| {
        let start = at + "://".len();
        let length = run(&text[start..], |byte| byte.is_ascii_graphic() && !b"/?#@\"'`<>$".contains(&byte));
        let end = start + length;
        let (user, password) = text[start..end].split_once(':')?;
        (text[end..].starts_with('@') && !user.is_empty() && !password.is_empty()).then_some(start..end)
    })
}

/// How many bytes at the head of a text are of a kind.
fn run(text: &str, kind: impl Fn(u8) -> bool) -> usize {
    text.bytes().take_while(|byte| kind(*byte)).count()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&str, Kind)> {
        find(text).into_iter().map(|(range, kind)| (&text[range], kind)).collect()
    }

    #[test]
    fn secrets_are_found_where_they_stand() {
        let key = "-----BEGIN OPENSSH PRIVATE KEY-----\n  b3BlbnNzaC1\n  -----END OPENSSH PRIVATE KEY-----";
        assert_eq!(found(&format!("content: |\n  {key}\nä")), [(key, Kind::PrivateKey)]);
        let open = "-----BEGIN PRIVATE KEY-----\nMIIEv";
        assert_eq!(found(open), [(open, Kind::PrivateKey)]);
        assert_eq!(found("passwd: $6$salt$0123456789abc/."), [("$6$salt$0123456789abc/.", Kind::PasswordHash)]);
        assert_eq!(found("'$y$j9T$abcdefgh$ijklmnop'"), [("$y$j9T$abcdefgh$ijklmnop", Kind::PasswordHash)]);
        let token = format!("ghp_{}", "a1B2".repeat(9));
        assert_eq!(found(&format!("curl -H 'token {token}'")), [(token.as_str(), Kind::Token)]);
        assert_eq!(found("git clone https://me:pa55@example.net/x"), [("me:pa55", Kind::Credentials)]);
    }

    #[test]
    fn what_only_resembles_a_secret_is_none() {
        for text in [
            "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----",
            "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ3B1NjvPbbjDr2PjhgL0zx8unUNJmhKLAQhqjrTM49c ada",
            "echo $1$2",
            "price: $5$",
            "ghp_short",
            "a PRIVATE KEY----- of ours",
            "http://192.168.1.1:80/x@y",
            "http://$USER:$PASSWORD@host/",
            "mail: a:b@c",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn ranges_are_in_order_and_on_characters(text in "(\\PC|\n|://|a:b@|\\$6\\$|-----BEGIN |PRIVATE KEY-----|-----END |ghp_){0,24}") {
            let mut end = 0;
            for (range, _) in find(&text) {
                proptest::prop_assert!(range.start >= end && range.end > range.start);
                proptest::prop_assert!(text.get(range.clone()).is_some());
                end = range.end;
            }
        }
    }
}

//! The options of a command, as iPXE's `getopt` reads them: before the first other word, long or short.

use super::settings::Word;

/// An option that a command knows: its long and its short name, and whether a value follows.
pub(super) type Known = (&'static str, char, bool);

/// What stands behind a command's name.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Arguments<'w> {
    /// The options that are given, by their short name.
    options: Vec<(char, &'w str)>,
    /// The other words.
    pub(super) rest: &'w [Word<'w>],
}

/// Why options could not be read.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// The command prints how it is used, and fails.
    Usage,
    /// A word that only the machine knows stands where an option may stand.
    Open,
}

impl<'w> Arguments<'w> {
    /// Reads what stands behind a command's name; between `min` and `max` words may follow its options.
    pub(super) fn read(
        words: &'w [Word<'w>],
        known: &[Known],
        min: usize,
        max: usize,
    ) -> Result<Arguments<'w>, Trouble> {
        let mut options = Vec::new();
        let mut at = 0;
        while let Some(word) = words.get(at) {
            if word.open && (word.text.starts_with("${") || word.text.starts_with('-')) {
                return Err(Trouble::Open);
            }
            let Some(option) = word.text.strip_prefix('-') else { break };
            at += 1;
            let mut next = || {
                let value = words.get(at).filter(|value| !value.open).map(|value| &*value.text);
                at += 1;
                value.ok_or(if words.get(at - 1).is_some() { Trouble::Open } else { Trouble::Usage })
            };
            match option.strip_prefix('-') {
                Some("") => break,
                Some(long) => {
                    let (name, given) = long.split_once('=').map_or((long, None), |(name, given)| (name, Some(given)));
                    let known = known.iter().find(|(long, _, _)| *long == name).ok_or(Trouble::Usage)?;
                    match (known.2, given) {
                        (false, None) => options.push((known.1, "")),
                        (false, Some(_)) => return Err(Trouble::Usage),
                        (true, Some(given)) => options.push((known.1, given)),
                        (true, None) => options.push((known.1, next()?)),
                    }
                }
                None if option.is_empty() => return Err(Trouble::Usage),
                None => {
                    for (index, short) in option.char_indices() {
                        let known = known.iter().find(|known| known.1 == short).ok_or(Trouble::Usage)?;
                        if known.2 {
                            let inside = &option[index + short.len_utf8()..];
                            options.push((short, if inside.is_empty() { next()? } else { inside }));
                            break;
                        }
                        options.push((short, ""));
                    }
                }
            }
        }
        let rest = words.get(at..).unwrap_or_default();
        if (min..=max).contains(&rest.len()) { Ok(Arguments { options, rest }) } else { Err(Trouble::Usage) }
    }

    /// Whether an option is given.
    pub(super) fn has(&self, short: char) -> bool {
        self.value(short).is_some()
    }

    /// The value of an option; of several the last.
    pub(super) fn value(&self, short: char) -> Option<&'w str> {
        self.options.iter().rev().find(|(name, _)| *name == short).map(|(_, value)| *value)
    }

    /// The words behind the first `skip`, with a blank between them.
    pub(super) fn joined(&self, skip: usize) -> String {
        let words: Vec<&str> = self.rest.iter().skip(skip).map(|word| &*word.text).collect();
        words.join(" ")
    }

    /// Whether one of the words is something that only the machine knows.
    pub(super) fn is_open(&self) -> bool {
        self.rest.iter().any(|word| word.open)
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    const KNOWN: &[Known] = &[("name", 'n', true), ("replace", 'r', false), ("autofree", 'a', false)];

    /// The options that are found, and how many words follow them.
    fn read(line: &str) -> Result<(String, usize), Trouble> {
        let words: Vec<Word<'_>> = line
            .split(' ')
            .filter(|word| !word.is_empty())
            .map(|word| Word { text: Cow::Borrowed(word), open: word.contains("${"), numbered: false })
            .collect();
        let read = Arguments::read(&words, KNOWN, 0, 3)?;
        let options: Vec<String> = read.options.iter().map(|(name, value)| format!("{name}{value}")).collect();
        Ok((options.join(" "), read.rest.len()))
    }

    #[test]
    fn options_stand_before_words() {
        let fine = |options: &str, rest| Ok((options.to_string(), rest));
        assert_eq!(read("--replace --name x url"), fine("r nx", 1));
        assert_eq!(read("-ar -nx -n y url -r"), fine("a r nx ny", 2));
        assert_eq!(read("--name=x -- -r"), fine("nx", 1));
        assert_eq!(read(""), fine("", 0));
        for line in ["-x", "-", "--nam x", "--replace=x", "--name", "-n", "a b c d", "--help", "-1"] {
            assert_eq!(read(line), Err(Trouble::Usage), "{line}");
        }
        assert_eq!(read("${serial}"), Err(Trouble::Open));
        assert_eq!(read("--name ${serial}"), Err(Trouble::Open));
        assert_eq!(read("a${serial}"), fine("", 1));
    }
}

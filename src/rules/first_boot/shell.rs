//! As much of the shell as is needed to see what a command would do.

/// The characters that stand outside of quotes and substitutions, with their offsets.
fn bare(text: &str) -> Vec<(usize, char)> {
    let mut found = Vec::new();
    let mut characters = text.char_indices().peekable();
    let mut depth = 0_u32;
    while let Some((at, c)) = characters.next() {
        match c {
            '\\' => {
                characters.next();
            }
            '\'' => while characters.next().is_some_and(|(_, c)| c != '\'') {},
            '"' | '`' => {
                while let Some((_, inner)) = characters.next() {
                    match inner {
                        '\\' => {
                            characters.next();
                        }
                        inner if inner == c => break,
                        _ => {}
                    }
                }
            }
            '$' if characters.peek().is_some_and(|(_, c)| matches!(c, '(' | '{')) => {
                characters.next();
                depth += 1;
            }
            ')' | '}' if depth > 0 => depth -= 1,
            _ if depth == 0 => found.push((at, c)),
            _ => {}
        }
    }
    found
}

/// Whether a word that is joined with others by blanks stays one word with the same meaning.
pub(super) fn stays_one_word(word: &str) -> bool {
    if word.is_empty() {
        return false;
    }
    // An operator alone, or at the head of a word, is meant: `&&`, `>`, `2>&1`, `>/dev/null`.
    if word.trim_start_matches(|c: char| c.is_ascii_digit()).starts_with(['<', '>', '|', '&', ';', '(', ')']) {
        return !bare(word).iter().any(|(_, c)| c.is_whitespace());
    }
    let end = |at: usize| at + 1 == word.len();
    !bare(word).iter().any(|(at, c)| match c {
        ';' => !end(*at),
        c => c.is_whitespace() || matches!(c, '<' | '>' | '|' | '&' | '(' | ')'),
    })
}

/// The simple commands of a line, each as its words.
pub(super) fn commands(line: &str) -> Vec<Vec<&str>> {
    let mut commands = Vec::new();
    let mut words = Vec::new();
    let mut start = None;
    let bare = bare(line);
    let mut bare = bare.iter().peekable();
    let mut at = 0;
    while at < line.len() {
        let outside = bare.next_if(|(offset, _)| *offset == at).map(|(_, c)| *c);
        let length = line[at..].chars().next().map_or(1, char::len_utf8);
        match outside {
            Some(c) if c.is_whitespace() && c != '\n' => words.extend(start.take().map(|start| &line[start..at])),
            Some(';' | '|' | '&' | '(' | ')' | '\n') => {
                words.extend(start.take().map(|start| &line[start..at]));
                commands.push(std::mem::take(&mut words));
            }
            _ => {
                start.get_or_insert(at);
            }
        }
        at += length;
    }
    words.extend(start.map(|start| &line[start..]));
    commands.push(words);
    commands.retain(|words| !words.is_empty());
    commands
}

/// The program and its arguments, without what only sets the stage for it.
pub(super) fn program<'c, 't>(words: &'c [&'t str]) -> Option<(&'t str, &'c [&'t str])> {
    let stage = |word: &str| {
        let assignment = word.split_once('=').is_some_and(|(name, _)| {
            !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
        });
        assignment || matches!(word, "sudo" | "exec" | "time" | "nice" | "env" | "then" | "do" | "else" | "{" | "!")
    };
    let first = words.iter().position(|word| !stage(word))?;
    let name = words[first].trim_matches(['"', '\'']);
    Some((name.rsplit('/').next().unwrap_or(name), &words[first + 1..]))
}

/// Whether a line decides for itself whether there is something to do.
pub(super) fn has_condition(line: &str) -> bool {
    let words = |line: &str| commands(line).into_iter().flatten().map(str::to_string).collect::<Vec<_>>();
    line.contains("||")
        || words(line)
            .iter()
            .any(|word| matches!(word.as_str(), "if" | "test" | "[" | "[[" | "case" | "until" | "while"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_joined_by_blanks() {
        for good in [
            "a",
            "--x=y",
            "'a b'",
            "\"a b\"",
            "a\\ b",
            "$(hostname -s)",
            "${x}",
            "&&",
            "2>&1",
            ">",
            ">/dev/null",
            "x;",
            "*.conf",
        ] {
            assert!(stays_one_word(good), "{good}");
        }
        for bad in ["a b", "", "http://x/?a=1&b=2", "a;b", "a|b", "f(x)", "it's a b'c d", "a\nb"] {
            assert!(!stays_one_word(bad), "{bad}");
        }
    }

    #[test]
    fn lines_are_commands_and_commands_words() {
        let line = "test -e /x || (curl -s 'http://a;b' > /x && echo \"a b\"); echo $(ls; ls) é";
        let expected: Vec<Vec<&str>> = vec![
            vec!["test", "-e", "/x"],
            vec!["curl", "-s", "'http://a;b'", ">", "/x"],
            vec!["echo", "\"a b\""],
            vec!["echo", "$(ls; ls)", "é"],
        ];
        assert_eq!(commands(line), expected);
        assert_eq!(program(&["A=b", "sudo", "/usr/bin/curl", "x"]), Some(("curl", &["x"][..])));
        assert_eq!(program(&["A=b"]), None);
        assert!(has_condition("test -e /x && true") && has_condition("a || b") && !has_condition("a && b"));
    }
}

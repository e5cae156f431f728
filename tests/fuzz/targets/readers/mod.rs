//! The readers of what is quoted, after their sources: nginx's `ngx_conf_read_token`, dnsmasq's `read_file`, dhcpd's
//! `read_string`, and XML 1.0.

/// The words of nginx's first directive; none where it would find a fault, or a variable.
pub fn nginx(text: &[u8]) -> Option<Vec<Vec<u8>>> {
    let mut words = Vec::new();
    let mut at = 0;
    loop {
        while matches!(text.get(at)?, b' ' | b'\t' | b'\r' | b'\n') {
            at += 1;
        }
        if text[at] == b';' {
            return Some(words);
        }
        let quote = Some(text[at]).filter(|byte| matches!(byte, b'"' | b'\''));
        at += usize::from(quote.is_some());
        let mut word = Vec::new();
        loop {
            let byte = *text.get(at)?;
            match (byte, quote) {
                (b'\\', _) => {
                    at += 1;
                    match *text.get(at)? {
                        next @ (b'"' | b'\'' | b'\\') => word.push(next),
                        b't' => word.push(b'\t'),
                        b'r' => word.push(b'\r'),
                        b'n' => word.push(b'\n'),
                        other => word.extend([b'\\', other]),
                    }
                }
                (b'$', _) => return None,
                (_, Some(quote)) if byte == quote => {
                    // Behind a quote only a blank, `;`, `{` or `)` may stand.
                    at += 1;
                    matches!(text.get(at)?, b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{' | b')').then_some(())?;
                    break;
                }
                (b' ' | b'\t' | b'\r' | b'\n' | b';' | b'{', None) => break,
                _ => word.push(byte),
            }
            at += 1;
        }
        words.push(word);
    }
}

/// dnsmasq's value; none when it would part it, or take some of it for a comment.
pub fn dnsmasq(line: &[u8]) -> Option<Vec<u8>> {
    let mut value = Vec::new();
    let mut bytes = line.iter().copied();
    while let Some(byte) = bytes.next() {
        if byte != b'"' {
            if b" #,\t\r\n".contains(&byte) {
                return None;
            }
            value.push(byte);
            continue;
        }
        loop {
            match bytes.next()? {
                b'"' => break,
                b'\n' => return None,
                b'\\' => match bytes.next()? {
                    b't' => value.push(b'\t'),
                    b'n' => value.push(b'\n'),
                    b'e' => value.push(0x1b),
                    b'b' => value.push(8),
                    b'r' => value.push(b'\r'),
                    byte @ (b'"' | b'\\') => value.push(byte),
                    other => value.extend([b'\\', other]),
                },
                byte => value.push(byte),
            }
        }
    }
    Some(value)
}

/// dhcpd's text; none when it ends before the line does, or not at all.
pub fn dhcpd(text: &[u8]) -> Option<Vec<u8>> {
    let mut bytes = text.strip_prefix(b"\"")?.iter().copied().peekable();
    let mut value = Vec::new();
    loop {
        match bytes.next()? {
            b'"' => return bytes.next().is_none().then_some(value),
            b'\n' => return None,
            b'\\' => match bytes.next()? {
                b't' => value.push(b'\t'),
                b'r' => value.push(b'\r'),
                b'n' => value.push(b'\n'),
                b'b' => value.push(8),
                b'x' => return None,
                digit @ b'0'..=b'7' => {
                    let mut number = u32::from(digit - b'0');
                    for _ in 0..2 {
                        match bytes.next_if(|byte| (b'0'..=b'7').contains(byte)) {
                            Some(digit) => number = number * 8 + u32::from(digit - b'0'),
                            None => break,
                        }
                    }
                    value.push(u8::try_from(number).ok()?);
                }
                other => value.push(other),
            },
            byte => value.push(byte),
        }
    }
}

/// The text of an element; none where it is no text of XML.
pub fn xml(text: &str) -> Option<String> {
    let mut value = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        let (c, length) = match c {
            '&' => {
                let names = [("&amp;", '&'), ("&lt;", '<'), ("&gt;", '>'), ("&quot;", '"')];
                let (name, c) = names.into_iter().find(|(name, _)| rest.starts_with(name))?;
                (c, name.len())
            }
            '<' | '>' | '"' => return None,
            c if !in_xml(c.encode_utf8(&mut [0; 4]))?.starts_with(c) => return None,
            c => (c, c.len_utf8()),
        };
        value.push(c);
        rest = &rest[length..];
    }
    Some(value)
}

/// A text as XML 1.0 can have it: what it has no way to write is replaced. A carriage return would be read as a new line.
pub fn in_xml(text: &str) -> Option<String> {
    let known = |c: char| matches!(c, '\t' | '\n' | '\u{20}'..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    Some(text.chars().map(|c| if known(c) { c } else { char::REPLACEMENT_CHARACTER }).collect())
}

//! The forms in which a secret may appear in output.

use std::collections::BTreeSet;
use std::fmt::Write as _;

/// Shorter values would mask ordinary output; the store refuses them unless forced.
const SHORTEST: usize = 4;
/// A line of a multi-line secret (a private key) is masked alone when it is at least this long.
const SHORTEST_LINE: usize = 8;

/// Every form of a secret worth masking, none shorter than [`SHORTEST`] bytes.
pub(super) fn of(secret: &str) -> BTreeSet<Vec<u8>> {
    let mut needles = BTreeSet::new();
    // Programs print secrets with their final newline cut off, or the lines of one indented.
    let trimmed = secret.trim_end_matches(['\n', '\r']);
    let mut values = BTreeSet::from([secret, trimmed]);
    values.extend(secret.lines().map(str::trim).filter(|line| line.len() >= SHORTEST_LINE && secret.contains('\n')));
    for value in values.into_iter().filter(|value| value.len() >= SHORTEST) {
        let bytes = value.as_bytes();
        needles.insert(bytes.to_vec());
        for text in [
            json(value),
            json_ascii(value),
            url(bytes, true, false),
            url(bytes, false, false),
            form(bytes),
            url(bytes, true, true),
        ] {
            needles.insert(text.into_bytes());
        }
        needles.extend(ENCODED.iter().map(|encoded| percent(bytes, encoded).into_bytes()));
        needles.insert(json(value).replace('/', "\\/").into_bytes());
        needles.insert(shown(value).into_bytes());
        needles.extend(shell(value).into_iter().map(String::into_bytes));
        needles.insert(hex(bytes, false).into_bytes());
        needles.insert(hex(bytes, true).into_bytes());
        for alphabet in [STANDARD, URL_SAFE] {
            needles.extend((0..3).map(|shift| base64(bytes, shift, alphabet)));
        }
        // How Windows line ends and terminals show a line break.
        if value.contains('\n') {
            needles.insert(value.replace('\n', "\r\n").into_bytes());
        }
    }
    needles.retain(|needle| needle.len() >= SHORTEST);
    needles
}

/// As inside JSON quotes, by the short escapes.
fn json(value: &str) -> String {
    let quoted = serde_json::to_string(value).unwrap_or_default();
    quoted.get(1..quoted.len().saturating_sub(1)).unwrap_or_default().to_owned()
}

/// As messages of this program show a value.
fn shown(value: &str) -> String {
    let mut shown = String::new();
    for c in value.chars() {
        if matches!(c, '\'' | '"') {
            shown.push(c);
        } else {
            shown.extend(c.escape_debug());
        }
    }
    shown
}

/// As inside JSON quotes where everything outside ASCII is escaped (Python's default).
fn json_ascii(value: &str) -> String {
    let mut escaped = String::new();
    for c in json(value).chars() {
        if c.is_ascii() {
            escaped.push(c);
            continue;
        }
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(escaped, "\\u{unit:04x}");
        }
    }
    escaped
}

/// Percent-encoded but for the unreserved characters; `slash` encodes `/` too.
fn url(bytes: &[u8], slash: bool, lower: bool) -> String {
    let mut encoded = String::new();
    for &byte in bytes {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => encoded.push(char::from(byte)),
            b'/' if !slash => encoded.push('/'),
            _ if lower => {
                let _ = write!(encoded, "%{byte:02x}");
            }
            _ => {
                let _ = write!(encoded, "%{byte:02X}");
            }
        }
    }
    encoded
}

/// What URL libraries encode of printable ASCII: JavaScript's `encodeURIComponent` and `encodeURI`, then a URL's path and query as
/// the URL standard has them, the path also with the circumflex.
const ENCODED: [&str; 6] =
    [" \"#$%&+,/:;<=>?@[\\]^`{|}", " \"%<>[\\]^`{|}", " \"#<>?`{}", " \"#<>?^`{}", " \"#<>'", " \"#<>"];

/// Percent-encoded: these and everything outside printable ASCII.
fn percent(bytes: &[u8], encoded: &str) -> String {
    let mut text = String::new();
    for &byte in bytes {
        if matches!(byte, b' '..=b'~') && !encoded.as_bytes().contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

/// As an HTML form encodes.
fn form(bytes: &[u8]) -> String {
    url(bytes, true, false).replace("%20", "+").replace("%2A", "*").replace('~', "%7E")
}

/// As `set -x`, `printf %q` and quoting libraries write it, without the outer quotes.
fn shell(value: &str) -> [String; 6] {
    let escaped: String = value
        .chars()
        .flat_map(|c| {
            let special = !(c.is_alphanumeric() || "_-./:,+@%=".contains(c));
            special.then_some('\\').into_iter().chain([c])
        })
        .collect();
    let ansi = value.replace('\\', "\\\\").replace('\'', "\\'").replace('\n', "\\n").replace('\t', "\\t");
    let double: String = value
        .chars()
        .flat_map(|c| matches!(c, '"' | '\\' | '$' | '`').then_some('\\').into_iter().chain([c]))
        .collect();
    [value.replace('\'', "'\\''"), escaped, bash(value), octal(&ansi), ansi, double]
}

/// As bash's `printf %q` writes it: `#` and `~` are special at the beginning of a word alone, `~` behind `:` and `=` too.
fn bash(value: &str) -> String {
    let mut escaped = String::new();
    let mut before = None;
    for c in value.chars() {
        let special = match c {
            '#' => before.is_none(),
            '~' => matches!(before, None | Some(':' | '=')),
            _ => " \t!\"$&'()*,;<>?[\\]^`{|}".contains(c),
        };
        escaped.extend(special.then_some('\\').into_iter().chain([c]));
        before = Some(c);
    }
    escaped
}

/// As inside `$'…'` where nothing but ASCII is printable.
fn octal(ansi: &str) -> String {
    let mut escaped = String::new();
    for byte in ansi.bytes() {
        if byte.is_ascii() {
            escaped.push(char::from(byte));
        } else {
            let _ = write!(escaped, "\\{byte:03o}");
        }
    }
    escaped
}

fn hex(bytes: &[u8], upper: bool) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        let _ = if upper { write!(text, "{byte:02X}") } else { write!(text, "{byte:02x}") };
    }
    text
}

const STANDARD: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
const URL_SAFE: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

/// The characters that depend on these bytes alone when they stand `shift` bytes behind a group's beginning.
fn base64(bytes: &[u8], shift: usize, alphabet: &[u8; 64]) -> Vec<u8> {
    let bits = bytes.len() * 8;
    // The first character that lies wholly inside, in bits from the value's beginning.
    let first = (6 - shift * 8 % 6) % 6;
    (first..)
        .step_by(6)
        .take_while(|start| start + 6 <= bits)
        .map(|start| {
            let window = u16::from(bytes[start / 8]) << 8 | u16::from(bytes.get(start / 8 + 1).copied().unwrap_or(0));
            alphabet[usize::from(window >> (10 - start % 8) & 0x3f)]
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(secret: &str) -> Vec<String> {
        of(secret).into_iter().map(|needle| String::from_utf8(needle).unwrap()).collect()
    }

    #[test]
    fn the_forms_are_those_of_other_programs() {
        let all = texts("pä$s/w\"o r'd");
        for form in [
            "pä$s/w\"o r'd",
            "pä$s/w\\\"o r'd",
            "p\\u00e4$s/w\\\"o r'd",
            "pä$s\\/w\\\"o r'd",
            "p%C3%A4%24s%2Fw%22o%20r%27d",
            "p%C3%A4%24s/w%22o%20r%27d",
            "p%c3%a4%24s%2fw%22o%20r%27d",
            "p%C3%A4%24s%2Fw%22o+r%27d",
            "pä$s/w\"o r'\\''d",
            "pä\\$s/w\\\"o\\ r\\'d",
            "pä\\$s/w\\\"o r'd",
            "p%C3%A4$s/w%22o%20r'd",
            "p%C3%A4$s/w%22o%20r%27d",
            "p%C3%A4%24s%2Fw%22o%20r'd",
            "p\\303\\244$s/w\"o r\\'d",
            "70c3a424732f77226f20722764",
            "70C3A424732F77226F20722764",
        ] {
            assert!(all.contains(&form.to_owned()), "{form}: {all:#?}");
        }
    }

    /// Compared with bash 5.2.
    #[test]
    fn words_are_quoted_as_bash_quotes_them() {
        assert_eq!(bash("a{b},c#d~e:~/x"), "a\\{b\\}\\,c#d~e:\\~/x");
        assert_eq!(bash("#~"), "\\#~");
    }

    /// The characters of the encoding that no neighbour can change, for a value behind 0, 1 and 2 other bytes.
    #[test]
    fn base64_is_found_at_each_alignment() {
        let all = texts("hunter2!");
        // base64("hunter2!") = aHVudGVyMiE=, base64("xhunter2!") = eGh1bnRlcjIh, base64("xyhunter2!") = eHlodW50ZXIyIQ==
        for form in ["aHVudGVyMi", "h1bnRlcjIh", "odW50ZXIyI"] {
            assert!(all.contains(&form.to_owned()), "{form}: {all:#?}");
        }
        assert!(texts("??>>??>>").contains(&"Pz8-Pj8_Pj4".to_owned().get(..10).unwrap().to_owned()));
    }

    #[test]
    fn short_values_are_left_alone_and_long_lines_count_alone() {
        assert!(of("abc").is_empty() && of("").is_empty());
        let all = texts("-----BEGIN-----\n  line one line\nab\n");
        assert!(all.contains(&"line one line".to_owned()) && all.contains(&"-----BEGIN-----".to_owned()));
        assert!(!all.contains(&"ab".to_owned()));
    }
}

//! Patterns of the shell (`*`, `?`, `[a-z]`), for file names, `case`, trimming; `find -name` uses them too.

/// A pattern, read once.
#[derive(Clone, Debug)]
pub struct Pattern(Vec<Part>);

#[derive(Clone, Debug)]
enum Part {
    Char(char),
    /// `?`
    One,
    /// `*`
    Many,
    /// `[…]`
    Set {
        negated: bool,
        members: Vec<Member>,
    },
}

#[derive(Clone, Debug)]
enum Member {
    Range(char, char),
    Class(fn(&char) -> bool),
}

impl Pattern {
    /// Reads a pattern; a backslash takes the meaning of what follows it.
    pub fn new(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let (mut parts, mut at) = (Vec::new(), 0);
        while let Some(&c) = chars.get(at) {
            at += 1;
            parts.push(match c {
                '?' => Part::One,
                '*' if matches!(parts.last(), Some(Part::Many)) => continue,
                '*' => Part::Many,
                '\\' if at < chars.len() => {
                    at += 1;
                    Part::Char(chars[at - 1])
                }
                '[' => match set(&chars, at) {
                    Some((set, end)) => {
                        at = end;
                        set
                    }
                    None => Part::Char('['),
                },
                c => Part::Char(c),
            });
        }
        Self(parts)
    }

    /// The whole text is what the pattern stands for.
    pub fn matches(&self, text: &str) -> bool {
        let chars: Vec<char> = text.chars().collect();
        self.matches_chars(&chars)
    }

    /// As a file name: a dot at the beginning has to be written.
    pub fn matches_name(&self, name: &str, dots: bool) -> bool {
        let hidden = name.starts_with('.') && !dots && !matches!(self.0.first(), Some(Part::Char('.')));
        !hidden && self.matches(name)
    }

    fn matches_chars(&self, text: &[char]) -> bool {
        // Greedy with one point to go back to: the last `*`.
        let (mut part, mut at, mut back) = (0, 0, None);
        loop {
            match self.0.get(part) {
                Some(Part::Many) => {
                    back = Some((part, at));
                    part += 1;
                    continue;
                }
                Some(one) if at < text.len() && one.matches(text[at]) => {
                    part += 1;
                    at += 1;
                    continue;
                }
                None if at == text.len() => return true,
                _ => {}
            }
            match back {
                Some((many, from)) if from < text.len() => {
                    back = Some((many, from + 1));
                    part = many + 1;
                    at = from + 1;
                }
                _ => return false,
            }
        }
    }

    /// Bytes at the beginning of the text that match, the fewest or the most.
    pub fn prefix(&self, text: &str, longest: bool) -> Option<usize> {
        let chars: Vec<char> = text.chars().collect();
        let mut lengths: Vec<usize> = (0..=chars.len()).collect();
        if longest {
            lengths.reverse();
        }
        let found = lengths.into_iter().find(|length| self.matches_chars(&chars[..*length]))?;
        Some(chars[..found].iter().map(|c| c.len_utf8()).sum())
    }

    /// Where the part at the end of the text that matches begins, the shortest or the longest.
    pub fn suffix(&self, text: &str, longest: bool) -> Option<usize> {
        let chars: Vec<char> = text.chars().collect();
        let mut starts: Vec<usize> = (0..=chars.len()).rev().collect();
        if longest {
            starts.reverse();
        }
        let found = starts.into_iter().find(|start| self.matches_chars(&chars[*start..]))?;
        Some(chars[..found].iter().map(|c| c.len_utf8()).sum())
    }
}

impl Part {
    fn matches(&self, c: char) -> bool {
        match self {
            Self::Char(own) => *own == c,
            Self::One => true,
            Self::Many => false,
            Self::Set { negated, members } => {
                let is_in = members.iter().any(|member| match member {
                    Member::Range(from, to) => (*from..=*to).contains(&c),
                    Member::Class(holds) => holds(&c),
                });
                is_in != *negated
            }
        }
    }
}

/// What stands in brackets, and the place behind them; none: the bracket is never closed.
fn set(chars: &[char], mut at: usize) -> Option<(Part, usize)> {
    let negated = matches!(chars.get(at), Some('!' | '^'));
    at += usize::from(negated);
    let (first, mut members) = (at, Vec::new());
    loop {
        let mut c = *chars.get(at)?;
        at += 1;
        match c {
            ']' if at > first + 1 => return Some((Part::Set { negated, members }, at)),
            '[' if chars.get(at) == Some(&':') => {
                let length = chars[at..].windows(2).position(|two| two == [':', ']'])?;
                let name: String = chars[at + 1..at + length].iter().collect();
                members.push(Member::Class(class(&name)?));
                at += length + 2;
                continue;
            }
            '\\' => {
                c = *chars.get(at)?;
                at += 1;
            }
            _ => {}
        }
        match (chars.get(at), chars.get(at + 1)) {
            (Some('-'), Some(&to)) if to != ']' => {
                members.push(Member::Range(c, to));
                at += 2;
            }
            _ => members.push(Member::Range(c, c)),
        }
    }
}

fn class(name: &str) -> Option<fn(&char) -> bool> {
    Some(match name {
        "alpha" => char::is_ascii_alphabetic,
        "digit" => char::is_ascii_digit,
        "alnum" => char::is_ascii_alphanumeric,
        "upper" => char::is_ascii_uppercase,
        "lower" => char::is_ascii_lowercase,
        "punct" => char::is_ascii_punctuation,
        "xdigit" => char::is_ascii_hexdigit,
        "space" => |c| c.is_ascii_whitespace() || *c == '\u{b}',
        "blank" => |c| matches!(c, ' ' | '\t'),
        _ => return None,
    })
}

/// The text as a pattern that matches only itself.
pub fn escaped(text: &str) -> String {
    let mut found = String::with_capacity(text.len());
    for c in text.chars() {
        if matches!(c, '*' | '?' | '[' | ']' | '\\' | '-' | '!' | '^') {
            found.push('\\');
        }
        found.push(c);
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_match_as_a_shell_matches_them() {
        for (pattern, text, expected) in [
            ("*.gz", "a.tar.gz", true),
            ("*.gz", "a.tar", false),
            ("a?c", "abc", true),
            ("[a-c]x", "bx", true),
            ("[!a-c]x", "bx", false),
            ("[]x]", "]", true),
            ("[[:digit:]]*", "7up", true),
            ("[", "[", true),
            ("\\*", "*", true),
            ("\\*", "x", false),
            ("*a*b*", "xxaxxbxx", true),
            ("", "", true),
        ] {
            assert_eq!(Pattern::new(pattern).matches(text), expected, "{pattern} {text}");
        }
        assert_eq!(Pattern::new("*/").prefix("a/b/c", false), Some(2));
        assert_eq!(Pattern::new("*/").prefix("a/b/c", true), Some(4));
        assert_eq!(Pattern::new(".*").suffix("a.b.c", false), Some(3));
        assert_eq!(Pattern::new(".*").suffix("a.b.c", true), Some(1));
    }
}

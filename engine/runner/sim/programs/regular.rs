//! Regular expressions of the standard (basic and extended), as those of the crate `regex`.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::sync::Arc;

use regex::{Regex, RegexBuilder};

use super::super::process::Unsimulated;

/// A text, whether it is extended, whether case does not matter.
type Key = (String, bool, bool);

type Cache = BTreeMap<Key, Option<Arc<Regex>>>;

thread_local! {
    /// Expressions that were read.
    static READ: RefCell<Cache> = const { RefCell::new(BTreeMap::new()) };
}

/// Expressions that are kept, at most.
const KEPT: usize = 256;

/// Reads an expression; none: it is not a valid one.
///
/// # Errors
/// It is one that only a real program understands.
pub fn expression(text: &str, extended: bool, ignores_case: bool) -> Result<Option<Arc<Regex>>, Unsimulated> {
    let key = (text.to_owned(), extended, ignores_case);
    if let Some(known) = READ.with_borrow(|read| read.get(&key).cloned()) {
        return Ok(known);
    }
    let translated = translate(text, extended)?;
    let built = RegexBuilder::new(&translated).case_insensitive(ignores_case).build().ok().map(Arc::new);
    READ.with_borrow_mut(|read| {
        if read.len() >= KEPT {
            read.clear();
        }
        read.insert(key, built.clone());
    });
    Ok(built)
}

fn unsimulated<T>(text: &str) -> Result<T, Unsimulated> {
    Err(Unsimulated(format!("the expression `{text}`")))
}

/// The same expression in the other notation.
fn translate(text: &str, extended: bool) -> Result<String, Unsimulated> {
    let chars: Vec<char> = text.chars().collect();
    let (mut found, mut at) = (String::with_capacity(text.len() + 8), 0);
    // At the beginning of a branch `*` stands for itself.
    let mut is_first = true;
    while let Some(&c) = chars.get(at) {
        at += 1;
        let first = std::mem::replace(&mut is_first, false);
        match c {
            '\\' => {
                let Some(&next) = chars.get(at) else { return unsimulated(text) };
                at += 1;
                match next {
                    '(' | '|' if !extended => {
                        found.push(next);
                        is_first = true;
                    }
                    ')' | '{' | '}' | '+' | '?' if !extended => found.push(next),
                    '1'..='9' => return unsimulated(text),
                    'w' | 'W' | 's' | 'S' | 'b' | 'B' => found.extend(['\\', next]),
                    '<' | '>' => found.push_str("\\b"),
                    'n' => found.push_str("\\n"),
                    't' => found.push_str("\\t"),
                    next if next.is_ascii_alphanumeric() => return unsimulated(text),
                    next => push_literal(&mut found, next),
                }
            }
            '[' => at = set(&chars, at, &mut found).map_or_else(|| unsimulated(text), Ok)?,
            '*' if first && !extended => found.push_str("\\*"),
            '^' if first || extended => {
                found.push('^');
                is_first = true;
            }
            '^' => found.push_str("\\^"),
            '$' => {
                let rest = &chars[at..];
                let ends = rest.is_empty() || rest.starts_with(&['\\', ')']) || rest.starts_with(&['\\', '|']);
                found.push_str(if extended || ends { "$" } else { "\\$" });
            }
            '.' | '*' => found.push(c),
            '(' | '|' if extended => {
                found.push(c);
                is_first = true;
            }
            '+' | '?' | ')' if extended => found.push(c),
            '{' if extended && chars.get(at).is_some_and(char::is_ascii_digit) => found.push(c),
            '}' if extended && found.contains('{') && !found.ends_with("\\{") => found.push(c),
            c => push_literal(&mut found, c),
        }
    }
    Ok(found)
}

fn push_literal(found: &mut String, c: char) {
    found.push_str(&regex::escape(c.encode_utf8(&mut [0; 4])));
}

/// What stands in brackets; the place behind them, none: they are never closed.
fn set(chars: &[char], mut at: usize, found: &mut String) -> Option<usize> {
    found.push('[');
    if chars.get(at) == Some(&'^') {
        found.push('^');
        at += 1;
    }
    let first = at;
    loop {
        let c = *chars.get(at)?;
        at += 1;
        match c {
            ']' if at > first + 1 => {
                found.push(']');
                return Some(at);
            }
            '[' if chars.get(at) == Some(&':') => {
                let length = chars[at..].windows(2).position(|two| two == [':', ']'])?;
                found.push_str("[:");
                found.extend(&chars[at + 1..at + length]);
                found.push_str(":]");
                at += length + 2;
            }
            '-' => found.push(c),
            '[' | ']' | '\\' | '^' | '&' | '~' => found.extend(['\\', c]),
            c => found.push(c),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn expressions_of_the_standard_are_understood() {
        for (text, extended, subject, expected) in [
            ("^a*b$", false, "aab", true),
            ("a\\+b", false, "aab", true),
            ("a+b", false, "aab", false),
            ("a+b", true, "aab", true),
            ("(a|b)c", true, "bc", true),
            ("(a|b)c", false, "(a|b)c", true),
            ("[[:digit:]]\\{2\\}", false, "x42", true),
            ("*a", false, "*a", true),
            ("a$b", false, "a$b", true),
            ("[]x]", false, "]", true),
            ("a.c", false, "abc", true),
            ("{", true, "{", true),
        ] {
            let found = expression(text, extended, false).unwrap().unwrap();
            assert_eq!(found.is_match(subject), expected, "{text}");
        }
    }
}

//! Words of SQL, each with its place in the text.

use super::SqlError;

/// One word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Token {
    pub kind: Kind,
    /// Byte where it begins.
    pub at: usize,
    /// Byte behind it.
    pub end: usize,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// A name or a key word, in lower case.
    Word(String),
    /// `"Name"`.
    Quoted(String),
    /// `'text'`.
    Text(String),
    Number(String),
    /// An operator or a mark of punctuation.
    Mark(&'static str),
}

/// Longest first.
const MARKS: [&str; 27] = [
    "::", "<>", "!=", "<=", ">=", "||", ":=", "->", "=>", "(", ")", ",", ";", "+", "-", "*", "/", "%", "<", ">", "=",
    ".", ":", "[", "]", "~", "!",
];

/// All words of a text; comments are left out.
pub fn lex(text: &str) -> Result<Vec<Token>, SqlError> {
    let bytes = text.as_bytes();
    let mut tokens = Vec::new();
    let mut at = 0;
    while at < bytes.len() {
        let end = match bytes[at] {
            byte if byte.is_ascii_whitespace() => {
                at += 1;
                continue;
            }
            b'-' if bytes.get(at + 1) == Some(&b'-') => {
                at = text[at..].find('\n').map_or(bytes.len(), |end| at + end);
                continue;
            }
            b'/' if bytes.get(at + 1) == Some(&b'*') => {
                at = end_of_comment(text, at)?;
                continue;
            }
            _ => push(text, at, &mut tokens)?,
        };
        at = end;
    }
    Ok(tokens)
}

/// Reads one word; gives the byte behind it.
fn push(text: &str, at: usize, tokens: &mut Vec<Token>) -> Result<usize, SqlError> {
    let rest = &text[at..];
    let first = rest.chars().next().unwrap_or(' ');
    let (kind, end) = if first == '\'' || (matches!(first, 'e' | 'E') && rest[1..].starts_with('\'')) {
        let begin = at + usize::from(first != '\'');
        let (value, end) = string(text, begin, first != '\'')?;
        (Kind::Text(value), end)
    } else if first == '"' {
        let end = closing(text, at + 1, '"')
            .ok_or_else(|| SqlError::new(format!("unterminated quoted identifier at or near \"{rest}\"")).at(at))?;
        (Kind::Quoted(text[at + 1..end].replace("\"\"", "\"")), end + 1)
    } else if first == '$' {
        dollar(text, at)?
    } else if first.is_ascii_digit() || (first == '.' && rest[1..].starts_with(|c: char| c.is_ascii_digit())) {
        let end = rest.find(|c: char| !c.is_ascii_digit() && c != '.').map_or(text.len(), |end| at + end);
        (Kind::Number(text[at..end].to_owned()), end)
    } else if first == '_' || first.is_alphabetic() {
        let word = |c: char| c == '_' || c == '$' || c.is_alphanumeric();
        let end = rest.find(|c: char| !word(c)).map_or(text.len(), |end| at + end);
        (Kind::Word(text[at..end].to_lowercase()), end)
    } else if let Some(mark) = MARKS.iter().find(|mark| rest.starts_with(**mark)) {
        (Kind::Mark(mark), at + mark.len())
    } else {
        return Err(SqlError::new(format!("syntax error at or near \"{first}\"")).at(at));
    };
    tokens.push(Token { kind, at, end });
    Ok(end)
}

/// Behind a comment, which may hold others.
fn end_of_comment(text: &str, at: usize) -> Result<usize, SqlError> {
    let bytes = text.as_bytes();
    let (mut depth, mut here) = (0_u32, at);
    while here < bytes.len() {
        match (bytes[here], bytes.get(here + 1)) {
            (b'/', Some(b'*')) => {
                depth += 1;
                here += 2;
            }
            (b'*', Some(b'/')) => {
                depth -= 1;
                here += 2;
                if depth == 0 {
                    return Ok(here);
                }
            }
            _ => here += 1,
        }
    }
    Err(SqlError::new(format!("unterminated /* comment at or near \"{}\"", &text[at..])).at(at))
}

/// The byte of the closing quote; a doubled one is a part of the text.
fn closing(text: &str, from: usize, quote: char) -> Option<usize> {
    let mut at = from;
    loop {
        let end = at + text[at..].find(quote)?;
        if !text[end + 1..].starts_with(quote) {
            return Some(end);
        }
        at = end + 2;
    }
}

fn string(text: &str, at: usize, escapes: bool) -> Result<(String, usize), SqlError> {
    let unterminated = || SqlError::new(format!("unterminated quoted string at or near \"{}\"", &text[at..])).at(at);
    if !escapes {
        let end = closing(text, at + 1, '\'').ok_or_else(unterminated)?;
        return Ok((text[at + 1..end].replace("''", "'"), end + 1));
    }
    let mut value = String::new();
    let mut letters = text[at + 1..].char_indices().peekable();
    while let Some((offset, letter)) = letters.next() {
        match letter {
            '\'' if letters.peek().is_some_and(|(_, next)| *next == '\'') => {
                letters.next();
                value.push('\'');
            }
            '\'' => return Ok((value, at + 1 + offset + 1)),
            '\\' => match letters.next().map(|(_, escaped)| escaped) {
                Some('n') => value.push('\n'),
                Some('t') => value.push('\t'),
                Some('r') => value.push('\r'),
                Some(other) => value.push(other),
                None => return Err(unterminated()),
            },
            other => value.push(other),
        }
    }
    Err(unterminated())
}

/// `$$text$$` and `$tag$text$tag$`.
fn dollar(text: &str, at: usize) -> Result<(Kind, usize), SqlError> {
    let rest = &text[at..];
    let tag_end = rest[1..].find('$').map(|end| end + 2);
    let tag = tag_end.map(|end| &rest[..end]).filter(|tag| {
        let inner = &tag[1..tag.len() - 1];
        !inner.starts_with(|c: char| c.is_ascii_digit()) && inner.chars().all(|c| c == '_' || c.is_alphanumeric())
    });
    let Some(tag) = tag else { return Err(SqlError::new("syntax error at or near \"$\"".to_owned()).at(at)) };
    let body = &rest[tag.len()..];
    match body.find(tag) {
        Some(end) => Ok((Kind::Text(body[..end].to_owned()), at + tag.len() + end + tag.len())),
        None => Err(SqlError::new(format!("unterminated dollar-quoted string at or near \"{rest}\"")).at(at)),
    }
}

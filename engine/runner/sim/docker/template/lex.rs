//! Text and actions of a template, and the words of an action.

use super::Bad;
use crate::runner::sim::process::Unsimulated;

/// A piece of a template.
#[derive(Debug, PartialEq, Eq)]
pub enum Piece<'t> {
    Text(&'t str),
    /// What stands between the braces, and where.
    Action(&'t str, usize),
}

/// A word of an action.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Word {
    pub kind: Token,
    pub at: usize,
    /// White space stands before it.
    pub spaced: bool,
}

/// What a word is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Token {
    Dot,
    Field(String),
    Variable(String),
    Name(String),
    Text(String),
    Integer(i64),
    Pipe,
    Open,
    Close,
    Comma,
    Declare,
    Assign,
}

/// Cuts a template into text and actions; trimmed as `{{-` and `-}}` want it.
///
/// # Errors
/// An action has no end.
pub fn pieces<'t>(text: &'t str, name: &str) -> Result<Vec<Piece<'t>>, Bad> {
    let mut found = Vec::new();
    let mut at = 0;
    let mut trims = false;
    while let Some(open) = text[at..].find("{{").map(|offset| at + offset) {
        let mut plain = &text[at..open];
        let inside = open + 2;
        let trims_before = text[inside..].starts_with("- ");
        if trims {
            plain = plain.trim_start();
        }
        if trims_before {
            plain = plain.trim_end();
        }
        if !plain.is_empty() {
            found.push(Piece::Text(plain));
        }
        let start = if trims_before { inside + 2 } else { inside };
        let line = text[..open].matches('\n').count() + 1;
        let close =
            closing(text, start).ok_or_else(|| Bad::Syntax(format!("template: {name}:{line}: unclosed action")))?;
        let mut action = &text[start..close];
        trims = action.ends_with(" -") || action == "-";
        if trims {
            action = &action[..action.len() - 1];
        }
        let comment = action.trim();
        if !(comment.starts_with("/*") && comment.ends_with("*/")) {
            found.push(Piece::Action(action, start));
        }
        at = close + 2;
    }
    let rest = if trims { text[at..].trim_start() } else { &text[at..] };
    if !rest.is_empty() {
        found.push(Piece::Text(rest));
    }
    Ok(found)
}

/// Where the braces close that are no part of a quoted text.
fn closing(text: &str, from: usize) -> Option<usize> {
    let mut quote = None;
    let mut escaped = false;
    for (offset, c) in text[from..].char_indices() {
        match quote {
            Some('"') if escaped => escaped = false,
            Some('"') if c == '\\' => escaped = true,
            Some(open) if c == open => quote = None,
            None if c == '"' || c == '`' => quote = Some(c),
            None if text[from + offset..].starts_with("}}") => return Some(from + offset),
            Some(_) | None => {}
        }
    }
    None
}

fn is_name(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The words of an action that stands at an offset.
///
/// # Errors
/// A character that is none.
pub fn words(action: &str, offset: usize) -> Result<Vec<Word>, Bad> {
    let mut found = Vec::new();
    let mut at = 0;
    while at < action.len() {
        let rest = &action[at..];
        let blank = rest.len() - rest.trim_start().len();
        at += blank;
        let rest = &action[at..];
        if rest.is_empty() {
            break;
        }
        let (kind, length) = token(rest)?;
        found.push(Word { kind, at: offset + at, spaced: blank > 0 });
        at += length;
    }
    Ok(found)
}

fn token(rest: &str) -> Result<(Token, usize), Bad> {
    let name = |from: usize| {
        let end = rest[from..].find(|c| !is_name(c)).unwrap_or(rest.len() - from);
        rest[from..from + end].to_owned()
    };
    let first = rest.chars().next().unwrap_or_default();
    Ok(match first {
        '|' => (Token::Pipe, 1),
        '(' => (Token::Open, 1),
        ')' => (Token::Close, 1),
        ',' => (Token::Comma, 1),
        ':' if rest.starts_with(":=") => (Token::Declare, 2),
        '=' => (Token::Assign, 1),
        '.' => match name(1) {
            field if field.is_empty() => (Token::Dot, 1),
            field => (Token::Field(field.clone()), 1 + field.len()),
        },
        '$' => {
            let variable = name(1);
            (Token::Variable(variable.clone()), 1 + variable.len())
        }
        '"' | '`' => quoted(rest, first)?,
        '-' | '0'..='9' => {
            let end = rest[1..].find(|c: char| !c.is_ascii_digit()).map_or(rest.len(), |end| end + 1);
            let number = rest[..end].parse().map_err(|_| unknown(rest))?;
            (Token::Integer(number), end)
        }
        c if is_name(c) => {
            let word = name(0);
            (Token::Name(word.clone()), word.len())
        }
        _ => return Err(unknown(rest)),
    })
}

fn quoted(rest: &str, quote: char) -> Result<(Token, usize), Bad> {
    let mut text = String::new();
    let mut chars = rest.char_indices().skip(1);
    while let Some((at, c)) = chars.next() {
        match c {
            c if c == quote => return Ok((Token::Text(text), at + 1)),
            '\\' if quote == '"' => match chars.next() {
                Some((_, 'n')) => text.push('\n'),
                Some((_, 't')) => text.push('\t'),
                Some((_, c @ ('"' | '\\'))) => text.push(c),
                _ => return Err(unknown(rest)),
            },
            c => text.push(c),
        }
    }
    Err(unknown(rest))
}

/// Something that is not read here.
pub fn unknown(text: &str) -> Bad {
    Bad::Unsimulated(Unsimulated(format!("`{}` in a `--format`", text.trim())))
}

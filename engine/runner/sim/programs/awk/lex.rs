//! Words of an `awk` program.

use super::Unsimulated;

/// One word.
#[derive(Clone, Debug, PartialEq)]
pub enum Token {
    Number(f64),
    Text(String),
    Regex(String),
    /// A name; true: an opening parenthesis follows at once.
    Name(String, bool),
    Sign(&'static str),
    Line,
}

/// Signs, the longer ones first.
const SIGNS: [&str; 40] = [
    "&&", "||", "==", "!=", "<=", ">=", "++", "--", "+=", "-=", "*=", "/=", "%=", "^=", ">>", "!~", "{", "}", "(", ")",
    "[", "]", ";", ",", "+", "-", "*", "/", "%", "^", "<", ">", "=", "!", "~", "?", ":", "$", "|", "&",
];

/// Reads all words; the inner error is what `awk` says.
///
/// # Errors
/// Something that is not simulated.
pub fn tokens(text: &str) -> Result<Result<Vec<Token>, String>, Unsimulated> {
    let mut tokens: Vec<Token> = Vec::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        match c {
            '\n' => {
                tokens.push(Token::Line);
                rest = &rest[1..];
            }
            ' ' | '\t' | '\r' => rest = &rest[1..],
            '\\' if rest.starts_with("\\\n") => rest = &rest[2..],
            '#' => rest = &rest[rest.find('\n').unwrap_or(rest.len())..],
            '"' => match quoted(&rest[1..], '"') {
                Some((inner, behind)) => {
                    tokens.push(Token::Text(super::text::unescape(inner, false)?.0));
                    rest = behind;
                }
                None => return Ok(Err("runaway string constant".to_owned())),
            },
            '/' if !ends_operand(tokens.last()) => match quoted(&rest[1..], '/') {
                Some((inner, behind)) => {
                    tokens.push(Token::Regex(inner.replace("\\/", "/")));
                    rest = behind;
                }
                None => return Ok(Err("runaway regular expression".to_owned())),
            },
            c if c.is_ascii_digit() || (c == '.' && rest[1..].starts_with(|next: char| next.is_ascii_digit())) => {
                let length = rest.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(rest.len());
                let length = match rest[length..].strip_prefix(['e', 'E']) {
                    Some(exponent)
                        if exponent.trim_start_matches(['+', '-']).starts_with(|c: char| c.is_ascii_digit()) =>
                    {
                        let signs = exponent.len() - exponent.trim_start_matches(['+', '-']).len();
                        let digits =
                            exponent[signs..].find(|c: char| !c.is_ascii_digit()).unwrap_or(exponent.len() - signs);
                        length + 1 + signs + digits
                    }
                    _ => length,
                };
                match rest[..length].parse() {
                    Ok(number) => tokens.push(Token::Number(number)),
                    Err(_) => return Ok(Err(format!("syntax error at or near {}", &rest[..length]))),
                }
                rest = &rest[length..];
            }
            c if c == '_' || c.is_ascii_alphabetic() => {
                let length = rest.find(|c: char| c != '_' && !c.is_ascii_alphanumeric()).unwrap_or(rest.len());
                let behind = &rest[length..];
                tokens.push(Token::Name(rest[..length].to_owned(), behind.starts_with('(')));
                rest = behind;
            }
            c => match SIGNS.iter().find(|sign| rest.starts_with(**sign)) {
                Some(sign) => {
                    tokens.push(Token::Sign(sign));
                    rest = &rest[sign.len()..];
                }
                None => return Ok(Err(format!("syntax error at or near {c}"))),
            },
        }
    }
    Ok(Ok(tokens))
}

/// What stands before the closing sign, and what follows it.
fn quoted(text: &str, end: char) -> Option<(&str, &str)> {
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '\n' => return None,
            c if c == end => return Some((&text[..at], &text[at + 1..])),
            _ => {}
        }
    }
    None
}

/// A `/` behind it divides.
fn ends_operand(token: Option<&Token>) -> bool {
    match token {
        Some(Token::Number(_) | Token::Text(_) | Token::Regex(_)) => true,
        Some(Token::Name(name, _)) => !matches!(name.as_str(), "print" | "printf" | "return" | "in" | "else" | "do"),
        Some(Token::Sign(sign)) => matches!(*sign, ")" | "]" | "$" | "++" | "--"),
        Some(Token::Line) | None => false,
    }
}

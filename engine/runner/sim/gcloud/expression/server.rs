//! `--filter` as Compute gets it: the client rewrites what it can for the server, and where that is all of it, only the server decides.

use std::rc::Rc;

use regex::Regex;
use serde_json::Value;

use super::Bad;
use super::filter::{Filter, Operator, Term};
use super::kept::Kept;
use super::key::Part;

/// What the server is asked for.
#[derive(Debug, Default)]
pub struct Request {
    terms: Vec<Wanted>,
    text: String,
}

/// A term of the server: the whole value matches, or does not.
#[derive(Debug)]
struct Wanted {
    key: String,
    equal: bool,
    pattern: Regex,
}

/// A filter for the server.
#[derive(Debug)]
pub struct Rewritten {
    pub request: Request,
    /// The client has to look again.
    pub partial: bool,
}

thread_local! {
    static REWRITTEN: Kept<Rewritten> = const { Kept::new() };
}

/// Rewrites a filter; `text` is what it was read from. The same text is rewritten once.
///
/// # Errors
/// This world does not know what the server would make of it.
pub fn rewrite_once(text: &str, filter: &Filter) -> Result<Rc<Rewritten>, Bad> {
    REWRITTEN.with(|kept| kept.get(text, || rewrite(filter)))
}

/// Rewrites a filter.
///
/// # Errors
/// This world does not know what the server would make of it.
fn rewrite(filter: &Filter) -> Result<Rewritten, Bad> {
    let mut partial = false;
    let request = part(filter, &mut partial)?;
    Ok(Rewritten { request: request.unwrap_or_default(), partial })
}

fn part(filter: &Filter, partial: &mut bool) -> Result<Option<Request>, Bad> {
    let request = match filter {
        Filter::And(left, right) => match (part(left, partial)?, part(right, partial)?) {
            (Some(mut left), Some(right)) => {
                left.text = format!("({})({})", left.text, right.text);
                left.terms.extend(right.terms);
                Some(left)
            }
            (one, other) => one.or(other),
        },
        Filter::Not(inner) => match part(inner, partial)? {
            Some(mut request) if request.terms.len() == 1 => {
                request.terms[0].equal = !request.terms[0].equal;
                request.text = if request.terms[0].equal {
                    request.text.replacen(" ne ", " eq ", 1)
                } else {
                    request.text.replacen(" eq ", " ne ", 1)
                };
                Some(request)
            }
            _ => None,
        },
        Filter::Or(..) | Filter::Anywhere(_) => None,
        Filter::Term(term) => self::term(term)?,
    };
    *partial |= request.is_none();
    Ok(request)
}

fn term(term: &Term) -> Result<Option<Request>, Bad> {
    let is_plain = term.written.0.iter().all(|part| matches!(part, Part::Name(_)));
    let is_label = matches!(term.written.0.first(), Some(Part::Name(name)) if name == "labels");
    let [operand] = term.operands.as_slice() else { return Ok(None) };
    if !is_plain || is_label || term.is_list || !term.calls.is_empty() {
        return Ok(None);
    }
    let key = term.written.text();
    let is_time = key.ends_with("Timestamp") || key.ends_with("_timestamp");
    let equal = !matches!(term.operator, Operator::Unequal | Operator::MatchesNot);
    let text = &operand.text;
    let wanted = match term.operator {
        Operator::Less | Operator::AtMost | Operator::AtLeast | Operator::More => return Ok(None),
        _ if is_time => return Err(Bad::unsimulated("an exact time in `--filter`")),
        Operator::Matches | Operator::MatchesNot => {
            let is_place = key == "zone" || key == "region";
            let pattern = if is_place { to_words(text) } else { text.clone() };
            format!("\".*({}).*\"", pattern.replace('"', "\\\""))
        }
        _ if !is_text(text) => lower_constant(text),
        Operator::Has => match text.strip_suffix('*') {
            Some(start) => format!("\".*\\b{}.*\"", escape(start)),
            None => format!("\".*\\b{}\\b.*\"", escape(text)),
        },
        Operator::Equal | Operator::Unequal => format!("\".*\\b{}\\b.*\"", escape(text)),
    };
    let bare = wanted.trim_matches('"').replace("\\\"", "\"");
    let pattern = Regex::new(&format!("^(?:{bare})$"))
        .map_err(|_| Bad::unsimulated(format!("pattern `{text}` in `--filter`")))?;
    let key = if key.eq_ignore_ascii_case("machine_type") { "machineType".to_owned() } else { key };
    let text = format!("{key} {} {wanted}", if equal { "eq" } else { "ne" });
    Ok(Some(Request { terms: vec![Wanted { key, equal, pattern }], text }))
}

/// Neither a number, nor true or false, nor a word in capitals: those are compared as they are.
fn is_text(text: &str) -> bool {
    let is_number = text.trim().parse::<f64>().is_ok();
    let is_constant = matches!(text.to_lowercase().as_str(), "true" | "false");
    let bare = text.replace('_', "");
    let is_enum = bare.chars().any(char::is_uppercase) && !bare.chars().any(char::is_lowercase);
    !is_number && !is_constant && !is_enum
}

fn lower_constant(text: &str) -> String {
    let lower = text.to_lowercase();
    if lower == "true" || lower == "false" { lower } else { text.to_owned() }
}

/// Escapes as the client does it.
fn escape(text: &str) -> String {
    let mut escaped = String::new();
    for c in text.chars() {
        if "\"()[]{}?*+-|^$\\.&~# \t\n\r".contains(c) {
            escaped.push('\\');
        }
        escaped.push(c);
    }
    escaped
}

/// `^` and `$` outside of classes as borders of words.
fn to_words(pattern: &str) -> String {
    let (mut words, mut escaped, mut class) = (String::new(), false, false);
    for c in pattern.chars() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '[' => class = true,
            ']' => class = false,
            '^' | '$' if !class => {
                words.push_str("\\b");
                continue;
            }
            _ => {}
        }
        words.push(c);
    }
    words
}

impl Request {
    /// Reads what a client sends: `key eq "pattern"`, or several of them in parentheses. None: it is no such thing.
    pub fn read(text: &str) -> Option<Self> {
        let terms = terms(text.trim(), 0)?;
        Some(Self { terms, text: text.to_owned() })
    }

    /// The server takes it: every key is a field of the resource.
    ///
    /// # Errors
    /// What the server says.
    pub fn check(&self, fields: &[&str]) -> Result<(), String> {
        let is_field = |key: &str| {
            let first = key.split('.').next().unwrap_or_default();
            fields.contains(&first)
        };
        if self.terms.iter().all(|wanted| is_field(&wanted.key)) {
            return Ok(());
        }
        Err(format!("Invalid value for field 'filter': '{}'. Invalid list filter expression.", self.text))
    }

    /// The server gives a resource.
    pub fn passes(&self, resource: &Value) -> bool {
        self.terms.iter().all(|wanted| {
            let value = wanted.key.split('.').fold(resource, |value, name| &value[name]);
            let matches = match value {
                Value::Array(items) => items.iter().any(|item| wanted.pattern.is_match(&plain(item))),
                value => wanted.pattern.is_match(&plain(value)),
            };
            matches == wanted.equal
        })
    }
}

/// Parentheses in each other, at most.
const DEEPEST: u8 = 32;

fn terms(text: &str, depth: u8) -> Option<Vec<Wanted>> {
    if depth > DEEPEST {
        return None;
    }
    if !text.starts_with('(') {
        return wanted(text).map(|wanted| vec![wanted]);
    }
    let (mut all, mut rest) = (Vec::new(), text);
    while !rest.is_empty() {
        let end = closing(rest)?;
        all.extend(terms(rest[1..end].trim(), depth + 1)?);
        rest = rest[end + 1..].trim_start();
    }
    Some(all)
}

/// Where the parenthesis that a text begins with is closed.
fn closing(text: &str) -> Option<usize> {
    let (mut open, mut quoted, mut escaped) = (0_u32, false, false);
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            '(' if !quoted => open += 1,
            ')' if !quoted => {
                open = open.checked_sub(1)?;
                if open == 0 {
                    return Some(at);
                }
            }
            _ if open == 0 => return None,
            _ => {}
        }
    }
    None
}

fn wanted(text: &str) -> Option<Wanted> {
    let (key, rest) = text.split_once(' ')?;
    let (operator, pattern) = rest.trim_start().split_once(' ')?;
    let equal = match operator {
        "eq" => true,
        "ne" => false,
        _ => return None,
    };
    let pattern = pattern.trim();
    let bare = pattern.strip_prefix('"').and_then(|rest| rest.strip_suffix('"')).unwrap_or(pattern);
    let pattern = Regex::new(&format!("^(?:{})$", bare.replace("\\\"", "\""))).ok()?;
    Some(Wanted { key: key.to_owned(), equal, pattern })
}

fn plain(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}

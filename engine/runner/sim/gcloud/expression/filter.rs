//! `--filter`: its grammar.

use std::rc::Rc;

use regex::{Regex, RegexBuilder};

use super::Bad;
use super::kept::Kept;
use super::key::{Key, Part};
use super::lexer::{Lexer, OPERATORS, UNKNOWN};
use super::transform::Call;

/// Terms of a filter, and parentheses in each other, at most.
const MOST: usize = 128;

/// A filter that was understood.
#[derive(Debug)]
pub enum Filter {
    And(Box<Self>, Box<Self>),
    Or(Box<Self>, Box<Self>),
    Not(Box<Self>),
    /// A text that is anywhere.
    Anywhere(String),
    Term(Term),
}

/// `key operator operand`.
#[derive(Debug)]
pub struct Term {
    pub key: Key,
    /// The key as it was written: the server knows no names of columns.
    pub written: Key,
    pub calls: Vec<Call>,
    pub operator: Operator,
    pub operands: Vec<Operand>,
    /// `key:(a b)`.
    pub is_list: bool,
}

/// How a term compares.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operator {
    Has,
    Equal,
    Unequal,
    Less,
    AtMost,
    AtLeast,
    More,
    Matches,
    MatchesNot,
}

/// What a term compares with.
#[derive(Debug)]
pub struct Operand {
    pub text: String,
    /// What it will match one day (`standard`), and matches today (`today`; none: the same). Of a pattern, the pattern.
    pub standard: Option<Regex>,
    pub today: Option<Regex>,
}

/// Names that the columns of a command's own table have.
pub type Aliases = [(String, Key)];

thread_local! {
    static PARSED: Kept<Option<Filter>> = const { Kept::new() };
}

impl Filter {
    /// Reads a filter; none: it is empty. The same filter of the same command is read once.
    ///
    /// # Errors
    /// It is none.
    pub fn parse(command: &str, text: &str, aliases: &Aliases) -> Result<Rc<Option<Self>>, Bad> {
        PARSED.with(|kept| kept.get(&format!("{command}\n{text}"), || read(text, aliases)))
    }

    /// The keys of all terms.
    pub fn keys<'f>(&'f self, into: &mut Vec<&'f Key>) {
        match self {
            Self::And(left, right) | Self::Or(left, right) => {
                left.keys(into);
                right.keys(into);
            }
            Self::Not(filter) => filter.keys(into),
            Self::Term(term) if !into.contains(&&term.key) => into.push(&term.key),
            Self::Term(_) | Self::Anywhere(_) => {}
        }
    }
}

fn read(text: &str, aliases: &Aliases) -> Parsed {
    let mut parser = Parser { lexer: Lexer::new(text), aliases, open: vec![[false; 2]], terms: 0 };
    let filter = parser.expression(false)?;
    if !parser.lexer.is_at_end() {
        let place = parser.lexer.annotate(parser.lexer.position());
        return Err(Bad::Said(format!("Unexpected tokens [{place}] in expression.")));
    }
    Ok(filter)
}

struct Parser<'t, 'a> {
    lexer: Lexer<'t>,
    aliases: &'a Aliases,
    /// For each open parenthesis, whether AND and OR were in it.
    open: Vec<[bool; 2]>,
    /// How many terms there were.
    terms: usize,
}

type Parsed = Result<Option<Filter>, Bad>;

impl Parser<'_, '_> {
    fn error(&self, what: &str) -> Bad {
        self.lexer.error(what, self.lexer.position())
    }

    fn expression(&mut self, must: bool) -> Parsed {
        let Some(left) = self.alternatives(false)? else {
            return if must { Err(self.error("Term expected")) } else { Ok(None) };
        };
        let more = !self.lexer.word("AND", false)
            && !self.lexer.word("OR", false)
            && self.lexer.peek(")").is_none()
            && !self.lexer.is_at_end();
        if !more {
            return Ok(Some(left));
        }
        let right = self.expression(true)?;
        Ok(both(Some(left), right))
    }

    /// Terms with OR between them.
    fn alternatives(&mut self, must: bool) -> Parsed {
        let Some(left) = self.together(false)? else {
            return if must { Err(self.error("Term expected")) } else { Ok(None) };
        };
        if !self.lexer.word("OR", true) {
            return Ok(Some(left));
        }
        self.note(1)?;
        let right = self.alternatives(true)?;
        Ok(right.map(|right| Filter::Or(Box::new(left), Box::new(right))))
    }

    /// Terms with AND between them.
    fn together(&mut self, must: bool) -> Parsed {
        let left = if self.lexer.word("NOT", true) {
            self.term(true)?.map(|term| Filter::Not(Box::new(term)))
        } else {
            self.term(false)?
        };
        let Some(left) = left else {
            return if must { Err(self.error("Term expected")) } else { Ok(None) };
        };
        if !self.lexer.word("AND", true) {
            return Ok(Some(left));
        }
        self.note(0)?;
        let right = self.together(true)?;
        Ok(both(Some(left), right))
    }

    /// AND (0) or OR (1) is used; both in the same parentheses are too much.
    fn note(&mut self, which: usize) -> Result<(), Bad> {
        // There is always the outermost one.
        let Some(seen) = self.open.last_mut() else { return Ok(()) };
        seen[which] = true;
        if *seen == [true, true] {
            return Err(self.error("Parenthesis grouping is required when AND and OR are are combined"));
        }
        Ok(())
    }

    fn term(&mut self, must: bool) -> Parsed {
        let here = self.lexer.position();
        if !self.lexer.skip_space() {
            return if must { Err(self.lexer.error("Term expected", here)) } else { Ok(None) };
        }
        if self.lexer.peek(")").is_some() {
            return Ok(None);
        }
        self.terms += 1;
        if self.terms > MOST || self.open.len() > MOST {
            return Err(Bad::unsimulated("so long a `--filter`"));
        }
        if self.lexer.eat("(").is_some() {
            self.open.push([false; 2]);
            let inner = self.expression(false)?;
            self.lexer.need(")")?;
            self.open.pop();
            return Ok(inner);
        }
        let invert = self.lexer.eat("-").is_some();
        let term = self.bare_term()?;
        Ok(Some(if invert { Filter::Not(Box::new(term)) } else { term }))
    }

    fn bare_term(&mut self) -> Result<Filter, Bad> {
        let here = self.lexer.position();
        let mut read = self.lexer.key();
        if let Ok((key, _)) = &read
            && matches!(key.name(), Some("AND" | "NOT" | "OR"))
        {
            read = Err(self.lexer.error("Term expected", here));
        }
        let word = match &read {
            Ok((key, calls)) if calls.is_empty() => Some(key.text()),
            Ok(_) => None,
            Err(Bad::Unsimulated(what)) => return Err(Bad::Unsimulated(what.clone())),
            Err(Bad::Said(text)) if text.starts_with(UNKNOWN) => None,
            Err(Bad::Said(_)) => {
                self.lexer.go_to(here);
                self.lexer.token(OPERATORS, false, false)?
            }
        };
        let place = self.lexer.position();
        let Some(operator) = self.operator()? else {
            return match (read, word) {
                (Ok(_), None) => Err(self.lexer.error("Operator expected", place)),
                (_, Some(word)) if word == "AND" || word == "OR" => Err(self.error("Term expected")),
                (_, Some(word)) => Ok(Filter::Anywhere(word)),
                (Err(error), None) => Err(error),
            };
        };
        let (key, calls) = read?;
        self.lexer.expect("Operand")?;
        let place = self.lexer.position();
        if ["AND", "NOT", "OR"].iter().any(|word| self.lexer.word(word, true)) {
            return Err(self.lexer.error("Logical operator not expected", place));
        }
        let is_list = matches!(operator, Operator::Has | Operator::Equal) && self.lexer.eat("(").is_some();
        let operands = if is_list {
            let all = self.lexer.arguments(" \t\n,")?;
            all.into_iter().filter(|operand| !["AND", "NOT", "OR"].contains(&operand.as_str())).collect()
        } else {
            let operand = self.lexer.token("()", false, true)?;
            vec![operand.ok_or_else(|| self.lexer.error("Term operand expected", place))?]
        };
        let operands = operands.into_iter().map(|text| operand(operator, text)).collect::<Result<_, _>>()?;
        Ok(Filter::Term(Term { key: self.meant(&key), written: key, calls, operator, operands, is_list }))
    }

    /// The key that a column's name stands for.
    fn meant(&self, key: &Key) -> Key {
        let Some(Part::Name(first)) = key.0.first() else { return key.clone() };
        match self.aliases.iter().find(|(alias, _)| alias == first) {
            Some((_, real)) => Key(real.0.iter().chain(&key.0[1..]).cloned().collect()),
            None => key.clone(),
        }
    }

    fn operator(&mut self) -> Result<Option<Operator>, Bad> {
        if !self.lexer.skip_space() {
            return Ok(None);
        }
        let here = self.lexer.position();
        let Some(first) = self.lexer.eat(":=!<>~") else { return Ok(None) };
        let second = self.lexer.eat(":=!<>~");
        let operator = match (first, second) {
            (':', None) => Operator::Has,
            ('=', None) => Operator::Equal,
            ('!', Some('=')) => Operator::Unequal,
            ('<', None) => Operator::Less,
            ('<', Some('=')) => Operator::AtMost,
            ('>', Some('=')) => Operator::AtLeast,
            ('>', None) => Operator::More,
            ('~', None) => Operator::Matches,
            ('!', Some('~')) => Operator::MatchesNot,
            _ => return Err(self.lexer.error("Malformed operator", here)),
        };
        self.lexer.expect("Term operand")?;
        Ok(Some(operator))
    }
}

fn both(left: Option<Filter>, right: Option<Filter>) -> Option<Filter> {
    match (left, right) {
        (Some(left), Some(right)) => Some(Filter::And(Box::new(left), Box::new(right))),
        (one, other) => one.or(other),
    }
}

fn operand(operator: Operator, text: String) -> Result<Operand, Bad> {
    let (standard, today) = match operator {
        Operator::Matches | Operator::MatchesNot => (Some(pattern(&text, false)?), None),
        Operator::Equal | Operator::Unequal => {
            let word = regex::escape(&text.to_lowercase());
            (Some(pattern(&format!(r"\b{word}\b"), true)?), Some(pattern(&format!("^{word}$"), true)?))
        }
        Operator::Has if text == "*" => (Some(pattern(".", true)?), None),
        Operator::Has => {
            let (standard, today) = has(&text)?;
            (Some(pattern(&standard, true)?), today.map(|today| pattern(&today, true)).transpose()?)
        }
        Operator::Less | Operator::AtMost | Operator::AtLeast | Operator::More => (None, None),
    };
    Ok(Operand { text, standard, today })
}

/// The patterns of `key:text`.
fn has(text: &str) -> Result<(String, Option<String>), Bad> {
    let lower = text.to_lowercase();
    let parts: Vec<&str> = lower.split('*').collect();
    if parts.len() > 2 {
        return Err(Bad::Said(format!("At most one * expected in : patterns [{text}].")));
    }
    let (left, right) = (regex::escape(parts[0]), regex::escape(parts.get(1).unwrap_or(&"")));
    let starred = parts.len() == 2;
    let standard = match lower.strip_suffix('*') {
        Some(word) => format!(r"\b{}", regex::escape(word)),
        None => format!(r"\b{}\b", regex::escape(&lower)),
    };
    let today = match (starred, lower.starts_with('*'), lower.ends_with('*')) {
        (false, ..) => Some(left),
        (true, true, true) => None,
        (true, true, false) => Some(format!("{right}$")),
        (true, false, true) => Some(format!("^{left}")),
        (true, false, false) => Some(format!("^{left}.*{right}$")),
    };
    Ok((standard, today))
}

fn pattern(text: &str, fold: bool) -> Result<Regex, Bad> {
    let built = RegexBuilder::new(text).case_insensitive(fold).multi_line(fold).build();
    built.map_err(|_| Bad::unsimulated(format!("pattern `{text}` in `--filter`")))
}

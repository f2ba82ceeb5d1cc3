//! Words and characters of an expression, as the client's lexer takes them.

use super::Bad;
use super::key::{Key, Part};
use super::transform::{Call, parse_call};

/// Characters of operators.
pub const OPERATORS: &str = ":=!<>~()";

/// Characters that end a name.
const RESERVED: &str = ":=!<>~()[].{},+*/%&|^#;?";

/// The beginning of an error about a transform that nobody knows.
pub const UNKNOWN: &str = "Unknown transform function";

/// A place in an expression.
pub struct Lexer<'t> {
    text: &'t str,
    at: usize,
}

impl<'t> Lexer<'t> {
    pub const fn new(text: &'t str) -> Self {
        Self { text, at: 0 }
    }

    pub const fn position(&self) -> usize {
        self.at
    }

    pub const fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    pub const fn is_at_end(&self) -> bool {
        self.at >= self.text.len()
    }

    /// Everything that is left.
    pub fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    /// The whole text with a mark at a place.
    pub fn annotate(&self, at: usize) -> String {
        let (before, after) = self.text.split_at_checked(at).unwrap_or((self.text, ""));
        let left = if before.is_empty() || before.ends_with(char::is_whitespace) { "" } else { " " };
        let right = if after.is_empty() || after.starts_with(char::is_whitespace) { "" } else { " " };
        format!("{before}{left}*HERE*{right}{after}")
    }

    /// An error at a place: `WHAT [TEXT with a mark].`
    pub fn error(&self, what: &str, at: usize) -> Bad {
        Bad::Said(format!("{what} [{}].", self.annotate(at)))
    }

    /// Skips spaces; false: nothing is left.
    pub fn skip_space(&mut self) -> bool {
        let rest = self.rest();
        self.at += rest.len() - rest.trim_start().len();
        !self.is_at_end()
    }

    /// The same, where something has to follow.
    ///
    /// # Errors
    /// Nothing follows.
    pub fn expect(&mut self, what: &str) -> Result<(), Bad> {
        if self.skip_space() { Ok(()) } else { Err(self.error(&format!("{what} expected"), self.at)) }
    }

    /// The next character, if it is one of these.
    pub fn peek(&self, characters: &str) -> Option<char> {
        self.rest().chars().next().filter(|c| characters.contains(*c))
    }

    /// Takes the next character, if it is one of these.
    pub fn eat(&mut self, characters: &str) -> Option<char> {
        let found = self.peek(characters)?;
        self.at += found.len_utf8();
        Some(found)
    }

    /// The same, where the expression cannot end.
    ///
    /// # Errors
    /// It ends.
    pub fn need(&mut self, characters: &str) -> Result<Option<char>, Bad> {
        if self.is_at_end() {
            return Err(self.error("More tokens expected", self.at));
        }
        Ok(self.eat(characters))
    }

    /// Takes a word in capitals, with a space or a parenthesis behind it.
    pub fn word(&mut self, word: &str, take: bool) -> bool {
        if !self.skip_space() {
            return false;
        }
        let Some(after) = self.rest().strip_prefix(word) else { return false };
        let ends = after.is_empty() || after.starts_with(|c: char| c.is_whitespace() || c == '(');
        if ends && take {
            self.at += word.len();
        }
        ends
    }

    /// A token: quotes and backslashes are resolved; it ends at a space or a terminator. None: there is none.
    ///
    /// # Errors
    /// A quote is not closed.
    pub fn token(&mut self, terminators: &str, balance: bool, space: bool) -> Result<Option<String>, Bad> {
        let (mut quote, mut open) = (None, 0_u32);
        let mut token: Option<String> = None;
        let start = self.at;
        let mut characters = self.rest().char_indices().peekable();
        let mut end = self.text.len();
        while let Some((place, c)) = characters.next() {
            match c {
                '\\' if characters.peek().is_some() => {
                    let Some((_, next)) = characters.next() else { break };
                    let token = token.get_or_insert_default();
                    let is_quote = next == '\'' || next == '"';
                    if next != '\\' && Some(next) != quote && (quote.is_some() || !is_quote) {
                        token.push('\\');
                    }
                    token.push(next);
                }
                c if Some(c) == quote => quote = None,
                '\'' | '"' if quote.is_none() => {
                    quote = Some(c);
                    token.get_or_insert_default();
                }
                c if quote.is_none() && c.is_whitespace() && token.is_none() => {}
                '(' | ')' if quote.is_none() && balance => {
                    if c == ')' && open == 0 && terminators.contains(c) {
                        end = start + place;
                        break;
                    }
                    open = if c == '(' { open + 1 } else { open.saturating_sub(1) };
                    token.get_or_insert_default().push(c);
                }
                c if quote.is_none() && open == 0 && terminators.contains(c) => {
                    end = start + place;
                    break;
                }
                c if quote.is_some() || !c.is_whitespace() || balance => token.get_or_insert_default().push(c),
                _ => {
                    end = start + place;
                    break;
                }
            }
        }
        if let Some(quote) = quote {
            return Err(self.error(&format!("Unterminated [{quote}] quote"), start));
        }
        self.at = end;
        if space {
            self.skip_space();
        }
        Ok(token)
    }

    /// Arguments up to the closing parenthesis; the opening one was taken.
    ///
    /// # Errors
    /// They do not end, or one is empty.
    pub fn arguments(&mut self, separators: &str) -> Result<Vec<String>, Bad> {
        let (mut found, mut required) = (Vec::new(), false);
        loop {
            let here = self.at;
            let argument = self.token(&format!("{separators})"), true, true)?;
            let ends = self.need(")")?.is_some();
            let separator = if ends { None } else { self.eat(separators) };
            if !ends && separator.is_none() {
                return Err(self.error("Closing ) expected in argument list", self.at));
            }
            let is_space = separator.is_some_and(char::is_whitespace);
            match argument {
                Some(argument) if !argument.is_empty() || !is_space => found.push(argument),
                None if required || !ends => return Err(self.error("Argument expected", here)),
                Some(_) | None => {}
            }
            if ends {
                return Ok(found);
            }
            required = !is_space;
        }
    }

    /// A key, and the transforms behind it.
    ///
    /// # Errors
    /// It is none, or a transform is unknown.
    pub fn key(&mut self) -> Result<(Key, Vec<Call>), Bad> {
        let mut key = Key::default();
        let mut calls = Vec::new();
        while !self.is_at_end() {
            let here = self.at;
            match self.token(RESERVED, false, false)? {
                Some(name) if self.peek("(").is_some() => {
                    self.calls(&name, &mut calls)?;
                    break;
                }
                Some(name) => key.0.push(Part::Name(name)),
                None if self.peek("[").is_some() => {}
                None if key.0.is_empty() && self.is_dot() => {
                    self.at += 1;
                    break;
                }
                None => return Err(self.error("Non-empty key name expected", here)),
            }
            while self.eat("[").is_some() {
                let index = self.token("]", false, true)?;
                self.need("]")?;
                key.0.push(match index.as_deref() {
                    None | Some("") => Part::Slice,
                    Some(index) => index.parse().map_or_else(|_| Part::Name(index.to_owned()), Part::Index),
                });
            }
            if self.eat(".").is_none() {
                break;
            }
            if self.is_at_end() {
                return Err(self.error("Non-empty key name expected", self.at));
            }
        }
        Ok((key, calls))
    }

    /// A single dot: the whole resource.
    fn is_dot(&self) -> bool {
        let Some(after) = self.rest().strip_prefix('.') else { return false };
        after.chars().next().is_none_or(|c| c != '.' && RESERVED.contains(c))
    }

    /// `name(…).name(…)`, from the first parenthesis on.
    fn calls(&mut self, first: &str, calls: &mut Vec<Call>) -> Result<(), Bad> {
        let mut name = first.to_owned();
        loop {
            self.need("(")?;
            let here = self.at;
            let arguments = self.arguments(",")?;
            let Some(call) = parse_call(&name, arguments)? else {
                return Err(self.error(&format!("{UNKNOWN} {name}"), here));
            };
            calls.push(call);
            if self.eat(".").is_none() {
                return Ok(());
            }
            let here = self.at;
            name = self.token(RESERVED, false, false)?.unwrap_or_default();
            if self.peek("(").is_none() {
                return Err(self.error("Transform function expected", here));
            }
        }
    }
}

//! Reads what `sed` is told.

use std::sync::Arc;

use regex::Regex;

use super::super::super::process::Unsimulated;

/// A command and the lines it is for.
pub struct Command {
    pub from: Option<Address>,
    pub to: Option<Address>,
    pub negated: bool,
    pub function: Function,
}

pub enum Address {
    Line(usize),
    /// `$`
    Last,
    Matches(Arc<Regex>),
    /// `+N`, as an end only.
    More(usize),
}

pub enum Function {
    /// `{`, and the place behind its `}`.
    Block(usize),
    End,
    Substitute(Substitution),
    Turn(Vec<char>, Vec<char>),
    Delete,
    Print,
    Number,
    Next,
    Quit(i32),
    QuitQuietly(i32),
    Append(String),
    Insert(String),
    Change(String),
}

pub struct Substitution {
    pub expression: Arc<Regex>,
    pub with: Vec<Replacement>,
    /// The first match that is replaced.
    pub from: usize,
    /// And all behind it.
    pub all: bool,
    pub prints: bool,
}

pub enum Replacement {
    Text(String),
    Group(usize),
}

/// What came of reading; the inner error is what `sed` says behind the place of the expression.
type Read<T> = Result<Result<T, String>, Unsimulated>;

struct Reader<'r> {
    chars: Vec<char>,
    at: usize,
    extended: bool,
    text: &'r str,
}

/// Passes an inner error on.
macro_rules! expect {
    ($read:expr) => {
        match $read? {
            Ok(value) => value,
            Err(message) => return Ok(Err(message)),
        }
    };
}

/// Reads a script.
///
/// # Errors
/// Something in it is not simulated.
pub fn read(text: &str, extended: bool) -> Read<Vec<Command>> {
    let mut reader = Reader { chars: text.chars().collect(), at: 0, extended, text };
    let (mut commands, mut open) = (Vec::new(), Vec::new());
    loop {
        while reader.peek().is_some_and(|c| c.is_whitespace() || c == ';') {
            reader.at += 1;
        }
        if reader.peek() == Some('#') {
            while reader.peek().is_some_and(|c| c != '\n') {
                reader.at += 1;
            }
            continue;
        }
        if reader.peek().is_none() {
            break;
        }
        let command = expect!(reader.command());
        match command.function {
            Function::Block(_) => open.push(commands.len()),
            Function::End => {
                let Some(begin) = open.pop() else { return Ok(Err(reader.wrong("unexpected `}'"))) };
                let end = commands.len() + 1;
                if let Some(Command { function: Function::Block(place), .. }) = commands.get_mut(begin) {
                    *place = end;
                }
            }
            _ => {}
        }
        commands.push(command);
    }
    if open.is_empty() { Ok(Ok(commands)) } else { Ok(Err("char 0: unmatched `{'".to_owned())) }
}

impl Reader<'_> {
    fn peek(&self) -> Option<char> {
        self.chars.get(self.at).copied()
    }

    fn take(&mut self) -> Option<char> {
        let c = self.peek()?;
        self.at += 1;
        Some(c)
    }

    fn skip(&mut self) {
        while self.peek().is_some_and(|c| c == ' ' || c == '\t') {
            self.at += 1;
        }
    }

    fn wrong(&self, what: &str) -> String {
        format!("char {}: {what}", self.at)
    }

    fn unknown<T>(&self) -> Read<T> {
        Err(Unsimulated(format!("`sed '{}'`", self.text)))
    }

    fn number(&mut self) -> Option<usize> {
        let digits: String = self.chars[self.at..].iter().take_while(|c| c.is_ascii_digit()).collect();
        self.at += digits.len();
        digits.parse().ok()
    }

    fn command(&mut self) -> Read<Command> {
        let from = expect!(self.address());
        self.skip();
        let mut to = None;
        if from.is_some() && self.peek() == Some(',') {
            self.at += 1;
            self.skip();
            to = expect!(self.address());
            if to.is_none() {
                return Ok(Err(self.wrong("unexpected `,'")));
            }
        }
        self.skip();
        let mut negated = false;
        while self.peek() == Some('!') {
            self.at += 1;
            negated = true;
            self.skip();
        }
        let function = expect!(self.function());
        if let (Function::Change(_), Some(_)) = (&function, &to) {
            return self.unknown();
        }
        Ok(Ok(Command { from, to, negated, function }))
    }

    fn address(&mut self) -> Read<Option<Address>> {
        match self.peek() {
            Some(c) if c.is_ascii_digit() => {
                let number = self.number().unwrap_or(usize::MAX);
                if self.peek() == Some('~') || number == 0 {
                    return self.unknown();
                }
                Ok(Ok(Some(Address::Line(number))))
            }
            Some('+') => {
                self.at += 1;
                match self.number() {
                    Some(count) => Ok(Ok(Some(Address::More(count)))),
                    None => Ok(Err(self.wrong("expected number"))),
                }
            }
            Some('$') => {
                self.at += 1;
                Ok(Ok(Some(Address::Last)))
            }
            Some('/' | '\\') => {
                if self.peek() == Some('\\') {
                    self.at += 1;
                }
                let Some(end) = self.take() else { return Ok(Err(self.wrong("unexpected `,'"))) };
                let Some(text) = self.until(end, true) else {
                    return Ok(Err(self.wrong("unterminated address regex")));
                };
                let ignores_case = self.peek() == Some('I');
                self.at += usize::from(ignores_case);
                let expression = expect!(self.expression(&text, ignores_case));
                Ok(Ok(Some(Address::Matches(expression))))
            }
            _ => Ok(Ok(None)),
        }
    }

    fn expression(&self, text: &str, ignores_case: bool) -> Read<Arc<Regex>> {
        if text.is_empty() {
            return self.unknown();
        }
        let expression = super::super::regular_expression(text, self.extended, ignores_case)?;
        Ok(expression.ok_or_else(|| self.wrong("invalid regular expression")))
    }

    /// Text up to an unescaped sign, which is taken; `\` before that sign goes.
    fn until(&mut self, end: char, expression: bool) -> Option<String> {
        let (mut found, mut in_set) = (String::new(), false);
        loop {
            let c = self.take()?;
            match c {
                '\\' => {
                    let next = self.take()?;
                    if next != end {
                        found.push('\\');
                    }
                    found.push(next);
                }
                '[' if expression && !in_set => {
                    in_set = true;
                    found.push(c);
                    // A bracket right behind the opening one is a member.
                    for member in ['^', ']'] {
                        if self.peek() == Some(member) {
                            self.at += 1;
                            found.push(member);
                        }
                    }
                }
                ']' if in_set && !found.ends_with(':') => {
                    in_set = false;
                    found.push(c);
                }
                c if c == end && !in_set => return Some(found),
                c => found.push(c),
            }
        }
    }

    fn function(&mut self) -> Read<Function> {
        let Some(letter) = self.take() else { return Ok(Err(self.wrong("missing command"))) };
        let function = match letter {
            '{' => return Ok(Ok(Function::Block(0))),
            '}' => Function::End,
            's' => Function::Substitute(expect!(self.substitution())),
            'y' => expect!(self.turn()),
            'd' => Function::Delete,
            'p' => Function::Print,
            '=' => Function::Number,
            'n' => Function::Next,
            'q' | 'Q' => {
                self.skip();
                let code = self.number().and_then(|code| i32::try_from(code & 0xff).ok()).unwrap_or(0);
                if letter == 'q' { Function::Quit(code) } else { Function::QuitQuietly(code) }
            }
            'a' => return Ok(self.text().map(Function::Append)),
            'i' => return Ok(self.text().map(Function::Insert)),
            'c' => return Ok(self.text().map(Function::Change)),
            'N' | 'D' | 'P' | 'h' | 'H' | 'g' | 'G' | 'x' | 'b' | 't' | 'T' | ':' | 'r' | 'R' | 'w' | 'W' | 'l'
            | 'e' | 'F' | 'z' => return self.unknown(),
            letter => return Ok(Err(self.wrong(&format!("unknown command: `{letter}'")))),
        };
        self.skip();
        match self.peek() {
            None | Some('\n' | ';' | '}' | '#') => Ok(Ok(function)),
            Some(_) => Ok(Err(self.wrong("extra characters after command"))),
        }
    }

    /// The text of `a`, `i` and `c`: the rest of the line.
    fn text(&mut self) -> Result<String, String> {
        self.skip();
        if self.peek() == Some('\\') {
            self.at += 1;
            self.skip();
            if self.peek() == Some('\n') {
                self.at += 1;
            }
        }
        let mut found = String::new();
        while let Some(c) = self.take() {
            match c {
                '\n' => break,
                '\\' => match self.take() {
                    Some(next) => found.push(next),
                    None => break,
                },
                c => found.push(c),
            }
        }
        if found.is_empty() { Err(self.wrong("expected \\ after `a', `c' or `i'")) } else { Ok(found) }
    }

    fn turn(&mut self) -> Read<Function> {
        let Some(end) = self.take() else { return Ok(Err(self.wrong("unterminated `y' command"))) };
        let (Some(from), Some(to)) = (self.until(end, false), self.until(end, false)) else {
            return Ok(Err(self.wrong("unterminated `y' command")));
        };
        if from.contains('\\') || to.contains('\\') {
            return self.unknown();
        }
        let (from, to): (Vec<char>, Vec<char>) = (from.chars().collect(), to.chars().collect());
        if from.len() != to.len() {
            return Ok(Err(self.wrong("strings for `y' command are different lengths")));
        }
        Ok(Ok(Function::Turn(from, to)))
    }

    fn substitution(&mut self) -> Read<Substitution> {
        let Some(end) = self.take() else { return Ok(Err(self.wrong("unterminated `s' command"))) };
        let Some(pattern) = self.until(end, true) else { return Ok(Err(self.wrong("unterminated `s' command"))) };
        let Some(with) = self.until(end, false) else { return Ok(Err(self.wrong("unterminated `s' command"))) };
        let (mut from, mut all, mut prints, mut ignores_case) = (1, false, false, false);
        loop {
            match self.peek() {
                Some('g') => all = true,
                Some('p') => prints = true,
                Some('i' | 'I') => ignores_case = true,
                Some(c) if c.is_ascii_digit() => {
                    from = self.number().unwrap_or(1);
                    if from == 0 {
                        return Ok(Err(self.wrong("number option to `s' command may not be zero")));
                    }
                    continue;
                }
                Some('w' | 'e' | 'm' | 'M') => return self.unknown(),
                _ => break,
            }
            self.at += 1;
        }
        let expression = expect!(self.expression(&pattern, ignores_case));
        let with = expect!(self.replacement(&with, expression.captures_len()));
        Ok(Ok(Substitution { expression, with, from, all, prints }))
    }

    fn replacement(&self, text: &str, groups: usize) -> Read<Vec<Replacement>> {
        let (mut found, mut plain) = (Vec::new(), String::new());
        let mut chars = text.chars();
        while let Some(c) = chars.next() {
            let group = match c {
                '&' => Some(0),
                '\\' => match chars.next() {
                    Some('n' | '\n') => {
                        plain.push('\n');
                        None
                    }
                    Some('t') => {
                        plain.push('\t');
                        None
                    }
                    Some(digit @ '0'..='9') => Some(digit as usize - '0' as usize),
                    Some(c) if c.is_ascii_alphabetic() => return self.unknown(),
                    Some(c) => {
                        plain.push(c);
                        None
                    }
                    None => None,
                },
                c => {
                    plain.push(c);
                    None
                }
            };
            if let Some(group) = group {
                if group >= groups {
                    return Ok(Err(self.wrong(&format!("invalid reference \\{group} on `s' command's RHS"))));
                }
                found.push(Replacement::Text(std::mem::take(&mut plain)));
                found.push(Replacement::Group(group));
            }
        }
        found.push(Replacement::Text(plain));
        Ok(Ok(found))
    }
}

//! Reads a script by recursive descent, as a whole, before anything of it happens. What a shell would refuse is a syntax error; what
//! this world does not carry out is not simulated.

mod arithmetic;
mod braces;
mod compound;
mod condition;
mod here;
mod parameter;
mod redirect;
mod simple;
mod word;

use std::sync::{Arc, OnceLock};

use super::super::process::Unsimulated;
use super::syntax::{AndOr, Command, Join, List, Pipeline, Script, SyntaxError, Word};

/// Which shell reads the script.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Dialect {
    /// `bash`.
    Bash,
    /// `sh`, `dash`, `ash`: what they do not share is not simulated.
    Sh,
}

/// Why a script is read no further.
#[derive(Debug)]
pub enum Trouble {
    Syntax(SyntaxError),
    Unsimulated(Unsimulated),
}

pub use simple::name_length;

type Read<T> = Result<T, Trouble>;

/// Where the reader is.
struct Parser<'t> {
    text: &'t str,
    at: usize,
    line: u32,
    depth: u16,
    dialect: Dialect,
    pending: Vec<Pending>,
}

/// A here-document whose text has not been reached yet.
struct Pending {
    end: String,
    /// Leading tabs do not count.
    tabs: bool,
    /// Nothing in it is expanded.
    quoted: bool,
    text: Arc<OnceLock<Word>>,
}

/// Commands inside each other, at most.
const DEEPEST: u16 = 40;

/// Words that end a list of commands.
const CLOSING: [&str; 8] = ["then", "else", "elif", "fi", "do", "done", "esac", "}"];

/// Reads a script.
///
/// # Errors
/// Something in it is not simulated.
pub fn script(text: &str, dialect: Dialect) -> Result<Script, Unsimulated> {
    let mut parser = Parser::new(text, 1, dialect);
    let mut body = List::new();
    loop {
        match parser.complete_command(&mut body) {
            Ok(true) => {}
            Ok(false) => return Ok(Script { body, broken: None }),
            Err(Trouble::Syntax(error)) => return Ok(Script { body, broken: Some(error) }),
            Err(Trouble::Unsimulated(what)) => return Err(what),
        }
    }
}

fn unsimulated<T>(what: impl Into<String>) -> Read<T> {
    Err(Trouble::Unsimulated(Unsimulated(what.into())))
}

impl<'t> Parser<'t> {
    fn new(text: &'t str, line: u32, dialect: Dialect) -> Self {
        Self { text, at: 0, line, depth: 0, dialect, pending: Vec::new() }
    }

    fn rest(&self) -> &'t str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    fn starts(&self, with: &str) -> bool {
        self.rest().starts_with(with)
    }

    /// Takes the next character.
    fn bump(&mut self) -> Option<char> {
        let next = self.peek()?;
        self.at += next.len_utf8();
        self.line += u32::from(next == '\n');
        Some(next)
    }

    /// Takes this text if it is next.
    fn eat(&mut self, text: &str) -> bool {
        let found = self.starts(text);
        for _ in 0..if found { text.chars().count() } else { 0 } {
            self.bump();
        }
        found
    }

    /// Skips blanks, continued lines, and a comment.
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(' ' | '\t' | '\r') => drop(self.bump()),
                Some('\\') if self.starts("\\\n") => drop(self.eat("\\\n")),
                Some('#') => {
                    while self.peek().is_some_and(|next| next != '\n') {
                        self.bump();
                    }
                }
                _ => return,
            }
        }
    }

    /// Skips blanks and lines; reads here-documents that begin on the next line.
    fn skip_lines(&mut self) -> Read<()> {
        self.skip_blanks();
        while self.peek() == Some('\n') {
            self.new_line()?;
            self.skip_blanks();
        }
        Ok(())
    }

    fn new_line(&mut self) -> Read<()> {
        self.bump();
        self.here_documents()
    }

    /// Only `bash` has it.
    fn bash_only(&self, what: &str) -> Read<()> {
        match self.dialect {
            Dialect::Bash => Ok(()),
            Dialect::Sh => unsimulated(format!("`{what}` in `sh`: not every sh has it")),
        }
    }

    /// Goes one level down; `leave` goes up again.
    fn enter(&mut self) -> Read<()> {
        self.depth += 1;
        if self.depth > DEEPEST { unsimulated("a script nested so deeply") } else { Ok(()) }
    }

    fn leave(&mut self) {
        self.depth -= 1;
    }

    fn error<T>(&self, message: impl Into<String>) -> Read<T> {
        Err(Trouble::Syntax(SyntaxError { line: self.line, message: message.into() }))
    }

    /// What comes next does not belong here.
    fn unexpected<T>(&mut self) -> Read<T> {
        self.skip_blanks();
        if self.peek().is_none() {
            return self.error("syntax error: unexpected end of file");
        }
        let token = self.token();
        self.error(format!("syntax error near unexpected token `{token}'"))
    }

    /// The next token, for messages.
    fn token(&self) -> &'t str {
        const OPERATORS: [&str; 13] = [";;&", ";;", ";&", "&&", "||", ";", "|", "&", "(", ")", "<<", "<", ">"];
        let rest = self.rest();
        if rest.starts_with('\n') {
            return "newline";
        }
        if let Some(operator) = OPERATORS.iter().find(|operator| rest.starts_with(**operator)) {
            return operator;
        }
        &rest[..rest.find(word::ends_word).unwrap_or(rest.len())]
    }

    /// The next word if it is written without quotes and expansions: it may be reserved.
    fn reserved(&self) -> &'t str {
        let rest = self.rest();
        let end = rest.find(word::ends_word).unwrap_or(rest.len());
        let word = &rest[..end];
        if word.contains(['\'', '"', '\\', '$', '`']) { "" } else { word }
    }

    /// Takes a reserved word, or fails.
    fn expect(&mut self, word: &str) -> Read<()> {
        self.skip_lines()?;
        if self.reserved() == word {
            self.eat(word);
            Ok(())
        } else {
            self.unexpected()
        }
    }

    /// The commands of one line (and what they need of the next); false: there are none left.
    fn complete_command(&mut self, body: &mut List) -> Read<bool> {
        self.skip_lines()?;
        if self.peek().is_none() {
            return Ok(false);
        }
        let from = body.len();
        let read = loop {
            match self.and_or() {
                Ok(command) => body.push(command),
                Err(trouble) => break Err(trouble),
            }
            self.skip_blanks();
            match self.peek() {
                None => break Ok(true),
                Some('\n') => break self.new_line().map(|()| true),
                Some(';') if !self.starts(";;") => {
                    self.bump();
                    self.skip_blanks();
                    match self.peek() {
                        None => break Ok(true),
                        Some('\n') => break self.new_line().map(|()| true),
                        Some(_) => {}
                    }
                }
                Some('&') => break unsimulated("`&`: commands in the background"),
                Some(_) => break self.unexpected(),
            }
        };
        if read.is_err() {
            // A shell reads the whole line before it carries anything of it out.
            body.truncate(from);
        }
        if self.peek().is_none() && !self.pending.is_empty() {
            return unsimulated("a here-document without its end");
        }
        read
    }

    /// Commands up to a word or a sign that closes them; at least one.
    fn list(&mut self) -> Read<List> {
        self.enter()?;
        let mut list = List::new();
        loop {
            self.skip_lines()?;
            let closes = matches!(self.peek(), None | Some(')')) || self.starts(";;") || self.starts(";&");
            if closes || CLOSING.contains(&self.reserved()) {
                break;
            }
            list.push(self.and_or()?);
            self.skip_blanks();
            match self.peek() {
                Some(';') if !self.starts(";;") && !self.starts(";&") => drop(self.bump()),
                Some('\n') => self.new_line()?,
                Some('&') => return unsimulated("`&`: commands in the background"),
                _ => break,
            }
        }
        self.leave();
        if list.is_empty() { self.unexpected() } else { Ok(list) }
    }

    fn and_or(&mut self) -> Read<AndOr> {
        let first = self.pipeline()?;
        let mut rest = Vec::new();
        loop {
            self.skip_blanks();
            let join = if self.eat("&&") {
                Join::And
            } else if self.eat("||") {
                Join::Or
            } else {
                return Ok(AndOr { first, rest });
            };
            self.skip_lines()?;
            rest.push((join, self.pipeline()?));
        }
    }

    fn pipeline(&mut self) -> Read<Pipeline> {
        self.skip_blanks();
        let mut negated = false;
        while self.reserved() == "!" {
            self.eat("!");
            negated = !negated;
            self.skip_blanks();
        }
        let mut commands = vec![self.command()?];
        loop {
            self.skip_blanks();
            if self.starts("|&") {
                return unsimulated("`|&`");
            }
            if self.starts("||") || !self.eat("|") {
                return Ok(Pipeline { negated, commands });
            }
            self.skip_lines()?;
            commands.push(self.command()?);
        }
    }

    /// One command with its redirections.
    fn command(&mut self) -> Read<Command> {
        self.skip_blanks();
        let line = self.line;
        if CLOSING.contains(&self.reserved()) {
            return self.unexpected();
        }
        let Some(kind) = self.compound()? else { return self.simple() };
        let mut redirects = Vec::new();
        loop {
            self.skip_blanks();
            if !self.redirect(&mut redirects)? {
                return Ok(Command { line, kind, redirects });
            }
        }
    }
}

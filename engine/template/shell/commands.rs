//! Lists, pipelines, compound commands, redirections.

use super::heredoc::Heredoc;
use super::scan::{Read, Scan, Symbol};
use super::words::{Word, ends_word};
use super::{BY_ENV, rules};

/// What ends a list.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Until {
    /// The script's end.
    End,
    /// `)`, left in place.
    Parenthesis,
    /// `;;`, `;&`, `;;&` or `esac`, left in place.
    CaseItem,
}

/// A command that is being read.
#[derive(Debug, Default)]
pub(super) struct Command {
    /// Its first symbol.
    pub start: usize,
    pub words: Vec<Word>,
    /// Symbols of here-strings and process substitutions.
    pub inputs: Vec<(usize, usize)>,
    /// Behind `}`, `done`, `fi`, `esac` or `)`: only redirections follow.
    closed: bool,
}

/// The commands between two `;`.
#[derive(Default)]
struct Pipeline {
    start: usize,
    /// A member is a compound command: where it began is not known.
    compound: bool,
    /// Behind a `|`.
    piped: bool,
}

impl Scan<'_> {
    /// The whole script.
    pub fn script(&mut self) -> Read<()> {
        self.list(Until::End)?;
        if self.peek().is_some() {
            return self.lost(self.at, "this is not understood");
        }
        if let Some(heredoc) = self.pending.first() {
            return self.lost(heredoc.at, "this here-document has no end");
        }
        Ok(())
    }

    /// Commands up to what ends the list.
    pub fn list(&mut self, until: Until) -> Read<()> {
        let mut pipeline = Pipeline { start: self.at, ..Pipeline::default() };
        let mut command = Command { start: self.at, ..Command::default() };
        loop {
            self.blanks();
            let Some(symbol) = self.peek() else { break };
            match symbol {
                Symbol::Char(')') if until != Until::End => break,
                Symbol::Char(')') => return self.lost(self.at, "this `)` closes nothing"),
                Symbol::Char(';') if self.char_at(1).is_some_and(|c| matches!(c, ';' | '&')) => {
                    if until == Until::CaseItem {
                        break;
                    }
                    return self.lost(self.at, "this `;;` stands in no `case`");
                }
                Symbol::Char('&') if self.char_at(1) == Some('>') => {
                    self.bump();
                    self.redirection(&mut command)?;
                }
                Symbol::Char('|') if self.char_at(1) != Some('|') => {
                    self.bump();
                    self.eat("&");
                    self.finish(&mut command, &mut pipeline);
                    pipeline.piped = true;
                }
                Symbol::Char(c @ (';' | '&' | '|' | '\n')) => {
                    self.bump();
                    if c != ';' && c != '\n' {
                        self.eat(c.encode_utf8(&mut [0; 4]));
                    }
                    let continues = c == '\n' && pipeline.piped && command.words.is_empty() && !command.closed;
                    self.finish(&mut command, &mut pipeline);
                    if c == '\n' {
                        self.bodies()?;
                    }
                    if !continues {
                        pipeline = Pipeline { start: self.at, ..Pipeline::default() };
                    }
                }
                Symbol::Char('<' | '>') => self.redirection(&mut command)?,
                Symbol::Char('(') => self.parenthesis(&mut command, &mut pipeline)?,
                Symbol::Char('#') => self.comment(),
                _ => {
                    if !self.next_word(&mut command, &mut pipeline, until)? {
                        break;
                    }
                }
            }
        }
        self.finish(&mut command, &mut pipeline);
        Ok(())
    }

    /// Reads a word into the command; false if it ended the list.
    fn next_word(&mut self, command: &mut Command, pipeline: &mut Pipeline, until: Until) -> Read<bool> {
        let start = self.at;
        let word = self.word()?;
        if self.at == start {
            return self.lost(start, "this is not understood");
        }
        if command.closed {
            return self.lost(start, "a word behind the end of a compound command is not understood");
        }
        let digits = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if matches!(self.char(), Some('<' | '>')) && !word.quoted && word.text.as_deref().is_some_and(digits) {
            return Ok(true);
        }
        if command.words.is_empty() && !word.quoted {
            match word.text.as_deref() {
                Some("esac") if until == Until::CaseItem => {
                    self.at = start;
                    return Ok(false);
                }
                Some("if" | "then" | "elif" | "else" | "while" | "until" | "do" | "!" | "time" | "{") => {
                    self.opened(pipeline);
                    return Ok(true);
                }
                Some("}" | "fi" | "done" | "esac") => {
                    pipeline.compound = true;
                    command.closed = true;
                    return Ok(true);
                }
                Some("case") => {
                    self.opened(pipeline);
                    self.case(start)?;
                    pipeline.compound = true;
                    command.closed = true;
                    return Ok(true);
                }
                Some("for" | "select") => {
                    self.opened(pipeline);
                    self.loop_name(start)?;
                }
                Some("function") => {
                    self.blanks();
                    let name = self.at;
                    self.word()?;
                    self.refuse_between(name, self.at, "a value cannot name a function", BY_ENV);
                    self.blanks();
                    if self.eat("(") {
                        self.blanks();
                        if !self.eat(")") {
                            return self.lost(start, "this function is not understood");
                        }
                    }
                    return Ok(true);
                }
                Some("coproc") => return self.lost(start, "`coproc` is not understood"),
                Some("[[") => {
                    self.conditional(start)?;
                    command.closed = true;
                    return Ok(true);
                }
                _ => {}
            }
        }
        let array =
            word.text.as_deref().is_some_and(|text| text.ends_with('=')) && word.assigns && self.char() == Some('(');
        command.words.push(word);
        if array {
            self.array(start)?;
        }
        Ok(true)
    }

    /// A compound command begins: what is piped into it may reach a shell in it.
    fn opened(&mut self, pipeline: &Pipeline) {
        if pipeline.piped {
            let from = if pipeline.compound { 0 } else { pipeline.start };
            self.piped = Some(self.piped.map_or(from, |earlier| earlier.min(from)));
        }
    }

    fn finish(&mut self, command: &mut Command, pipeline: &mut Pipeline) {
        let done = std::mem::take(command);
        command.start = self.at;
        let mut fed_from = self.piped;
        if pipeline.piped {
            let from = if pipeline.compound { 0 } else { pipeline.start };
            fed_from = Some(fed_from.map_or(from, |earlier| earlier.min(from)));
        }
        rules::judge(self, &done, fed_from);
    }

    /// Spaces and continued lines.
    pub fn blanks(&mut self) {
        loop {
            match self.char() {
                Some(' ' | '\t' | '\r') => {
                    self.bump();
                }
                Some('\\') if self.char_at(1) == Some('\n') => self.at += 2,
                _ => return,
            }
        }
    }

    /// Blanks, line ends and comments.
    fn gaps(&mut self) -> Read<()> {
        loop {
            self.blanks();
            match self.char() {
                Some('\n') => {
                    self.bump();
                    self.bodies()?;
                }
                Some('#') => self.comment(),
                _ => return Ok(()),
            }
        }
    }

    fn comment(&mut self) {
        let start = self.at;
        while self.peek().is_some_and(|symbol| symbol != Symbol::Char('\n')) {
            self.bump();
        }
        self.refuse_between(
            start,
            self.at,
            "a value in a comment does nothing",
            "remove it, or write the line without `#`",
        );
    }

    fn parenthesis(&mut self, command: &mut Command, pipeline: &mut Pipeline) -> Read<()> {
        let start = self.at;
        let only = match command.words.as_slice() {
            [] => None,
            [only] => Some(only),
            _ => return self.lost(start, "a `(` here is not understood"),
        };
        if command.closed {
            return self.lost(start, "a `(` here is not understood");
        }
        if only.is_none_or(|word| word.is("for")) && self.eat("((") {
            self.arithmetic(start)?;
            command.words.clear();
            command.closed = true;
            return Ok(());
        }
        if only.is_some() {
            // `name()` defines a function; what follows is a command again.
            self.bump();
            self.blanks();
            if !self.eat(")") {
                return self.lost(start, "a `(` here is not understood");
            }
            self.refuse_between(command.start, self.at, "a value cannot name a function", BY_ENV);
            command.words.clear();
            return Ok(());
        }
        self.opened(pipeline);
        self.bump();
        self.nested(start)?;
        pipeline.compound = true;
        command.closed = true;
        Ok(())
    }

    /// `name=(…)`.
    fn array(&mut self, start: usize) -> Read<()> {
        self.bump();
        loop {
            self.gaps()?;
            if self.eat(")") {
                return Ok(());
            }
            let at = self.at;
            self.word()?;
            if self.at == at {
                return self.lost(start, "this array is not understood");
            }
        }
    }

    fn loop_name(&mut self, start: usize) -> Read<()> {
        self.blanks();
        if self.char() == Some('(') {
            return Ok(());
        }
        let name = self.at;
        let word = self.word()?;
        self.refuse_between(name, self.at, "a value cannot name a variable", BY_ENV);
        if !word.values.is_empty() || !word.text.as_deref().is_some_and(super::words::is_name) {
            return if word.values.is_empty() { self.lost(start, "this loop is not understood") } else { Ok(()) };
        }
        Ok(())
    }

    fn case(&mut self, start: usize) -> Read<()> {
        self.blanks();
        self.word()?;
        self.gaps()?;
        if !self.word()?.is("in") {
            return self.lost(start, "this `case` is not understood");
        }
        loop {
            self.gaps()?;
            let at = self.at;
            self.eat("(");
            loop {
                self.blanks();
                let pattern = self.at;
                let word = self.word()?;
                if pattern == at && word.is("esac") {
                    return Ok(());
                }
                self.refuse_between(
                    pattern,
                    self.at,
                    "a value cannot be a pattern of `case`",
                    "compare it with `[ … = … ]`, or make it the word behind `case`",
                );
                self.blanks();
                if self.eat(")") {
                    break;
                }
                if !self.eat("|") {
                    return self.lost(start, "this `case` is not understood");
                }
            }
            self.list(Until::CaseItem)?;
            if !(self.eat(";;&") || self.eat(";;") || self.eat(";&")) {
                self.gaps()?;
                if self.char() != Some('e') {
                    return self.lost(start, "this `case` is not understood");
                }
            }
        }
    }

    /// `[[ … ]]`; the opening is behind us.
    fn conditional(&mut self, start: usize) -> Read<()> {
        let mut evaluates = false;
        loop {
            self.gaps()?;
            let at = self.at;
            if matches!(self.char(), Some('(' | ')' | '<' | '>' | '&' | '|' | ';')) {
                self.bump();
                continue;
            }
            let word = self.word()?;
            if word.is("]]") {
                break;
            }
            if self.at == at {
                return self.lost(start, "this `[[` is not closed");
            }
            evaluates |=
                ["-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-v", "-R"].iter().any(|operator| word.is(operator));
        }
        if evaluates {
            let message =
                "a value cannot stand in a `[[ … ]]` that compares numbers: bash evaluates it, commands included";
            self.refuse_between(start, self.at, message, "use `[ … -eq … ]`, which evaluates nothing");
        }
        Ok(())
    }

    fn redirection(&mut self, command: &mut Command) -> Read<()> {
        let start = self.at;
        if self.eat("<<<") {
            self.blanks();
            self.word()?;
            command.inputs.push((start, self.at));
            return Ok(());
        }
        if self.eat("<<") {
            let strips = self.eat("-");
            self.blanks();
            return self.heredoc_opening(start, strips);
        }
        if self.eat("<(") || self.eat(">(") {
            self.nested(start)?;
            command.inputs.push((start, self.at));
            if self.char().is_some_and(|c| !ends_word(c)) {
                return self.lost(start, "a process substitution inside a word is not understood");
            }
            command.words.push(Word::default());
            return Ok(());
        }
        let duplicates = self.eat(">&") || self.eat("<&");
        if !duplicates {
            let _ = self.eat(">>") || self.eat(">|") || self.eat("<>") || self.eat(">") || self.eat("<");
        }
        self.blanks();
        let target = self.at;
        if matches!(self.char(), Some('<' | '>')) && self.char_at(1) == Some('(') {
            return self.redirection(command);
        }
        self.word()?;
        if self.at == target {
            return self.lost(start, "this redirection has no target");
        }
        if duplicates {
            self.refuse_between(
                target,
                self.at,
                "a value cannot be the number of a descriptor",
                "write `> \"$file\"` with a space",
            );
        }
        Ok(())
    }

    fn heredoc_opening(&mut self, start: usize, strips: bool) -> Read<()> {
        let at = self.at;
        let word = self.word()?;
        match word.text {
            Some(delimiter) if self.at > at => {
                self.pending.push(Heredoc { at: start, delimiter, quoted: word.quoted, strips, read_by_shell: None });
                Ok(())
            }
            _ => self.lost(start, "the end of this here-document is not a plain word"),
        }
    }
}

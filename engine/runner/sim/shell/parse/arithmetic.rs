//! Finds where arithmetic ends; what it says is read when its expansions are known.

use super::super::syntax::{Piece, Word};
use super::word::push;
use super::{Parser, Read, unsimulated};

impl Parser<'_> {
    /// `((…))` behind a `$`, if it is arithmetic and not a subshell in a substitution.
    pub fn arithmetic_expansion(&mut self) -> Read<Option<Word>> {
        if self.starts("((") { self.doubled() } else { Ok(None) }
    }

    /// `((…))` as a command; none: two parentheses that hold commands.
    pub fn arithmetic_command(&mut self) -> Read<Option<Word>> {
        self.doubled()
    }

    fn doubled(&mut self) -> Read<Option<Word>> {
        let (at, line) = (self.at, self.line);
        self.eat("((");
        let (expression, end) = self.expression(&[])?;
        if end == Some(')') && self.eat("))") {
            return Ok(Some(expression));
        }
        (self.at, self.line) = (at, line);
        Ok(None)
    }

    /// `a; b; c))`
    pub fn three_expressions(&mut self) -> Read<(Word, Word, Word)> {
        let mut found = Vec::new();
        for stop in [&[';'][..], &[';'], &[]] {
            found.push(self.expression(stop)?.0);
            if !stop.is_empty() && !self.eat(";") {
                return unsimulated("`for ((…))` without its three parts");
            }
        }
        if !self.eat("))") {
            return self.unexpected();
        }
        let [begin, condition, step] = <[Word; 3]>::try_from(found).unwrap_or_default();
        Ok((begin, condition, step))
    }

    /// Takes everything up to a `)` that was not opened here, or one of these; says where it stopped.
    fn expression(&mut self, stops: &[char]) -> Read<(Word, Option<char>)> {
        self.enter()?;
        let (mut word, mut open) = (vec![Piece::Quoted(String::new())], 0_u32);
        let end = loop {
            match self.peek() {
                None => break None,
                Some(')') if open == 0 => break Some(')'),
                Some(next) if open == 0 && stops.contains(&next) => break Some(next),
                // Quotes mean nothing here.
                Some('"') => drop(self.bump()),
                Some(next @ ('(' | ')')) => {
                    open = if next == '(' { open + 1 } else { open.saturating_sub(1) };
                    self.bump();
                    push(&mut word, next, true);
                }
                Some(_) => self.quoted_piece(&mut word, "$`\"\\")?,
            }
        };
        self.leave();
        Ok((word, end))
    }
}

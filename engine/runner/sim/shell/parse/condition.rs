//! Reads `[[ … ]]`.

use super::super::syntax::{CommandKind, Condition, Piece, Word};
use super::word::{ends_word, push};
use super::{Parser, Read};

/// Operators between two words.
const BINARY: [&str; 15] =
    ["==", "=~", "=", "!=", "<", ">", "-eq", "-ne", "-lt", "-le", "-gt", "-ge", "-nt", "-ot", "-ef"];

impl Parser<'_> {
    /// `… ]]`; the opening has been taken.
    pub fn test(&mut self) -> Read<CommandKind> {
        self.bash_only("[[")?;
        let condition = self.either()?;
        self.expect("]]")?;
        Ok(CommandKind::Test(condition))
    }

    fn either(&mut self) -> Read<Condition> {
        let mut left = self.both()?;
        loop {
            self.skip_lines()?;
            if !self.eat("||") {
                return Ok(left);
            }
            left = Condition::Or(Box::new(left), Box::new(self.both()?));
        }
    }

    fn both(&mut self) -> Read<Condition> {
        let mut left = self.single()?;
        loop {
            self.skip_lines()?;
            if !self.eat("&&") {
                return Ok(left);
            }
            left = Condition::And(Box::new(left), Box::new(self.single()?));
        }
    }

    fn single(&mut self) -> Read<Condition> {
        self.enter()?;
        self.skip_lines()?;
        let condition = if self.reserved() == "!" {
            self.eat("!");
            Condition::Not(Box::new(self.single()?))
        } else if self.eat("(") {
            let inner = self.either()?;
            if !self.eat(")") {
                return self.unexpected();
            }
            inner
        } else {
            self.primary()?
        };
        self.leave();
        Ok(condition)
    }

    fn primary(&mut self) -> Read<Condition> {
        if self.reserved() == "]]" {
            return self.unexpected();
        }
        let Some(first) = self.word()? else { return self.unexpected() };
        self.skip_blanks();
        if let Some(operator) = self.binary_operator() {
            self.eat(operator);
            self.skip_blanks();
            let second = if operator == "=~" { Some(self.regex()?) } else { self.word()? };
            let Some(second) = second else { return self.unexpected() };
            return Ok(Condition::Binary(first, operator.to_owned(), second));
        }
        if let [Piece::Plain(operator)] = first.as_slice() {
            let is_unary = operator.len() == 2 && operator.starts_with('-');
            if is_unary
                && self.reserved() != "]]"
                && let Some(operand) = self.word()?
            {
                return Ok(Condition::Unary(operator.clone(), operand));
            }
        }
        Ok(Condition::Word(first))
    }

    fn binary_operator(&self) -> Option<&'static str> {
        let behind = |operator: &str| self.rest()[operator.len()..].chars().next();
        let ends = |operator: &str| behind(operator).is_none_or(|next| ends_word(next) && next != '(');
        BINARY.into_iter().find(|operator| self.starts(operator) && (ends(operator) || "<>".contains(operator)))
    }

    /// A regular expression: parentheses and `|` belong to it.
    fn regex(&mut self) -> Read<Word> {
        let (mut word, mut open) = (Word::new(), 0_u32);
        loop {
            match self.peek() {
                None => return self.unexpected(),
                Some(' ' | '\t' | '\n' | ')') if open == 0 => break,
                Some(next) if ends_word(next) => {
                    open = match next {
                        '(' => open + 1,
                        ')' => open - 1,
                        _ => open,
                    };
                    self.bump();
                    push(&mut word, next, false);
                }
                Some(_) => self.piece(&mut word)?,
            }
        }
        if word.is_empty() { self.unexpected() } else { Ok(word) }
    }
}
